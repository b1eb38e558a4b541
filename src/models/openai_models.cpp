#include "models/openai_models.h"

#include <atomic>
#include <cmath>
#include <optional>
#include <vector>

#include "base/unicode.h"
#include "models/model_call.h"
#include "models/sse.h"
#include "saerok/settings.h"

namespace saerok {
namespace {

constexpr std::size_t kTextBytesMax = 24'000;
constexpr std::size_t kDimensionMax = 65'536;

/// Valid UTF-8 of at most kTextBytesMax bytes; a service refuses anything else.
std::string sendable(std::string_view text) {
  if (text.size() > kTextBytesMax) {
    std::size_t end = kTextBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end);
  }
  return replace_invalid_utf8(text).text;
}

/// Three Latin letters a token and four tokens for three other characters: above what the usual
/// vocabularies need for English and Korean.
std::size_t estimate_tokens(std::string_view text) {
  std::size_t narrow = 0;
  std::size_t wide = 0;
  for (std::size_t at = 0; at < text.size();) {
    const DecodedChar decoded = decode_utf8(text, at);
    ++(decoded.code_point < 0x80 ? narrow : wide);
    at += decoded.size;
  }
  return narrow / 3 + wide * 4 / 3 + 2;
}

/// What the answer says was used of the whole, else the estimate.
std::uint64_t tokens_used(const Json& answer, std::uint64_t estimate) {
  const Json* usage = find_member(answer, "usage");
  return usage == nullptr ? estimate : find_count(*usage, "total_tokens").value_or(estimate);
}

Error unexpected(const OpenAiClient& client, std::string_view what) {
  return {ErrorCode::unavailable, client.address() + " sent " + std::string(what) +
                                      "; is it an OpenAI-compatible service?"};
}

class OpenAiEmbedder final : public Embedder {
 public:
  explicit OpenAiEmbedder(RemoteModelOptions options)
      : client_(std::move(options)),
        fingerprint_(client_.options().model + "@" + client_.address()) {}

  std::string_view fingerprint() const override { return fingerprint_; }
  std::size_t dimension() const override { return dimension_; }

  Result<std::vector<float>> embed(std::span<const std::string_view> texts, TextRole,
                                   const CallContext& call) const override {
    const ModelCall limited(call, client_.options().timeout_ms, "the embedding service");
    Json input = Json::array();
    // Services refuse an empty text; a blank lies as near to nothing.
    for (const std::string_view text : texts) input.push_back(text.empty() ? " " : sendable(text));
    const Json body{{"model", client_.options().model},
                    {"input", std::move(input)},
                    {"encoding_format", "float"}};
    const Json answer = TRY(limited.explain(client_.post("embeddings", body, limited.context())));
    std::uint64_t estimate = 0;
    for (const std::string_view text : texts) estimate += estimate_tokens(text);
    client_.spent({.tokens = tokens_used(answer, estimate)}, call);
    return read_vectors(answer, texts.size());
  }

  Result<std::size_t> count_tokens(std::string_view text, const CallContext&) const override {
    return estimate_tokens(text);
  }

 private:
  Result<std::vector<float>> read_vectors(const Json& answer, std::size_t count) const {
    const Json* data = find_member(answer, "data");
    if (data == nullptr || !data->is_array() || data->size() != count) {
      return unexpected(client_, "another number of vectors than texts");
    }
    std::vector<float> rows;
    std::vector<bool> is_filled(count);
    std::size_t dimension = dimension_;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t index = find_count((*data)[i], "index").value_or(i);
      const Json* vector = find_member((*data)[i], "embedding");
      if (index >= count || is_filled[index] || vector == nullptr || !vector->is_array()) {
        return unexpected(client_, "vectors that cannot be told apart");
      }
      if (dimension == 0) dimension = vector->size();
      if (vector->size() != dimension || dimension == 0 || dimension > kDimensionMax) {
        return unexpected(client_, "a vector of " + std::to_string(vector->size()) +
                                       " components, not " + std::to_string(dimension));
      }
      rows.resize(count * dimension);
      if (!fill(*vector, std::span(rows).subspan(index * dimension, dimension))) {
        return unexpected(client_, "a vector without a direction");
      }
      is_filled[index] = true;
    }
    dimension_ = dimension;
    return rows;
  }

  static bool fill(const Json& vector, std::span<float> row) {
    double squares = 0;
    for (std::size_t d = 0; d < row.size(); ++d) {
      if (!vector[d].is_number()) return false;
      const auto component = vector[d].get<double>();
      row[d] = static_cast<float>(component);
      squares += component * component;
    }
    if (!std::isfinite(squares) || squares <= 0) return false;
    const auto scale = static_cast<float>(1.0 / std::sqrt(squares));
    for (float& component : row) component *= scale;
    return true;
  }

