#include "lab/run_json.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <utility>

namespace saerok::lab {
namespace {

constexpr std::array<std::string_view, 3> kDecisions = {"search", "answer", "clarify"};
constexpr std::array<std::string_view, 2> kKinds = {"search", "ensemble"};

/// More than any dataset has questions.
constexpr std::uint64_t kCountMax = std::uint64_t{1} << 53;

/// The members of one object, with an Error that names the first that is missing or of another
/// type.
class Members {
 public:
  Members(const Json& object, std::string_view what) : object_(object), what_(what) {}

  std::string text(std::string_view name) {
    const auto value = find_text(object_, name);
    return value ? *value : miss<std::string>(name, "text");
  }
  double number(std::string_view name) {
    const auto value = find_number(object_, name);
    return value && std::isfinite(*value) ? *value : miss<double>(name, "number");
  }
  std::uint64_t count(std::string_view name) {
    const auto value = find_count(object_, name);
    return value ? *value : miss<std::uint64_t>(name, "count");
  }
  bool truth(std::string_view name) {
    const Json* value = find_member(object_, name);
    return value != nullptr && value->is_boolean() ? value->get<bool>() : miss<bool>(name, "flag");
  }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> values;
    for (const Json& value : array(name)) {
      if (!value.is_string()) return miss<std::vector<std::string>>(name, "list of texts");
      values.push_back(value.get<std::string>());
    }
    return values;
  }
  std::map<std::string, std::string> map(std::string_view name) {
    std::map<std::string, std::string> values;
    const Json* object = find_member(object_, name);
    if (object == nullptr || !object->is_object()) return miss<decltype(values)>(name, "object");
    for (const auto& [key, value] : object->items()) {
      if (!value.is_string()) return miss<decltype(values)>(name, "object of texts");
      values[key] = value.get<std::string>();
    }
    return values;
  }
  const Json& array(std::string_view name) {
    static const Json kEmpty = Json::array();
    const Json* value = find_member(object_, name);
    if (value != nullptr && value->is_array()) return *value;
    miss<int>(name, "list");
    return kEmpty;
  }
  template <class Enum>
  Enum choice(std::string_view name, std::span<const std::string_view> names) {
    const auto value = find_text(object_, name);
    for (std::size_t i = 0; value && i < names.size(); ++i) {
      if (*value == names[i]) return static_cast<Enum>(i);
    }
    return miss<Enum>(name, "known name");
  }
  /// Half-open [begin, end).
  ByteSpan bytes(std::string_view name) {
    const Json& pair = array(name);
    if (pair.size() != 2 || !pair[0].is_number_unsigned() || !pair[1].is_number_unsigned() ||
        pair[0].get<std::uint64_t>() > pair[1].get<std::uint64_t>()) {
      return miss<ByteSpan>(name, "pair of places");
    }
    return {pair[0].get<std::uint64_t>(), pair[1].get<std::uint64_t>()};
  }
  Quantiles quantiles(std::string_view name) {
    const Json* value = find_member(object_, name);
    if (value == nullptr) return miss<Quantiles>(name, "object");
    return quantiles_of(*value);
  }
  Quantiles quantiles_of(const Json& value) {
    Members members(value, what_);
    Quantiles quantiles{members.number("p50"), members.number("p95"), members.number("p99")};
    if (members.error_) error_ = members.error_;
    return quantiles;
  }

  template <class T>
  Result<T> finish(T value) {
    if (error_) return std::move(*error_);
    return value;
  }

  template <class T>
  T miss(std::string_view name, std::string_view type) {
    if (!error_) {
      error_ = Error{ErrorCode::corrupt, std::string(what_) + " has no " + std::string(type) +
                                             " called \"" + std::string(name) + "\""};
    }
    return T{};
  }

 private:
  const Json& object_;
  std::string_view what_;
  std::optional<Error> error_;
};

}  // namespace

std::string_view name_of(Decision decision) {
  return kDecisions[static_cast<std::size_t>(decision)];
}

Json to_json(const RunInfo& info) {
  return {{"id", info.id},
          {"kind", kKinds[static_cast<std::size_t>(info.kind)]},
          {"dataset", info.dataset},
          {"dataset_folder", info.dataset_folder},
          {"dataset_hash", info.dataset_hash},
          {"queries", info.queries},
          {"qrels", info.qrels},
          {"conversations", info.conversations},
          {"corpus", info.corpus},
          {"split", info.split},
          {"columns", info.columns},
          {"topics", info.topics},
          {"labels", info.labels},
          {"documents", info.documents},
          {"depth", info.depth},
          {"span_overlap", info.span_overlap},
          {"with_answers", info.with_answers},
          {"settings", info.settings},
          {"changed", info.changed},
          {"parts", info.parts},
          {"method", info.method},
          {"index_fingerprint", info.index_fingerprint},
          {"collection", info.collection},
          {"version", info.version},
          {"seed", info.seed},
          {"folds", info.folds},
          {"fold", info.fold},
          {"started", info.started},
          {"is_complete", info.is_complete}};
}

