#include "text/user_words.h"

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "base/unicode.h"

namespace saerok {
namespace {

constexpr std::size_t kSyllableBytes = 3;

bool is_hangul(std::string_view word) {
  for (std::size_t at = 0; at < word.size();) {
    const DecodedChar c = decode_utf8(word, at);
    if (!is_hangul_syllable(c.code_point)) return false;
    at += c.size;
  }
  return true;
}

}  // namespace

UserWords::UserWords(const WordLists& lists, const Analyzer& analyzer) {
  std::vector<std::string> sorted = lists.protected_words;
  std::sort(sorted.begin(), sorted.end());
  std::string all;
  for (const std::string& word : sorted) {
    all += word + '\n';
    protected_.insert(word);
    if (is_hangul(word)) longest_hangul_ = std::max(longest_hangul_, word.size());
  }
  if (!sorted.empty()) protected_hash_ = hash64(all) | 1;
  for (const std::vector<std::string>& group : lists.synonyms) {
    for (const std::string& word : group) {
      for (const std::string& other : group) {
        if (other != word) add_synonym(word, other, analyzer);
      }
    }
  }
  for (const auto& [word, others] : lists.one_way) {
    for (const std::string& other : others) add_synonym(word, other, analyzer);
  }
}

void UserWords::add_synonym(const std::string& word, const std::string& synonym,
                            const Analyzer& analyzer) {
  // A name of several words, and one that is several stems, as wi-fi, is known by all of them.
  std::string stems;
  std::size_t count = 0;
  TermList terms;
  for (std::size_t begin = 0; begin < word.size();) {
    const std::size_t end = std::min(word.find(' ', begin), word.size());
    const std::string_view part = std::string_view(word).substr(begin, end - begin);
    begin = end + 1;
    if (is_protected(part)) {
      stems.append(count++ == 0 ? "" : " ").append(part);
      continue;
    }
    analyzer.analyze(part, terms);
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (terms[i].field != TermField::stem) continue;
      stems.append(count++ == 0 ? "" : " ").append(terms[i].text);
    }
  }
  longest_synonym_ = std::max(longest_synonym_, count);
  std::string& lines = synonyms_[stems];
  if (("\n" + lines).find("\n" + synonym + "\n") == std::string::npos) lines += synonym + "\n";
}

std::size_t UserWords::protected_syllables(std::string_view run) const {
  for (std::size_t size = std::min(run.size(), longest_hangul_); size >= kSyllableBytes;
       size -= kSyllableBytes) {
    if (protected_.contains(std::string(run.substr(0, size)))) return size / kSyllableBytes;
  }
  return 0;
}

std::string UserWords::synonyms_of(std::string_view stems) const {
  const auto found = synonyms_.find(std::string(stems));
  return found == synonyms_.end() ? std::string() : found->second;
}

}  // namespace saerok