  OpenAiClient client_;
  std::string fingerprint_;
  mutable std::atomic<std::size_t> dimension_ = 0;
};

/// An answer as it grows out of a service's stream.
class Answer {
 public:
  Answer(const OpenAiClient& client, const TextSink& on_delta)
      : client_(client), on_delta_(on_delta) {}

  /// Errors: cancelled once the sink has had enough; unavailable.
  Status feed(const HttpResponse& head, std::string_view piece) {
    has_begun_ = true;
    if (head.header("content-type").find("event-stream") == std::string_view::npos) {
      whole_ += piece;  // A service that does not stream.
      if (whole_.size() > kSseEventBytesMax) return unexpected(client_, "too long an answer");
      return {};
    }
    for (const SseEvent& event : TRY(parser_.feed(piece))) TRY(take_event(event.data));
    return {};
  }

  Result<Completion> finish() {
    if (!whole_.empty()) {
      TRY(take_whole());
    } else if (const std::string rest = parser_.finish(); !rest.empty()) {
      TRY(take_event(rest));
    }
    if (!is_finished_)
      return Error{ErrorCode::unavailable, client_.address() + " broke off in its answer"};
    return std::move(completion_);
  }

  bool was_stopped() const { return was_stopped_; }
  bool has_begun() const { return has_begun_; }
  const Completion& so_far() const { return completion_; }
  Completion take_partial() { return std::move(completion_); }

 private:
  Status take_event(const std::string& event) {
    if (event == "[DONE]") {
      is_finished_ = true;
      return {};
    }
    const auto json = parse_json(event, "an event");
    if (!json) return unexpected(client_, "an event that is not JSON");
    return take(*json, "delta");
  }

  Status take_whole() {
    const auto json = parse_json(whole_, "the answer");
    if (!json) return unexpected(client_, "an answer that is not JSON");
    return take(*json, "message");
  }

  Status take(const Json& json, std::string_view part) {
    if (const Json* error = find_member(json, "error"); error != nullptr && !error->is_null()) {
      return Error{ErrorCode::unavailable,
                   client_.address() + " failed while answering: " +
                       client_.without_secrets(find_text(*error, "message").value_or("no reason"))};
    }
    if (const Json* usage = find_member(json, "usage")) {
      const auto count = [&](const char* name) {
        return static_cast<std::uint32_t>(find_count(*usage, name).value_or(0));
      };
      completion_.prompt_tokens = count("prompt_tokens");
      completion_.generated_tokens = count("completion_tokens");
      if (const Json* details = find_member(*usage, "prompt_tokens_details")) {
        completion_.prompt_tokens_kept =
            static_cast<std::uint32_t>(find_count(*details, "cached_tokens").value_or(0));
      }
    }
    const Json* choices = find_member(json, "choices");
    if (choices == nullptr || !choices->is_array() || choices->empty()) return {};
    const Json& choice = choices->front();
    if (const auto reason = find_text(choice, "finish_reason")) {
      is_finished_ = true;
      completion_.reached_limit = *reason == "length";
    }
    const Json* content = find_member(choice, part);
    if (content == nullptr) return {};
    return emit(find_text(*content, "content").value_or(""));
  }

  Status emit(const std::string& text) {
    if (text.empty()) return {};
    completion_.text += text;
    if (!on_delta_ || on_delta_(text)) return {};
    was_stopped_ = true;
    return Error{ErrorCode::cancelled, "the answer was stopped"};
  }

  const OpenAiClient& client_;
  const TextSink& on_delta_;
  SseParser parser_;
  std::string whole_;
  Completion completion_;
  bool has_begun_ = false;
  bool is_finished_ = false;
  bool was_stopped_ = false;
};

class OpenAiLanguageModel final : public LanguageModel {
 public:
  explicit OpenAiLanguageModel(RemoteModelOptions options) : client_(std::move(options)) {}

  std::string_view name() const override { return client_.options().model; }
  std::size_t context_tokens() const override { return client_.options().context_tokens; }
  bool follows_grammars() const override { return false; }

  Result<Completion> complete(const CompletionRequest& request, const TextSink& on_delta,
                              const CallContext& call) const override {
    if (!request.grammar.empty()) {
      return Error{ErrorCode::invalid_argument, "a remote chat model cannot follow a grammar"};
    }
    const ModelCall limited(call, client_.options().timeout_ms, "the chat service");
    auto completion = ask(request, "max_tokens", on_delta, limited);
    // OpenAI's newer models refuse the old name, and most other services do not know the new one.
    if (!completion && completion.error().code == ErrorCode::invalid_argument &&
        completion.error().message.find("max_completion_tokens") != std::string::npos) {
      completion = ask(request, "max_completion_tokens", on_delta, limited);
    }
    return completion;
  }

