#include <algorithm>
#include <cmath>
#include <exception>
#include <span>

#include "models/kept_prompts.h"
#include "models/llama_runtime.h"
#include "models/memory_fit.h"
#include "models/utf8_joiner.h"

namespace saerok {
namespace {

/// Prompt tokens read between two looks at the clock of a caller who may have left.
constexpr std::uint32_t kReadTokens = 256;
/// Where temperature > 0: tokens less likely than this share of the likeliest are never taken.
constexpr float kMinimumShare = 0.05f;

/// Of keys and values in half precision, two of each head and layer.
std::uint64_t bytes_per_token(const llama_model& model) {
  const auto heads = static_cast<std::uint64_t>(std::max(1, llama_model_n_head(&model)));
  const auto embedding = static_cast<std::uint64_t>(llama_model_n_embd(&model));
  return 2 * sizeof(std::uint16_t) * static_cast<std::uint64_t>(llama_model_n_layer(&model)) *
         static_cast<std::uint64_t>(llama_model_n_head_kv(&model)) * (embedding / heads);
}

class LlamaChat final : public ModelRuntime {
 public:
  LlamaChat(LlamaModel model, StopQuery stop)
      : model_(std::move(model)),
        vocabulary_(*llama_model_get_vocab(model_.get())),
        stop_(std::move(stop)) {}

  Status prepare(const LoadRequest& request) {
    if (!llama_model_has_decoder(model_.get())) {
      return Error{ErrorCode::invalid_argument, request.path + " is not a model that can answer"};
    }
    const auto trained = static_cast<std::uint32_t>(llama_model_n_ctx_train(model_.get()));
    llama_context_params parameters = context_parameters(request, stop_);
    std::uint32_t room = request.context_tokens == 0 ? trained : request.context_tokens;
    if (trained > 0) room = std::min(room, trained);
    const std::uint32_t prompts = TRY(prompts_that_fit({.weights = llama_model_size(model_.get()),
                                                        .bytes_per_token = bytes_per_token(*model_),
                                                        .tokens = room},
                                                       read_machine_memory()));
    // Each has its room for itself.
    parameters.n_seq_max = prompts;
    parameters.n_ctx = room * prompts;
    parameters.kv_unified = false;
    parameters.n_batch = kReadTokens;
    parameters.n_ubatch = kReadTokens;
    context_.reset(llama_init_from_model(model_.get(), parameters));
    if (!context_) {
      return Error{ErrorCode::unavailable, "the chat model needs more memory for " +
                                               std::to_string(room) +
                                               " tokens; lower models.context_tokens"};
    }
    kept_ = KeptPrompts(prompts);
    return {};
  }

  LoadedModel facts() const override {
    return {.dimension = 0, .context_tokens = llama_n_ctx_seq(context_.get())};
  }

  Result<EmbeddedTexts> embed(const std::vector<std::string>&) override {
    return Error{ErrorCode::invalid_argument, "a chat model is not used as an embedder"};
  }

  Result<std::uint64_t> count_tokens(const std::string& text) override {
    return TRY(tokenize(vocabulary_, text, SpecialTokens::none)).size();
  }

  Result<Completion> complete(const CompletionRequest& request, const TextSink& sink) override {
    try {
      return generate(request, sink);
    } catch (const std::exception& exception) {
      forget();
      return Error{ErrorCode::unavailable,
                   std::string("the chat model failed: ") + exception.what()};
    }
  }

 private:
  Result<Completion> generate(const CompletionRequest& request, const TextSink& sink);
  Result<Tokens> read_prompt(const Conversation& messages) const;
  Result<std::string> format(const Conversation& messages) const;
  bool holds_special_tokens(const Conversation& messages) const;
  Status read_all(const Tokens& prompt, std::size_t begin, const CompletionRequest& request);
  Status compute(std::span<const llama_token> tokens);
  Result<llama_token> choose(llama_sampler* sampler, llama_sampler* grammar);
  std::string piece_of(llama_token token) const;

  /// What the sequence in hand has read.
  Tokens& held() { return kept_.held(sequence_); }

  void forget() {
    const auto sequence = static_cast<llama_seq_id>(sequence_);
    llama_memory_seq_rm(llama_get_memory(context_.get()), sequence, -1, -1);
    held().clear();
  }

