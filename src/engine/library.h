/// What is in a collection, for people to look through: its files, and documents as they were
/// indexed. Only reads.
#pragma once

#include <string_view>

#include "saerok/requests.h"
#include "saerok/result.h"
#include "storage/open_storage.h"

namespace saerok {

/// Errors as Engine::sources() and Engine::document().
Result<SourceList> list_sources(const Storage& storage, std::string_view collection,
                                const SourceQuery& query);
Result<DocumentText> read_document(const Storage& storage, std::string_view collection,
                                   const DocumentName& name);

/// The collection, or not_found with what to do.
Result<CollectionRecord> collection_named(const Storage& storage, std::string_view collection);

}  // namespace saerok