Result<RunInfo> run_info_from(const Json& json, std::string_view what) {
  Members members(json, what);
  RunInfo info;
  info.id = members.text("id");
  info.kind = members.choice<RunKind>("kind", kKinds);
  info.dataset = members.text("dataset");
  info.dataset_folder = members.text("dataset_folder");
  info.dataset_hash = members.text("dataset_hash");
  info.queries = members.text("queries");
  info.qrels = members.text("qrels");
  info.conversations = members.text("conversations");
  info.corpus = members.text("corpus");
  info.split = members.text("split");
  info.columns = members.map("columns");
  info.topics = members.count("topics");
  info.labels = members.count("labels");
  info.documents = members.count("documents");
  info.depth = static_cast<std::uint32_t>(members.count("depth"));
  info.span_overlap = members.number("span_overlap");
  info.with_answers = members.truth("with_answers");
  info.settings = members.map("settings");
  info.changed = members.map("changed");
  info.parts = members.texts("parts");
  info.method = members.text("method");
  info.index_fingerprint = members.text("index_fingerprint");
  info.collection = members.text("collection");
  info.version = members.text("version");
  info.seed = members.count("seed");
  info.folds = static_cast<std::uint32_t>(members.count("folds"));
  info.fold = static_cast<std::uint32_t>(members.count("fold"));
  info.started = members.text("started");
  info.is_complete = members.truth("is_complete");
  return members.finish(std::move(info));
}

Json to_json(const MetricSummary& summary) {
  return {{"metric", name_of(summary.metric)},
          {"mean", summary.mean},
          {"low", summary.interval.low},
          {"high", summary.interval.high},
          {"topics", summary.topics}};
}

Result<std::vector<MetricSummary>> metrics_from(const Json& json, std::string_view what) {
  if (!json.is_array()) {
    return Error{ErrorCode::corrupt, std::string(what) + " is not a list of metrics"};
  }
  std::vector<MetricSummary> summaries;
  for (const Json& entry : json) {
    Members members(entry, what);
    MetricSummary summary;
    const std::string name = members.text("metric");
    summary.mean = members.number("mean");
    summary.interval = {members.number("low"), members.number("high")};
    summary.topics = members.count("topics");
    summary = TRY(members.finish(summary));
    summary.metric = TRY(parse_metric(name));
    summaries.push_back(summary);
  }
  return summaries;
}

Json to_json(const ConfusionMatrix& matrix) {
  const ClassificationScores scores = score_classes(matrix);
  Json counts = Json::array();
  for (std::size_t truth = 0; truth < matrix.classes.size(); ++truth) {
    Json row = Json::array();
    for (std::size_t at = 0; at < matrix.classes.size(); ++at) row.push_back(matrix.at(truth, at));
    counts.push_back(std::move(row));
  }
  Json classes = Json::object();
  for (const ClassScore& score : scores.classes) {
    classes[score.name] = {
        {"precision", score.precision}, {"recall", score.recall}, {"f1", score.f1}};
  }
  return {{"classes", matrix.classes},
          {"counts", std::move(counts)},
          {"scores", std::move(classes)},
          {"macro_f1", scores.macro_f1},
          {"micro_f1", scores.micro_f1}};
}

Result<ConfusionMatrix> confusion_from(const Json& json, std::string_view what) {
  Members members(json, what);
  ConfusionMatrix matrix{.classes = members.texts("classes"), .counts = {}};
  const std::size_t size = matrix.classes.size();
  const Json& rows = members.array("counts");
  bool is_square = rows.size() == size;
  std::uint64_t sum = 0;
  for (const Json& row : rows) {
    is_square = is_square && row.is_array() && row.size() == size;
    for (std::size_t at = 0; is_square && at < size; ++at) {
      // The sums of rows and columns have to fit as well.
      is_square = row[at].is_number_unsigned() && row[at].get<std::uint64_t>() <= kCountMax - sum;
      if (is_square) matrix.counts.push_back(row[at].get<std::uint64_t>());
      if (is_square) sum += matrix.counts.back();
    }
  }
  const std::set<std::string_view> names(matrix.classes.begin(), matrix.classes.end());
  if (!is_square) members.miss<int>("counts", "square of counts");
  if (names.size() != size) members.miss<int>("classes", "list of different names");
  return members.finish(std::move(matrix));
}

Json to_json(const Quantiles& quantiles) {
  return {{"p50", quantiles.p50}, {"p95", quantiles.p95}, {"p99", quantiles.p99}};
}

