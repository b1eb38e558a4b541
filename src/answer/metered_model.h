/// A chat model with a counter: what one request asked of it, whichever of its steps did.
#pragma once

#include <string_view>

#include "saerok/models.h"
#include "saerok/requests.h"
#include "saerok/result.h"

namespace saerok {

/// For the steps of one request, which follow one another: not thread-safe.
class MeteredModel final : public LanguageModel {
 public:
  explicit MeteredModel(const LanguageModel& model) : model_(model) {}

  std::string_view name() const override { return model_.name(); }
  std::size_t context_tokens() const override { return model_.context_tokens(); }
  bool follows_grammars() const override { return model_.follows_grammars(); }
  Result<std::size_t> count_tokens(std::string_view text, const CallContext& call) const override {
    return model_.count_tokens(text, call);
  }

  Result<Completion> complete(const CompletionRequest& request, const TextSink& on_delta,
                              const CallContext& call) const override {
    ++use_.requests;
    Completion completion = TRY(model_.complete(request, on_delta, call));
    use_.prompt_tokens += completion.prompt_tokens;
    use_.prompt_tokens_kept += completion.prompt_tokens_kept;
    use_.generated_tokens += completion.generated_tokens;
    return completion;
  }

  /// Tokens of requests that failed or were stopped from outside are not known and not counted.
  const ModelUse& use() const { return use_; }

 private:
  const LanguageModel& model_;
  mutable ModelUse use_;
};

}  // namespace saerok
