/// What a question is about, as weighted words, and how much of it a text says. What this is not:
/// ranking (search/); it judges the few texts that were already found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "text/analyzer.h"

namespace saerok {

/// The terms of a text, for looking up.
struct TextTerms {
  std::unordered_set<std::string> stems;
  std::unordered_set<std::string> grams;
};

TextTerms terms_of(const Analyzer& analyzer, std::string_view text);

/// The words of one question. Words of asking ("how", "어떻게") are left out unless it has no
/// others.
class QuestionWords {
 public:
  QuestionWords(std::string_view question, const Analyzer& analyzer, const Vocabulary& vocabulary,
                std::uint64_t chunk_count);

  std::size_t size() const { return words_.size(); }
  /// False where all words of the question are words of asking.
  bool has_content() const { return has_content_; }
  /// Chunks that hold the word.
  std::uint64_t frequency(std::size_t word) const { return words_[word].frequency; }
  const std::vector<std::string>& stems(std::size_t word) const { return words_[word].stems; }
  /// The idf of a word, above 0.
  double weight(std::size_t word) const { return words_[word].weight; }
  double weight_total() const { return weight_total_; }

  /// How far a text says a word: 1 by its stem, less by most of its grams, 0 not at all.
  double match(std::size_t word, const TextTerms& text) const;

  /// Part of the question's weight that a text says, 0 to 1.
  double coverage(const TextTerms& text) const;

  /// Whether the question has this stem.
  bool has_stem(const std::string& stem) const { return stems_.contains(stem); }

 private:
  struct Word {
    std::vector<std::string> stems;
    std::vector<std::string> grams;
    double weight = 0;
    std::uint64_t frequency = 0;
  };
  std::vector<Word> words_;
  bool has_content_ = true;
  std::unordered_set<std::string> stems_;
  double weight_total_ = 0;
};

}  // namespace saerok
