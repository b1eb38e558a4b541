#include "answer/model_json.h"

#include <gtest/gtest.h>

#include "models/scripted_language_model.h"

namespace saerok {
namespace {

/// As a service: refuses a grammar.
class WithoutGrammars final : public LanguageModel {
 public:
  explicit WithoutGrammars(const ScriptedLanguageModel& model) : model_(model) {}
  std::string_view name() const override { return "service"; }
  std::size_t context_tokens() const override { return model_.context_tokens(); }
  bool follows_grammars() const override { return false; }
  Result<Completion> complete(const CompletionRequest& request, const TextSink& on_delta,
                              const CallContext& call) const override {
    if (!request.grammar.empty()) return Error{ErrorCode::invalid_argument, "no grammars"};
    return model_.complete(request, on_delta, call);
  }
  Result<std::size_t> count_tokens(std::string_view text, const CallContext& call) const override {
    return model_.count_tokens(text, call);
  }

 private:
  const ScriptedLanguageModel& model_;
};

Result<Json> ask(const LanguageModel& model, std::string_view question) {
  CompletionRequest request;
  request.grammar = "root ::= \"{}\"";
  return ask_for_json(model, kRerankPrompt, question, "text", std::move(request), {});
}

TEST(ModelJson, AModelIsAskedUnderTheGrammarInTheQuestionsLanguage) {
  const ScriptedLanguageModel model({"{\"a\": 1}", "{\"a\": 2}"});
  const auto json = ask(model, "왜?");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ((*json)["a"], 1);
  EXPECT_EQ(model.requests()[0].grammar, "root ::= \"{}\"");
  EXPECT_EQ(model.requests()[0].messages[0].content, kRerankPrompt.korean);
  ASSERT_TRUE(ask(model, "why?"));
  EXPECT_EQ(model.requests()[1].messages[0].content, kRerankPrompt.english);
}

TEST(ModelJson, AModelThatKnowsNoGrammarsIsAskedWithoutOne) {
  const ScriptedLanguageModel script({"Of course: {\"a\": 1}. Anything else?", "No."});
  const WithoutGrammars model(script);
  const auto json = ask(model, "why?");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ((*json)["a"], 1);
  const auto none = ask(model, "why?");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace saerok
