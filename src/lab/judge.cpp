#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "lab/decisions.h"
#include "lab/experiment.h"

namespace saerok::lab {
namespace {

/// What can be found for a topic: a stretch of a document, or all of it.
struct Item {
  std::string name;
  const Label* label;
  bool is_found = false;
};

std::uint64_t overlap(const ByteSpan& a, const ByteSpan& b) {
  const std::uint64_t begin = std::max(a.begin, b.begin);
  const std::uint64_t end = std::min(a.end, b.end);
  return end > begin ? end - begin : 0;
}

bool covers(const OutcomeHit& hit, const Label& label, double share) {
  if (hit.document != label.document) return false;
  if (!label.span) return true;
  // An empty span is a place: the chunk has to hold it.
  if (label.span->size() == 0) {
    return hit.bytes.begin <= label.span->begin && label.span->begin < hit.bytes.end;
  }
  return static_cast<double>(overlap(hit.bytes, *label.span)) >=
         share * static_cast<double>(label.span->size());
}

/// Stretches are judged one by one, in the order of the hits: of two hits that cover the same one,
/// the second brings nothing new.
JudgedTopic judge_spans(const Outcome& outcome, const std::vector<Label>& labels, double share) {
  JudgedTopic judged;
  std::vector<Item> items;
  for (const Label& label : labels) {
    items.push_back({label.document + "\x1f" + std::to_string(items.size()), &label});
    judged.judgements[items.back().name] = label.grade;
  }
  auto score = static_cast<double>(outcome.hits.size());
  for (const OutcomeHit& hit : outcome.hits) {
    const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) {
      return !item.is_found && covers(hit, *item.label, share);
    });
    std::string name = hit.document + "\x1f#" + std::to_string(judged.ranking.size());
    if (found != items.end()) {
      found->is_found = true;
      name = found->name;
    }
    judged.ranking.push_back({std::move(name), score});
    score -= 1;
  }
  return judged;
}

bool is_relevant(const Label& label) { return label.grade > 0; }

}  // namespace

JudgedTopic judge(const Outcome& outcome, const std::vector<Label>& labels_of_topic,
                  double span_overlap) {
  const bool has_spans = std::any_of(labels_of_topic.begin(), labels_of_topic.end(),
                                     [](const Label& label) { return label.span.has_value(); });
  if (has_spans) return judge_spans(outcome, labels_of_topic, span_overlap);
  JudgedTopic judged;
  judged.ranking = ranking_of(outcome);
  for (const Label& label : labels_of_topic) judged.judgements[label.document] = label.grade;
  return judged;
}

Scores score(const Dataset& dataset, const std::vector<Outcome>& outcomes,
             const std::vector<Metric>& metrics, double span_overlap, std::uint64_t seed) {
  std::map<std::string, std::vector<Label>, std::less<>> labels;
  for (const Label& label : dataset.labels) labels[label.topic].push_back(label);
  std::map<std::string, const Topic*, std::less<>> topics;
  for (const Topic& topic : dataset.topics) topics[topic.id] = &topic;

  Scores scores;
  for (const Outcome& outcome : outcomes) {
    const auto topic = topics.find(outcome.topic);
    if (topic == topics.end()) continue;
    const auto found = labels.find(outcome.topic);
    const bool has_relevant = found != labels.end() &&
                              std::any_of(found->second.begin(), found->second.end(), is_relevant);
    const auto& decision = topic->second->decision;
    const bool is_search = has_relevant || !decision || *decision == Decision::search;
    // A question that nobody judged says nothing of the ranking.
    if (is_search && found == labels.end()) continue;
    const JudgedTopic judged =
        judge(outcome, found == labels.end() ? std::vector<Label>{} : found->second, span_overlap);
    TopicValues values{outcome.topic, topic->second->group,
                       evaluate(metrics, judged.ranking, judged.judgements, is_search)};
    for (std::size_t i = 0; i < metrics.size() && !is_search; ++i) {
      // Only the competition's measure says what a turn that needs no search is worth.
      if (metrics[i].kind != MetricKind::competition_map) {
        values.values[i] = std::numeric_limits<double>::quiet_NaN();
      }
    }
    scores.topics.push_back(std::move(values));
  }
  for (std::size_t i = 0; i < metrics.size() && !scores.topics.empty(); ++i) {
    std::vector<double> defined;
    for (const TopicValues& topic : scores.topics) {
      if (!std::isnan(topic.values[i])) defined.push_back(topic.values[i]);
    }
    scores.summary.push_back({metrics[i], 0, {}, defined.size()});
    if (defined.empty()) continue;
    MetricSummary& summary = scores.summary.back();
    for (const double value : defined) summary.mean += value;
    summary.mean /= static_cast<double>(defined.size());
    summary.interval = bootstrap_mean(defined, {.seed = seed, .rounds = 2'000, .confidence = 0.95});
  }
  return scores;
}

Result<ExperimentResult> score_run(const RunStore& store, const Dataset& dataset, RunInfo info,
                                   const std::vector<Outcome>& outcomes,
                                   const ScoreRequest& request) {
  if (dataset.has_labels) {
    const auto metrics = request.metrics.empty() ? default_metrics() : request.metrics;
    const Scores scores = score(dataset, outcomes, metrics, info.span_overlap, info.seed);
    TRY(store.save_metrics(info.id, scores.summary, scores.topics));
  }
  if (const auto decisions = confusion_of_decisions(dataset.topics, outcomes)) {
    TRY(store.save_decisions(info.id, *decisions));
  }
  info.is_complete = true;
  TRY(store.save_info(info));
  if (!request.note.empty()) TRY(store.add_note(info.id, {utc_now(), request.note}));
  ExperimentResult result;
  result.record = TRY(store.load(info.id));
  result.answers = score_answers(dataset.topics, outcomes, request.rouge_by);
  return result;
}

}  // namespace saerok::lab
