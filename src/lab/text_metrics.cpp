#include "lab/text_metrics.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <iterator>
#include <map>
#include <unordered_map>

#include "base/code_points.h"
#include "base/unicode.h"
#include "lab/porter.h"
#include "text/analyzer.h"

namespace saerok::lab {
namespace {

using Tokens = std::vector<std::string>;

bool is_word_class(CharClass c) {
  return c == CharClass::hangul || c == CharClass::jamo || c == CharClass::letter ||
         c == CharClass::digit || c == CharClass::han || c == CharClass::kana;
}

enum class Cut : std::uint8_t { characters, words };

Tokens cut(std::string_view text, Cut how) {
  const std::string folded = fold_case(fold_width(text));
  Tokens tokens;
  bool is_open = false;  // What comes next may belong to the last token.
  for (std::size_t at = 0; at < folded.size();) {
    const DecodedChar c = decode_utf8(folded, at);
    const CharClass kind = c.is_valid ? class_of(c.code_point) : CharClass::invalid;
    const std::string_view bytes(folded.data() + at, c.size);
    at += c.size;
    if (kind == CharClass::ignorable) continue;
    if (is_word_class(kind) && (!is_open || how == Cut::characters)) {
      tokens.emplace_back(bytes);
      is_open = true;
    } else if (is_open && (is_word_class(kind) || kind == CharClass::mark)) {
      tokens.back() += bytes;
    } else {
      is_open = false;
    }
  }
  return tokens;
}

Tokens stems_of(std::string_view text) {
  const Analyzer analyzer{AnalyzerSettings{}};
  TermList terms;
  analyzer.analyze(text, terms);
  Tokens stems;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].field == TermField::stem) stems.emplace_back(terms[i].text);
  }
  return stems;
}

/// rouge-score leaves words of three letters as they are.
Tokens porter_stems_of(std::string_view text) {
  constexpr std::size_t kUnstemmedMax = 3;
  Tokens tokens = cut(text, Cut::words);
  for (std::string& token : tokens) {
    const bool is_ascii =
        std::ranges::all_of(token, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (is_ascii && token.size() > kUnstemmedMax) token = porter_stem(token);
  }
  return tokens;
}

Overlap overlap_of(std::size_t common, std::size_t predicted, std::size_t expected) {
  if (common == 0) return {};
  const auto same = static_cast<double>(common);
  Overlap overlap{.precision = same / static_cast<double>(predicted),
                  .recall = same / static_cast<double>(expected)};
  overlap.f1 = 2 * overlap.precision * overlap.recall / (overlap.precision + overlap.recall);
  return overlap;
}

/// Runs of `length` tokens, each as often as in both texts.
Overlap count_common(const Tokens& prediction, const Tokens& reference, std::size_t length) {
  if (prediction.size() < length || reference.size() < length) return {};
  const auto gram = [length](const Tokens& tokens, std::size_t at) {
    return Tokens(tokens.begin() + static_cast<std::ptrdiff_t>(at),
                  tokens.begin() + static_cast<std::ptrdiff_t>(at + length));
  };
  std::map<Tokens, std::size_t> left;
  const std::size_t expected = reference.size() + 1 - length;
  const std::size_t predicted = prediction.size() + 1 - length;
  for (std::size_t i = 0; i < expected; ++i) ++left[gram(reference, i)];
  std::size_t common = 0;
  for (std::size_t i = 0; i < predicted; ++i) {
    const auto found = left.find(gram(prediction, i));
    if (found == left.end() || found->second == 0) continue;
    --found->second;
    ++common;
  }
  return overlap_of(common, predicted, expected);
}

/// Length of the longest common subsequence, 64 places of `a` at a time: a table of all pairs of
/// two long answers' syllables would take seconds.
/// Source: Crochemore et al., "A fast and practical bit-vector algorithm for the longest common
/// subsequence problem", Information Processing Letters 80 (2001).
std::size_t common_subsequence(const Tokens& a, const Tokens& b) {
  std::unordered_map<std::string_view, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < a.size(); ++i) places[a[i]].push_back(i);
  const std::size_t words = (a.size() + 63) / 64;
  std::vector<std::uint64_t> row(words, ~std::uint64_t{0});
  std::vector<std::uint64_t> matches(words, 0);
  for (const std::string& token : b) {
    const auto found = places.find(token);
    if (found == places.end()) continue;
    for (const std::size_t i : found->second) matches[i / 64] |= std::uint64_t{1} << (i % 64);
    std::uint64_t carry = 0;
    for (std::size_t w = 0; w < words; ++w) {
      const std::uint64_t hit = row[w] & matches[w];
      const std::uint64_t with_carry = row[w] + carry;
      const std::uint64_t sum = with_carry + hit;
      carry = (with_carry < row[w] || sum < with_carry) ? 1 : 0;
      row[w] = sum | (row[w] & ~matches[w]);
      matches[w] = 0;
    }
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if ((row[i / 64] >> (i % 64) & 1) == 0) ++length;
  }
  return length;
}

