/// GGUF model files: what their header says, checked before anything else reads it, and a writer
/// for the importer. Knows no runtime: the library needs no llama.cpp to list or import models.
/// Source: ggml's docs/gguf.md, versions 2 and 3, little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "saerok/result.h"

namespace saerok {

/// A file mapped read-only for as long as this lives.
class ModelFile {
 public:
  /// Errors: not_found, invalid_argument (a folder), unavailable.
  static Result<ModelFile> open(const std::string& path);
  ~ModelFile();
  ModelFile(ModelFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  ModelFile& operator=(ModelFile&&) = delete;
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit ModelFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

/// What saerok wants to know of a model without loading it.
struct GgufInfo {
  std::string architecture;   ///< "bert", "llama", "qwen2", …
  std::string name;           ///< general.name; may be empty.
  std::string license;        ///< general.license; may be empty.
  std::string source_sha256;  ///< saerok.source_sha256: of the file it was imported from.
  std::string query_prefix;   ///< saerok.query_prefix; put before a question.
  std::string passage_prefix;
  /// llama.cpp's number: 0 none, 1 mean, 2 first token, 3 last.
  std::optional<std::uint32_t> pooling;
  std::uint64_t context_tokens = 0;  ///< What the model was trained for; 0: not said.
  std::uint64_t embedding_length = 0;
  bool has_chat_template = false;
  /// Numbers that a classification head makes of a text, one of a reranker; 0: there is no head.
  std::uint64_t score_outputs = 0;
  std::uint64_t tensor_count = 0;
  std::uint64_t file_bytes = 0;
  /// 16 hexadecimal digits over the header and 4 KiB blocks spread evenly over the weights: tells
  /// two models apart in milliseconds, where a hash of gigabytes would take seconds.
  std::string identity;

  /// Turns texts into vectors rather than into more text or into scores.
  bool is_embedder() const;
  /// Turns a question and a passage into a score.
  bool is_reranker() const { return score_outputs > 0; }
};

/// Every count and length is checked against the file's size.
/// Errors: not_found, invalid_argument (not a GGUF file), corrupt (one that is cut or broken).
Result<GgufInfo> read_gguf_info(const std::string& path);

enum class GgufTensorType : std::uint32_t { f32 = 0, q4_0 = 2 };

/// Collects a GGUF file and writes it. Keys and tensors come in the order of the calls.
class GgufWriter {
 public:
  void put_text(std::string_view key, std::string_view value);
  void put_count(std::string_view key, std::uint32_t value);
  void put_real(std::string_view key, float value);
  void put_flag(std::string_view key, bool value);
  void put_texts(std::string_view key, std::span<const std::string> values);
  void put_reals(std::string_view key, std::span<const float> values);
  void put_integers(std::string_view key, std::span<const std::int32_t> values);
  void put_bytes(std::string_view key, std::span<const std::byte> values);

  /// `shape` is ggml's: the length of a row first. `data` must live until write().
  void add_tensor(std::string_view name, std::span<const std::uint64_t> shape, GgufTensorType type,
                  std::span<const std::byte> data);

  /// Written beside `path` first and renamed when complete and synced.
  /// Errors: unavailable, out_of_space.
  Status write(const std::string& path) const;

 private:
  void begin_value(std::string_view key, std::uint32_t type);
  void begin_array(std::string_view key, std::uint32_t type, std::size_t count);

  ByteWriter keys_;
  std::uint64_t key_count_ = 0;
  ByteWriter tensors_;
  std::vector<std::span<const std::byte>> data_;
  std::uint64_t data_size_ = 0;
};

}  // namespace saerok
