/// A small BERT with a WordPiece vocabulary and random weights, for tests: what it says means
/// nothing, but every runtime must say the same.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/unicode.h"
#include "models/gguf.h"

namespace saerok {

/// Special pieces, every printable ASCII character, letters of other scripts, and some words; each
/// character both as one that begins a word and as one that goes on.
inline std::vector<std::string> tiny_vocabulary() {
  std::vector<std::string> pieces{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  std::vector<std::string> parts{"room", "empty", "the", "water", "ing", "ed", "tion", "12",
                                 "안녕", "漢",    "字",  "é",     "ß",   "か", "ne",   "wa"};
  for (char c = '!'; c <= '~'; ++c) parts.emplace_back(1, c);
  for (char32_t c = 0x1100; c < 0x1113; ++c) {  // The first letters of Korean syllables.
    parts.emplace_back();
    append_utf8(parts.back(), c);
  }
  for (const std::string& part : parts) {
    pieces.push_back("\u2581" + part);
    pieces.push_back(part);
  }
  return pieces;
}

/// How the matrices of a tiny encoder, the pieces' among them, are kept.
struct TinyMatrices {
  std::uint32_t hidden = 64;
  GgufTensorType type = GgufTensorType::f32;
  /// Packs whole rows; empty: as they are.
  std::function<std::vector<std::byte>(std::span<const float> weights, std::uint64_t row_length)>
      pack = {};
};

/// `pooling` is llama.cpp's number; `score_outputs`: of a classification head, one of a reranker;
/// 0: no head. Errors: those of GgufWriter::write().
inline Status write_tiny_encoder(const std::string& path, std::uint32_t pooling,
                                 const TinyMatrices& matrices = {},
                                 std::uint32_t score_outputs = 0) {
  constexpr std::uint32_t kLayers = 2, kPositions = 48;
  const std::uint32_t hidden = matrices.hidden;
  const std::uint32_t wide = 2 * hidden;
  const std::vector<std::string> pieces = tiny_vocabulary();
  GgufWriter writer;
  writer.put_text("general.architecture", "bert");
  writer.put_text("general.name", "tiny");
  writer.put_count("bert.context_length", kPositions);
  writer.put_count("bert.embedding_length", hidden);
  writer.put_count("bert.feed_forward_length", wide);
  writer.put_count("bert.block_count", kLayers);
  writer.put_count("bert.attention.head_count", 4);
  writer.put_real("bert.attention.layer_norm_epsilon", 1e-12f);
  writer.put_flag("bert.attention.causal", false);
  writer.put_count("bert.pooling_type", pooling);
  writer.put_text("tokenizer.ggml.model", "bert");
  writer.put_text("tokenizer.ggml.pre", "default");
  writer.put_texts("tokenizer.ggml.tokens", pieces);
  writer.put_integers("tokenizer.ggml.token_type", std::vector<std::int32_t>(pieces.size(), 1));
  writer.put_count("tokenizer.ggml.token_type_count", 2);
  writer.put_count("tokenizer.ggml.unknown_token_id", 1);
  writer.put_count("tokenizer.ggml.bos_token_id", 2);
  writer.put_count("tokenizer.ggml.seperator_token_id", 3);
  writer.put_count("tokenizer.ggml.padding_token_id", 0);

  std::mt19937_64 random(3);
  std::vector<std::vector<float>> data;
  data.reserve(256);  // The writer keeps views.
  std::vector<std::vector<std::byte>> packed;
  packed.reserve(256);
  const auto add = [&](const std::string& name, std::vector<std::uint64_t> shape, float middle) {
    std::uint64_t count = 1;
    for (const std::uint64_t length : shape) count *= length;
    std::normal_distribution<float> weight(middle, 0.15f);
    std::vector<float>& values = data.emplace_back(count);
    for (float& value : values) value = weight(random);
    const bool is_packed = matrices.pack && shape.size() == 2 && !name.starts_with("position") &&
                           !name.starts_with("token_types");
    if (is_packed) {
      packed.push_back(matrices.pack(values, shape.front()));
      writer.add_tensor(name, shape, matrices.type, packed.back());
    } else {
      writer.add_tensor(name, shape, GgufTensorType::f32, std::as_bytes(std::span(values)));
    }
  };
  add("token_embd.weight", {hidden, pieces.size()}, 0);
  add("position_embd.weight", {hidden, kPositions}, 0);
  add("token_types.weight", {hidden, 2}, 0);
  add("token_embd_norm.weight", {hidden}, 1);
  add("token_embd_norm.bias", {hidden}, 0);
  for (std::uint32_t layer = 0; layer < kLayers; ++layer) {
    const std::string prefix = "blk." + std::to_string(layer) + ".";
    const auto linear = [&](const std::string& name, std::uint64_t inputs, std::uint64_t outputs) {
      add(prefix + name + ".weight", {inputs, outputs}, 0);
      add(prefix + name + ".bias", {outputs}, 0);
    };
    for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
      linear(name, hidden, hidden);
    }
    linear("ffn_up", hidden, wide);
    linear("ffn_down", wide, hidden);
    for (const char* name : {"attn_output_norm", "layer_output_norm"}) {
      add(prefix + name + ".weight", {hidden}, 1);
      add(prefix + name + ".bias", {hidden}, 0);
    }
  }
  std::vector<std::string> labels;
  for (std::uint32_t i = 0; i < score_outputs; ++i) labels.push_back("label " + std::to_string(i));
  if (score_outputs > 0) {
    writer.put_texts("bert.classifier.output_labels", labels);
    add("cls.weight", {hidden, hidden}, 0);
    add("cls.bias", {hidden}, 0);
    add("cls.output.weight", {hidden, score_outputs}, 0);
    add("cls.output.bias", {score_outputs}, 0);
  }
  return writer.write(path);
}

}  // namespace saerok
