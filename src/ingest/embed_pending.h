/// Vectors for chunks that have none, one tier after the other.
/// Ready-made vectors from a file: take_vectors.h.
#pragma once

#include <string>
#include <string_view>

#include "ingest/ingester.h"
#include "saerok/models.h"

namespace saerok {

/// What is embedded of a chunk: its title and headings say what a passage out of context does not.
std::string embedded_text(const StoredChunk& chunk);

/// Embeds the chunk tier, then (as `settings.vectors` says) the window tier. Every batch is put
/// into the embedding cache at once and segments are published as they fill, so an interruption
/// loses at most the batch in work. Sets the collection's embedder on first use.
/// Errors: failed_precondition if the collection's vectors are of another embedder (the message
/// says how to replace them), the embedder's, the store's, cancelled (after publishing what was
/// done).
Status embed_pending(IngestContext& context, const Embedder& embedder, IngestReport& report);

/// Records whose vectors the collection holds; a no-op when it is so already.
/// Errors: failed_precondition if they are of another embedder or dimension.
Status claim_embedder(IngestContext& context, std::string_view fingerprint,
                      std::uint32_t dimension);

}  // namespace saerok
