/// SentencePiece's own table for normalising text, as converters of XLM-R models put it into GGUF
/// (tokenizer.ggml.precompiled_charsmap): which bytes are replaced by which. A double array whose
/// nodes are found by exclusive or; every number in it is checked before it is followed.
/// Source: Kanda, Space- and Time-Efficient String Dictionaries, 2018; Darts-clone's packing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "saerok/result.h"

namespace saerok {

class Charsmap {
 public:
  /// Replaces nothing.
  Charsmap() = default;

  /// Views `table`, which must outlive it.
  /// Errors: failed_precondition with what is wrong with it.
  static Result<Charsmap> open(std::span<const std::byte> table);

  struct Match {
    std::size_t length = 0;        ///< Bytes of the text that are replaced; 0: none are.
    std::string_view replacement;  ///< Views the table; may be empty.
  };
  /// The longest bytes that `text` begins with and the table replaces.
  Match match(std::string_view text) const;

 private:
  std::uint32_t unit(std::uint32_t index) const;

  std::span<const std::byte> units_;  ///< 32-bit numbers.
  std::string_view replacements_;     ///< Texts that each end in a zero.
};

}  // namespace saerok
