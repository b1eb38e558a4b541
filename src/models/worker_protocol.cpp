#include "models/worker_protocol.h"

#include <cstring>

#include "base/bytes.h"

namespace saerok {
namespace {

constexpr std::size_t kHeaderBytes = sizeof(std::uint32_t) * 2 + 1;
constexpr std::uint64_t kListMax = 100'000;

Error malformed(std::string_view what) {
  return {ErrorCode::corrupt,
          "the model worker's " + std::string(what) + " message could not be read"};
}

/// `value`, if the reader read all there was and no more.
template <class T>
Result<T> checked(const ByteReader& reader, T value, std::string_view what) {
  if (reader.failed() || !reader.at_end()) return malformed(what);
  return value;
}

}  // namespace

std::vector<std::byte> encode_frame(FrameType type, std::uint32_t request,
                                    std::span<const std::byte> payload) {
  ByteWriter writer;
  writer.put(static_cast<std::uint32_t>(payload.size()));
  writer.put(request);
  writer.put(static_cast<std::uint8_t>(type));
  writer.append(payload.data(), payload.size());
  return writer.take();
}

void FrameParser::feed(std::span<const std::byte> bytes) {
  if (at_ > 0) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Frame>> FrameParser::next() {
  const auto rest = std::span(buffer_).subspan(at_);
  if (rest.size() < kHeaderBytes) return std::optional<Frame>();
  ByteReader reader(rest);
  const auto size = reader.get<std::uint32_t>();
  Frame frame;
  frame.request = reader.get<std::uint32_t>();
  const auto type = reader.get<std::uint8_t>();
  if (size > kFrameBytesMax || type < static_cast<std::uint8_t>(FrameType::load) ||
      type > static_cast<std::uint8_t>(FrameType::failed)) {
    return malformed("frame");
  }
  frame.type = static_cast<FrameType>(type);
  if (rest.size() - kHeaderBytes < size) return std::optional<Frame>();
  const auto payload = reader.get_bytes(size);
  frame.payload.assign(payload.begin(), payload.end());
  at_ += kHeaderBytes + size;
  return std::optional<Frame>(std::move(frame));
}

std::vector<std::byte> encode(const LoadRequest& request) {
  ByteWriter writer;
  writer.put_string(request.path);
  writer.put(static_cast<std::uint8_t>(request.task));
  writer.put(request.threads);
  writer.put(request.context_tokens);
  writer.put<std::uint8_t>(request.verbose ? 1 : 0);
  writer.put(static_cast<std::uint8_t>(request.embed_with));
  writer.put_string(request.chosen);
  writer.put<std::uint8_t>(request.may_measure ? 1 : 0);
  return writer.take();
}

Result<LoadRequest> decode_load_request(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  LoadRequest request;
  request.path = reader.get_string();
  const auto task = reader.get<std::uint8_t>();
  if (task > static_cast<std::uint8_t>(WorkerTask::rerank)) return malformed("load");
  request.task = static_cast<WorkerTask>(task);
  request.threads = reader.get<std::uint32_t>();
  request.context_tokens = reader.get<std::uint32_t>();
  request.verbose = reader.get<std::uint8_t>() != 0;
  const auto embed_with = reader.get<std::uint8_t>();
  if (embed_with > static_cast<std::uint8_t>(EmbedWith::llama)) return malformed("load");
  request.embed_with = static_cast<EmbedWith>(embed_with);
  request.chosen = reader.get_string();
  request.may_measure = reader.get<std::uint8_t>() != 0;
  return checked(reader, std::move(request), "load");
}

std::vector<std::byte> encode(const LoadedModel& model) {
  ByteWriter writer;
  writer.put(model.dimension);
  writer.put(model.context_tokens);
  writer.put_string(model.runtime);
  return writer.take();
}

Result<LoadedModel> decode_loaded_model(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  LoadedModel model;
  model.dimension = reader.get<std::uint32_t>();
  model.context_tokens = reader.get<std::uint32_t>();
  model.runtime = reader.get_string();
  return checked(reader, std::move(model), "loaded");
}

std::vector<std::byte> encode(std::span<const std::string_view> texts) {
  ByteWriter writer;
  writer.put_varint(texts.size());
  for (const std::string_view text : texts) writer.put_string(text);
  return writer.take();
}

Result<std::vector<std::string>> decode_texts(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  const auto count = reader.get_varint();
  if (count > kListMax) return malformed("embed");
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    texts.emplace_back(reader.get_string());
  }
  return checked(reader, std::move(texts), "embed");
}

std::vector<std::byte> encode(const EmbeddedTexts& embedded) {
  ByteWriter writer;
  writer.put(embedded.dimension);
  writer.put(embedded.tokens);
  writer.put_string(embedded.remark);
  writer.put_string(embedded.chosen);
  writer.append(embedded.vectors.data(), embedded.vectors.size() * sizeof(float));
  return writer.take();
}

Result<EmbeddedTexts> decode_embedded_texts(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  EmbeddedTexts embedded;
  embedded.dimension = reader.get<std::uint32_t>();
  embedded.tokens = reader.get<std::uint64_t>();
  embedded.remark = reader.get_string();
  embedded.chosen = reader.get_string();
  const std::size_t size = payload.size() - reader.position();
  const std::uint64_t row = std::uint64_t{embedded.dimension} * sizeof(float);
  if (reader.failed() || row == 0 || size % row != 0) return malformed("vectors");
  embedded.vectors.resize(size / sizeof(float));
  const auto rows = reader.get_bytes(size);
  if (!rows.empty()) std::memcpy(embedded.vectors.data(), rows.data(), rows.size());
  return checked(reader, std::move(embedded), "vectors");
}

std::vector<std::byte> encode(const CompletionRequest& request) {
  ByteWriter writer;
  writer.put_varint(request.messages.size());
  for (const Turn& turn : request.messages) {
    writer.put_string(turn.role);
    writer.put_string(turn.content);
  }
  writer.put(request.tokens_max);
  writer.put(request.temperature);
  writer.put(request.seed);
  writer.put_string(request.grammar);
  return writer.take();
}

Result<CompletionRequest> decode_completion_request(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  CompletionRequest request;
  const auto count = reader.get_varint();
  if (count > kListMax) return malformed("complete");
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    Turn turn;
    turn.role = reader.get_string();
    turn.content = reader.get_string();
    request.messages.push_back(std::move(turn));
  }
  request.tokens_max = reader.get<std::uint32_t>();
  request.temperature = reader.get<float>();
  request.seed = reader.get<std::uint64_t>();
  request.grammar = reader.get_string();
  return checked(reader, std::move(request), "complete");
}

