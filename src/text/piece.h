/// Text as folded characters between white space, each with the bytes that it came from. This is
/// where decomposed Hangul, full-width letters, capitals and zero-width characters become ordinary;
/// everything behind it sees one spelling. What this is not: a decision on what a term is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/unicode.h"

namespace saerok {

/// Characters of one piece; a longer run without white space or punctuation is cut here.
constexpr std::size_t kPieceCharsMax = 1024;

/// A run of characters without white space, of punctuation only what may stand inside a word.
/// Parallel arrays; the first `size` elements count. Reused, so that reading never allocates.
struct Piece {
  std::array<char32_t, kPieceCharsMax> chars;
  std::array<CharClass, kPieceCharsMax> classes;
  std::array<bool, kPieceCharsMax> is_upper;  ///< Before folding.
  std::array<std::uint32_t, kPieceCharsMax> begins;
  std::array<std::uint32_t, kPieceCharsMax> ends;
  std::size_t size = 0;
  /// Between the piece before and this one stands white space and nothing else.
  bool follows_space = false;

  std::span<const char32_t> span(std::size_t begin, std::size_t end) const {
    return {chars.data() + begin, end - begin};
  }
};

class PieceReader {
 public:
  explicit PieceReader(std::string_view text) : text_(text) {}

  /// Reads the next piece; false at the end of the text.
  bool next(Piece& piece);

 private:
  enum class Step : std::uint8_t { go_on, end_piece };
  Step read_ascii(Piece& piece);
  Step read_other(Piece& piece);
  Step read_sequence(Piece& piece, DecodedChar first);
  void push(Piece& piece, char32_t c, CharClass char_class, bool is_upper, std::uint32_t size);

  std::string_view text_;
  std::size_t position_ = 0;
  bool follows_space_ = false;
};

}  // namespace saerok
