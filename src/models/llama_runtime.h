/// llama.cpp's objects with owners, and what embedding, scoring and chatting share: loading and
/// tokens. The only file that includes llama.h, whose interface changes often; only llama_*.cpp
/// include this. llama.cpp, because every open model exists as GGUF within days and it needs
/// nothing but a CPU.
#pragma once

#include <llama.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/model_runtime.h"

namespace saerok {

struct LlamaModelDeleter {
  void operator()(llama_model* model) const { llama_model_free(model); }
};
struct LlamaContextDeleter {
  void operator()(llama_context* context) const { llama_free(context); }
};
struct LlamaSamplerDeleter {
  void operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }
};
using LlamaModel = std::unique_ptr<llama_model, LlamaModelDeleter>;
using LlamaContext = std::unique_ptr<llama_context, LlamaContextDeleter>;
using LlamaSampler = std::unique_ptr<llama_sampler, LlamaSamplerDeleter>;
using Tokens = std::vector<llama_token>;

enum class SpecialTokens : std::uint8_t {
  none,   ///< Text and nothing else: "<s>" is three characters.
  add,    ///< As the model wants them around the text.
  parse,  ///< "<s>" in the text is the token.
  add_and_parse
};

/// Errors: invalid_argument (a text beyond 2 GB).
Result<Tokens> tokenize(const llama_vocab& vocabulary, std::string_view text,
                        SpecialTokens special);

/// An empty batch with room for `tokens`, which frees itself.
class LlamaBatch {
 public:
  explicit LlamaBatch(std::int32_t tokens) : batch_(llama_batch_init(tokens, 0, 1)) {}
  ~LlamaBatch() { llama_batch_free(batch_); }
  LlamaBatch(const LlamaBatch&) = delete;
  LlamaBatch& operator=(const LlamaBatch&) = delete;
  void clear() { batch_.n_tokens = 0; }
  void add(llama_token token, std::int32_t position, std::int32_t sequence, bool is_output);
  const llama_batch& get() const { return batch_; }

 private:
  llama_batch batch_;
};

/// The instructions that third_party/fetch compiles llama.cpp for. Without the check the first
/// computation would be an illegal instruction.
Status check_processor();

/// Threads to use: as asked for, at most the processor's.
std::int32_t thread_count(const LoadRequest& request);

/// `stop` must outlive what it returns into the parameters.
llama_context_params context_parameters(const LoadRequest& request, StopQuery& stop);

Result<std::unique_ptr<ModelRuntime>> make_llama_embedding(LlamaModel model,
                                                           const LoadRequest& request,
                                                           StopQuery stop);
Result<std::unique_ptr<ModelRuntime>> make_llama_chat(LlamaModel model, const LoadRequest& request,
                                                      StopQuery stop);
Result<std::unique_ptr<ModelRuntime>> make_llama_rank(LlamaModel model, const LoadRequest& request,
                                                      StopQuery stop);

}  // namespace saerok
