#include "ingest/chunker.h"

namespace saerok {

std::vector<Window> sentence_windows(std::string_view chunk_text, std::uint32_t sentences) {
  const std::vector<ByteSpan> spans = split_sentences(chunk_text);
  std::vector<Window> windows;
  if (sentences == 0 || spans.size() <= sentences) return windows;
  windows.reserve(spans.size() - sentences + 1);
  for (std::size_t first = 0; first + sentences <= spans.size(); ++first) {
    windows.push_back({static_cast<std::uint32_t>(spans[first].begin),
                       static_cast<std::uint32_t>(spans[first + sentences - 1].end)});
  }
  return windows;
}

}  // namespace saerok
