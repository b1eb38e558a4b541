#include "text/analyzer.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "text/dates.h"
#include "text/korean.h"
#include "text/korean_rules.h"
#include "text/piece.h"
#include "text/user_words.h"
#include "text/words.h"

namespace saerok {
namespace {

constexpr std::uint32_t kSyllableBytes = 3;

// Syllables as UTF-8, on the stack.
class SyllableText {
 public:
  explicit SyllableText(std::span<const char32_t> syllables) {
    for (std::size_t i = 0; i < syllables.size(); ++i) set(i, syllables[i]);
  }
  void set(std::size_t index, char32_t syllable) {
    encode_utf8(syllable, bytes_.data() + index * kSyllableBytes);
  }
  std::string_view first(std::size_t count) const {
    return {bytes_.data(), count * kSyllableBytes};
  }

 private:
  // Room behind the last syllable, because encode_utf8 asks for kUtf8BytesMax.
  std::array<char, kKoreanWordSyllablesMax * kSyllableBytes + kUtf8BytesMax> bytes_;
};

// Syllables that are in a TermList's storage already, for grams to share.
struct Grams {
  std::uint32_t stored;
  std::size_t syllable_count;
  bool with_first_syllable;  ///< As a gram of its own, beside the bigrams.
};

// Turns pieces into terms. Remembers of the Korean word before what the gram over a border needs.
class TermWriter {
 public:
  TermWriter(KoreanAnalysis korean, const UserWords* words, std::string_view text, TermList& terms)
      : korean_(korean), sink_{terms, words}, text_(text), dates_(find_dates(text)) {}

  void add(const Piece& piece);

 private:
  void add_hangul(const Piece& piece, std::size_t begin, std::size_t end);
  void add_hangul_word(const Piece& piece, std::size_t begin, std::size_t end);
  void add_grams(const Piece& piece, std::size_t begin, Grams grams);
  void add_border_gram(const Piece& piece, std::size_t index);
  void add_dense(const Piece& piece, std::size_t begin, std::size_t end);
  void add_whole(const Piece& piece, std::size_t begin, std::size_t end);
  std::size_t add_token(const Piece& piece, std::size_t begin);
  void add_dates(const Piece& piece, std::size_t begin, std::size_t end, std::uint32_t position);

