#include "models/import_e5.h"

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "models/gguf.h"
#include "models/sha256.h"

namespace saerok {
namespace {

constexpr std::uint32_t kBlockWeights = 32;
constexpr std::uint64_t kBlockBytes = 18;  // A half-precision scale and 16 bytes of nibbles.
// Far above e5-large's, far below what could exhaust memory.
constexpr std::int32_t kCountMax = 4'000'000;

struct Shape {
  std::int32_t hidden = 0, layers = 0, heads = 0, feed_forward = 0;
  std::int32_t vocabulary = 0, positions = 0, token_types = 0;
  float epsilon = 0;
};

struct Tokenizer {
  std::int32_t bos = 0, eos = 0, pad = 0, unknown = 0;
  std::vector<std::string> pieces;
  std::vector<float> scores;
};

struct Tensor {
  bool is_q4_0 = false;
  std::span<const std::byte> data;
  std::uint64_t elements = 0;
};
using Tensors = std::map<std::string, Tensor, std::less<>>;

Error corrupt(std::string_view what) {
  return {ErrorCode::corrupt,
          "the e5 weights are broken: " + std::string(what) + "; fetch the package again"};
}

bool in_range(std::int32_t value, std::int32_t max) { return value >= 1 && value <= max; }

Result<Shape> read_shape(ByteReader& reader) {
  if (as_text(reader.get_bytes(4)) != "E5S1") return corrupt("they do not begin with E5S1");
  const auto version = reader.get<std::uint32_t>();
  Shape shape;
  for (std::int32_t* field : {&shape.hidden, &shape.layers, &shape.heads, &shape.feed_forward,
                              &shape.vocabulary, &shape.positions, &shape.token_types}) {
    *field = reader.get<std::int32_t>();
  }
  shape.epsilon = reader.get<float>();
  const auto block = reader.get<std::int32_t>();
  if (reader.failed()) return corrupt("the header is cut");
  if (version != 1) return corrupt("version " + std::to_string(version) + " is not 1");
  const bool sane = in_range(shape.hidden, 16'384) && in_range(shape.layers, 256) &&
                    in_range(shape.heads, 1'024) && in_range(shape.feed_forward, 131'072) &&
                    in_range(shape.vocabulary, kCountMax) && in_range(shape.positions, 131'072) &&
                    in_range(shape.token_types, 64) && shape.epsilon > 0 && shape.epsilon < 1 &&
                    shape.hidden % shape.heads == 0 && shape.hidden % 32 == 0 &&
                    shape.feed_forward % 32 == 0;
  if (!sane) return corrupt("the model's measures make no sense");
  if (block != kBlockWeights) return corrupt("the blocks do not hold 32 weights");
  return shape;
}

Result<Tokenizer> read_tokenizer(ByteReader& reader, const Shape& shape) {
  const auto count = reader.get<std::int32_t>();
  Tokenizer tokenizer;
  for (std::int32_t* id : {&tokenizer.bos, &tokenizer.eos, &tokenizer.pad, &tokenizer.unknown}) {
    *id = reader.get<std::int32_t>();
    if (*id < 0 || *id >= count) return corrupt("a special token is outside the vocabulary");
  }
  const auto blob_size = reader.get<std::uint64_t>();
  if (reader.failed() || !in_range(count, shape.vocabulary)) {
    return corrupt("the number of pieces makes no sense");
  }
  const auto pieces = static_cast<std::size_t>(count);
  ByteReader offsets(reader.get_bytes((pieces + 1) * sizeof(std::uint32_t)));
  ByteReader scores(reader.get_bytes(pieces * sizeof(float)));
  const std::string_view blob = as_text(reader.get_bytes(blob_size));
  if (reader.failed()) return corrupt("the vocabulary is cut");
  auto begin = offsets.get<std::uint32_t>();
  for (std::size_t i = 0; i < pieces; ++i) {
    const auto end = offsets.get<std::uint32_t>();
    if (begin > end || end > blob.size()) return corrupt("a piece lies outside the vocabulary");
    tokenizer.pieces.emplace_back(blob.substr(begin, end - begin));
    tokenizer.scores.push_back(scores.get<float>());
    begin = end;
  }
  return tokenizer;
}

/// The package's own map for normalising text; we normalise to NFKC ourselves.
Status skip_normalisation(ByteReader& reader) {
  reader.get<std::int32_t>();
  reader.get_bytes(reader.get<std::uint32_t>());
  if (reader.failed()) return corrupt("the normalisation map is cut");
  return {};
}

Result<Tensors> read_directory(ByteReader& reader, std::span<const std::byte> file) {
  const auto count = reader.get<std::int32_t>();
  if (reader.failed() || !in_range(count, 100'000)) return corrupt("the number of tensors");
  Tensors tensors;
  for (std::int32_t i = 0; i < count; ++i) {
    const std::string name(as_text(reader.get_bytes(reader.get<std::uint16_t>())));
    const auto type = reader.get<std::uint8_t>();
    const auto elements = reader.get<std::uint32_t>();
    const auto offset = reader.get<std::uint64_t>();
    const auto size = reader.get<std::uint64_t>();
    if (reader.failed()) return corrupt("the list of tensors is cut");
    if (type > 1) return corrupt("tensor " + name + " has an unknown type");
    const std::uint64_t expected =
        type == 1 ? elements / kBlockWeights * kBlockBytes : std::uint64_t{4} * elements;
    if (size != expected || (type == 1 && elements % kBlockWeights != 0)) {
      return corrupt("tensor " + name + " has the wrong size");
    }
    if (offset > file.size() || size > file.size() - offset) {
      return corrupt("tensor " + name + " lies outside the file");
    }
    Tensor tensor{.is_q4_0 = type == 1, .data = file.subspan(offset, size), .elements = elements};
    if (!tensors.try_emplace(name, tensor).second) {
      return corrupt("tensor " + name + " comes twice");
    }
  }
  return tensors;
}

/// Adds one tensor of the package under its GGUF name, if it has the elements that `shape` says.
Status copy_tensor(const Tensors& tensors, const std::string& name, const std::string& gguf_name,
                   const std::vector<std::int32_t>& shape, GgufWriter& writer) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) return corrupt("tensor " + name + " is missing");
  std::uint64_t elements = 1;
  std::vector<std::uint64_t> lengths;
  for (const std::int32_t length : shape) {
    lengths.push_back(static_cast<std::uint64_t>(length));
    elements *= lengths.back();
  }
  if (found->second.elements != elements) return corrupt("tensor " + name + " has another shape");
  // ggml adds biases and token types element by element, which it can only do in f32.
  const bool must_be_f32 = shape.size() == 1 || gguf_name == "token_types.weight";
  if (must_be_f32 && found->second.is_q4_0) return corrupt("tensor " + name + " must not be 4 bit");
  writer.add_tensor(gguf_name, lengths,
                    found->second.is_q4_0 ? GgufTensorType::q4_0 : GgufTensorType::f32,
                    found->second.data);
  return {};
}

Status copy_tensors(const Tensors& tensors, const Shape& shape, GgufWriter& writer) {
  const std::int32_t h = shape.hidden;
  const std::int32_t ff = shape.feed_forward;
  TRY(copy_tensor(tensors, "emb.word", "token_embd.weight", {h, shape.vocabulary}, writer));
  TRY(copy_tensor(tensors, "emb.pos", "position_embd.weight", {h, shape.positions}, writer));
  TRY(copy_tensor(tensors, "emb.type", "token_types.weight", {h, shape.token_types}, writer));
  TRY(copy_tensor(tensors, "emb.ln.w", "token_embd_norm.weight", {h}, writer));
  TRY(copy_tensor(tensors, "emb.ln.b", "token_embd_norm.bias", {h}, writer));
  /// A weight and a bias; a norm has no inputs of its own. In the order of the package's file.
  struct Part {
    const char* name;
    const char* gguf_name;
    std::int32_t inputs;
    std::int32_t outputs;
  };
  const std::array<Part, 8> parts{{{"q", "attn_q", h, h},
                                   {"k", "attn_k", h, h},
                                   {"v", "attn_v", h, h},
                                   {"ao", "attn_output", h, h},
                                   {"aln", "attn_output_norm", 0, h},
                                   {"fi", "ffn_up", h, ff},
                                   {"fo", "ffn_down", ff, h},
                                   {"oln", "layer_output_norm", 0, h}}};
  for (std::int32_t i = 0; i < shape.layers; ++i) {
    for (const auto& [name, gguf_name, inputs, outputs] : parts) {
      const std::string from = "l" + std::to_string(i) + "." + name;
      const std::string to = "blk." + std::to_string(i) + "." + gguf_name;
      std::vector<std::int32_t> weight_shape{outputs};
      if (inputs > 0) weight_shape = {inputs, outputs};
      TRY(copy_tensor(tensors, from + ".w", to + ".weight", weight_shape, writer));
      TRY(copy_tensor(tensors, from + ".b", to + ".bias", {outputs}, writer));
    }
  }
  return {};
}

void put_model_keys(const Shape& shape, const std::string& sha256, GgufWriter& writer) {
  const auto count = [](std::int32_t value) { return static_cast<std::uint32_t>(value); };
  writer.put_text("general.architecture", "bert");
  writer.put_text("general.name", "multilingual-e5-small");
  writer.put_text("general.license", "mit");
  writer.put_count("general.file_type", 2);  // Mostly Q4_0.
  writer.put_count("general.quantization_version", 2);
  writer.put_text("saerok.source_sha256", sha256);
  writer.put_text("saerok.query_prefix", "query: ");
  writer.put_text("saerok.passage_prefix", "passage: ");
  writer.put_count("bert.vocab_size", count(shape.vocabulary));
  writer.put_count("bert.context_length", count(shape.positions));
  writer.put_count("bert.embedding_length", count(shape.hidden));
  writer.put_count("bert.feed_forward_length", count(shape.feed_forward));
  writer.put_count("bert.block_count", count(shape.layers));
  writer.put_count("bert.attention.head_count", count(shape.heads));
  writer.put_real("bert.attention.layer_norm_epsilon", shape.epsilon);
  writer.put_flag("bert.attention.causal", false);
  writer.put_count("bert.pooling_type", 1);  // Mean.
}

void put_tokenizer_keys(Tokenizer tokenizer, const Shape& shape, GgufWriter& writer) {
  enum TokenType : std::int32_t { kNormal = 1, kUnknown = 2, kControl = 3, kUnused = 5 };
  const auto id = [](std::int32_t value) { return static_cast<std::uint32_t>(value); };
  std::vector<std::int32_t> types(tokenizer.pieces.size(), kNormal);
  for (const std::int32_t special : {tokenizer.bos, tokenizer.eos, tokenizer.pad}) {
    types[id(special)] = kControl;
  }
  types[id(tokenizer.unknown)] = kUnknown;
  // The embedding table has more rows than there are pieces; every row needs a name.
  while (tokenizer.pieces.size() < id(shape.vocabulary)) {
    tokenizer.pieces.push_back("[unused" + std::to_string(tokenizer.pieces.size()) + "]");
    tokenizer.scores.push_back(-10'000.0f);
    types.push_back(kUnused);
  }
  writer.put_text("tokenizer.ggml.model", "t5");
  writer.put_text("tokenizer.ggml.pre", "default");
  writer.put_texts("tokenizer.ggml.tokens", tokenizer.pieces);
  writer.put_reals("tokenizer.ggml.scores", tokenizer.scores);
  writer.put_integers("tokenizer.ggml.token_type", types);
  writer.put_count("tokenizer.ggml.token_type_count", id(shape.token_types));
  writer.put_count("tokenizer.ggml.bos_token_id", id(tokenizer.bos));
  writer.put_count("tokenizer.ggml.eos_token_id", id(tokenizer.eos));
  writer.put_count("tokenizer.ggml.unknown_token_id", id(tokenizer.unknown));
  writer.put_count("tokenizer.ggml.padding_token_id", id(tokenizer.pad));
  writer.put_flag("tokenizer.ggml.add_bos_token", true);
  writer.put_flag("tokenizer.ggml.add_eos_token", true);
  writer.put_flag("tokenizer.ggml.add_space_prefix", true);
  writer.put_flag("tokenizer.ggml.remove_extra_whitespaces", true);
}

}  // namespace

Status import_e5(const std::string& source, const std::string& target) {
  const ModelFile file = TRY(ModelFile::open(source));
  ByteReader reader(file.bytes());
  const Shape shape = TRY(read_shape(reader));
  Tokenizer tokenizer = TRY(read_tokenizer(reader, shape));
  TRY(skip_normalisation(reader));
  const Tensors tensors = TRY(read_directory(reader, file.bytes()));
  Sha256 hash;
  hash.feed(file.bytes());
  GgufWriter writer;
  put_model_keys(shape, hash.finish(), writer);
  put_tokenizer_keys(std::move(tokenizer), shape, writer);
  TRY(copy_tensors(tensors, shape, writer));
  return writer.write(target);
}

}  // namespace saerok
