/// Texts to the pieces of an encoder's vocabulary, piece for piece as llama.cpp does it, which the
/// tests hold side by side; here because llama.cpp takes most of a second to read a vocabulary of
/// 250,000. Two kinds: unigram pieces (XLM-R, "t5" in GGUF) and WordPiece (BERT, "bert").
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "models/gguf_reader.h"
#include "saerok/result.h"

namespace saerok {

class EncoderTokenizer {
 public:
  virtual ~EncoderTokenizer() = default;
  /// The pieces of a text, those that begin and end it included. Cheap for the first, if it is
  /// short: what many texts are read with is made for the second.
  virtual std::vector<std::uint32_t> read(std::string_view text) = 0;
  /// The piece that ends every text, if one does.
  virtual std::optional<std::uint32_t> end() const = 0;
};

/// Views `gguf`, which must outlive it.
/// Errors: failed_precondition with what is not known about the vocabulary.
Result<std::unique_ptr<EncoderTokenizer>> make_encoder_tokenizer(const GgufReader& gguf);

// What the two kinds share.

/// Pieces of a vocabulary as a set of texts with ids: a hash table over the mapped pieces, because
/// it must be ready in milliseconds, which no tree of 250,000 pieces is.
class PieceTable {
 public:
  /// For at most `count_max` of `pieces`, which it views.
  PieceTable(std::span<const std::string_view> pieces, std::size_t count_max);

  /// FNV-1a, byte by byte, so that a caller may extend a text as it looks.
  static constexpr std::uint64_t kEmptyHash = 0xcbf29ce484222325u;
  static std::uint64_t extend(std::uint64_t hash, char byte) {
    return (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  }

  void insert(std::uint32_t id);
  /// The id of `text`, whose hash must be `hash`.
  std::optional<std::uint32_t> find(std::string_view text, std::uint64_t hash) const;
  /// False: no piece begins with the whole characters that have this hash. True is a guess, wrong
  /// one time in ten. It makes a search for pieces end after some three characters.
  bool may_begin(std::uint64_t hash) const {
    const std::size_t bit = place(hash) & (kFilterBits - 1);
    return (filter_[bit / 64] >> (bit % 64) & 1) != 0;
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t id_and_one = 0;  ///< 0: empty.
  };
  static constexpr std::size_t kFilterBits = std::size_t{1} << 23;
  static std::size_t place(std::uint64_t hash) { return hash ^ hash >> 32; }

  std::span<const std::string_view> pieces_;
  std::vector<Slot> slots_;
  std::vector<std::uint64_t> filter_;  ///< A bit for each beginning of a piece.
};

/// Whether a byte belongs to the character before it (UTF-8).
constexpr bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

/// The ids that stand for something; each is inside the vocabulary.
struct SpecialPieces {
  std::optional<std::uint32_t> begin;  ///< Put before every text.
  std::optional<std::uint32_t> end;    ///< Put after it.
  std::uint32_t unknown = 0;
};

Result<std::unique_ptr<EncoderTokenizer>> make_unigram_tokenizer(const GgufReader& gguf);
Result<std::unique_ptr<EncoderTokenizer>> make_wordpiece_tokenizer(const GgufReader& gguf);

}  // namespace saerok
