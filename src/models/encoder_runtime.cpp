#include "models/encoder_runtime.h"

#include <algorithm>
#include <numeric>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/lanes.h"
#include "models/encoder_file.h"
#include "models/encoder_library.h"
#include "models/encoder_tokenizer.h"
#include "models/llama_encoder.h"
#include "models/precision_choice.h"
#include "models/unit_row.h"

namespace saerok {
namespace {

/// Of a batch, padding included. More gains nothing, takes memory, and delays a stop.
constexpr std::uint32_t kBatchTokens = 512;
constexpr std::uint32_t kBatchTexts = 64;
/// Longest text read, whatever the model could.
constexpr std::uint32_t kTextTokensMax = 2048;

using Pieces = std::vector<std::uint32_t>;

/// Rounded up, because every new pair of length and number of texts has to be prepared for once,
/// which takes some ten milliseconds. Texts that come alone are questions: few lengths, but no more
/// padding than one wants to wait for, where a token takes a millisecond.
std::uint32_t padded(std::size_t length, std::size_t texts, std::uint32_t longest) {
  const std::uint32_t step = length > 64 || texts == 1 ? 8 : 4;
  return std::min((static_cast<std::uint32_t>(length) + step - 1) / step * step, longest);
}

EncoderPrecision precision_of(EmbedWith with) {
  switch (with) {
    case EmbedWith::bf16: return EncoderPrecision::bf16;
    case EmbedWith::int8: return EncoderPrecision::int8;
    case EmbedWith::f32: return EncoderPrecision::f32;
    default: return EncoderPrecision::automatic;
  }
}

class EncoderRuntime final : public ModelRuntime {
 public:
  EncoderRuntime(EncoderFile file, StopQuery stop, const EncoderModule* module)
      : file_(std::move(file)), stop_(std::move(stop)), module_(module) {}

  Status prepare(const LoadRequest& request) {
    if (module_ == nullptr) module_ = TRY(load_encoder_module());
    tokenizer_ = TRY(make_encoder_tokenizer(file_.gguf()));
    const std::uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
    threads_ = request.threads == 0 ? cores : std::min(request.threads, cores);
    text_tokens_max_ = std::min(file_.shape().positions, kTextTokensMax);
    precision_ = precision_of(request.embed_with);
    if (precision_ == EncoderPrecision::automatic) {
      const auto chosen = precision_named(request.chosen);
      precision_ = chosen.value_or(module_->choose());
      is_to_measure_ = !chosen && request.may_measure;
      starter_.graph = make_llama_encoder(file_);
    }
    // Without a starter there is nothing to wait for, and an error is still a reason for llama.cpp.
    return starter_.graph ? Status{} : compile();
  }

  LoadedModel facts() const override {
    return {.dimension = file_.shape().hidden,
            .context_tokens = text_tokens_max_,
            .runtime = module_->describe() + ", " + std::string(name_of(precision_))};
  }

  Result<EmbeddedTexts> embed(const std::vector<std::string>& texts) override {
    std::vector<Pieces> pieces;
    for (const std::string& text : texts) pieces.push_back(read(text));
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return pieces[a].size() > pieces[b].size();
    });
    EmbeddedTexts embedded;
    embedded.dimension = file_.shape().hidden;
    embedded.vectors.resize(texts.size() * embedded.dimension);
    std::vector<std::span<const std::size_t>> batches;
    for (std::size_t begin = 0; begin < order.size(); begin += batches.back().size()) {
      // The first is the longest.
      const std::uint32_t length = padded(pieces[order[begin]].size(), 2, text_tokens_max_);
      const std::size_t room = std::clamp(kBatchTokens / length, 1u, kBatchTexts);
      batches.push_back(std::span(order).subspan(begin, std::min(room, order.size() - begin)));
    }
    for (const Pieces& text : pieces) embedded.tokens += text.size();
    if (starter_.graph && texts.size() == 1 && embedded.tokens <= kStarterTokensMax) {
      const std::size_t only = 0;
      TRY(compute(starter_, {&only, 1}, pieces, embedded));
      starter_.graph.reset();  // A second question: there will be more.
      return embedded;
    }
    if (!graph_) TRY(compile());
    TRY(compute_all(batches, pieces, embedded));
    embedded.chosen = std::exchange(chosen_, {});
    return embedded;
  }

  Result<std::uint64_t> count_tokens(const std::string& text) override {
    return tokenizer_->read(text).size();
  }

  Result<Completion> complete(const CompletionRequest&, const TextSink&) override {
    return Error{ErrorCode::invalid_argument, "an embedder cannot answer"};
  }

 private:
  /// A thread's own.
  struct Lane {
    std::unique_ptr<EncoderLane> graph;
    std::vector<float> states;
    std::vector<float> weights;
    std::vector<float> rows;
  };

  Status compile() {
    EncoderGraphRequest request{.shape = file_.shape(),
                                .precision = precision_,
                                .threads = threads_,
                                .read = [this](const std::string& name, std::span<float> to) {
                                  return file_.read(name, to);
                                }};
    if (std::exchange(is_to_measure_, false)) {
      precision_ = measure_precisions(*module_, request, steady_clock_ns);
      request.precision = precision_;
      chosen_ = name_of(precision_);
    }
    graph_ = TRY(module_->make_graph(request));
    for (std::uint32_t i = 0; i < threads_; ++i)
      lanes_.push_back({graph_->make_lane(), {}, {}, {}});
    return {};
  }

