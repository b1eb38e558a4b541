/// What a GGUF file holds, by name: keys with their arrays, and tensors as they stand in the mapped
/// file. For those who compute with a model; gguf.h's read_gguf_info() is for those who ask what it
/// is. Everything is checked against the file's size when it is opened.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/gguf.h"
#include "saerok/result.h"

namespace saerok {

/// A matrix or vector of weights; a row is the run of elements that lie together.
struct GgufTensor {
  std::uint32_t type = 0;  ///< ggml's number.
  std::uint64_t row_length = 0;
  std::uint64_t rows = 0;
  std::span<const std::byte> data;  ///< Empty for a type that is not readable.
};

/// Whether read_row() can read tensors of that type (gguf_blocks.h).
bool is_readable(std::uint32_t tensor_type);

/// The weights of one row. Requires is_readable(), row < rows and to.size() == row_length.
void read_row(const GgufTensor& tensor, std::uint64_t row, std::span<float> to);

class GgufReader {
 public:
  /// Errors: those of read_gguf_info(); corrupt where a tensor does not lie inside the file.
  static Result<GgufReader> open(const std::string& path);

  std::optional<std::string_view> text(std::string_view key) const;
  std::optional<std::uint64_t> number(std::string_view key) const;
  std::optional<float> real(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  /// Arrays; empty where there is none of that kind.
  std::vector<std::string_view> texts(std::string_view key) const;
  std::vector<float> reals(std::string_view key) const;
  std::vector<std::int32_t> integers(std::string_view key) const;
  std::span<const std::byte> bytes(std::string_view key) const;
  bool has(std::string_view key) const { return keys_.contains(key); }

  const GgufTensor* find_tensor(std::string_view name) const;
  const std::map<std::string_view, GgufTensor, std::less<>>& tensors() const { return tensors_; }

 private:
  struct Value {
    std::uint32_t type = 0;
    std::uint32_t element_type = 0;  ///< Of an array.
    std::uint64_t count = 0;         ///< Of an array.
    std::span<const std::byte> bytes;
  };
  explicit GgufReader(ModelFile file) : file_(std::move(file)) {}
  Status read(const std::string& path);
  bool read_value(ByteReader& reader, Value& value) const;
  Status read_tensors(ByteReader& reader, std::uint64_t count, const std::string& path);
  const Value* find(std::string_view key, std::uint32_t type) const;
  std::span<const std::byte> array(std::string_view key, std::uint32_t element_type) const;

  ModelFile file_;
  std::map<std::string_view, Value, std::less<>> keys_;  ///< Names and bytes view the file.
  std::map<std::string_view, GgufTensor, std::less<>> tensors_;
};

}  // namespace saerok
