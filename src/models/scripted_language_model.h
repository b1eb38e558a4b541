/// A language model that says what a test wrote down for it, and remembers what it was asked.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "saerok/models.h"

namespace saerok {

class ScriptedLanguageModel final : public LanguageModel {
 public:
  using Script = std::function<Result<std::string>(const CompletionRequest& request)>;

  /// Answers one text after the other; with none left, `unavailable`.
  explicit ScriptedLanguageModel(std::vector<std::string> answers);
  /// Answers what the function says.
  explicit ScriptedLanguageModel(Script script) : script_(std::move(script)) {}

  std::string_view name() const override { return "scripted"; }
  std::size_t context_tokens() const override { return 4096; }
  /// Streams a character at a time; tokens_max counts characters. A grammar is passed over.
  Result<Completion> complete(const CompletionRequest& request, const TextSink& on_delta,
                              const CallContext& call) const override;
  /// Characters.
  Result<std::size_t> count_tokens(std::string_view text, const CallContext& call) const override;

  /// What it was asked so far, oldest first.
  std::vector<CompletionRequest> requests() const;

 private:
  Script script_;
  mutable std::mutex mutex_;
  mutable std::vector<CompletionRequest> requests_;
};

}  // namespace saerok
