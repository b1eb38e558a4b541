#include "models/import_sentence_bert.h"

#include <array>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "models/gguf.h"
#include "models/safetensors.h"
#include "models/sha256.h"

namespace saerok {
namespace {

/// Far above the largest encoder's, far below what could exhaust memory.
constexpr std::uint64_t kCountMax = 4'000'000;

struct Shape {
  std::uint32_t hidden = 0, layers = 0, heads = 0, feed_forward = 0;
  std::uint32_t vocabulary = 0, positions = 0, token_types = 0;
  std::uint32_t text_tokens_max = 0;  // Read of a text; positions beyond are left out.
  std::uint32_t pooling = 0;          // llama.cpp's number.
  float epsilon = 0;
};

struct Tokenizer {
  std::vector<std::string> pieces;
  std::vector<std::int32_t> types;
  std::uint32_t begin = 0, end = 0, unknown = 0, padding = 0;
};

Error corrupt(std::string_view what) {
  return {ErrorCode::corrupt,
          "the encoder's files are broken: " + std::string(what) + "; fetch them again"};
}

Error unknown(std::string_view what) {
  return {ErrorCode::invalid_argument, "this encoder cannot be imported: " + std::string(what)};
}

Result<Json> read_json(const std::string& path) {
  const ModelFile file = TRY(ModelFile::open(path));
  return parse_json(as_text(file.bytes()), path);
}

Result<std::uint32_t> read_count(const Json& object, std::string_view name) {
  const auto count = find_count(object, name);
  if (!count || *count == 0 || *count > kCountMax)
    return corrupt(std::string(name) + " makes no sense");
  return static_cast<std::uint32_t>(*count);
}

Result<std::uint32_t> read_pooling(const std::string& folder) {
  const auto config = TRY(read_json(folder + "/1_Pooling/config.json"));
  const auto says = [&](std::string_view name) {
    const Json* member = find_member(config, name);
    return member != nullptr && member->is_boolean() && member->get<bool>();
  };
  if (says("pooling_mode_mean_tokens")) return 1u;
  if (says("pooling_mode_cls_token")) return 2u;
  return unknown("its vectors are neither the mean nor the first of its pieces'");
}

Result<Shape> read_shape(const std::string& folder) {
  const auto config = TRY(read_json(folder + "/config.json"));
  if (find_text(config, "model_type") != "bert") return unknown("it is no BERT");
  if (find_text(config, "position_embedding_type").value_or("absolute") != "absolute") {
    return unknown("its positions are not absolute");
  }
  if (find_text(config, "hidden_act") != "gelu") return unknown("it does not compute with GELU");
  Shape shape;
  shape.hidden = TRY(read_count(config, "hidden_size"));
  shape.layers = TRY(read_count(config, "num_hidden_layers"));
  shape.heads = TRY(read_count(config, "num_attention_heads"));
  shape.feed_forward = TRY(read_count(config, "intermediate_size"));
  shape.vocabulary = TRY(read_count(config, "vocab_size"));
  shape.positions = TRY(read_count(config, "max_position_embeddings"));
  shape.token_types = TRY(read_count(config, "type_vocab_size"));
  shape.epsilon = static_cast<float>(find_number(config, "layer_norm_eps").value_or(0));
  if (shape.hidden % shape.heads != 0 || shape.layers > 256 || !(shape.epsilon > 0)) {
    return corrupt("its measures make no sense");
  }
  const auto reading = TRY(read_json(folder + "/sentence_bert_config.json"));
  const auto longest = find_count(reading, "max_seq_length").value_or(shape.positions);
  if (longest < 2 || longest > shape.positions) return corrupt("max_seq_length makes no sense");
  shape.text_tokens_max = static_cast<std::uint32_t>(longest);
  shape.pooling = TRY(read_pooling(folder));
  return shape;
}

Result<std::vector<std::string>> read_vocabulary(const Json& model, const Shape& shape) {
  const Json* vocabulary = find_member(model, "vocab");
  if (find_text(model, "type") != "WordPiece" || vocabulary == nullptr ||
      !vocabulary->is_object()) {
    return unknown("its vocabulary is not of word pieces");
  }
  if (vocabulary->size() != shape.vocabulary) return corrupt("the vocabulary has another size");
  std::vector<std::string> pieces(shape.vocabulary);
  std::vector<bool> is_known(shape.vocabulary);
  for (const auto& [piece, id] : vocabulary->items()) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= shape.vocabulary ||
        is_known[id.get<std::size_t>()]) {
      return corrupt("a piece has no number of its own");
    }
    is_known[id.get<std::size_t>()] = true;
    pieces[id.get<std::size_t>()] = piece;
  }
  return pieces;
}