std::vector<std::byte> encode(const Completion& completion) {
  ByteWriter writer;
  writer.put(completion.prompt_tokens);
  writer.put(completion.prompt_tokens_kept);
  writer.put(completion.generated_tokens);
  writer.put<std::uint8_t>(completion.reached_limit ? 1 : 0);
  return writer.take();
}

Result<Completion> decode_completion(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  Completion completion;
  completion.prompt_tokens = reader.get<std::uint32_t>();
  completion.prompt_tokens_kept = reader.get<std::uint32_t>();
  completion.generated_tokens = reader.get<std::uint32_t>();
  completion.reached_limit = reader.get<std::uint8_t>() != 0;
  return checked(reader, std::move(completion), "completed");
}

std::vector<std::byte> encode(const ScoredPassage& scored) {
  ByteWriter writer;
  writer.put(scored.passage);
  writer.put(scored.score);
  writer.put<std::uint8_t>(scored.is_cut ? 1 : 0);
  return writer.take();
}

Result<ScoredPassage> decode_scored_passage(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  ScoredPassage scored;
  scored.passage = reader.get<std::uint32_t>();
  scored.score = reader.get<float>();
  scored.is_cut = reader.get<std::uint8_t>() != 0;
  return checked(reader, scored, "score");
}

std::vector<std::byte> encode(const PromptProgress& progress) {
  ByteWriter writer;
  writer.put(progress.read);
  writer.put(progress.total);
  return writer.take();
}

Result<PromptProgress> decode_prompt_progress(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  PromptProgress progress;
  progress.read = reader.get<std::uint32_t>();
  progress.total = reader.get<std::uint32_t>();
  return checked(reader, progress, "progress");
}

std::vector<std::byte> encode(const Error& error) {
  ByteWriter writer;
  writer.put(static_cast<std::uint8_t>(error.code));
  writer.put_string(error.message);
  return writer.take();
}

Error decode_error(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  const auto code = reader.get<std::uint8_t>();
  std::string message(reader.get_string());
  const bool is_known = code <= static_cast<std::uint8_t>(ErrorCode::too_many);
  if (reader.failed() || !reader.at_end() || !is_known) {
    return malformed("failed");
  }
  return {static_cast<ErrorCode>(code), std::move(message)};
}

std::vector<std::byte> encode(std::uint64_t number) {
  ByteWriter writer;
  writer.put(number);
  return writer.take();
}

Result<std::uint64_t> decode_number(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  const auto number = reader.get<std::uint64_t>();
  return checked(reader, number, "count");
}

std::vector<std::byte> encode_text(std::string_view text) {
  const auto bytes = as_byte_span(text);
  return {bytes.begin(), bytes.end()};
}

}  // namespace saerok
