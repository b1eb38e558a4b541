#include "models/encoder_file.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "base/assert.h"

namespace saerok {
namespace {

/// A layer's matrices and norms, whose biases are called alike.
constexpr std::array<std::string_view, 8> kParts{"attn_q",           "attn_k",           "attn_v",
                                                 "attn_output",      "ffn_up",           "ffn_down",
                                                 "attn_output_norm", "layer_output_norm"};

Error unknown(const std::string& what) { return {ErrorCode::failed_precondition, what}; }

std::uint32_t in_range(std::optional<std::uint64_t> value, std::uint64_t max) {
  return value && *value >= 1 && *value <= max ? static_cast<std::uint32_t>(*value) : 0;
}

}  // namespace

Result<EncoderFile> EncoderFile::open(const std::string& path) {
  EncoderFile file(TRY(GgufReader::open(path)));
  TRY(file.read_shape());
  TRY(file.check_tensors());
  const std::size_t hidden = file.shape_.hidden;
  file.pieces_ = *file.gguf_.find_tensor("token_embd.weight");
  file.positions_.resize(std::size_t{file.shape_.positions} * hidden);
  TRY(file.read("position_embd.weight", file.positions_));
  std::vector<float> sentence(hidden, 0.0f);
  if (const GgufTensor* types = file.gguf_.find_tensor("token_types.weight")) {
    read_row(*types, 0, sentence);
  }
  for (std::size_t i = 0; i < file.positions_.size(); ++i) {
    file.positions_[i] += sentence[i % hidden];
  }
  return file;
}

Status EncoderFile::read_shape() {
  const auto architecture = gguf_.text("general.architecture").value_or("");
  if (architecture != "bert") {
    return unknown("its architecture is " + std::string(architecture) + ", not bert");
  }
  const auto key = [&](std::string_view end) { return gguf_.number("bert." + std::string(end)); };
  shape_.hidden = in_range(key("embedding_length"), 16'384);
  shape_.layers = in_range(key("block_count"), 256);
  shape_.heads = in_range(key("attention.head_count"), 1'024);
  shape_.feed_forward = in_range(key("feed_forward_length"), 131'072);
  shape_.positions = in_range(key("context_length"), 131'072);
  shape_.epsilon = gguf_.real("bert.attention.layer_norm_epsilon").value_or(0.0f);
  const std::uint64_t pooling = key("pooling_type").value_or(0);
  const bool is_sane = shape_.hidden > 0 && shape_.layers > 0 && shape_.heads > 0 &&
                       shape_.feed_forward > 0 && shape_.positions > 0 && shape_.epsilon > 0 &&
                       shape_.epsilon < 1 && shape_.hidden % shape_.heads == 0;
  if (!is_sane) return unknown("its header does not give all its measures");
  if (pooling < 1 || pooling > 3)
    return unknown("its header does not say how a text gets a vector");
  pooling_ = static_cast<EncoderPooling>(pooling);
  if (gguf_.flag("bert.attention.causal").value_or(true)) {
    return unknown("its pieces may not look at what follows them");
  }
  const GgufTensor* pieces = gguf_.find_tensor("token_embd.weight");
  if (pieces != nullptr) shape_.vocabulary = in_range(pieces->rows, 4'000'000);
  if (shape_.vocabulary == 0) return unknown("it has no embeddings of pieces");
  return {};
}

Status EncoderFile::check_tensor(const std::string& name, std::uint64_t row_length,
                                 std::uint64_t rows) const {
  const GgufTensor* tensor = gguf_.find_tensor(name);
  if (tensor == nullptr) {
    return name.ends_with(".bias") ? Status{} : unknown("tensor " + name + " is missing");
  }
  if (!is_readable(tensor->type)) {
    return unknown("tensor " + name + " is in ggml's weight format " +
                   std::to_string(tensor->type) + ", which only llama.cpp reads");
  }
  if (tensor->row_length != row_length || tensor->rows != rows || rows == 0) {
    return unknown("tensor " + name + " has another shape");
  }
  return {};
}

/// All that is there must be what the graph has a place for: an encoder of another build would
/// give wrong vectors, not an error.
Status EncoderFile::check_tensors() const {
  const std::uint64_t hidden = shape_.hidden;
  const std::uint64_t wide = shape_.feed_forward;
  TRY(check_tensor("token_embd.weight", hidden, shape_.vocabulary));
  TRY(check_tensor("position_embd.weight", hidden, shape_.positions));
  std::set<std::string, std::less<>> known{"token_embd.weight", "position_embd.weight",
                                           "token_types.weight", "token_embd_norm.weight",
                                           "token_embd_norm.bias"};
  if (const GgufTensor* types = gguf_.find_tensor("token_types.weight")) {
    TRY(check_tensor("token_types.weight", hidden, types->rows));
  }
  TRY(check_tensor("token_embd_norm.weight", hidden, 1));
  TRY(check_tensor("token_embd_norm.bias", hidden, 1));
  for (std::uint32_t layer = 0; layer < shape_.layers; ++layer) {
    for (const std::string_view part : kParts) {
      const std::string name = "blk." + std::to_string(layer) + "." + std::string(part);
      const std::uint64_t inputs = part == "ffn_down" ? wide : hidden;
      const std::uint64_t outputs = part == "ffn_up" ? wide : hidden;
      const bool is_norm = part.ends_with("_norm");
      TRY(check_tensor(name + ".weight", is_norm ? hidden : inputs, is_norm ? 1 : outputs));
      TRY(check_tensor(name + ".bias", outputs, 1));
      known.insert(name + ".weight");
      known.insert(name + ".bias");
    }
  }
  for (const auto& [name, tensor] : gguf_.tensors()) {
    if (!known.contains(name)) return unknown("it has a tensor " + std::string(name));
  }
  return {};
}

Status EncoderFile::read(const std::string& name, std::span<float> to) const {
  const GgufTensor* tensor = gguf_.find_tensor(name);
  if (tensor == nullptr && name.ends_with(".bias")) {
    std::fill(to.begin(), to.end(), 0.0f);
    return {};
  }
  if (tensor == nullptr || to.size() % tensor->row_length != 0 ||
      to.size() / tensor->row_length > tensor->rows) {
    return unknown("tensor " + name + " is missing or has another shape");
  }
  for (std::size_t row = 0; row < to.size() / tensor->row_length; ++row) {
    read_row(*tensor, row, to.subspan(row * tensor->row_length, tensor->row_length));
  }
  return {};
}

void EncoderFile::embed(std::uint32_t piece, std::uint32_t position, std::span<float> to) const {
  ASSERT(piece < shape_.vocabulary && position < shape_.positions && to.size() == shape_.hidden);
  read_row(pieces_, piece, to);
  const float* added = positions_.data() + std::size_t{position} * shape_.hidden;
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += added[i];
}

}  // namespace saerok