  LlamaModel model_;
  const llama_vocab& vocabulary_;
  StopQuery stop_;
  LlamaContext context_;
  LlamaBatch batch_{static_cast<std::int32_t>(kReadTokens)};
  KeptPrompts kept_{1};  // A prompt that begins like one of them need not be read again.
  std::size_t sequence_ = 0;
  std::vector<llama_token_data> candidates_;
};

LlamaSampler make_sampler(const CompletionRequest& request) {
  LlamaSampler sampler(llama_sampler_chain_init(llama_sampler_chain_default_params()));
  if (request.temperature <= 0) {
    llama_sampler_chain_add(sampler.get(), llama_sampler_init_greedy());
    return sampler;
  }
  const auto seed = static_cast<std::uint32_t>(request.seed ^ (request.seed >> 32));
  llama_sampler_chain_add(sampler.get(), llama_sampler_init_min_p(kMinimumShare, 1));
  llama_sampler_chain_add(sampler.get(), llama_sampler_init_temp(request.temperature));
  llama_sampler_chain_add(sampler.get(), llama_sampler_init_dist(seed));
  return sampler;
}

Result<std::string> LlamaChat::format(const Conversation& messages) const {
  std::vector<llama_chat_message> chat;
  std::size_t size = 1024;
  for (const Turn& turn : messages) {
    chat.push_back({turn.role.c_str(), turn.content.c_str()});
    size += 2 * (turn.role.size() + turn.content.size());
  }
  // llama.cpp knows templates by their text; one that it does not know is answered in ChatML.
  const char* own = llama_model_chat_template(model_.get(), nullptr);
  for (const char* form : {own, "chatml"}) {
    if (form == nullptr) continue;
    std::string prompt(size, '\0');
    std::int32_t used =
        llama_chat_apply_template(form, chat.data(), chat.size(), true, prompt.data(),
                                  static_cast<std::int32_t>(prompt.size()));
    if (used < 0) continue;
    prompt.resize(static_cast<std::size_t>(used));
    if (prompt.size() > size) {
      llama_chat_apply_template(form, chat.data(), chat.size(), true, prompt.data(), used);
    }
    return prompt;
  }
  return Error{ErrorCode::unavailable, "the chat model's prompt could not be formed"};
}

/// Whether a message contains, as text, what the model would read as the end of a turn or the like.
/// A note may hold such text, and must not be able to speak as the user.
bool LlamaChat::holds_special_tokens(const Conversation& messages) const {
  return std::any_of(messages.begin(), messages.end(), [&](const Turn& turn) {
    const auto plain = tokenize(vocabulary_, turn.content, SpecialTokens::none);
    const auto parsed = tokenize(vocabulary_, turn.content, SpecialTokens::parse);
    return plain && parsed && *plain != *parsed;
  });
}

Result<Tokens> LlamaChat::read_prompt(const Conversation& messages) const {
  if (!holds_special_tokens(messages)) {
    return tokenize(vocabulary_, TRY(format(messages)), SpecialTokens::add_and_parse);
  }
  // Form the prompt around marks, then read the contents as text only, in their places.
  Conversation marked = messages;
  const auto mark = [](std::size_t i) { return "\x01saerok" + std::to_string(i) + "\x02"; };
  for (std::size_t i = 0; i < marked.size(); ++i) marked[i].content = mark(i);
  const std::string form = TRY(format(marked));
  Tokens tokens;
  std::size_t at = 0;
  const auto append = [&](std::string_view text, SpecialTokens special) -> Status {
    if (text.empty()) return {};
    const Tokens part = TRY(tokenize(vocabulary_, text, special));
    tokens.insert(tokens.end(), part.begin(), part.end());
    return {};
  };
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::size_t found = form.find(mark(i), at);
    if (found == std::string::npos) continue;  // Some templates leave out a system message.
    TRY(append(std::string_view(form).substr(at, found - at),
               at == 0 ? SpecialTokens::add_and_parse : SpecialTokens::parse));
    TRY(append(messages[i].content, SpecialTokens::none));
    at = found + mark(i).size();
  }
  TRY(append(std::string_view(form).substr(at), SpecialTokens::parse));
  return tokens;
}

/// Reads prompt[begin, …) and says how far it is, where that takes more than one part.
Status LlamaChat::read_all(const Tokens& prompt, std::size_t begin,
                           const CompletionRequest& request) {
  const auto total = static_cast<std::uint32_t>(prompt.size() - begin);
  const auto tell = [&](std::uint32_t read) {
    if (request.on_read && total > kReadTokens) request.on_read(read, total);
  };
  tell(0);
  for (std::uint32_t read = 0; read < total;) {
    const std::uint32_t count = std::min(total - read, kReadTokens);
    TRY(compute({prompt.data() + begin + read, count}));
    tell(read += count);
  }
  return {};
}

/// Reads tokens, at most kReadTokens. A stop ends it early with `cancelled`.
Status LlamaChat::compute(std::span<const llama_token> tokens) {
  if (stop_()) return Error{ErrorCode::cancelled, "the answer was stopped"};
  batch_.clear();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    batch_.add(tokens[i], static_cast<std::int32_t>(held().size() + i),
               static_cast<std::int32_t>(sequence_), i + 1 == tokens.size());
  }
  const int failed = llama_decode(context_.get(), batch_.get());
  if (failed != 0) {
    forget();
    if (stop_()) return Error{ErrorCode::cancelled, "the answer was stopped"};
    return Error{ErrorCode::unavailable,
                 "the chat model could not read the prompt (" + std::to_string(failed) + ")"};
  }
  held().insert(held().end(), tokens.begin(), tokens.end());
  return {};
}

