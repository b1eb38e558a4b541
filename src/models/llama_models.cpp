#include "models/llama_models.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "base/assert.h"
#include "base/unicode.h"
#include "models/gguf.h"
#include "models/local_model.h"
#include "models/model_call.h"
#include "models/precision_choice.h"
#include "models/worker_client.h"

namespace saerok {
namespace {

/// With what was measured before, or leave to measure where the result can be kept.
WorkerSpec embedder_spec(const LocalModelOptions& options) {
  WorkerSpec spec = worker_spec(options, WorkerTask::embed);
  if (!options.keeps_measurement || options.embed_with != EmbedWith::automatic) return spec;
  const auto chosen = read_precision_choice(options.path, processor_identity());
  if (chosen) spec.load.chosen = name_of(*chosen);
  const std::string folder = std::filesystem::path(options.path).parent_path().string();
  spec.load.may_measure = !chosen && access(folder.c_str(), W_OK) == 0;
  return spec;
}

std::string pooling_name(const GgufInfo& info) {
  switch (info.pooling.value_or(0)) {
    case 1: return "mean";
    case 2: return "first";
    case 3: return "last";
    default: return "own";
  }
}

/// "multilingual-e5-small@1571fc98/mean", and the prefixes where they are not e5's.
std::string fingerprint_of(const GgufInfo& info) {
  std::string name = info.name.empty() ? info.architecture : info.name;
  std::replace(name.begin(), name.end(), ' ', '-');
  const std::string& hash = info.source_sha256.empty() ? info.identity : info.source_sha256;
  std::string fingerprint = name + "@" + hash.substr(0, 8) + "/" + pooling_name(info);
  if (!info.query_prefix.empty() || !info.passage_prefix.empty()) {
    fingerprint += "/" + info.query_prefix + "|" + info.passage_prefix;
  }
  return fingerprint;
}

/// e5 models from elsewhere do not carry our keys, but were trained with the same prefixes.
void add_known_prefixes(GgufInfo& info) {
  if (!info.query_prefix.empty() || !info.passage_prefix.empty()) return;
  std::string name = fold_case(info.name);
  std::replace(name.begin(), name.end(), ' ', '-');
  if (name.starts_with("e5-") || name.find("multilingual-e5") != std::string::npos) {
    info.query_prefix = "query: ";
    info.passage_prefix = "passage: ";
  }
}

class LlamaEmbedder final : public Embedder {
 public:
  LlamaEmbedder(LocalModelOptions options, GgufInfo info)
      : info_(std::move(info)),
        fingerprint_(fingerprint_of(info_)),
        path_(options.path),
        timeout_ms_(options.timeout_ms),
        worker_(embedder_spec(options)) {}

  std::string_view fingerprint() const override { return fingerprint_; }
  std::size_t dimension() const override { return info_.embedding_length; }

  Result<std::vector<float>> embed(std::span<const std::string_view> texts, TextRole role,
                                   const CallContext& call) const override {
    ASSERT(!texts.empty() && texts.size() <= kEmbedBatchMax);
    const ModelCall limited(call, timeout_ms_, "the embedder");
    std::vector<std::string> prepared;
    for (const std::string_view text : texts) prepared.push_back(prepare(text, role));
    const std::vector<std::string_view> views(prepared.begin(), prepared.end());
    const Frame frame = TRY(limited.explain(
        worker_.exchange(FrameType::embed, encode(std::span<const std::string_view>(views)),
                         nullptr, limited.context())));
    EmbeddedTexts embedded = TRY(decode_embedded_texts(frame.payload));
    if (embedded.dimension != dimension() ||
        embedded.vectors.size() != texts.size() * dimension()) {
      return Error{ErrorCode::unavailable,
                   "the embedder gave vectors of another size than its file says"};
    }
    if (!embedded.chosen.empty()) {
      write_precision_choice(path_, processor_identity(), embedded.chosen);
    }
    const std::lock_guard lock(remark_mutex_);
    remark_ = std::move(embedded.remark);
    return std::move(embedded.vectors);
  }

  std::string remark() const override {
    const std::lock_guard lock(remark_mutex_);
    return remark_;
  }

