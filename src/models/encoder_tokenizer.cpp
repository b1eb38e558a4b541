#include "models/encoder_tokenizer.h"

#include <bit>
#include <string>

namespace saerok {

PieceTable::PieceTable(std::span<const std::string_view> pieces, std::size_t count_max)
    : pieces_(pieces), slots_(std::bit_ceil(2 * count_max + 2)), filter_(kFilterBits / 64) {}

void PieceTable::insert(std::uint32_t id) {
  const std::string_view piece = pieces_[id];
  std::uint64_t hash = kEmptyHash;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    hash = extend(hash, piece[i]);
    if (i + 1 < piece.size() && continues_character(piece[i + 1])) continue;
    const std::size_t bit = place(hash) & (kFilterBits - 1);
    filter_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = place(hash) & mask;
  while (slots_[at].id_and_one != 0) at = (at + 1) & mask;
  slots_[at] = {static_cast<std::uint32_t>(hash >> 32), id + 1};
}

std::optional<std::uint32_t> PieceTable::find(std::string_view text, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  for (std::size_t at = place(hash) & mask; slots_[at].id_and_one != 0; at = (at + 1) & mask) {
    const std::uint32_t id = slots_[at].id_and_one - 1;
    if (slots_[at].tag == tag && pieces_[id] == text) return id;
  }
  return std::nullopt;
}

Result<std::unique_ptr<EncoderTokenizer>> make_encoder_tokenizer(const GgufReader& gguf) {
  const std::string model(gguf.text("tokenizer.ggml.model").value_or("none"));
  if (model == "t5") return make_unigram_tokenizer(gguf);
  if (model == "bert") return make_wordpiece_tokenizer(gguf);
  return Error{ErrorCode::failed_precondition, "its vocabulary is of the kind " + model};
}

}  // namespace saerok
