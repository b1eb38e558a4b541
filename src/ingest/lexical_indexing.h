/// Publishing a lexical segment from what a ChunkIndexer holds.
#pragma once

#include <cstddef>
#include <span>

#include "ingest/chunk_indexer.h"
#include "ingest/segment_files.h"
#include "text/analyzer.h"

namespace saerok {

/// A builder is published at this size, so that memory stays bounded whatever is indexed.
constexpr std::size_t kSegmentMemoryMax = std::size_t{96} << 20;

/// The indexer is empty afterwards. With nothing in it, only removes.
Status publish_lexical(IngestStore& store, const Analyzer& analyzer, ChunkIndexer& indexer,
                       std::span<const SegmentRecord> removed);

}  // namespace saerok
