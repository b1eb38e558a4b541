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
  explicit ScriptedLanguageModel(Script script, bool follows_grammars = true)
      : script_(std::move(script)), follows_grammars_(follows_grammars) {}

  std::string_view name() const override { return "scripted"; }
  std::size_t context_tokens() const override { return 4096; }
  bool follows_grammars() const override { return follows_grammars_; }
  /// Streams a character at a time; tokens_max counts characters. A grammar is passed over.
  Result<Completion> complete(const CompletionRequest& request, const TextSink& on_delta,
                              const CallContext& call) const override;
  /// Characters.
  Result<std::size_t> count_tokens(std::string_view text, const CallContext& call) const override;

  /// What it was asked so far, oldest first.
  std::vector<CompletionRequest> requests() const;

 private:
  Script script_;
  bool follows_grammars_ = true;
  mutable std::mutex mutex_;
  mutable std::vector<CompletionRequest> requests_;
};

}  // namespace saerok
