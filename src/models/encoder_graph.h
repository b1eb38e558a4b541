/// Between the model worker and the module that computes an encoder (openvino_graph.cpp), which is
/// loaded at run time: what one asks and the other answers. Both are of the same build. The module
/// sees no file: it is handed weights, and hidden states for the pieces of a text.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/result.h"

namespace saerok {

/// A BERT: layers of attention and feed-forward, each followed by its norm.
struct EncoderShape {
  std::uint32_t hidden = 0;
  std::uint32_t layers = 0;
  std::uint32_t heads = 0;
  std::uint32_t feed_forward = 0;
  std::uint32_t positions = 0;  ///< Most pieces of a text.
  std::uint32_t vocabulary = 0;
  float epsilon = 0;  ///< Of the norms.
};

/// What the matrices are multiplied in.
enum class EncoderPrecision : std::uint8_t { automatic, bf16, int8, f32 };

struct EncoderGraphRequest {
  EncoderShape shape;
  EncoderPrecision precision = EncoderPrecision::automatic;
  std::uint32_t threads = 1;
  /// Fills `to` with the tensor of that GGUF name, row by row.
  std::function<Status(const std::string& name, std::span<float> to)> read;
};

/// Texts of about one length, padded to the longest.
struct EncoderBatch {
  std::uint32_t texts = 0;
  std::uint32_t length = 0;                ///< Pieces of each, padding included.
  std::span<float> states;                 ///< [texts × length × hidden], the sums of embeddings.
  std::span<float> weights;                ///< [texts × length]: each piece's share in the vector.
  std::span<const std::uint32_t> lengths;  ///< [texts], without padding.
};

/// One thread's means of computing.
class EncoderLane {
 public:
  virtual ~EncoderLane() = default;
  /// Writes [texts × hidden] sums, which are not of unit length yet. Errors: unavailable.
  virtual Status compute(const EncoderBatch& batch, std::span<float> rows) = 0;
};

class EncoderGraph {
 public:
  virtual ~EncoderGraph() = default;
  virtual EncoderPrecision precision() const = 0;
  /// May be called `threads` times.
  virtual std::unique_ptr<EncoderLane> make_lane() = 0;
};

/// What the module exports. `describe` gives "OpenVINO 2026.4.1"; `choose` the precision that
/// `automatic` stands for on this processor where nothing was measured; `eligible` all that it has
/// instructions for, beginning with that.
struct EncoderModule {
  std::string (*describe)();
  EncoderPrecision (*choose)();
  std::vector<EncoderPrecision> (*eligible)();
  Result<std::unique_ptr<EncoderGraph>> (*make_graph)(const EncoderGraphRequest& request);
};
constexpr const char* kEncoderModuleSymbol = "saerok_encoder_module";

constexpr std::string_view name_of(EncoderPrecision precision) {
  constexpr std::string_view kNames[] = {"automatic", "bf16", "int8", "f32"};
  return kNames[static_cast<std::size_t>(precision)];
}

}  // namespace saerok