  KoreanAnalysis korean_;
  TermSink sink_;
  std::string_view text_;
  std::vector<WrittenDate> dates_;
  std::size_t next_date_ = 0;
  bool may_cross_ = false;  // A gram may reach from the last syllable to the next word.
  char32_t last_syllable_ = 0;
  std::uint32_t last_begin_ = 0;
};

bool is_dense(CharClass c) { return c == CharClass::han || c == CharClass::kana; }

void TermWriter::add(const Piece& piece) {
  if (!piece.follows_space) may_cross_ = false;
  for (std::size_t i = 0; i < piece.size;) {
    const std::uint32_t position = sink_.position;
    const std::size_t end = add_token(piece, i);
    if (next_date_ < dates_.size()) add_dates(piece, i, end, position);
    i = end;
  }
}

// Adds the terms of the run of one script, or the word, that begins at `begin`; returns its end.
std::size_t TermWriter::add_token(const Piece& piece, std::size_t begin) {
  const CharClass c = piece.classes[begin];
  std::size_t end = begin + 1;
  if (c == CharClass::hangul) {
    while (end < piece.size && piece.classes[end] == CharClass::hangul) ++end;
    add_hangul(piece, begin, end);
    return end;
  }
  may_cross_ = false;
  if (c == CharClass::letter || c == CharClass::digit) {
    end = add_word(piece, begin, sink_);
  } else if (is_dense(c)) {
    while (end < piece.size &&
           (is_dense(piece.classes[end]) || piece.classes[end] == CharClass::mark)) {
      ++end;
    }
    add_dense(piece, begin, end);
  } else if (c == CharClass::jamo) {
    while (end < piece.size && piece.classes[end] == CharClass::jamo) ++end;
    add_whole(piece, begin, end);
  } else if (c == CharClass::symbol) {
    add_whole(piece, begin, end);
  }
  return end;
}

// The dates that begin in a token, beside its words and at the first one's position. They are no
// part of a text's length, so that nothing else is scored otherwise because of them.
void TermWriter::add_dates(const Piece& piece, std::size_t begin, std::size_t end,
                           std::uint32_t position) {
  for (; next_date_ < dates_.size(); ++next_date_) {
    const WrittenDate& date = dates_[next_date_];
    if (date.begin >= piece.ends[end - 1]) return;
    // A token that is the term itself, as 2024-03-05, gave it already.
    const bool is_token = date.begin == piece.begins[begin] && date.end == piece.ends[end - 1];
    const std::string_view written = text_.substr(date.begin, date.end - date.begin);
    for (const std::string& term : terms_of_date(date)) {
      if (is_token && term == written) continue;
      sink_.terms.add_beside(position, date.begin, date.end, term);
    }
  }
}

void TermWriter::add_hangul(const Piece& piece, std::size_t begin, std::size_t end) {
  if (begin > 0) may_cross_ = false;
  for (std::size_t i = begin; i < end; i += kKoreanWordSyllablesMax) {
    add_hangul_word(piece, i, std::min(end, i + kKoreanWordSyllablesMax));
  }
  if (end < piece.size) may_cross_ = false;
}

void TermWriter::add_hangul_word(const Piece& piece, std::size_t begin, std::size_t end) {
  KoreanStem stem = stem_korean(piece.span(begin, end));
  const std::uint32_t word_begin = piece.begins[begin];
  const std::uint32_t word_end = piece.ends[end - 1];
  SyllableText text(piece.span(begin, end));
  if (sink_.words != nullptr) {
    const std::size_t kept = sink_.words->protected_syllables(text.first(end - begin));
    if (kept > stem.length || (kept == stem.length && stem.last != piece.chars[begin + kept - 1])) {
      stem.last = piece.chars[begin + kept - 1];
      stem.length = static_cast<std::uint8_t>(kept);
      stem.gram_length = std::max(stem.gram_length, stem.length);
      stem.is_bare = kept == end - begin;
    }
  }
  const auto stem_bytes = static_cast<std::uint32_t>(stem.length * kSyllableBytes);
  if (korean_ == KoreanAnalysis::robust) {
    const std::uint32_t stored = sink_.terms.store(text.first(end - begin));
    text.set(stem.length - 1, stem.last);
    sink_.terms.add(TermField::stem, sink_.position, word_begin, word_end, text.first(stem.length));
    add_grams(piece, begin, {stored, end - begin, stem.has_syllable_gram});
  } else {
    text.set(stem.length - 1, stem.last);
    const std::uint32_t stored = sink_.terms.store(text.first(stem.gram_length));
    sink_.terms.add_stored(TermField::stem, sink_.position, word_begin, word_end, stored,
                           stem_bytes);
    add_grams(piece, begin, {stored, stem.gram_length, stem.has_syllable_gram});
  }
  may_cross_ = korean_ == KoreanAnalysis::robust || stem.is_bare;
  last_syllable_ = piece.chars[end - 1];
  last_begin_ = piece.begins[end - 1];
  ++sink_.position;
}

void TermWriter::add_grams(const Piece& piece, std::size_t begin, Grams grams) {
  if (may_cross_) add_border_gram(piece, begin);
  if (grams.with_first_syllable || grams.syllable_count == 1) {
    sink_.terms.add_stored(TermField::gram, sink_.position, piece.begins[begin], piece.ends[begin],
                           grams.stored, kSyllableBytes);
  }
  for (std::size_t i = begin; i + 1 < begin + grams.syllable_count; ++i) {
    sink_.terms.add_stored(TermField::gram, sink_.position, piece.begins[i], piece.ends[i + 1],
                           grams.stored, 2 * kSyllableBytes);
    grams.stored += kSyllableBytes;
  }
}

void TermWriter::add_border_gram(const Piece& piece, std::size_t index) {
  char utf8[2 * kUtf8BytesMax];
  std::size_t size = encode_utf8(last_syllable_, utf8);
  size += encode_utf8(piece.chars[index], utf8 + size);
  sink_.terms.add(TermField::gram, sink_.position, last_begin_, piece.ends[index], {utf8, size});
}

// Bigrams as stems, and single Han characters, which are words, as grams.
void TermWriter::add_dense(const Piece& piece, std::size_t begin, std::size_t end) {
  char utf8[2 * kUtf8BytesMax];
  const bool is_single = begin + 1 == end;
  for (std::size_t i = begin; i < end; ++i) {
    const bool is_pair = i + 1 < end;
    std::size_t size = encode_utf8(piece.chars[i], utf8);
    // The last character has the position of the bigram that it ends.
    const std::uint32_t position = is_pair || is_single ? sink_.position : sink_.position - 1;
    if (is_single || piece.classes[i] == CharClass::han) {
      sink_.terms.add(TermField::gram, position, piece.begins[i], piece.ends[i], {utf8, size});
    }
    if (!is_pair && !is_single) break;
    if (is_pair) size += encode_utf8(piece.chars[i + 1], utf8 + size);
    sink_.terms.add(TermField::stem, position, piece.begins[i], piece.ends[is_pair ? i + 1 : i],
                    {utf8, size});
    ++sink_.position;
  }
}

void TermWriter::add_whole(const Piece& piece, std::size_t begin, std::size_t end) {
  std::array<char, kTermBytesMax> utf8;
  std::size_t size = 0;
  std::size_t first = begin;
  const auto flush = [&](std::size_t last) {
    for (const TermField field : {TermField::stem, TermField::gram}) {
      sink_.terms.add(field, sink_.position, piece.begins[first], piece.ends[last - 1],
                      {utf8.data(), size});
    }
    ++sink_.position;
    size = 0;
    first = last;
  };
  for (std::size_t i = begin; i < end; ++i) {
    if (size + kUtf8BytesMax > utf8.size()) flush(i);
    size += encode_utf8(piece.chars[i], utf8.data() + size);
  }
  flush(end);
}

}  // namespace

namespace {

// What the fingerprint's terms are made from: something of every kind, so that another version of
// a library that cuts any of it differently gives another fingerprint.
constexpr std::string_view kProbe =
    "검색엔진을 연구했습니다 달렸다 물에서 고양이들에게 회의 정보 검색 DNA를 3kg 2024년 ㅋㅋ "
    "The runners' generalizations were happily organized, flying universities; relational dogs' "
    "snake_case getUserName C++ C# node.js 3.11.2 1,000 e-mail R&D Straße café ＧＰＵ ｶﾞ 情報検索 "
    "コンピュータ поиск ελληνικά 🙂 € \u212B ㎏ ① H₂O "
    "2024년 3월 5일 2024.3.5 3/5/2024 March 5, 2024 5 Mar 1.2.3 RTX4090";

// Counts up when the code changes what it makes of a text that the probe does not hold.
constexpr int kVersion = 3;

std::string_view name_of(KoreanAnalysis korean) {
  return korean == KoreanAnalysis::compact ? "compact" : "robust";
}

}  // namespace

Analyzer::Analyzer(AnalyzerSettings settings) : settings_(std::move(settings)) {
  TermList terms;
  analyze(kProbe, terms);
  std::string probed;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    probed += terms[i].text;
    probed += terms[i].field == TermField::stem ? '\n' : '\t';
  }
  fingerprint_ = "text " + std::to_string(kVersion) + " korean " +
                 std::string(name_of(settings_.korean)) + " rules " +
                 std::to_string(korean_rules_hash()) + " " + unicode_version() + " probe " +
                 std::to_string(hash64(probed));
  if (settings_.words == nullptr) return;
  words_ = std::make_unique<const UserWords>(*settings_.words, *this);
  // Synonyms are the query's; an index stays right when they change.
  if (words_->protected_hash() != 0) {
    fingerprint_ += " protected " + std::to_string(words_->protected_hash());
  }
}

std::string Analyzer::synonyms_of(std::string_view stems) const {
  return words_ == nullptr ? std::string() : words_->synonyms_of(stems);
}

std::size_t Analyzer::synonym_stems_max() const {
  return words_ == nullptr ? 0 : words_->synonym_stems_max();
}

Analyzer::~Analyzer() = default;

void Analyzer::analyze(std::string_view text, TermList& terms) const {
  terms.clear();
  PieceReader reader(text);
  Piece piece;
  TermWriter writer(settings_.korean, words_.get(), text, terms);
  while (reader.next(piece)) writer.add(piece);
}

}  // namespace saerok