/// The next token. The grammar is asked about the token that was drawn, and about the whole
/// vocabulary only if it refuses that one: 2.7 times faster with 262,000 words.
Result<llama_token> LlamaChat::choose(llama_sampler* sampler, llama_sampler* grammar) {
  const float* logits = llama_get_logits_ith(context_.get(), -1);
  if (logits == nullptr) return Error{ErrorCode::unavailable, "the chat model gave no token"};
  const auto fill = [&] {
    candidates_.resize(static_cast<std::size_t>(llama_vocab_n_tokens(&vocabulary_)));
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      candidates_[i] = {static_cast<llama_token>(i), logits[i], 0.0f};
    }
    return llama_token_data_array{candidates_.data(), candidates_.size(), -1, false};
  };
  llama_token_data_array drawn = fill();
  llama_sampler_apply(sampler, &drawn);
  if (drawn.selected < 0) return Error{ErrorCode::unavailable, "the chat model drew no token"};
  llama_token token = drawn.data[drawn.selected].id;
  if (grammar == nullptr) return token;

  llama_token_data single{token, 1.0f, 0.0f};
  llama_token_data_array one{&single, 1, -1, false};
  llama_sampler_apply(grammar, &one);
  if (std::isfinite(single.logit)) return token;
  llama_token_data_array allowed = fill();
  llama_sampler_apply(grammar, &allowed);
  const bool any = std::any_of(allowed.data, allowed.data + allowed.size,
                               [](const llama_token_data& c) { return std::isfinite(c.logit); });
  if (!any) return Error{ErrorCode::invalid_argument, "the grammar allows nothing to follow"};
  llama_sampler_apply(sampler, &allowed);
  if (allowed.selected < 0) return Error{ErrorCode::unavailable, "the chat model drew no token"};
  return allowed.data[allowed.selected].id;
}

std::string LlamaChat::piece_of(llama_token token) const {
  std::string piece(64, '\0');
  std::int32_t size = llama_token_to_piece(&vocabulary_, token, piece.data(),
                                           static_cast<std::int32_t>(piece.size()), 0, false);
  if (size < 0) {
    piece.resize(static_cast<std::size_t>(-size));
    size = llama_token_to_piece(&vocabulary_, token, piece.data(), -size, 0, false);
  }
  piece.resize(static_cast<std::size_t>(std::max(size, 0)));
  return piece;
}

Result<Completion> LlamaChat::generate(const CompletionRequest& request, const TextSink& sink) {
  const Tokens prompt = TRY(read_prompt(request.messages));
  const std::size_t room = llama_n_ctx_seq(context_.get());
  if (prompt.empty()) return Error{ErrorCode::invalid_argument, "there is nothing to answer"};
  if (prompt.size() >= room) {
    return Error{ErrorCode::invalid_argument,
                 "the prompt has " + std::to_string(prompt.size()) + " tokens, the model holds " +
                     std::to_string(room) +
                     "; give fewer sources (answer.sources) or raise models.context_tokens"};
  }
  LlamaSampler grammar;
  if (!request.grammar.empty()) {
    grammar.reset(llama_sampler_init_grammar(&vocabulary_, request.grammar.c_str(), "root"));
    if (!grammar) return Error{ErrorCode::invalid_argument, "the grammar is not valid GBNF"};
  }
  const LlamaSampler sampler = make_sampler(request);

  const KeptPrompts::Choice kept = kept_.choose(prompt);
  sequence_ = kept.sequence;
  std::size_t same = kept.same;
  if (llama_memory_seq_rm(llama_get_memory(context_.get()), static_cast<llama_seq_id>(sequence_),
                          static_cast<llama_pos>(same), -1)) {
    held().resize(same);
  } else {
    forget();  // Some architectures cannot go back.
    same = 0;
  }

  Completion completion;
  completion.prompt_tokens = static_cast<std::uint32_t>(prompt.size());
  completion.prompt_tokens_kept = static_cast<std::uint32_t>(same);
  Utf8Joiner joiner;
  bool goes_on = true;
  const auto emit = [&](const std::string& text) {
    if (!text.empty()) goes_on = sink(text);
    completion.text += text;
  };
  Status read = read_all(prompt, same, request);
  while (read && goes_on && !stop_()) {
    if (completion.generated_tokens >= request.tokens_max || held().size() >= room) {
      completion.reached_limit = true;
      break;
    }
    const llama_token token = TRY(choose(sampler.get(), grammar.get()));
    if (llama_vocab_is_eog(&vocabulary_, token)) break;
    if (grammar) llama_sampler_accept(grammar.get(), token);
    ++completion.generated_tokens;
    emit(joiner.feed(piece_of(token)));
    if (goes_on) read = compute({&token, 1});
  }
  if (!read && read.error().code != ErrorCode::cancelled) return std::move(read).error();
  emit(joiner.finish());
  return completion;
}

}  // namespace

Result<std::unique_ptr<ModelRuntime>> make_llama_chat(LlamaModel model, const LoadRequest& request,
                                                      StopQuery stop) {
  auto runtime = std::make_unique<LlamaChat>(std::move(model), std::move(stop));
  TRY(runtime->prepare(request));
  return std::unique_ptr<ModelRuntime>(std::move(runtime));
}

}  // namespace saerok