  /// The pieces of a text, cut at the limit before the piece that ends it.
  Pieces read(const std::string& text) {
    Pieces pieces = tokenizer_->read(text);
    if (pieces.size() > text_tokens_max_) {
      pieces.resize(text_tokens_max_);
      if (const auto end = tokenizer_->end()) pieces.back() = *end;
    }
    // Nothing in, nothing out: the model needs one piece to speak of.
    if (pieces.empty()) pieces.push_back(tokenizer_->end().value_or(0));
    // A vocabulary may name more pieces than the table has rows for.
    for (std::uint32_t& piece : pieces) piece = std::min(piece, file_.shape().vocabulary - 1);
    return pieces;
  }

  /// Each lane takes the next batch until none is left or one has failed.
  Status compute_all(std::span<const std::span<const std::size_t>> batches,
                     const std::vector<Pieces>& pieces, EmbeddedTexts& embedded) {
    return run_in_lanes(lanes_.size(), batches.size(), [&](std::size_t lane, std::size_t batch) {
      return compute(lanes_[lane], batches[batch], pieces, embedded);
    });
  }

  Status compute(Lane& lane, std::span<const std::size_t> texts, const std::vector<Pieces>& pieces,
                 EmbeddedTexts& embedded) const {
    if (stop_()) return Error{ErrorCode::cancelled, "embedding was stopped"};
    const std::size_t hidden = file_.shape().hidden;
    const std::uint32_t length =
        padded(pieces[texts.front()].size(), texts.size(), text_tokens_max_);
    lane.states.assign(texts.size() * length * hidden, 0.0f);
    lane.weights.assign(texts.size() * length, 0.0f);
    lane.rows.resize(texts.size() * hidden);
    std::vector<std::uint32_t> lengths;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const Pieces& text = pieces[texts[i]];
      for (std::uint32_t p = 0; p < text.size(); ++p) {
        file_.embed(text[p], p, std::span(lane.states).subspan((i * length + p) * hidden, hidden));
      }
      weigh(text.size(), std::span(lane.weights).subspan(i * length, length));
      lengths.push_back(static_cast<std::uint32_t>(text.size()));
    }
    TRY(lane.graph->compute({.texts = static_cast<std::uint32_t>(texts.size()),
                             .length = length,
                             .states = lane.states,
                             .weights = lane.weights,
                             .lengths = lengths},
                            lane.rows));
    if (stop_()) return Error{ErrorCode::cancelled, "embedding was stopped"};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      TRY(store_unit_row(std::span<const float>(lane.rows).subspan(i * hidden, hidden),
                         std::span(embedded.vectors).subspan(texts[i] * hidden, hidden)));
    }
    return {};
  }

  /// Each piece's share in the vector.
  void weigh(std::size_t count, std::span<float> weights) const {
    switch (file_.pooling()) {
      case EncoderPooling::mean:
        std::fill_n(weights.begin(), count, 1.0f / static_cast<float>(count));
        break;
      case EncoderPooling::first: weights.front() = 1.0f; break;
      case EncoderPooling::last: weights[count - 1] = 1.0f; break;
    }
  }

  EncoderFile file_;
  StopQuery stop_;
  const EncoderModule* module_;
  std::unique_ptr<EncoderTokenizer> tokenizer_;
  EncoderPrecision precision_ = EncoderPrecision::automatic;
  bool is_to_measure_ = false;
  std::string chosen_;  ///< By a measurement of this process.
  std::uint32_t threads_ = 1;
  std::uint32_t text_tokens_max_ = 0;
  Lane starter_;  ///< Computes the first short text, then nothing.
  std::unique_ptr<EncoderGraph> graph_;
  std::vector<Lane> lanes_;
};

}  // namespace

Result<std::unique_ptr<ModelRuntime>> load_encoder_runtime(const LoadRequest& request,
                                                           StopQuery stop,
                                                           const EncoderModule* module) {
  auto runtime = std::make_unique<EncoderRuntime>(TRY(EncoderFile::open(request.path)),
                                                  std::move(stop), module);
  TRY(runtime->prepare(request));
  return std::unique_ptr<ModelRuntime>(std::move(runtime));
}

Result<std::string> describe_encoder_runtime(const std::string& path, EmbedWith with) {
  if (with == EmbedWith::llama) {
    return Error{ErrorCode::failed_precondition, "models.embed_with is llama"};
  }
  const EncoderModule* module = TRY(load_encoder_module());
  if (!path.empty()) {
    const EncoderFile file = TRY(EncoderFile::open(path));
    TRY(make_encoder_tokenizer(file.gguf()));
  }
  EncoderPrecision precision = precision_of(with);
  std::string how;
  if (precision == EncoderPrecision::automatic) {
    std::optional<EncoderPrecision> chosen;
    if (!path.empty()) chosen = read_precision_choice(path, processor_identity());
    precision = chosen.value_or(module->choose());
    if (chosen) how = " (measured on this machine)";
  }
  return module->describe() + ", " + std::string(name_of(precision)) + how;
}

}  // namespace saerok
