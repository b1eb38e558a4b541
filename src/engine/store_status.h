/// What a store holds, and taking things out of it.
#pragma once

#include <string>
#include <string_view>

#include "saerok/call_context.h"
#include "saerok/requests.h"
#include "saerok/result.h"
#include "storage/open_storage.h"

namespace saerok {

Result<StoreStatus> read_status(const Storage& storage, const std::string& store);

/// Errors: not_found if nothing at or below `path` is in the collection.
Result<ForgetReport> forget_sources(Storage& storage, std::string_view collection,
                                    std::string_view path);
Status forget_collection(Storage& storage, std::string_view collection);

}  // namespace saerok
