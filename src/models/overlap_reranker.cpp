#include "models/overlap_reranker.h"

#include <set>
#include <sstream>
#include <string>

#include "base/unicode.h"

namespace saerok {

Result<std::vector<float>> OverlapReranker::score(std::string_view query,
                                                  std::span<const std::string_view> passages,
                                                  const CallContext& call) const {
  std::set<std::string> words;
  std::istringstream folded_query(fold_case(query));
  for (std::string word; folded_query >> word;) words.insert(word);
  std::vector<float> scores;
  for (const std::string_view passage : passages) {
    TRY(call.check());
    const std::string folded = fold_case(passage);
    std::size_t held = 0;
    for (const std::string& word : words) {
      if (folded.find(word) != std::string::npos) ++held;
    }
    scores.push_back(words.empty() ? 0.0f
                                   : static_cast<float>(held) / static_cast<float>(words.size()));
  }
  return scores;
}

}  // namespace saerok
