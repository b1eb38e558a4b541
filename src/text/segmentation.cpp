// Queries: Hangul runs that the index does not know are cut into words that it does know.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "text/analyzer.h"
#include "text/korean.h"
#include "text/piece.h"

namespace saerok {
namespace {

constexpr std::size_t kRunSyllablesMin = 3;  // Shorter runs are findable by their grams.
constexpr std::size_t kWordSyllablesMax = 10;

// Costs are negative logarithms of how likely a word is. MRR@10 of questions without any space,
// science set and KorQuAD: .9047 and .9451 like this; without cutting .8811 and .9378. One at a
// time, word costs of 10 and 14, one-syllable costs of 2 to 8, inflected costs of 0 to 3 and
// unknown costs of 12 to 30 were tried; none moved either figure by more than .002.
constexpr double kWordCost = 10;         // Each word; the logarithm of its frequency comes off.
constexpr double kOneSyllableCost = 2;   // More, for a word of one syllable.
constexpr double kInflectedCost = 0.5;   // More, for a word with a particle or an ending.
constexpr double kUnknownCost = 20;      // A syllable in no word of the index.

struct Word {
  std::string stem;
  double cost = 0;
};

// A way to cut the run up to some syllable.
struct Path {
  double cost = std::numeric_limits<double>::infinity();
  std::size_t begin = 0;  // Of the last word.
  std::string stem;       // Of the last word; empty: unknown.
};

std::string utf8_of(std::span<const char32_t> syllables, char32_t last) {
  std::string text;
  for (std::size_t i = 0; i + 1 < syllables.size(); ++i) append_utf8(text, syllables[i]);
  append_utf8(text, last);
  return text;
}

// The word that `syllables` are, as they stand or inflected, if the index knows it.
std::optional<Word> known_word(std::span<const char32_t> syllables, const Vocabulary& vocabulary) {
  std::optional<Word> best;
  const auto consider = [&](std::string stem, std::size_t length, double penalty) {
    const std::uint64_t frequency = vocabulary.document_frequency(TermField::stem, stem);
    if (frequency == 0) return;
    double cost = kWordCost - std::log(static_cast<double>(frequency)) + penalty;
    if (length == 1) cost += kOneSyllableCost;
    if (!best || cost < best->cost) best = Word{std::move(stem), cost};
  };
  consider(utf8_of(syllables, syllables.back()), syllables.size(), 0);
  const KoreanStem stem = stem_korean(syllables);
  if (stem.length < syllables.size() || stem.last != syllables.back()) {
    consider(utf8_of(syllables.first(stem.length), stem.last), stem.length, kInflectedCost);
  }
  return best;
}

struct FoundWord {
  std::size_t begin, end;  // Syllables of the run.
  std::string stem;
};

// The cheapest cut of the run, by Viterbi; only the words that the index knows.
std::vector<FoundWord> cut_run(std::span<const char32_t> run, const Vocabulary& vocabulary) {
  std::vector<Path> paths(run.size() + 1);
  paths[0].cost = 0;
  for (std::size_t begin = 0; begin < run.size(); ++begin) {
    const auto offer = [&](std::size_t end, double cost, std::string stem) {
      if (paths[begin].cost + cost >= paths[end].cost) return;
      paths[end] = {paths[begin].cost + cost, begin, std::move(stem)};
    };
    offer(begin + 1, kUnknownCost, {});
    const std::size_t longest = std::min(run.size() - begin, kWordSyllablesMax);
    for (std::size_t length = 1; length <= longest; ++length) {
      if (auto word = known_word(run.subspan(begin, length), vocabulary)) {
        offer(begin + length, word->cost, std::move(word->stem));
      }
    }
  }
  std::vector<FoundWord> words;
  for (std::size_t end = run.size(); end > 0; end = paths[end].begin) {
    if (!paths[end].stem.empty()) words.push_back({paths[end].begin, end, paths[end].stem});
  }
  return {words.rbegin(), words.rend()};
}

class QueryWriter {
 public:
  QueryWriter(std::string_view text, const Vocabulary& vocabulary, TermList& terms)
      : text_(text), vocabulary_(vocabulary), terms_(terms) {}

  void add(const TermList& analyzed);

 private:
  static bool is_hangul_stem(const Term& term) {
    return term.field == TermField::stem &&
           is_hangul_syllable(decode_utf8(term.text, 0).code_point);
  }
  std::uint32_t end_of_run(const TermList& analyzed, std::size_t index) const;
  void add_words_of_run(std::uint32_t begin, std::uint32_t end, std::uint32_t position);

  std::string_view text_;
  const Vocabulary& vocabulary_;
  TermList& terms_;
  std::uint32_t inserted_ = 0;  // Positions that words from within a run take up.
  Piece piece_;
};

void QueryWriter::add_words_of_run(std::uint32_t begin, std::uint32_t end, std::uint32_t position) {
  PieceReader reader(text_.substr(begin, end - begin));
  if (!reader.next(piece_) || piece_.size < kRunSyllablesMin) return;
  const std::vector<FoundWord> words = cut_run(piece_.span(0, piece_.size), vocabulary_);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) ++inserted_;
    terms_.add(TermField::stem, position + inserted_, begin + piece_.begins[words[i].begin],
               begin + piece_.ends[words[i].end - 1], words[i].stem);
  }
}

void QueryWriter::add(const TermList& analyzed) {
  std::uint32_t run_end = 0;
  for (std::size_t i = 0; i < analyzed.size(); ++i) {
    const Term term = analyzed[i];
    if (term.is_beside) {
      terms_.add_beside(term.position + inserted_, term.begin, term.end, term.text);
      continue;
    }
    terms_.add(term.field, term.position + inserted_, term.begin, term.end, term.text);
    if (!is_hangul_stem(term) || term.begin < run_end) continue;
    run_end = end_of_run(analyzed, i);
    // A run that the analyser had to cut by length is no word either way.
    const bool is_known = run_end == term.end && vocabulary_.document_frequency(
                                                     TermField::stem, term.text) > 0;
    if (!is_known) add_words_of_run(term.begin, run_end, term.position);
  }
}

// Where the run of Hangul ends that begins with the term at `index`.
std::uint32_t QueryWriter::end_of_run(const TermList& analyzed, std::size_t index) const {
  std::uint32_t end = analyzed[index].end;
  for (++index; index < analyzed.size(); ++index) {
    const Term term = analyzed[index];
    if (term.field != TermField::stem) continue;
    if (!is_hangul_stem(term) || term.begin != end) break;
    end = term.end;
  }
  return end;
}

}  // namespace

void analyze_query(const Analyzer& analyzer, const Vocabulary& vocabulary, std::string_view text,
                   TermList& terms) {
  TermList analyzed;
  analyzer.analyze(text, analyzed);
  terms.clear();
  QueryWriter(text, vocabulary, terms).add(analyzed);
}

}  // namespace saerok
