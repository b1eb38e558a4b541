#include "answer/question_words.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "text/everyday_words.h"

namespace saerok {
namespace {

/// A word of which only grams are there says less than the word itself. Below the half of them two
/// words merely look alike.
constexpr double kGramMatchWorth = 0.7;
constexpr double kGramShareMin = 0.5;
/// A word that no note holds is often only another form of one: a small collection has not seen
/// most. Full weight lost .003 (science) and .016 (sample vault) of the area under the curve of own
/// against foreign questions and gained .0005 on KorQuAD; no weight lost .05 to .13 everywhere.
constexpr double kUnknownWordWorth = 0.5;

/// Stem terms of a text with the grams at their position.
struct PositionTerms {
  std::vector<std::string> stems;
  std::vector<std::string> grams;
};

std::map<std::uint32_t, PositionTerms> by_position(const TermList& terms) {
  std::map<std::uint32_t, PositionTerms> positions;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term term = terms[i];
    PositionTerms& position = positions[term.position];
    (term.field == TermField::stem ? position.stems : position.grams).emplace_back(term.text);
  }
  return positions;
}

bool any_in(const std::vector<std::string>& terms, const std::unordered_set<std::string>& set) {
  return std::any_of(terms.begin(), terms.end(),
                     [&](const std::string& term) { return set.contains(term); });
}

}  // namespace

TextTerms terms_of(const Analyzer& analyzer, std::string_view text) {
  TermList terms;
  analyzer.analyze(text, terms);
  TextTerms sets;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term term = terms[i];
    (term.field == TermField::stem ? sets.stems : sets.grams).emplace(term.text);
  }
  return sets;
}

QuestionWords::QuestionWords(std::string_view question, const Analyzer& analyzer,
                             const Vocabulary& vocabulary, std::uint64_t chunk_count) {
  TermList terms;
  analyze_query(analyzer, vocabulary, question, terms);
  const TextTerms asking = terms_of(analyzer, asking_words());
  std::vector<Word> asked_with;
  for (auto& [position, of_word] : by_position(terms)) {
    if (of_word.stems.empty() || any_in(of_word.stems, stems_)) continue;  // Said before.
    Word word{std::move(of_word.stems), std::move(of_word.grams), 0, 0};
    std::uint64_t frequency = 0;
    for (const std::string& stem : word.stems) {
      frequency = std::max(frequency, vocabulary.document_frequency(TermField::stem, stem));
    }
    const auto count = static_cast<double>(std::max(chunk_count, frequency));
    const auto df = static_cast<double>(frequency);
    word.weight = std::log1p((count - df + 0.5) / (df + 0.5));
    if (frequency == 0) word.weight *= kUnknownWordWorth;
    word.frequency = frequency;
    const bool is_asking = any_in(word.stems, asking.stems);
    if (!is_asking) stems_.insert(word.stems.begin(), word.stems.end());
    (is_asking ? asked_with : words_).push_back(std::move(word));
  }
  has_content_ = !words_.empty();
  if (!has_content_) words_ = std::move(asked_with);
  for (const Word& word : words_) {
    weight_total_ += word.weight;
    stems_.insert(word.stems.begin(), word.stems.end());
  }
}

double QuestionWords::match(std::size_t index, const TextTerms& text) const {
  const Word& word = words_[index];
  if (any_in(word.stems, text.stems)) return 1;
  if (word.grams.empty()) return 0;
  const auto there = std::count_if(word.grams.begin(), word.grams.end(),
                                   [&](const auto& gram) { return text.grams.contains(gram); });
  const double share = static_cast<double>(there) / static_cast<double>(word.grams.size());
  return share < kGramShareMin ? 0 : share * kGramMatchWorth;
}

double QuestionWords::coverage(const TextTerms& text) const {
  if (weight_total_ <= 0) return 0;
  double said = 0;
  for (std::size_t i = 0; i < words_.size(); ++i) said += weight(i) * match(i, text);
  return said / weight_total_;
}

}  // namespace saerok
