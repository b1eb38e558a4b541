#include "text/piece.h"

namespace saerok {
namespace {

bool is_joiner(char32_t c) {
  switch (c) {
    case U'_':
    case U'-':
    case U'.':
    case U',':
    case U'\'':
    case U'@':
    case U'&':
    case U'+':
    case U'#': return true;
    default: return false;
  }
}

// The typewriter's form of a typographer's hyphen or apostrophe; 0 for other characters.
char32_t plain_joiner(char32_t c) {
  if (c == 0x2010 || c == 0x2011) return U'-';
  if (c == 0x2019) return U'\'';
  return 0;
}

bool is_half_width_voicing(char32_t c) { return c == 0xFF9E || c == 0xFF9F; }

// Lead bytes of U+0300 to U+036F, the marks that join an ASCII letter.
bool may_lead_mark(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value == 0xCC || value == 0xCD;
}

constexpr char kLeadOfJamo = '\xE1';

}  // namespace

void PieceReader::push(Piece& piece, char32_t c, CharClass char_class, bool is_upper,
                       std::uint32_t size) {
  const std::size_t index = piece.size++;
  piece.chars[index] = c;
  piece.classes[index] = char_class;
  piece.is_upper[index] = is_upper;
  piece.begins[index] = static_cast<std::uint32_t>(position_);
  piece.ends[index] = static_cast<std::uint32_t>(position_) + size;
}

bool PieceReader::next(Piece& piece) {
  piece.size = 0;
  while (position_ < text_.size() && piece.size < kPieceCharsMax) {
    const auto byte = static_cast<unsigned char>(text_[position_]);
    if (byte < 0x80) {
      if (read_ascii(piece) == Step::end_piece) break;
      continue;
    }
    const DecodedChar c = decode_utf8(text_, position_);
    const bool may_grow = position_ + 3 < text_.size() && text_[position_ + 3] == kLeadOfJamo;
    if (is_hangul_syllable(c.code_point) && !may_grow) {
      push(piece, c.code_point, CharClass::hangul, false, 3);
      position_ += 3;
      continue;
    }
    if (read_other(piece) == Step::end_piece) break;
  }
  piece.follows_space = follows_space_;
  if (piece.size > 0) follows_space_ = position_ < text_.size();
  return piece.size > 0;
}

PieceReader::Step PieceReader::read_ascii(Piece& piece) {
  const auto c = static_cast<unsigned char>(text_[position_]);
  const CharClass char_class = ascii_class(c);
  if (char_class == CharClass::space) {
    if (piece.size > 0) return Step::end_piece;
    ++position_;
    return Step::go_on;
  }
  if (char_class == CharClass::punctuation) {
    if (piece.size == 0) {
      follows_space_ = false;
      ++position_;
      return Step::go_on;
    }
    if (!is_joiner(c)) return Step::end_piece;
    push(piece, c, char_class, false, 1);
    ++position_;
    return Step::go_on;
  }
  if (position_ + 1 < text_.size() && may_lead_mark(text_[position_ + 1])) {
    return read_sequence(piece, {c, 1, true});
  }
  const bool is_upper = c >= 'A' && c <= 'Z';
  push(piece, is_upper ? c + ('a' - 'A') : c, char_class, is_upper, 1);
  ++position_;
  return Step::go_on;
}

PieceReader::Step PieceReader::read_other(Piece& piece) {
  if (const SpeltSyllable spelt = spelt_syllable(text_, position_); spelt.size > 0) {
    push(piece, spelt.syllable, CharClass::hangul, false, spelt.size);
    position_ += spelt.size;
    return Step::go_on;
  }
  const DecodedChar c = decode_utf8(text_, position_);
  const CharClass char_class = c.is_valid ? class_of(c.code_point) : CharClass::invalid;
  switch (char_class) {
    case CharClass::space:
      if (piece.size > 0) return Step::end_piece;
      position_ += c.size;
      return Step::go_on;
    case CharClass::ignorable:
      position_ += c.size;
      if (piece.size > 0) piece.ends[piece.size - 1] = static_cast<std::uint32_t>(position_);
      return Step::go_on;
    case CharClass::mark:  // It joins nothing here: its letter would have taken it along.
      position_ += c.size;
      return Step::go_on;
    case CharClass::invalid:
    case CharClass::punctuation:
      if (const char32_t joiner = plain_joiner(c.code_point); joiner != 0 && piece.size > 0) {
        push(piece, joiner, CharClass::punctuation, false, c.size);
        position_ += c.size;
        return Step::go_on;
      }
      if (c.code_point >= 0xFF01 && c.code_point <= 0xFF5E) break;  // Full-width ASCII: fold first.
      if (piece.size > 0) return Step::end_piece;
      follows_space_ = false;
      position_ += c.size;
      return Step::go_on;
    default: break;
  }
  return read_sequence(piece, c);
}

// Reads a letter with its marks and pushes what folding makes of them.
PieceReader::Step PieceReader::read_sequence(Piece& piece, DecodedChar first) {
  std::array<char32_t, kSequenceCharsMax> in;
  in[0] = first.code_point;
  std::size_t count = 1;
  std::uint32_t size = first.size;
  while (position_ + size < text_.size() && count < in.size()) {
    const DecodedChar next = decode_utf8(text_, position_ + size);
    if (!next.is_valid) break;
    const bool joins =
        is_half_width_voicing(next.code_point) || class_of(next.code_point) == CharClass::mark;
    if (!joins) break;
    in[count++] = next.code_point;
    size += next.size;
  }
  std::array<char32_t, kFoldedCharsMax> folded;
  const std::size_t folded_count = fold_sequence({in.data(), count}, folded);
  if (piece.size > 0 && piece.size + folded_count > kPieceCharsMax) return Step::end_piece;
  const bool is_upper = is_upper_case(first.code_point);
  for (std::size_t i = 0; i < folded_count; ++i) {
    CharClass char_class = class_of(folded[i]);
    if (char_class == CharClass::space || char_class == CharClass::invalid) {
      char_class = CharClass::punctuation;
    }
    if (char_class == CharClass::ignorable) continue;
    push(piece, folded[i], char_class, is_upper, size);
  }
  position_ += size;
  return Step::go_on;
}

}  // namespace saerok
