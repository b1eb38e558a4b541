/// Ports to models: texts to vectors, passages to scores, messages to text. No vendor is named
/// here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/export.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok {

enum class TextRole : std::uint8_t { query, passage };  ///< Some models embed the two differently.

/// Most texts in one call of Embedder::embed().
constexpr std::size_t kEmbedBatchMax = 64;

/// Turns texts into vectors whose dot product is their similarity. Safe to call from several
/// threads.
class SAEROK_API Embedder {
 public:
  virtual ~Embedder() = default;

  /// Model, revision and pooling. Part of the index fingerprint: vectors of two fingerprints are
  /// never compared.
  virtual std::string_view fingerprint() const = 0;

  /// Components of each vector.
  virtual std::size_t dimension() const = 0;

  /// Returns [texts.size() × dimension()], row-major, rows in the order of `texts` and of length 1.
  /// A text longer than the model reads is cut at the model's limit. The batch succeeds or fails
  /// as a whole. Requires 1 <= texts.size() <= kEmbedBatchMax.
  /// Errors: unavailable, deadline_exceeded, cancelled.
  virtual Result<std::vector<float>> embed(std::span<const std::string_view> texts, TextRole role,
                                           const CallContext& call) const = 0;

  /// How many tokens the model sees in `text`. Errors: unavailable.
  virtual Result<std::size_t> count_tokens(std::string_view text,
                                           const CallContext& call) const = 0;

  /// A sentence on how the last vectors came about, where that was not as asked for; else empty.
  virtual std::string remark() const { return {}; }
};

/// Scores passages against a query; higher is better, scale free. Safe from several threads.
class SAEROK_API Reranker {
 public:
  virtual ~Reranker() = default;
  virtual std::string_view name() const = 0;

  /// Returns one score a passage, in order. Errors: unavailable, deadline_exceeded, cancelled.
  virtual Result<std::vector<float>> score(std::string_view query,
                                           std::span<const std::string_view> passages,
                                           const CallContext& call) const = 0;

  /// A sentence on how the last scores came about, where that was not as asked for; else empty.
  virtual std::string remark() const { return {}; }
};

struct CompletionRequest {
  Conversation messages;
  std::uint32_t tokens_max = 512;  ///< Most tokens to generate.
  float temperature = 0.0f;        ///< 0 takes the likeliest token each time.
  std::uint64_t seed = 0;          ///< Used where temperature > 0.
  std::string grammar;             ///< GBNF; empty: free text. Adapters that cannot say so.
  /// Called by complete() while a local model reads a prompt of some length: how many tokens it has
  /// read, from 0 on, and how many it will read; what it kept of a prompt before counts in neither.
  std::function<void(std::uint32_t read, std::uint32_t total)> on_read = {};
};

struct Completion {
  std::string text;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t prompt_tokens_kept = 0;  ///< Of these, kept from a prompt before: not read again.
  std::uint32_t generated_tokens = 0;
  bool reached_limit = false;  ///< Ended because of tokens_max, not because the model was done.
};

/// Called with each piece of text as it is generated; returning false stops generation.
using TextSink = std::function<bool(std::string_view delta)>;

/// Continues a conversation. Calls are served one after the other.
class SAEROK_API LanguageModel {
 public:
  virtual ~LanguageModel() = default;
  virtual std::string_view name() const = 0;

  /// Tokens of prompt and answer together that the model can hold.
  virtual std::size_t context_tokens() const = 0;

  /// Whether complete() holds to CompletionRequest::grammar; if not, it refuses one.
  virtual bool follows_grammars() const { return true; }

  /// Errors: unavailable (the model failed to load or a peer did not answer), invalid_argument
  /// (the prompt does not fit), deadline_exceeded, cancelled.
  virtual Result<Completion> complete(const CompletionRequest& request, const TextSink& on_delta,
                                      const CallContext& call) const = 0;

  /// Tokens of `text`, exact or, where a remote model gives no count, an estimate on the high side.
  virtual Result<std::size_t> count_tokens(std::string_view text,
                                           const CallContext& call) const = 0;
};

}  // namespace saerok