  Result<std::size_t> count_tokens(std::string_view text, const CallContext& call) const override {
    const ModelCall limited(call, timeout_ms_, "the embedder");
    const std::string prepared = model_text(text, SIZE_MAX / 64);
    const std::string_view views[] = {prepared};
    const Frame frame = TRY(limited.explain(
        worker_.exchange(FrameType::count, encode(std::span<const std::string_view>(views)),
                         nullptr, limited.context())));
    return static_cast<std::size_t>(TRY(decode_number(frame.payload)));
  }

 private:
  std::string prepare(std::string_view text, TextRole role) const {
    const std::size_t tokens_max = info_.context_tokens == 0 ? 512 : info_.context_tokens;
    const std::string& prefix = role == TextRole::query ? info_.query_prefix : info_.passage_prefix;
    return prefix + model_text(text, tokens_max);
  }

  GgufInfo info_;
  std::string fingerprint_;
  std::string path_;
  std::uint32_t timeout_ms_;
  mutable WorkerClient worker_;
  mutable std::mutex remark_mutex_;
  mutable std::string remark_;
};

class LlamaLanguageModel final : public LanguageModel {
 public:
  LlamaLanguageModel(LocalModelOptions options, const GgufInfo& info)
      : name_(options.name.empty() ? info.name : options.name),
        timeout_ms_(options.timeout_ms),
        worker_(worker_spec(options, WorkerTask::chat)) {
    context_tokens_ = options.context_tokens == 0 ? info.context_tokens : options.context_tokens;
    if (info.context_tokens > 0) {
      context_tokens_ = std::min<std::size_t>(context_tokens_, info.context_tokens);
    }
  }

  std::string_view name() const override { return name_; }
  std::size_t context_tokens() const override { return context_tokens_; }

  Result<Completion> complete(const CompletionRequest& request, const TextSink& on_delta,
                              const CallContext& call) const override {
    const ModelCall limited(call, timeout_ms_, "the chat model");
    std::string text;
    const PartSink collect = [&](const Frame& part) {
      if (part.type == FrameType::reading) {
        const auto progress = decode_prompt_progress(part.payload);
        if (progress && request.on_read) request.on_read(progress->read, progress->total);
        return true;
      }
      const std::string_view delta(reinterpret_cast<const char*>(part.payload.data()),
                                   part.payload.size());
      text += delta;
      return !on_delta || on_delta(delta);
    };
    const Frame frame = TRY(limited.explain(
        worker_.exchange(FrameType::complete, encode(request), collect, limited.context())));
    Completion completion = TRY(decode_completion(frame.payload));
    completion.text = std::move(text);
    return completion;
  }

  Result<std::size_t> count_tokens(std::string_view text, const CallContext& call) const override {
    const ModelCall limited(call, timeout_ms_, "the chat model");
    const std::string_view views[] = {text};
    const Frame frame = TRY(limited.explain(
        worker_.exchange(FrameType::count, encode(std::span<const std::string_view>(views)),
                         nullptr, limited.context())));
    return static_cast<std::size_t>(TRY(decode_number(frame.payload)));
  }

 private:
  std::string name_;
  std::uint32_t timeout_ms_;
  std::size_t context_tokens_ = 0;
  mutable WorkerClient worker_;
};

}  // namespace

Result<std::unique_ptr<Embedder>> make_llama_embedder(LocalModelOptions options) {
  TRY(check_worker_program(options));
  GgufInfo info = TRY(read_gguf_info(options.path));
  if (!info.is_embedder()) {
    return Error{ErrorCode::invalid_argument,
                 options.path + " is " + std::string(kind_of(info)) + " (" + info.architecture +
                     "), not an embedder; name one of `saerok model list`"};
  }
  if (info.embedding_length == 0 || info.embedding_length > 65'536) {
    return Error{ErrorCode::corrupt, options.path + " does not say how long its vectors are"};
  }
  add_known_prefixes(info);
  return std::unique_ptr<Embedder>(
      std::make_unique<LlamaEmbedder>(std::move(options), std::move(info)));
}

Result<std::unique_ptr<LanguageModel>> make_llama_language_model(LocalModelOptions options) {
  TRY(check_worker_program(options));
  const GgufInfo info = TRY(read_gguf_info(options.path));
  if (info.is_embedder() || info.is_reranker()) {
    return Error{ErrorCode::invalid_argument, options.path + " is " + std::string(kind_of(info)) +
                                                  ", not a chat model; set models.chat to another"};
  }
  return std::unique_ptr<LanguageModel>(
      std::make_unique<LlamaLanguageModel>(std::move(options), info));
}

}  // namespace saerok
