// Queries: words that the index does not know are joined with their neighbours, and Hangul runs
// cut, into words that it does know.
#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "text/analyzer.h"
#include "text/known_words.h"
#include "text/piece.h"
#include "text/wrong_blanks.h"

namespace saerok {
namespace {

constexpr std::size_t kRunSyllablesMin = 3;  // Shorter runs are findable by their grams.

// A way to cut the run up to some syllable.
struct Path {
  double cost = std::numeric_limits<double>::infinity();
  std::size_t begin = 0;  // Of the last word.
  std::string stem;       // Of the last word; empty: unknown.
};

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
    offer(begin + 1, kUnknownSyllableCost, {});
    const std::size_t longest = std::min(run.size() - begin, kKnownWordSyllablesMax);
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
    const bool is_known =
        run_end == term.end && vocabulary_.document_frequency(TermField::stem, term.text) > 0;
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

// A text without some of its blanks, and which byte of the text each of its bytes was.
struct JoinedText {
  std::string text;
  std::vector<std::uint32_t> places;
};

JoinedText without(std::span<const std::uint32_t> blanks, std::string_view text) {
  JoinedText joined;
  for (std::uint32_t at = 0; at < text.size(); ++at) {
    if (!blanks.empty() && blanks.front() == at) {
      blanks = blanks.subspan(1);
      continue;
    }
    joined.text += text[at];
    joined.places.push_back(at);
  }
  return joined;
}

void write_query(const Analyzer& analyzer, const Vocabulary& vocabulary, std::string_view text,
                 TermList& terms) {
  TermList analyzed;
  analyzer.analyze(text, analyzed);
  terms.clear();
  QueryWriter(text, vocabulary, terms).add(analyzed);
}

}  // namespace

void analyze_query(const Analyzer& analyzer, const Vocabulary& vocabulary, std::string_view text,
                   TermList& terms) {
  const std::vector<std::uint32_t> blanks = find_wrong_blanks(text, vocabulary);
  if (blanks.empty()) return write_query(analyzer, vocabulary, text, terms);
  const JoinedText joined = without(blanks, text);
  TermList of_joined;
  write_query(analyzer, vocabulary, joined.text, of_joined);
  terms.clear();
  for (std::size_t i = 0; i < of_joined.size(); ++i) {
    const Term term = of_joined[i];
    const std::uint32_t begin = joined.places[term.begin];
    const std::uint32_t end = joined.places[term.end - 1] + 1;
    if (term.is_beside) terms.add_beside(term.position, begin, end, term.text);
    else terms.add(term.field, term.position, begin, end, term.text);
  }
}

}  // namespace saerok
