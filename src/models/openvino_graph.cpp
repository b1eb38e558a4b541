// The module libsaerok_openvino.so: an encoder as an OpenVINO graph on the processor. A module,
// because the libraries it needs are large and only there for some machines; saerok starts without.
#include <algorithm>
#include <cmath>
#include <exception>
#include <openvino/op/ops.hpp>
#include <openvino/openvino.hpp>
#include <vector>

#include "models/encoder_graph.h"

namespace saerok {
namespace {

using Out = ov::Output<ov::Node>;
namespace op = ov::op;

/// Weights that share a scale in int8, along a row: those of the 4-bit blocks they often come from.
constexpr std::size_t kScaleGroup = 32;

EncoderPrecision choose_precision() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("amx-bf16")) return EncoderPrecision::bf16;
  if (__builtin_cpu_supports("avx2")) return EncoderPrecision::int8;
#endif
  return EncoderPrecision::f32;
}

std::vector<EncoderPrecision> eligible_precisions() {
  std::vector<EncoderPrecision> eligible{choose_precision()};
  const auto add = [&](EncoderPrecision precision) {
    if (std::ranges::find(eligible, precision) == eligible.end()) eligible.push_back(precision);
  };
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bf16")) add(EncoderPrecision::bf16);
  if (__builtin_cpu_supports("avx2")) add(EncoderPrecision::int8);
#endif
  add(EncoderPrecision::f32);
  return eligible;
}

Error failure(const char* what, const std::exception& exception) {
  const std::string reason = exception.what();
  return {ErrorCode::unavailable, std::string(what) + ": " + reason.substr(0, reason.find('\n'))};
}

/// Builds the graph. Errors of OpenVINO are exceptions, caught in make_graph().
class Builder {
 public:
  Builder(const EncoderGraphRequest& request, EncoderPrecision precision)
      : request_(request), shape_(request.shape), precision_(precision) {}

  Result<std::shared_ptr<ov::Model>> build() {
    const auto hidden = static_cast<std::int64_t>(shape_.hidden);
    const auto states =
        std::make_shared<op::v0::Parameter>(ov::element::f32, ov::PartialShape{-1, -1, hidden});
    // Added to the scores of attention: 0, or much less for padding.
    const auto mask =
        std::make_shared<op::v0::Parameter>(ov::element::f32, ov::PartialShape{-1, 1, 1, -1});
    const auto weights =
        std::make_shared<op::v0::Parameter>(ov::element::f32, ov::PartialShape{-1, 1, -1});
    Out x = TRY(norm(states, "token_embd_norm"));
    for (std::uint32_t layer = 0; layer < shape_.layers; ++layer) {
      const std::string prefix = "blk." + std::to_string(layer) + ".";
      const Out attended = TRY(attention(x, mask, prefix));
      x = TRY(norm(std::make_shared<op::v1::Add>(attended, x), prefix + "attn_output_norm"));
      const Out up = TRY(linear(x, prefix + "ffn_up", shape_.hidden, shape_.feed_forward));
      // llama.cpp's form; what the models were trained with differs in the fourth digit.
      const Out active = std::make_shared<op::v7::Gelu>(up, op::GeluApproximationMode::TANH);
      const Out down = TRY(linear(active, prefix + "ffn_down", shape_.feed_forward, shape_.hidden));
      x = TRY(norm(std::make_shared<op::v1::Add>(down, x), prefix + "layer_output_norm"));
    }
    const Out pooled = std::make_shared<op::v0::MatMul>(weights, x);
    return std::make_shared<ov::Model>(ov::OutputVector{pooled},
                                       ov::ParameterVector{states, mask, weights});
  }

 private:
  Result<std::vector<float>> read(const std::string& name, std::size_t count) const {
    std::vector<float> weights(count);
    TRY(request_.read(name, weights));
    return weights;
  }

  static Out integers(const std::vector<std::int64_t>& values) {
    return op::v0::Constant::create(ov::element::i64, {values.size()}, values);
  }

  Result<Out> vector(const std::string& name, std::size_t count) const {
    return Out(op::v0::Constant::create(ov::element::f32, {count}, TRY(read(name, count))));
  }

