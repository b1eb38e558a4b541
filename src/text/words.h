/// Terms of what is written with letters and digits: words, identifiers, numbers, versions, dates,
/// addresses. The stem sub-field gets Snowball stems of the parts, the gram sub-field the exact
/// lower-case forms of the parts and of the whole, so that an exact match always adds to the score.
#pragma once

#include <cstddef>
#include <cstdint>

#include "text/analyzer.h"
#include "text/piece.h"
#include "text/user_words.h"

namespace saerok {

/// Where terms go, and how many stems came before.
struct TermSink {
  TermList& terms;
  const UserWords* words = nullptr;  ///< Null: none.
  std::uint32_t position = 0;        ///< Of the next stem.
};

/// Adds the terms of the word that begins at `begin`, a letter or digit, and returns where in the
/// piece it ends.
std::size_t add_word(const Piece& piece, std::size_t begin, TermSink& sink);

}  // namespace saerok
