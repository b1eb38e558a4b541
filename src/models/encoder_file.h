/// An encoder in a GGUF file: whether it is one of those that encoder_graph.h describes, its
/// weights, and the embeddings of pieces, looked up in the mapped file. What else a file may hold
/// (other architectures, other layers) is llama.cpp's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/encoder_graph.h"
#include "models/gguf_reader.h"
#include "saerok/result.h"

namespace saerok {

/// llama.cpp's numbers.
enum class EncoderPooling : std::uint8_t { mean = 1, first = 2, last = 3 };

class EncoderFile {
 public:
  /// Errors: those of GgufReader::open(); failed_precondition with what is not known about it.
  static Result<EncoderFile> open(const std::string& path);

  const EncoderShape& shape() const { return shape_; }
  EncoderPooling pooling() const { return pooling_; }
  const GgufReader& gguf() const { return gguf_; }

  /// EncoderGraphRequest::read. A bias that the file lacks is zero.
  Status read(const std::string& name, std::span<float> to) const;

  /// The sum of a piece's embedding, its position's and the first sentence's.
  /// Requires piece < vocabulary, position < positions and to.size() == hidden.
  void embed(std::uint32_t piece, std::uint32_t position, std::span<float> to) const;

 private:
  explicit EncoderFile(GgufReader gguf) : gguf_(std::move(gguf)) {}
  Status read_shape();
  Status check_tensors() const;
  Status check_tensor(const std::string& name, std::uint64_t row_length, std::uint64_t rows) const;

  GgufReader gguf_;
  EncoderShape shape_;
  EncoderPooling pooling_ = EncoderPooling::mean;
  GgufTensor pieces_;
  std::vector<float> positions_;  ///< [positions × hidden], the sentence's embedding added.
};

}  // namespace saerok
