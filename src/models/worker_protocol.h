/// What the program and its model worker say to each other: frames of a length, a type, the number
/// of the request and a payload, over the worker's standard input and output. Both sides check what
/// they read: the worker has parsed a model file that may be hostile. Not a format that is stored;
/// both ends are the same build.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/models.h"
#include "saerok/result.h"
#include "saerok/settings.h"

namespace saerok {

constexpr std::size_t kFrameBytesMax = 64u << 20;

enum class FrameType : std::uint8_t {
  // To the worker.
  load = 1,  ///< LoadRequest. The first frame, once.
  embed,     ///< Texts, prefixes included.
  count,     ///< One text.
  complete,  ///< CompletionRequest.
  score,     ///< Texts: the question, then the passages.
  cancel,    ///< Stop the request of this number. Has no answer of its own.
  // From the worker: the one answer of a request, after any number of parts (deltas, readings).
  loaded,     ///< LoadedModel.
  vectors,    ///< EmbeddedTexts.
  counted,    ///< A number.
  delta,      ///< A piece of text, whole UTF-8 characters; of a reranker a ScoredPassage.
  reading,    ///< PromptProgress. Before the deltas.
  completed,  ///< Completion, without its text.
  scored,     ///< A number: tokens read. The scores came before.
  failed,     ///< Error.
};

struct Frame {
  FrameType type{};
  std::uint32_t request = 0;
  std::vector<std::byte> payload;
};

enum class WorkerTask : std::uint8_t { embed, chat, rerank };

/// Longest question and passage that a reranker is given together, whatever it could read: memory
/// grows with the square.
constexpr std::uint32_t kPairTokensMax = 1'024;

struct LoadRequest {
  std::string path;
  WorkerTask task{};
  std::uint32_t threads = 0;         ///< 0: one for each core.
  std::uint32_t context_tokens = 0;  ///< Of a chat model; 0: what it was trained for.
  bool verbose = false;              ///< The runtime's own log goes to standard error.
  EmbedWith embed_with = EmbedWith::automatic;
  std::string chosen = {};   ///< What an earlier measurement chose for `automatic`; empty: none.
  bool may_measure = false;  ///< Measure once if there was none; EmbeddedTexts::chosen tells.
};

struct LoadedModel {
  std::uint32_t dimension = 0;
  std::uint32_t context_tokens = 0;
  std::string runtime = {};  ///< For people: what computes it.
};

struct EmbeddedTexts {
  std::uint32_t dimension = 0;
  std::uint64_t tokens = 0;    ///< Read by the model, special ones included.
  std::vector<float> vectors;  ///< [texts × dimension], unit rows.
  std::string remark = {};     ///< As Embedder::remark().
  /// What a measurement chose for `automatic` (precision_choice.h), once; else empty.
  std::string chosen = {};
};

struct ScoredPassage {
  std::uint32_t passage = 0;  ///< Its place in the request, from 0.
  float score = 0;
  bool is_cut = false;  ///< Only its beginning was read.
};

/// As CompletionRequest::on_read() says.
struct PromptProgress {
  std::uint32_t read = 0;
  std::uint32_t total = 0;
};

/// Whether more frames of the same request follow.
constexpr bool is_part(FrameType type) {
  return type == FrameType::delta || type == FrameType::reading;
}

std::vector<std::byte> encode_frame(FrameType type, std::uint32_t request,
                                    std::span<const std::byte> payload);

/// Cuts a stream of bytes into frames.
class FrameParser {
 public:
  void feed(std::span<const std::byte> bytes);
  /// The next whole frame, or nothing yet. Errors: corrupt (a length or type that cannot be).
  Result<std::optional<Frame>> next();

 private:
  std::vector<std::byte> buffer_;
  std::size_t at_ = 0;
};

// The payloads. Decoding gives corrupt where the bytes are not exactly one such value.
std::vector<std::byte> encode(const LoadRequest& request);
std::vector<std::byte> encode(const LoadedModel& model);
std::vector<std::byte> encode(std::span<const std::string_view> texts);
std::vector<std::byte> encode(const EmbeddedTexts& embedded);
std::vector<std::byte> encode(const CompletionRequest& request);
std::vector<std::byte> encode(const Completion& completion);
std::vector<std::byte> encode(const ScoredPassage& scored);
std::vector<std::byte> encode(const PromptProgress& progress);
std::vector<std::byte> encode(const Error& error);
std::vector<std::byte> encode(std::uint64_t number);
std::vector<std::byte> encode_text(std::string_view text);

Result<LoadRequest> decode_load_request(std::span<const std::byte> payload);
Result<LoadedModel> decode_loaded_model(std::span<const std::byte> payload);
Result<std::vector<std::string>> decode_texts(std::span<const std::byte> payload);
Result<EmbeddedTexts> decode_embedded_texts(std::span<const std::byte> payload);
Result<CompletionRequest> decode_completion_request(std::span<const std::byte> payload);
Result<Completion> decode_completion(std::span<const std::byte> payload);
Result<ScoredPassage> decode_scored_passage(std::span<const std::byte> payload);
Result<PromptProgress> decode_prompt_progress(std::span<const std::byte> payload);
/// The Error in the payload, or a corrupt one.
Error decode_error(std::span<const std::byte> payload);
Result<std::uint64_t> decode_number(std::span<const std::byte> payload);

}  // namespace saerok
