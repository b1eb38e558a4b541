#include "models/llama_encoder.h"

#include <ggml-cpu.h>
#include <ggml.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "models/llama_runtime.h"

namespace saerok {
namespace {

/// Room for the states of kStarterTokensMax pieces in every layer; taken only as far as written.
constexpr std::size_t kWorkBytes = std::size_t{256} << 20;
constexpr std::size_t kNodesMax = 8'192;

struct GgmlContextDeleter {
  void operator()(ggml_context* context) const { ggml_free(context); }
};
using GgmlContext = std::unique_ptr<ggml_context, GgmlContextDeleter>;

GgmlContext make_context(std::size_t bytes, bool has_data) {
  return GgmlContext(ggml_init({.mem_size = bytes, .mem_buffer = nullptr, .no_alloc = !has_data}));
}

/// The graph for one text, over weights that stay where the file is mapped.
class LlamaEncoder final : public EncoderLane {
 public:
  explicit LlamaEncoder(const EncoderFile& file)
      : file_(file),
        shape_(file.shape()),
        weights_(make_context(ggml_tensor_overhead() * (file.gguf().tensors().size() + 1), false)) {
  }

  Status compute(const EncoderBatch& batch, std::span<float> rows) override {
    const GgmlContext work = make_context(kWorkBytes, true);
    if (!work || !weights_ || batch.texts != 1) {
      return Error{ErrorCode::unavailable, "the embedder needs more memory"};
    }
    work_ = work.get();
    const auto count = static_cast<std::int64_t>(batch.lengths.front());
    const auto hidden = static_cast<std::int64_t>(shape_.hidden);
    ggml_tensor* x = ggml_new_tensor_2d(work_, GGML_TYPE_F32, hidden, count);
    std::memcpy(x->data, batch.states.data(), ggml_nbytes(x));
    x = norm(x, "token_embd_norm");
    for (std::uint32_t layer = 0; layer < shape_.layers; ++layer) {
      const std::string prefix = "blk." + std::to_string(layer) + ".";
      x = norm(ggml_add(work_, attention(x, count, prefix), x), prefix + "attn_output_norm");
      ggml_tensor* up = ggml_gelu(work_, linear(x, prefix + "ffn_up"));
      x = norm(ggml_add(work_, linear(up, prefix + "ffn_down"), x), prefix + "layer_output_norm");
    }
    ggml_cgraph* graph = ggml_new_graph_custom(work_, kNodesMax, false);
    ggml_build_forward_expand(graph, x);
    // One thread: two would wait for each other after every one of some 500 steps, spinning, and on
    // a busy machine that took 20 times as long.
    if (ggml_graph_compute_with_ctx(work_, graph, 1) != GGML_STATUS_SUCCESS) {
      return Error{ErrorCode::unavailable, "the embedder failed"};
    }
    const auto* states = static_cast<const float*>(x->data);
    std::fill(rows.begin(), rows.end(), 0.0f);
    for (std::size_t i = 0; i < batch.lengths.front(); ++i) {
      for (std::size_t d = 0; d < rows.size(); ++d) {
        rows[d] += batch.weights[i] * states[i * rows.size() + d];
      }
    }
    return {};
  }

 private:
  /// The tensor of that name, or nothing.
  ggml_tensor* weight(const std::string& name) {
    if (ggml_tensor* known = ggml_get_tensor(weights_.get(), name.c_str())) return known;
    const GgufTensor* found = file_.gguf().find_tensor(name);
    if (found == nullptr) return nullptr;
    ggml_tensor* made = ggml_new_tensor_2d(weights_.get(), static_cast<ggml_type>(found->type),
                                           static_cast<std::int64_t>(found->row_length),
                                           static_cast<std::int64_t>(found->rows));
    ggml_set_name(made, name.c_str());
    // Never written to: no tensor of the graph is computed in place of a weight.
    made->data = const_cast<std::byte*>(found->data.data());
    return made;
  }

  ggml_tensor* linear(ggml_tensor* x, const std::string& name) {
    ggml_tensor* product = ggml_mul_mat(work_, weight(name + ".weight"), x);
    ggml_tensor* bias = weight(name + ".bias");
    return bias == nullptr ? product : ggml_add(work_, product, bias);
  }

  ggml_tensor* norm(ggml_tensor* x, const std::string& name) {
    ggml_tensor* scaled =
        ggml_mul(work_, ggml_norm(work_, x, shape_.epsilon), weight(name + ".weight"));
    ggml_tensor* bias = weight(name + ".bias");
    return bias == nullptr ? scaled : ggml_add(work_, scaled, bias);
  }

  /// [hidden, pieces] as [hidden / heads, heads, pieces].
  ggml_tensor* heads(ggml_tensor* x, std::int64_t count) {
    return ggml_reshape_3d(work_, x, shape_.hidden / shape_.heads, shape_.heads, count);
  }

  ggml_tensor* attention(ggml_tensor* x, std::int64_t count, const std::string& prefix) {
    ggml_tensor* query =
        ggml_permute(work_, heads(linear(x, prefix + "attn_q"), count), 0, 2, 1, 3);
    ggml_tensor* key = ggml_permute(work_, heads(linear(x, prefix + "attn_k"), count), 0, 2, 1, 3);
    ggml_tensor* value = ggml_cont(
        work_, ggml_permute(work_, heads(linear(x, prefix + "attn_v"), count), 1, 2, 0, 3));
    const float scale = 1.0f / std::sqrt(static_cast<float>(shape_.hidden / shape_.heads));
    ggml_tensor* shares =
        ggml_soft_max_ext(work_, ggml_mul_mat(work_, key, query), nullptr, scale, 0.0f);
    ggml_tensor* mixed = ggml_permute(work_, ggml_mul_mat(work_, value, shares), 0, 2, 1, 3);
    return linear(ggml_cont_2d(work_, mixed, shape_.hidden, count), prefix + "attn_output");
  }

  const EncoderFile& file_;
  const EncoderShape& shape_;
  GgmlContext weights_;
  ggml_context* work_ = nullptr;  ///< Of the text in hand.
};

}  // namespace

std::unique_ptr<EncoderLane> make_llama_encoder(const EncoderFile& file) {
  if (!check_processor() || file.shape().hidden > 1'024) return nullptr;
  for (const auto& [name, tensor] : file.gguf().tensors()) {
    // ggml adds and scales element by element only in f32, and wants weights on whole words.
    const bool is_vector = tensor.rows == 1;
    if ((is_vector && tensor.type != GGML_TYPE_F32) ||
        reinterpret_cast<std::uintptr_t>(tensor.data.data()) % 4 != 0) {
      return nullptr;
    }
  }
  ggml_cpu_init();
  return std::make_unique<LlamaEncoder>(file);
}

}  // namespace saerok