  /// Whole numbers of 8 bits with a scale for every group, so that they are multiplied as such.
  static Out quantised(const std::vector<float>& weights, std::size_t inputs, std::size_t outputs) {
    const std::size_t groups = inputs / kScaleGroup;
    std::vector<std::int8_t> values(weights.size());
    std::vector<float> scales(outputs * groups);
    for (std::size_t group = 0; group < scales.size(); ++group) {
      const auto part = std::span(weights).subspan(group * kScaleGroup, kScaleGroup);
      float largest = 0;
      for (const float weight : part) largest = std::max(largest, std::abs(weight));
      scales[group] = largest / 127.0f;
      if (largest == 0) continue;
      for (std::size_t i = 0; i < part.size(); ++i) {
        values[group * kScaleGroup + i] =
            static_cast<std::int8_t>(std::lround(part[i] / scales[group]));
      }
    }
    const auto whole =
        op::v0::Constant::create(ov::element::i8, {outputs, groups, kScaleGroup}, values);
    const auto scale = op::v0::Constant::create(ov::element::f32, {outputs, groups, 1}, scales);
    const auto real = std::make_shared<op::v0::Convert>(whole, ov::element::f32);
    const auto scaled = std::make_shared<op::v1::Multiply>(real, scale);
    return std::make_shared<op::v1::Reshape>(
        scaled, integers({static_cast<std::int64_t>(outputs), static_cast<std::int64_t>(inputs)}),
        false);
  }

  Result<Out> linear(const Out& x, const std::string& name, std::size_t inputs,
                     std::size_t outputs) const {
    const std::vector<float> weights = TRY(read(name + ".weight", inputs * outputs));
    Out matrix;
    if (precision_ == EncoderPrecision::int8 && inputs % kScaleGroup == 0) {
      matrix = quantised(weights, inputs, outputs);
    } else {
      matrix = op::v0::Constant::create(ov::element::f32, {outputs, inputs}, weights);
    }
    const Out product = std::make_shared<op::v0::MatMul>(x, matrix, false, true);
    return Out(std::make_shared<op::v1::Add>(product, TRY(vector(name + ".bias", outputs))));
  }

  Result<Out> norm(const Out& x, const std::string& name) const {
    const Out centred = std::make_shared<op::v6::MVN>(x, integers({-1}), true, shape_.epsilon,
                                                      op::MVNEpsMode::INSIDE_SQRT);
    const Out scaled =
        std::make_shared<op::v1::Multiply>(centred, TRY(vector(name + ".weight", shape_.hidden)));
    return Out(std::make_shared<op::v1::Add>(scaled, TRY(vector(name + ".bias", shape_.hidden))));
  }

  /// [texts, length, hidden] as [texts, heads, length, hidden / heads].
  Out split_heads(const Out& x) const {
    const auto head = static_cast<std::int64_t>(shape_.hidden / shape_.heads);
    const auto heads = static_cast<std::int64_t>(shape_.heads);
    const Out split = std::make_shared<op::v1::Reshape>(x, integers({0, 0, heads, head}), true);
    return std::make_shared<op::v1::Transpose>(split, integers({0, 2, 1, 3}));
  }

  Result<Out> attention(const Out& x, const Out& mask, const std::string& prefix) const {
    const std::size_t hidden = shape_.hidden;
    const Out query = split_heads(TRY(linear(x, prefix + "attn_q", hidden, hidden)));
    const Out key = split_heads(TRY(linear(x, prefix + "attn_k", hidden, hidden)));
    const Out value = split_heads(TRY(linear(x, prefix + "attn_v", hidden, hidden)));
    const Out mixed =
        std::make_shared<op::v13::ScaledDotProductAttention>(query, key, value, mask, false);
    const Out back = std::make_shared<op::v1::Transpose>(mixed, integers({0, 2, 1, 3}));
    const Out joined = std::make_shared<op::v1::Reshape>(
        back, integers({0, 0, static_cast<std::int64_t>(hidden)}), true);
    return linear(joined, prefix + "attn_output", hidden, hidden);
  }

