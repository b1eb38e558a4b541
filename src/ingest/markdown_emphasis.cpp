#include "ingest/markdown_emphasis.h"

#include <algorithm>

#include "base/code_points.h"

namespace saerok {
namespace {

using namespace chars;

bool is_word(char32_t c) { return !is_space(c) && !is_punctuation(c); }

}  // namespace

std::vector<DelimiterRun>& EmphasisMarks::stack_of(char mark) {
  return open_[mark == '*' ? 0 : mark == '_' ? 1 : mark == '~' ? 2 : 3];
}

void EmphasisMarks::take_run(char mark, DelimiterRun run, char32_t left, char32_t right) {
  const bool is_pair = mark == '~' || mark == '=';
  if (is_pair && run.size != 2) return;
  bool can_open = !is_space(right);
  bool can_close = !is_space(left);
  if (mark == '_') {
    can_open = can_open && !is_word(left);
    can_close = can_close && !is_word(right);
  }
  auto& stack = stack_of(mark);
  std::size_t used = 0;
  while (can_close && used < run.size && !stack.empty()) {
    DelimiterRun& open = stack.back();
    const std::size_t taken = std::min(open.size, run.size - used);
    edits_.add(open.begin + open.size - taken, open.begin + open.size);
    edits_.add(run.begin + used, run.begin + used + taken);
    open.size -= taken;
    used += taken;
    if (open.size == 0) stack.pop_back();
  }
  if (can_open && used < run.size) stack.push_back({run.begin + used, run.size - used});
}

}  // namespace saerok
