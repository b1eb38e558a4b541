/// Reading all of a store back: the database's structure, every row's checksum, every segment's
/// bytes. What it finds says what to do about it.
#pragma once

#include "saerok/call_context.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "storage/open_storage.h"

namespace saerok {

Result<CheckReport> check_store(Env& env, const Storage& storage, const CallContext& call);

/// The same for a store opened for writing; damaged segments are set aside, so that the next ingest
/// makes again what they held.
Result<CheckReport> repair_store(Env& env, Storage& storage, const CallContext& call);

}  // namespace saerok
