/// Cuts a document into chunks that follow headings, paragraphs, lists, code and tables, and a
/// chunk into overlapping windows of sentences.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/source_map.h"
#include "saerok/types.h"
#include "text/sentences.h"  // split_sentences(), which the chunker cuts at

namespace saerok {

struct ChunkerSettings {
  std::uint32_t target_tokens = 256;
  std::uint32_t overlap_tokens = 0;
};

/// Estimates how many tokens the default embedder sees, without a model: by script and run length,
/// calibrated on mixed text (mean error stated in chunker_test.cpp). Chunk sizes may not depend on
/// which model is installed.
std::uint32_t estimate_tokens(std::string_view text);

/// Chunks of the document, ids unset, in order, ordinal from 0. A document that fits the target
/// stays whole. Chunks leave out nothing but white space; a heading goes with what follows it. No
/// chunk is empty; a document of white space only has none. A chunk exceeds the target only by a
/// single sentence or unbreakable run, and never by more than twice.
std::vector<Chunk> chunk_document(const Document& document, const ChunkerSettings& settings);

/// Overlapping windows of `sentences` sentences, stride one. A text of at most that many sentences
/// has none: the chunk's own vector says the same.
std::vector<Window> sentence_windows(std::string_view chunk_text, std::uint32_t sentences);

}  // namespace saerok