Result<std::set<std::string, std::less<>>> read_special(const Json& tokenizer) {
  std::set<std::string, std::less<>> special;
  const Json* added = find_member(tokenizer, "added_tokens");
  if (added == nullptr || !added->is_array()) return corrupt("the special pieces are not listed");
  for (const Json& piece : *added) {
    special.insert(find_text(piece, "content").value_or(""));
  }
  return special;
}

/// Pieces as llama.cpp's WordPiece wants them: one that begins a word after a "▁", one that goes on
/// without the "##".
Result<Tokenizer> read_tokenizer(const std::string& folder, const Shape& shape) {
  const auto file = TRY(read_json(folder + "/tokenizer.json"));
  const Json* normalizer = find_member(file, "normalizer");
  const Json* lowers = normalizer ? find_member(*normalizer, "lowercase") : nullptr;
  if (lowers == nullptr || !lowers->is_boolean() || !lowers->get<bool>()) {
    return unknown("it tells upper case from lower");
  }
  const Json* model = find_member(file, "model");
  if (model == nullptr) return corrupt("tokenizer.json has no model");
  Tokenizer tokenizer;
  tokenizer.pieces = TRY(read_vocabulary(*model, shape));
  const auto special = TRY(read_special(file));
  enum TokenType : std::int32_t { kNormal = 1, kUnknown = 2, kControl = 3 };
  struct Named {
    std::string_view piece;
    std::uint32_t* id;
    bool is_found = false;
  };
  std::array<Named, 4> named{{{"[CLS]", &tokenizer.begin},
                              {"[SEP]", &tokenizer.end},
                              {"[UNK]", &tokenizer.unknown},
                              {"[PAD]", &tokenizer.padding}}};
  for (std::uint32_t id = 0; id < tokenizer.pieces.size(); ++id) {
    std::string& piece = tokenizer.pieces[id];
    if (special.contains(piece)) {
      for (Named& one : named) {
        if (one.piece != piece) continue;
        *one.id = id;
        one.is_found = true;
      }
      tokenizer.types.push_back(piece == "[UNK]" ? kUnknown : kControl);
      continue;
    }
    tokenizer.types.push_back(kNormal);
    piece = piece.starts_with("##") ? piece.substr(2) : "\u2581" + piece;
  }
  for (const Named& one : named) {
    if (!one.is_found) return corrupt("the piece " + std::string(one.piece) + " is missing");
  }
  return tokenizer;
}

void put_keys(const Shape& shape, const Tokenizer& tokenizer, const std::string& name,
              const std::string& license, const std::string& sha256, GgufWriter& writer) {
  writer.put_text("general.architecture", "bert");
  writer.put_text("general.name", name);
  writer.put_text("general.license", license);
  writer.put_count("general.file_type", 0);  // All f32.
  writer.put_text("saerok.source_sha256", sha256);
  writer.put_count("bert.vocab_size", shape.vocabulary);
  writer.put_count("bert.context_length", shape.text_tokens_max);
  writer.put_count("bert.embedding_length", shape.hidden);
  writer.put_count("bert.feed_forward_length", shape.feed_forward);
  writer.put_count("bert.block_count", shape.layers);
  writer.put_count("bert.attention.head_count", shape.heads);
  writer.put_real("bert.attention.layer_norm_epsilon", shape.epsilon);
  writer.put_flag("bert.attention.causal", false);
  writer.put_count("bert.pooling_type", shape.pooling);
  writer.put_text("tokenizer.ggml.model", "bert");
  writer.put_text("tokenizer.ggml.pre", "default");
  writer.put_texts("tokenizer.ggml.tokens", tokenizer.pieces);
  writer.put_integers("tokenizer.ggml.token_type", tokenizer.types);
  writer.put_count("tokenizer.ggml.token_type_count", shape.token_types);
  writer.put_count("tokenizer.ggml.unknown_token_id", tokenizer.unknown);
  writer.put_count("tokenizer.ggml.bos_token_id", tokenizer.begin);
  writer.put_count("tokenizer.ggml.seperator_token_id", tokenizer.end);
  writer.put_count("tokenizer.ggml.padding_token_id", tokenizer.padding);
}

