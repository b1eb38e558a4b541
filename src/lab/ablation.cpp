#include "lab/ablation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/assert.h"
#include "lab/significance.h"
#include "saerok/config.h"

namespace saerok::lab {
namespace {

bool has_conversations(const Dataset& dataset) {
  return std::any_of(dataset.topics.begin(), dataset.topics.end(),
                     [](const Topic& topic) { return !topic.conversation.empty(); });
}

bool has_reranker(const Settings& settings) {
  if (settings.search.rerank_depth == 0) return false;
  const ModelSettings& models = settings.models;
  return settings.search.rerank_by != RerankBy::reranker
             ? !models.chat.empty() || !models.chat_base_url.empty()
             : !models.rerank.empty() || !models.rerank_base_url.empty();
}

bool has_words(const Settings& settings) { return settings.search.mode != SearchMode::vector; }

bool has_vectors(const Settings& settings) {
  return settings.search.mode != SearchMode::lexical && settings.index.vectors != VectorTiers::none;
}

using Changes = std::vector<std::pair<std::string, std::string>>;

/// Adds what is no repeat of the settings themselves.
class AblationList {
 public:
  explicit AblationList(const Settings& settings) : settings_(settings) {}

  void add(bool is_wanted, std::string stage, Changes changes) {
    if (!is_wanted) return;
    Settings changed = settings_;
    for (const auto& [name, value] : changes) {
      const Status set = set_setting(changed, name, value);
      ASSERT(set);
    }
    if (values_of_settings(changed) == values_of_settings(settings_)) return;
    list_.push_back({std::move(stage), std::move(changes)});
  }

  std::vector<Ablation> take() { return std::move(list_); }

 private:
  static std::vector<std::string> values_of_settings(const Settings& settings) {
    std::vector<std::string> values;
    for (const SettingValue& setting : list_settings(settings, {})) values.push_back(setting.value);
    return values;
  }

  const Settings& settings_;
  std::vector<Ablation> list_;
};

/// A metric's values by topic, as far as they are defined.
std::map<std::string, double> values_of(const std::vector<TopicValues>& topics, std::size_t at) {
  std::map<std::string, double> values;
  for (const TopicValues& topic : topics) {
    if (at < topic.values.size() && !std::isnan(topic.values[at])) {
      values[topic.topic] = topic.values[at];
    }
  }
  return values;
}

struct Pairs {
  std::vector<double> with;
  std::vector<double> without;
  std::vector<double> differences;
};

Pairs pair_up(const std::map<std::string, double>& with,
              const std::map<std::string, double>& without) {
  Pairs pairs;
  for (const auto& [topic, value] : with) {
    const auto other = without.find(topic);
    if (other == without.end()) continue;
    pairs.with.push_back(value);
    pairs.without.push_back(other->second);
    pairs.differences.push_back(value - other->second);
  }
  return pairs;
}

void correct(std::vector<AblationRow>& rows) {
  std::vector<double> p_values;
  for (const AblationRow& row : rows) p_values.push_back(row.p);
  const std::vector<double> corrected = holm(p_values);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].p = corrected[i];
  std::stable_sort(rows.begin(), rows.end(),
                   [](const AblationRow& a, const AblationRow& b) { return a.worth > b.worth; });
}

}  // namespace

std::vector<Ablation> ablations_of(const Settings& settings, const Dataset& dataset) {
  const AskSettings& ask = settings.ask;
  const bool by_words = has_words(settings), by_vectors = has_vectors(settings);
  AblationList list(settings);
  list.add(by_words && by_vectors, "vectors", {{"search.mode", "lexical"}});
  list.add(by_words && by_vectors, "words", {{"search.mode", "vector"}});
  list.add(by_vectors && settings.index.vectors == VectorTiers::windows, "vectors of sentences",
           {{"index.vectors", "chunks"}});
  list.add(by_words, "grams", {{"search.gram_weight", "0"}});
  list.add(by_words, "titles",
           {{"search.title_weight", "0"},
            {"search.heading_weight", "0"},
            {"search.keyword_weight", "0"}});
  list.add(by_words, "corrections", {{"search.correct", "off"}});
  list.add(by_words && !settings.index.words.empty(), "synonyms", {{"search.synonym_weight", "0"}});
  list.add(by_words, "word feedback", {{"search.feedback_terms", "0"}});
  list.add(by_vectors, "vector feedback", {{"search.vector_feedback", "0"}});
  list.add(has_reranker(settings), "reranker", {{"search.rerank_depth", "0"}});
  const bool is_asked = has_conversations(dataset);
  list.add(is_asked && ask.decide != DecideBy::nothing, "decision", {{"ask.decide", "nothing"}});
  list.add(is_asked && ask.rewrite != RewriteBy::nothing, "earlier turns",
           {{"ask.rewrite", "nothing"}});
  list.add(is_asked && ask.expand != ExpandBy::nothing, "expansion", {{"ask.expand", "nothing"}});
  return list.take();
}