Json to_json(const RunTimings& timings) {
  Json stages = Json::object();
  for (const auto& [name, quantiles] : timings.stages_ms) stages[name] = to_json(quantiles);
  return {{"latency_ms", to_json(timings.latency_ms)},
          {"stages_ms", std::move(stages)},
          {"text_seconds", timings.text_seconds},
          {"embed_seconds", timings.embed_seconds},
          {"index_bytes", timings.index_bytes},
          {"peak_memory_bytes", timings.peak_memory_bytes},
          {"peak_worker_memory_bytes", timings.peak_worker_memory_bytes}};
}

Result<RunTimings> timings_from(const Json& json, std::string_view what) {
  Members members(json, what);
  RunTimings timings;
  timings.latency_ms = members.quantiles("latency_ms");
  if (const Json* stages = find_member(json, "stages_ms"); stages && stages->is_object()) {
    for (const auto& [name, value] : stages->items()) {
      timings.stages_ms[name] = members.quantiles_of(value);
    }
  }
  timings.text_seconds = members.number("text_seconds");
  timings.embed_seconds = members.number("embed_seconds");
  timings.index_bytes = members.count("index_bytes");
  timings.peak_memory_bytes = members.count("peak_memory_bytes");
  timings.peak_worker_memory_bytes = members.count("peak_worker_memory_bytes");
  return members.finish(std::move(timings));
}

Json to_json(const Outcome& outcome) {
  Json hits = Json::array();
  for (const OutcomeHit& hit : outcome.hits) {
    hits.push_back({{"document", hit.document},
                    {"score", hit.score},
                    {"bytes", {hit.bytes.begin, hit.bytes.end}},
                    {"lines", {hit.lines.first, hit.lines.last}}});
  }
  Json citations = Json::array();
  for (const OutcomeCitation& citation : outcome.citations) {
    citations.push_back({{"document", citation.document},
                         {"bytes", {citation.bytes.begin, citation.bytes.end}},
                         {"quote", citation.quote}});
  }
  return {{"topic", outcome.topic},
          {"decision", name_of(outcome.decision)},
          {"standalone_query", outcome.standalone_query},
          {"hits", std::move(hits)},
          {"answer", outcome.answer},
          {"citations", std::move(citations)},
          {"warnings", outcome.warnings}};
}

Result<Outcome> outcome_from(const Json& json, std::string_view what) {
  Members members(json, what);
  Outcome outcome;
  outcome.topic = members.text("topic");
  outcome.decision = members.choice<Decision>("decision", kDecisions);
  outcome.standalone_query = members.text("standalone_query");
  outcome.answer = members.text("answer");
  outcome.warnings = members.texts("warnings");
  // Runs of earlier builds have none.
  if (find_member(json, "citations") != nullptr) {
    for (const Json& entry : members.array("citations")) {
      Members of_citation(entry, what);
      OutcomeCitation citation{of_citation.text("document"), of_citation.bytes("bytes"),
                               of_citation.text("quote")};
      outcome.citations.push_back(TRY(of_citation.finish(std::move(citation))));
    }
  }
  for (const Json& entry : members.array("hits")) {
    Members of_hit(entry, what);
    OutcomeHit hit;
    hit.document = of_hit.text("document");
    hit.score = of_hit.number("score");
    hit.bytes = of_hit.bytes("bytes");
    const ByteSpan lines = of_hit.bytes("lines");
    hit.lines = {static_cast<std::uint32_t>(lines.begin), static_cast<std::uint32_t>(lines.end)};
    outcome.hits.push_back(TRY(of_hit.finish(std::move(hit))));
  }
  return members.finish(std::move(outcome));
}

Json to_json(const RunNote& note) { return {{"written", note.written}, {"text", note.text}}; }

Result<RunNote> note_from(const Json& json, std::string_view what) {
  Members members(json, what);
  RunNote note{members.text("written"), members.text("text")};
  return members.finish(std::move(note));
}

Json to_json(const TopicValues& values, const std::vector<Metric>& metrics) {
  Json numbers = Json::object();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (!std::isnan(values.values[i])) numbers[name_of(metrics[i])] = values.values[i];
  }
  return {{"topic", values.topic}, {"group", values.group}, {"metrics", std::move(numbers)}};
}

Result<TopicValues> topic_values_from(const Json& json, const std::vector<Metric>& metrics,
                                      std::string_view what) {
  Members members(json, what);
  TopicValues values{members.text("topic"), members.text("group"), {}};
  const Json* numbers = find_member(json, "metrics");
  if (numbers == nullptr || !numbers->is_object()) members.miss<double>("metrics", "object");
  for (const Metric& metric : metrics) {
    const auto value = numbers == nullptr ? std::nullopt : find_number(*numbers, name_of(metric));
    values.values.push_back(value.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return members.finish(std::move(values));
}

}  // namespace saerok::lab
