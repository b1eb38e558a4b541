#include "lab/ablation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "lab/significance.h"
#include "saerok/config.h"

namespace saerok::lab {
namespace {

bool has_conversations(const Dataset& dataset) {
  return std::any_of(dataset.topics.begin(), dataset.topics.end(),
                     [](const Topic& topic) { return !topic.conversation.empty(); });
}

bool has_reranker(const Settings& settings) {
  return settings.search.rerank_depth > 0 &&
         (!settings.models.rerank.empty() || !settings.models.rerank_base_url.empty());
}

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

void correct(AblationReport& report) {
  std::vector<double> p_values;
  for (const AblationRow& row : report.rows) p_values.push_back(row.p);
  const std::vector<double> corrected = holm(p_values);
  for (std::size_t i = 0; i < report.rows.size(); ++i) report.rows[i].p = corrected[i];
  std::stable_sort(report.rows.begin(), report.rows.end(),
                   [](const AblationRow& a, const AblationRow& b) { return a.worth > b.worth; });
}

}  // namespace

std::vector<Ablation> ablations_of(const Settings& settings, const Dataset& dataset) {
  const SearchSettings& search = settings.search;
  const AskSettings& ask = settings.ask;
  std::vector<Ablation> ablations;
  const auto add = [&](bool is_used, std::string stage,
                       std::vector<std::pair<std::string, std::string>> changes) {
    if (is_used) ablations.push_back({std::move(stage), std::move(changes)});
  };
  const bool has_words = search.mode != SearchMode::vector;
  const bool has_vectors =
      search.mode != SearchMode::lexical && settings.index.vectors != VectorTiers::none;
  add(has_words && has_vectors, "vectors", {{"search.mode", "lexical"}});
  add(has_words && has_vectors, "words", {{"search.mode", "vector"}});
  add(has_vectors && settings.index.vectors == VectorTiers::windows, "vectors of sentences",
      {{"index.vectors", "chunks"}});
  add(has_words && search.gram_weight > 0, "grams", {{"search.gram_weight", "0"}});
  const bool has_titles =
      search.title_weight > 0 || search.heading_weight > 0 || search.keyword_weight > 0;
  add(has_words && has_titles, "titles",
      {{"search.title_weight", "0"}, {"search.heading_weight", "0"}, {"search.keyword_weight", "0"}});
  add(has_words && search.feedback_terms > 0, "word feedback", {{"search.feedback_terms", "0"}});
  add(has_vectors && search.vector_feedback > 0, "vector feedback",
      {{"search.vector_feedback", "0"}});
  add(has_reranker(settings), "reranker", {{"search.rerank_depth", "0"}});
  const bool is_asked = has_conversations(dataset);
  add(is_asked && ask.decide != DecideBy::nothing, "decision", {{"ask.decide", "nothing"}});
  add(is_asked && ask.rewrite != RewriteBy::nothing, "earlier turns", {{"ask.rewrite", "nothing"}});
  add(is_asked && ask.expand != ExpandBy::nothing, "expansion", {{"ask.expand", "nothing"}});
  return ablations;
}

Result<AblationReport> run_ablation(const LabPlaces& places, const ExperimentRequest& request,
                                    const Metric& metric, const ProgressSink& progress,
                                    const CallContext& call) {
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
  const auto with = values_of(TRY(store.topic_values(report.baseline.info.id)), 0);
  for (const Ablation& ablation : ablations_of(request.settings, dataset)) {
    experiment.settings = request.settings;
    for (const auto& [name, value] : ablation.changes) {
      TRY(set_setting(experiment.settings, name, value));
    }
    experiment.note = "ablation: without " + ablation.stage;
    AblationRow row{ablation, TRY(run()), 0, {}, 1};
    const auto without = values_of(TRY(store.topic_values(row.run.info.id)), 0);
    const Pairs pairs = pair_up(with, without);
    if (pairs.with.empty()) continue;
    for (const double difference : pairs.differences) row.worth += difference;
    row.worth /= static_cast<double>(pairs.differences.size());
    const ResamplingSettings resampling{.seed = request.seed};
    row.p = paired_randomisation(pairs.with, pairs.without, resampling);
    row.interval = bootstrap_mean(pairs.differences, resampling);
    report.rows.push_back(std::move(row));
  }
  std::sort(report.warnings.begin(), report.warnings.end());
  report.warnings.erase(std::unique(report.warnings.begin(), report.warnings.end()),
                        report.warnings.end());
  correct(report);
  return report;
}

}  // namespace saerok::lab