std::vector<Ablation> alternatives_of(const Settings& settings, const Dataset& dataset) {
  const SearchSettings& search = settings.search;
  const bool by_words = has_words(settings), by_vectors = has_vectors(settings);
  const bool is_hybrid = by_words && by_vectors;
  const bool by_sum = search.fusion == FusionMethod::weighted_sum;
  AblationList list(settings);
  list.add(is_hybrid, "reciprocal ranks", {{"search.fusion", "reciprocal_rank"}});
  list.add(is_hybrid, "sum of min-max scores",
           {{"search.fusion", "weighted_sum"}, {"search.normalisation", "min_max"}});
  list.add(is_hybrid, "sum of z-scores",
           {{"search.fusion", "weighted_sum"}, {"search.normalisation", "z_score"}});
  for (const char* share : {"0.2", "0.3", "0.4", "0.5", "0.6"}) {
    list.add(is_hybrid && by_sum, std::string("dense share ") + share,
             {{"search.dense_share", share}});
  }
  list.add(is_hybrid, "words, then vectors", {{"search.order", "lexical_then_vector"}});
  list.add(is_hybrid, "vectors, then words", {{"search.order", "vector_then_lexical"}});
  list.add(is_hybrid, "side by side", {{"search.order", "parallel"}});
  // Less than the hits that a run asks for would change nothing.
  list.add(is_hybrid, "depth 300", {{"search.depth", "300"}});
  for (const char* weight : {"0.25", "1"}) {
    list.add(by_words, std::string("grams at ") + weight, {{"search.gram_weight", weight}});
    list.add(by_words, std::string("titles at ") + weight,
             {{"search.title_weight", weight},
              {"search.heading_weight", weight},
              {"search.keyword_weight", weight}});
  }
  list.add(by_words && search.feedback_terms == 0, "word feedback",
           {{"search.feedback_terms", "10"}, {"search.feedback_share", "0.1"}});
  list.add(by_vectors && search.vector_feedback <= 0, "vector feedback",
           {{"search.vector_feedback", "0.2"}});
  const bool carries = has_conversations(dataset) && settings.ask.rewrite != RewriteBy::nothing;
  list.add(carries, "one earlier turn", {{"ask.carried_turns", "1"}});
  list.add(carries, "earlier turns at 0.5", {{"ask.carry_weight", "0.5"}});
  return list.take();
}

Result<AblationReport> run_ablation(const LabPlaces& places, const ExperimentRequest& request,
                                    const Metric& metric, Alternatives alternatives,
                                    const ProgressSink& progress, const CallContext& call) {
  DatasetRequest dataset_request = request.dataset;
  dataset_request.work_folder = places.corpora();
  const Dataset dataset = TRY(open_dataset(dataset_request, call));
  if (!dataset.has_labels) {
    return Error{ErrorCode::invalid_argument,
                 dataset.name + " has no labels, so nothing says what a stage is worth"};
  }
  AblationReport report;
  report.metric = metric;
  ExperimentRequest experiment = request;
  experiment.metrics = {metric};
  const RunStore store(places.runs());
  const auto run = [&]() -> Result<RunRecord> {
    ExperimentResult result = TRY(run_experiment(places, experiment, progress, call));
    std::move(result.warnings.begin(), result.warnings.end(), std::back_inserter(report.warnings));
    return std::move(result.record);
  };
  experiment.note = "ablation: all stages";
  report.baseline = TRY(run());
  const auto base = values_of(TRY(store.topic_values(report.baseline.info.id)), 0);
  /// The run with these changes, and its values as `other`.
  const auto run_changed = [&](const Ablation& ablation,
                               const std::string& note) -> Result<AblationRow> {
    experiment.settings = request.settings;
    for (const auto& [name, value] : ablation.changes) {
      TRY(set_setting(experiment.settings, name, value));
    }
    experiment.note = note + ablation.stage;
    return AblationRow{ablation, TRY(run()), 0, {}, 1};
  };
  const ResamplingSettings resampling{.seed = request.seed};
  const auto judge_row = [&](const std::map<std::string, double>& better,
                             const std::map<std::string, double>& worse, AblationRow& row) {
    const Pairs pairs = pair_up(better, worse);
    if (pairs.with.empty()) return false;
    for (const double difference : pairs.differences) row.worth += difference;
    row.worth /= static_cast<double>(pairs.differences.size());
    row.p = paired_randomisation(pairs.with, pairs.without, resampling);
    row.interval = bootstrap_mean(pairs.differences, resampling);
    return true;
  };
  for (const Ablation& ablation : ablations_of(request.settings, dataset)) {
    AblationRow row = TRY(run_changed(ablation, "ablation: without "));
    const auto without = values_of(TRY(store.topic_values(row.run.info.id)), 0);
    if (judge_row(base, without, row)) report.rows.push_back(std::move(row));
  }
  if (alternatives == Alternatives::run) {
    for (const Ablation& ablation : alternatives_of(request.settings, dataset)) {
      AblationRow row = TRY(run_changed(ablation, "ablation: instead "));
      const auto other = values_of(TRY(store.topic_values(row.run.info.id)), 0);
      if (judge_row(other, base, row)) report.alternatives.push_back(std::move(row));
    }
  }
  std::sort(report.warnings.begin(), report.warnings.end());
  report.warnings.erase(std::unique(report.warnings.begin(), report.warnings.end()),
                        report.warnings.end());
  correct(report.rows);
  correct(report.alternatives);
  return report;
}

}  // namespace saerok::lab
