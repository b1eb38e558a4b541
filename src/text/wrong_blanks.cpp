#include "text/wrong_blanks.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include "base/unicode.h"
#include "text/known_words.h"
#include "text/korean.h"

namespace saerok {
namespace {

// The cheapest reading of some words' syllables decides. MRR@10 of KorQuAD's questions as asked and
// with wrong blanks: .9590 and .9469 without joining; crossing costs of 4, 8, 10, 12 and 16 give
// .9569 and .9547, .9588 and .9554, .9590 and .9550, .9590 and .9542, .9590 and .9543. Costs of an
// unknown word of 12 to 25, and of a word that begins inside another of 6 and 10, moved them by
// less.
constexpr double kCrossingCost = 10;     // More, for each blank inside a word.
constexpr double kInsideCost = 6;        // More, for a word that begins where no blank stands.
constexpr double kUnknownWordCost = 20;  // A word between blanks that the index does not hold.
constexpr std::size_t kNeighbours =
    2;  // Words on either side of an unknown one that may belong to it.
constexpr double kNever = std::numeric_limits<double>::infinity();

struct SpacedWord {
  std::vector<char32_t> syllables;
  std::uint32_t blank_before = 0;  // Its byte in the text; not of a run's first word.
  bool is_known = false;
};
using Run = std::vector<SpacedWord>;

// Words of Hangul with one blank and nothing else between one and the next; two words at least.
std::vector<Run> runs_of(std::string_view text) {
  std::vector<Run> runs;
  Run run;
  bool after_blank = false;
  const auto end_run = [&] {
    if (run.size() > 1) runs.push_back(std::move(run));
    run.clear();
    after_blank = false;
  };
  for (std::uint32_t at = 0; at < text.size();) {
    const DecodedChar c = decode_utf8(text, at);
    if (is_hangul_syllable(c.code_point)) {
      if (run.empty() || after_blank) run.push_back({{}, after_blank ? at - 1 : 0, false});
      run.back().syllables.push_back(c.code_point);
      after_blank = false;
    } else if (c.code_point == U' ' && !run.empty() && !after_blank) {
      after_blank = true;
    } else {
      end_run();
    }
    at += c.size;
  }
  end_run();
  return runs;
}

// The syllables of some neighbouring words, and which of them begin a word.
struct Stretch {
  std::vector<char32_t> syllables;
  std::vector<const SpacedWord*> words;  // By syllable; null inside a word. One more, for the end.

  explicit Stretch(std::span<const SpacedWord> from) {
    for (const SpacedWord& word : from) {
      words.push_back(&word);
      words.resize(words.size() + word.syllables.size() - 1, nullptr);
      syllables.insert(syllables.end(), word.syllables.begin(), word.syllables.end());
    }
    words.push_back(&from.back());
  }
  bool is_border(std::size_t syllable) const { return words[syllable] != nullptr; }
};

struct Step {
  double cost = kNever;
  std::size_t begin = 0;
};

// The cheapest reading up to each syllable, by Viterbi.
std::vector<Step> read_stretch(const Stretch& stretch, const Vocabulary& vocabulary) {
  const std::size_t count = stretch.syllables.size();
  std::vector<Step> steps(count + 1);
  steps[0].cost = 0;
  for (std::size_t begin = 0; begin < count; ++begin) {
    const bool begins_word = stretch.is_border(begin);
    const auto offer = [&](std::size_t end, double cost) {
      if (!begins_word) cost += kInsideCost;
      if (steps[begin].cost + cost < steps[end].cost)
        steps[end] = {steps[begin].cost + cost, begin};
    };
    offer(begin + 1, kUnknownSyllableCost);
    std::size_t crossed = 0;
    for (std::size_t end = begin + 1; end <= count; ++end) {
      if (end > begin + 1 && stretch.is_border(end - 1)) ++crossed;
      const bool is_word = begins_word && crossed == 0 && stretch.is_border(end);
      if (is_word) offer(end, kUnknownWordCost);
      if (end - begin > kKnownWordSyllablesMax) {
        if (crossed > 0 || !begins_word) break;
        continue;
      }
      const auto known =
          known_word(std::span(stretch.syllables).subspan(begin, end - begin), vocabulary);
      if (known) offer(end, known->cost + kCrossingCost * static_cast<double>(crossed));
    }
  }
  return steps;
}

void add_wrong_blanks(std::span<const SpacedWord> words, const Vocabulary& vocabulary,
                      std::vector<std::uint32_t>& wrong) {
  const Stretch stretch(words);
  const std::vector<Step> steps = read_stretch(stretch, vocabulary);
  for (std::size_t end = stretch.syllables.size(); end > 0; end = steps[end].begin) {
    for (std::size_t i = steps[end].begin + 1; i < end; ++i) {
      if (stretch.is_border(i)) wrong.push_back(stretch.words[i]->blank_before);
    }
  }
}

bool is_known(const SpacedWord& word, const Vocabulary& vocabulary) {
  return word.syllables.size() <= kKoreanWordSyllablesMax &&
         known_word(word.syllables, vocabulary).has_value();
}

}  // namespace

std::vector<std::uint32_t> find_wrong_blanks(std::string_view text, const Vocabulary& vocabulary) {
  std::vector<std::uint32_t> wrong;
  for (Run& run : runs_of(text)) {
    for (SpacedWord& word : run) word.is_known = is_known(word, vocabulary);
    const auto is_near_unknown = [&](std::size_t at) {
      const std::size_t first = at - std::min(at, kNeighbours);
      const std::size_t last = std::min(run.size() - 1, at + kNeighbours);
      for (std::size_t i = first; i <= last; ++i) {
        if (!run[i].is_known) return true;
      }
      return false;
    };
    for (std::size_t begin = 0; begin < run.size();) {
      std::size_t end = begin;
      while (end < run.size() && is_near_unknown(end)) ++end;
      if (end > begin + 1) {
        add_wrong_blanks(std::span(run).subspan(begin, end - begin), vocabulary, wrong);
      }
      begin = std::max(end, begin + 1);
    }
  }
  std::sort(wrong.begin(), wrong.end());
  return wrong;
}

}  // namespace saerok
