#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "search/snippet.h"

namespace saerok {
namespace {

/// Terms of the query → number of the word that they belong to.
struct QueryWords {
  std::unordered_map<std::string, std::uint32_t> stems;
  std::unordered_map<std::string, std::vector<std::uint32_t>> grams;
};

QueryWords words_of(const TermList& query) {
  QueryWords words;
  std::unordered_map<std::uint32_t, std::uint32_t> word_at;  // By position in the query.
  for (std::size_t i = 0; i < query.size(); ++i) {
    const Term term = query[i];
    if (term.field != TermField::stem) continue;
    const auto number = static_cast<std::uint32_t>(words.stems.size());
    const auto entry = words.stems.try_emplace(std::string(term.text), number).first;
    word_at.try_emplace(term.position, entry->second);
  }
  for (std::size_t i = 0; i < query.size(); ++i) {
    const Term term = query[i];
    if (term.field != TermField::gram) continue;
    const auto at = word_at.find(term.position);
    if (at == word_at.end()) continue;
    std::vector<std::uint32_t>& holders = words.grams[std::string(term.text)];
    if (std::find(holders.begin(), holders.end(), at->second) == holders.end()) {
      holders.push_back(at->second);
    }
  }
  return words;
}

/// Joins matches that overlap, in place; the first one's word stays.
void join_overlaps(std::vector<TextMatch>& matches) {
  std::sort(matches.begin(), matches.end(), [](const TextMatch& a, const TextMatch& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::size_t kept = 0;
  for (const TextMatch& match : matches) {
    if (kept > 0 && match.begin < matches[kept - 1].end) {
      matches[kept - 1].end = std::max(matches[kept - 1].end, match.end);
    } else {
      matches[kept++] = match;
    }
  }
  matches.resize(kept);
}

}  // namespace

std::vector<TextMatch> find_matches(const Analyzer& analyzer, const TermList& query,
                                    std::string_view text) {
  const QueryWords words = words_of(query);
  TermList terms;
  analyzer.analyze(text, terms);
  std::vector<TextMatch> matches;
  std::unordered_set<std::uint32_t> found;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term term = terms[i];
    if (term.field != TermField::stem || term.begin >= term.end) continue;
    if (const auto word = words.stems.find(std::string(term.text)); word != words.stems.end()) {
      matches.push_back({term.begin, term.end, word->second});
      found.insert(word->second);
    }
  }
  // A word that is there as itself needs no grams, which would also mark its likenesses.
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term term = terms[i];
    if (term.field != TermField::gram || term.begin >= term.end) continue;
    const auto holders = words.grams.find(std::string(term.text));
    if (holders == words.grams.end()) continue;
    for (const std::uint32_t word : holders->second) {
      if (!found.contains(word)) matches.push_back({term.begin, term.end, word});
    }
  }
  join_overlaps(matches);
  return matches;
}

}  // namespace saerok