  Result<std::size_t> count_tokens(std::string_view text, const CallContext&) const override {
    return estimate_tokens(text);
  }

 private:
  Result<Completion> ask(const CompletionRequest& request, const char* limit_name,
                         const TextSink& on_delta, const ModelCall& limited) const {
    Json messages = Json::array();
    for (const Turn& turn : request.messages) {
      messages.push_back({{"role", turn.role}, {"content", turn.content}});
    }
    Json body{{"model", client_.options().model},
              {"messages", std::move(messages)},
              {"stream", true},
              {"stream_options", {{"include_usage", true}}},
              {"temperature", request.temperature},
              {limit_name, request.tokens_max}};
    if (request.temperature > 0) body["seed"] = request.seed;
    Answer answer(client_, on_delta);
    const Status streamed = limited.explain(client_.stream(
        "chat/completions", body,
        [&](const HttpResponse& head, std::string_view piece) { return answer.feed(head, piece); },
        limited.context()));
    const auto close = [&]() -> Result<Completion> {
      if (answer.was_stopped()) return answer.take_partial();
      if (!streamed) return streamed.error();
      auto whole = answer.finish();
      if (answer.was_stopped()) return answer.take_partial();
      return whole;
    };
    auto completion = close();
    if (answer.has_begun()) {
      client_.spent(use_of(request, completion ? *completion : answer.so_far()), limited.context());
    }
    return completion;
  }

  /// As the service counted, or, where it did not get so far, an estimate.
  ServiceUse use_of(const CompletionRequest& request, const Completion& completion) const {
    std::uint64_t read = completion.prompt_tokens, written = completion.generated_tokens;
    if (read + written == 0) {
      written = estimate_tokens(completion.text);
      for (const Turn& turn : request.messages) read += estimate_tokens(turn.content);
    }
    const double price = static_cast<double>(read) * client_.options().price_prompt +
                         static_cast<double>(written) * client_.options().price_completion;
    return {.tokens = read + written, .price = price / kPricedTokens};
  }

  OpenAiClient client_;
};

class OpenAiReranker final : public Reranker {
 public:
  explicit OpenAiReranker(RemoteModelOptions options) : client_(std::move(options)) {}

  std::string_view name() const override { return client_.options().model; }

  Result<std::vector<float>> score(std::string_view query,
                                   std::span<const std::string_view> passages,
                                   const CallContext& call) const override {
    if (passages.empty()) return std::vector<float>();
    const ModelCall limited(call, client_.options().timeout_ms, "the reranking service");
    Json documents = Json::array();
    for (const std::string_view passage : passages) documents.push_back(sendable(passage));
    const Json body{{"model", client_.options().model},
                    {"query", sendable(query)},
                    {"documents", std::move(documents)},
                    {"top_n", passages.size()}};
    const Json answer = TRY(limited.explain(client_.post("rerank", body, limited.context())));
    std::uint64_t estimate = 0;
    for (const std::string_view passage : passages) {
      estimate += estimate_tokens(passage) + estimate_tokens(query);
    }
    client_.spent({.tokens = tokens_used(answer, estimate)}, call);
    const Json* results = find_member(answer, "results");
    if (results == nullptr || !results->is_array() || results->size() != passages.size()) {
      return unexpected(client_, "another number of scores than passages");
    }
    std::vector<std::optional<float>> found(passages.size());
    for (const Json& result : *results) {
      const auto index = find_count(result, "index");
      const auto score = find_number(result, "relevance_score");
      if (!index || *index >= found.size() || !score || found[*index] || !std::isfinite(*score)) {
        return unexpected(client_, "scores that belong to no passage");
      }
      found[*index] = static_cast<float>(*score);
    }
    std::vector<float> scores;
    for (const auto& score : found) scores.push_back(*score);
    return scores;
  }

 private:
  OpenAiClient client_;
};

}  // namespace

std::unique_ptr<Embedder> make_openai_embedder(RemoteModelOptions options) {
  return std::make_unique<OpenAiEmbedder>(std::move(options));
}
std::unique_ptr<LanguageModel> make_openai_language_model(RemoteModelOptions options) {
  return std::make_unique<OpenAiLanguageModel>(std::move(options));
}
std::unique_ptr<Reranker> make_openai_reranker(RemoteModelOptions options) {
  return std::make_unique<OpenAiReranker>(std::move(options));
}

}  // namespace saerok