  const EncoderGraphRequest& request_;
  const EncoderShape& shape_;
  EncoderPrecision precision_;
};

class OpenVinoLane final : public EncoderLane {
 public:
  OpenVinoLane(ov::InferRequest request, std::size_t hidden)
      : request_(std::move(request)), hidden_(hidden) {}

  Status compute(const EncoderBatch& batch, std::span<float> rows) override {
    try {
      const std::size_t texts = batch.texts;
      const std::size_t length = batch.length;
      // Far below any score, and no infinity, which bf16 turns into no number.
      constexpr float kPadding = -30'000.0f;
      mask_.assign(texts * length, 0.0f);
      for (std::size_t i = 0; i < texts; ++i) {
        const auto row = std::span(mask_).subspan(i * length, length);
        std::fill(row.begin() + batch.lengths[i], row.end(), kPadding);
      }
      request_.set_input_tensor(0,
                                {ov::element::f32, {texts, length, hidden_}, batch.states.data()});
      request_.set_input_tensor(1, {ov::element::f32, {texts, 1, 1, length}, mask_.data()});
      request_.set_input_tensor(2, {ov::element::f32, {texts, 1, length}, batch.weights.data()});
      request_.infer();
      const ov::Tensor result = request_.get_output_tensor(0);
      if (result.get_size() != rows.size()) {
        return Error{ErrorCode::unavailable, "the embedder gave vectors of another size"};
      }
      std::copy_n(result.data<const float>(), rows.size(), rows.begin());
      return {};
    } catch (const std::exception& exception) {
      return failure("the embedder failed", exception);
    }
  }

 private:
  ov::InferRequest request_;
  std::size_t hidden_;
  std::vector<float> mask_;
};

class OpenVinoGraph final : public EncoderGraph {
 public:
  OpenVinoGraph(ov::Core core, ov::CompiledModel model, EncoderPrecision precision,
                std::size_t hidden)
      : core_(std::move(core)), model_(std::move(model)), precision_(precision), hidden_(hidden) {}
  EncoderPrecision precision() const override { return precision_; }
  std::unique_ptr<EncoderLane> make_lane() override {
    return std::make_unique<OpenVinoLane>(model_.create_infer_request(), hidden_);
  }

 private:
  ov::Core core_;
  ov::CompiledModel model_;
  EncoderPrecision precision_;
  std::size_t hidden_;
};

Result<std::unique_ptr<EncoderGraph>> make_graph(const EncoderGraphRequest& request) {
  try {
    EncoderPrecision precision = request.precision;
    if (precision == EncoderPrecision::automatic) precision = choose_precision();
    ov::Core core;
    const auto model = TRY(Builder(request, precision).build());
    const auto threads = static_cast<std::int32_t>(request.threads);
    const bool is_bf16 = precision == EncoderPrecision::bf16;
    const bool is_int8 = precision == EncoderPrecision::int8;
    // A stream of one thread for each lane: threads that share a text wait for each other.
    const ov::AnyMap properties{
        ov::num_streams(threads), ov::inference_num_threads(threads),
        ov::hint::inference_precision(is_bf16 ? ov::element::bf16 : ov::element::f32),
        ov::hint::dynamic_quantization_group_size(is_int8 ? kScaleGroup : 0),
        ov::hint::enable_cpu_pinning(false)};
    ov::CompiledModel compiled = core.compile_model(model, "CPU", properties);
    return std::unique_ptr<EncoderGraph>(std::make_unique<OpenVinoGraph>(
        std::move(core), std::move(compiled), precision, request.shape.hidden));
  } catch (const std::exception& exception) {
    Error error = failure("OpenVINO could not build the embedder", exception);
    error.message += "; set models.embed_with to llama";
    return error;
  }
}

std::string describe() {
  const std::string build = ov::get_openvino_version().buildNumber;
  return "OpenVINO " + build.substr(0, build.find('-'));
}

}  // namespace
}  // namespace saerok

extern "C" __attribute__((visibility("default")))
const saerok::EncoderModule saerok_encoder_module = {
    saerok::describe, saerok::choose_precision, saerok::eligible_precisions, saerok::make_graph};