/// What KorQuAD turns into blanks before it drops punctuation.
bool is_quotation(char32_t c) {
  return c == U'\'' || c == U'"' || c == U'《' || c == U'》' || c == U'<' || c == U'>' ||
         c == U'〈' || c == U'〉' || c == U'(' || c == U')' || c == U'‘' || c == U'’';
}

/// `text` with a blank for each article that stands by itself.
std::string without_articles(std::string_view text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const auto is_word_char = [&] {
      return is_word_class(class_of(decode_utf8(text, at).code_point));
    };
    while (at < text.size() && is_word_char()) at += decode_utf8(text, at).size;
    const std::string_view word = text.substr(begin, at - begin);
    if (word == "a" || word == "an" || word == "the") kept += ' ';
    else kept += word;
    if (at == text.size()) break;
    const std::size_t size = decode_utf8(text, at).size;
    kept += text.substr(at, size);
    at += size;
  }
  return kept;
}

Tokens split_at_blanks(std::string_view text) {
  Tokens words;
  bool is_open = false;
  for (std::size_t at = 0; at < text.size();) {
    const chars::CodePoint c = chars::code_point_at(text, at);
    const bool is_blank = chars::is_space(c.value);
    if (!is_blank && !is_open) words.emplace_back();
    if (!is_blank) words.back() += text.substr(at, c.size);
    is_open = !is_blank;
    at += c.size;
  }
  return words;
}

Tokens characters_of(std::string_view text) {
  Tokens characters;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = decode_utf8(text, at).size;
    if (text[at] != ' ') characters.emplace_back(text.substr(at, size));
    at += size;
  }
  return characters;
}

}  // namespace

Result<Tokenisation> parse_tokenisation(std::string_view name) {
  static constexpr std::string_view kNames[] = {"syllable", "word", "stem", "porter"};
  const auto found = std::ranges::find(kNames, name);
  if (found != std::end(kNames)) return static_cast<Tokenisation>(found - std::begin(kNames));
  return Error{ErrorCode::invalid_argument, "texts are not compared by \"" + std::string(name) +
                                                "\"; there are: syllable, word, stem, porter"};
}

std::vector<std::string> tokens_of(std::string_view text, Tokenisation tokenisation) {
  switch (tokenisation) {
    case Tokenisation::syllable: return cut(text, Cut::characters);
    case Tokenisation::word: return cut(text, Cut::words);
    case Tokenisation::stem: return stems_of(text);
    case Tokenisation::porter: return porter_stems_of(text);
  }
  return {};
}

Rouge rouge(const TextPair& pair, Tokenisation tokenisation) {
  const Tokens prediction = tokens_of(pair.prediction, tokenisation);
  const Tokens reference = tokens_of(pair.reference, tokenisation);
  return {.rouge_1 = count_common(prediction, reference, 1),
          .rouge_2 = count_common(prediction, reference, 2),
          .rouge_l = overlap_of(common_subsequence(reference, prediction), prediction.size(),
                                reference.size())};
}

std::string normalise_answer(std::string_view text, AnswerRules rules) {
  const std::string folded = fold_case(to_nfc(text));
  std::string kept;
  for (std::size_t at = 0; at < folded.size();) {
    const DecodedChar c = decode_utf8(folded, at);
    const bool is_dropped = c.size == 1 && chars::is_ascii_punctuation(folded[at]);
    if (rules == AnswerRules::korquad && c.is_valid && is_quotation(c.code_point)) kept += ' ';
    else if (!is_dropped) kept += folded.substr(at, c.size);
    at += c.size;
  }
  if (rules == AnswerRules::squad) kept = without_articles(kept);
  std::string joined;
  for (const std::string& word : split_at_blanks(kept)) {
    joined += (joined.empty() ? "" : " ") + word;
  }
  return joined;
}

bool is_exact_match(const TextPair& pair, AnswerRules rules) {
  return normalise_answer(pair.prediction, rules) == normalise_answer(pair.reference, rules);
}

double answer_f1(const TextPair& pair, AnswerRules rules) {
  const std::string prediction = normalise_answer(pair.prediction, rules);
  const std::string reference = normalise_answer(pair.reference, rules);
  if (prediction.empty() && reference.empty()) return 1;
  const auto tokens = [rules](const std::string& text) {
    return rules == AnswerRules::squad ? split_at_blanks(text) : characters_of(text);
  };
  return count_common(tokens(prediction), tokens(reference), 1).f1;
}

}  // namespace saerok::lab
