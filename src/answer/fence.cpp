#include "answer/fence.h"

#include "base/hash.h"

namespace saerok {
namespace {

/// What chat templates take for the end of a text or the beginning of a turn.
constexpr std::string_view kControlWords[] = {
    "<|",  "|>",   "[INST]",          "[/INST]",       "<<SYS>>", "<</SYS>>",
    "<s>", "</s>", "<start_of_turn>", "<end_of_turn>", "<bos>",   "<eos>"};

}  // namespace

Fence fence_of(std::string_view all) {
  const std::string mark = to_hex(hash128(all)).substr(0, 12);
  return {"<<<" + mark + "\n", "\n" + mark + ">>>\n\n"};
}

std::string without_control_words(std::string text) {
  for (const std::string_view word : kControlWords) {
    for (std::size_t at = text.find(word); at != std::string::npos;
         at = text.find(word, at + word.size())) {
      text.insert(at + 1, 1, ' ');
    }
  }
  return text;
}

}  // namespace saerok
