/// Chat models that are worth bringing, by memory. Names for people to look up; saerok fetches none
/// of them by itself and has measured none of them, for no model hub could be reached.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace saerok {

struct RecommendedModel {
  std::string_view name;  ///< As its publisher calls it; look for a 4-bit GGUF (Q4_K_M).
  std::string_view license;
  double size_gb = 0;    ///< Of that file, approximately.
  double memory_gb = 0;  ///< Needed with 4,096 tokens of context, approximately.
  std::string_view note;
};

/// Open models with good Korean that fit beside the system in `memory_bytes`, the most able first.
std::vector<RecommendedModel> recommend_chat_models(std::uint64_t memory_bytes);

}  // namespace saerok