/// Adds a tensor under its GGUF name. `rows` 0: a vector. More rows in the file than are wanted are
/// left out.
Status copy_tensor(const SafeTensors& tensors, const std::string& name,
                   const std::string& gguf_name, std::uint64_t rows, std::uint64_t columns,
                   GgufWriter& writer) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) return corrupt("tensor " + name + " is missing");
  const SafeTensor& tensor = found->second;
  if (tensor.type != "F32") return unknown("tensor " + name + " is " + tensor.type + ", not F32");
  std::vector<std::uint64_t> lengths{columns};
  std::uint64_t elements = columns;
  bool fits = tensor.shape == lengths;
  if (rows > 0) {
    fits = tensor.shape.size() == 2 && tensor.shape[0] >= rows && tensor.shape[1] == columns;
    lengths.push_back(rows);
    elements *= rows;
  }
  if (!fits || tensor.data.size() < elements * sizeof(float)) {
    return corrupt("tensor " + name + " has another shape");
  }
  writer.add_tensor(gguf_name, lengths, GgufTensorType::f32,
                    tensor.data.first(elements * sizeof(float)));
  return {};
}

Status copy_tensors(const SafeTensors& tensors, const Shape& shape, GgufWriter& writer) {
  struct Part {
    const char* name;
    const char* gguf_name;
    std::uint64_t rows;
    std::uint64_t columns;
  };
  const std::uint64_t h = shape.hidden;
  const std::uint64_t ff = shape.feed_forward;
  const std::array<Part, 5> embeddings{
      {{"word_embeddings.weight", "token_embd.weight", shape.vocabulary, h},
       {"position_embeddings.weight", "position_embd.weight", shape.text_tokens_max, h},
       {"token_type_embeddings.weight", "token_types.weight", shape.token_types, h},
       {"LayerNorm.weight", "token_embd_norm.weight", 0, h},
       {"LayerNorm.bias", "token_embd_norm.bias", 0, h}}};
  for (const auto& [name, gguf_name, rows, columns] : embeddings) {
    TRY(copy_tensor(tensors, "embeddings." + std::string(name), gguf_name, rows, columns, writer));
  }
  const std::array<Part, 8> parts{{{"attention.self.query", "attn_q", h, h},
                                   {"attention.self.key", "attn_k", h, h},
                                   {"attention.self.value", "attn_v", h, h},
                                   {"attention.output.dense", "attn_output", h, h},
                                   {"attention.output.LayerNorm", "attn_output_norm", 0, h},
                                   {"intermediate.dense", "ffn_up", ff, h},
                                   {"output.dense", "ffn_down", h, ff},
                                   {"output.LayerNorm", "layer_output_norm", 0, h}}};
  for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
    for (const auto& [name, gguf_name, rows, columns] : parts) {
      const std::string from = "encoder.layer." + std::to_string(layer) + "." + name;
      const std::string to = "blk." + std::to_string(layer) + "." + gguf_name;
      TRY(copy_tensor(tensors, from + ".weight", to + ".weight", rows, columns, writer));
      TRY(copy_tensor(tensors, from + ".bias", to + ".bias", 0, rows > 0 ? rows : columns, writer));
    }
  }
  return {};
}

}  // namespace

Status import_sentence_bert(const std::string& folder, const std::string& name,
                            const std::string& license, const std::string& target) {
  const Shape shape = TRY(read_shape(folder));
  const Tokenizer tokenizer = TRY(read_tokenizer(folder, shape));
  const ModelFile file = TRY(ModelFile::open(folder + "/model.safetensors"));
  const SafeTensors tensors = TRY(read_safetensors(file.bytes()));
  Sha256 hash;
  hash.feed(file.bytes());
  GgufWriter writer;
  put_keys(shape, tokenizer, name, license, hash.finish(), writer);
  TRY(copy_tensors(tensors, shape, writer));
  return writer.write(target);
}

}  // namespace saerok
