/// Ready-made vectors for a collection, from a file: for models that saerok does not run, and for
/// comparing engines on equal vectors.
///
/// The file is JSONL, also as .gz or .zst: {"id": …, "vector": […]} a line; the id may be called
/// docid or _id, the vector embedding. docs/formats.md describes it.
#pragma once

#include <string>
#include <string_view>

#include "ingest/ingester.h"

namespace saerok {

/// Begins the fingerprint of a collection whose vectors came from files.
inline constexpr std::string_view kSuppliedFingerprint = "supplied";

/// Gives each vector to all chunks of the document with its id. Chunks that have a vector keep it.
/// Ids that name no document and ids met twice are counted in a warning.
/// Errors: not_found and invalid_argument (the file, a line, another number of components), with
/// the line; failed_precondition if the collection has vectors of an embedder.
Status take_vectors(IngestContext& context, const std::string& file, IngestReport& report);

}  // namespace saerok
