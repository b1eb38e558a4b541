#include "lab/report_json.h"

#include <utility>

#include "lab/run_json.h"

namespace saerok::lab {
namespace {

Json to_json(const BoardRow& row) {
  const RunInfo& info = row.run.info;
  Json metrics = Json::array();
  for (const MetricSummary& summary : row.run.metrics) metrics.push_back(to_json(summary));
  Json notes = Json::array();
  for (const RunNote& note : row.run.notes) notes.push_back(to_json(note));
  return {{"run", info.id},
          {"dataset", info.dataset},
          {"dataset_hash", info.dataset_hash},
          {"split", info.split},
          {"folds", info.folds},
          {"fold", info.fold},
          {"questions", info.topics},
          {"labels", info.labels},
          {"documents", info.documents},
          {"is_complete", info.is_complete},
          {"is_on_frontier", row.is_on_frontier},
          {"metrics", std::move(metrics)},
          {"latency_ms", to_json(row.run.timings.latency_ms)},
          {"index_bytes", row.run.timings.index_bytes},
          {"peak_memory_bytes", row.run.timings.peak_memory_bytes},
          {"differences", row.differences},
          {"notes", std::move(notes)},
          {"version", info.version},
          {"started", info.started}};
}

Json to_json(const MetricComparison& metric) {
  Json runs = Json::array();
  for (const RunDifference& run : metric.runs) {
    runs.push_back({{"run", run.run},
                    {"mean", run.mean},
                    {"difference", run.difference},
                    {"interval", Json::array({run.interval.low, run.interval.high})},
                    {"p", run.p},
                    {"p_corrected", run.p_corrected},
                    {"wins", run.wins},
                    {"losses", run.losses},
                    {"ties", run.ties},
                    {"verdict", name_of(run.verdict)},
                    {"sentence", run.sentence}});
  }
  return {{"metric", name_of(metric.metric)},
          {"topics", metric.topics},
          {"baseline_mean", metric.baseline_mean},
          {"runs", std::move(runs)}};
}

Json to_json(const MovedRanking& ranking, const std::string& run) {
  Json hits = Json::array();
  for (const ScoredDocument& hit : ranking.hits) {
    hits.push_back({{"document", hit.document}, {"score", hit.score}});
  }
  return {{"run", run},
          {"query", ranking.query},
          {"value", ranking.value},
          {"hits", std::move(hits)},
          {"explained", nullptr}};
}

}  // namespace

Json to_json(const Board& board, const std::vector<std::string>& warnings) {
  Json rows = Json::array();
  for (const BoardRow& row : board.rows) rows.push_back(to_json(row));
  Json metrics = Json::array();
  for (const Metric& metric : board.metrics) metrics.push_back(name_of(metric));
  return {{"quality", name_of(board.quality)},
          {"metrics", std::move(metrics)},
          {"runs", std::move(rows)},
          {"warnings", warnings}};
}

Json to_json(const Comparison& comparison, const CompareRequest& request) {
  Json runs = Json::array();
  for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
    const RunInfo& run = comparison.runs[i];
    runs.push_back({{"run", run.id},
                    {"changed", run.changed},
                    {"topics_left_out", comparison.topics_left_out[i]}});
  }
  Json metrics = Json::array();
  for (const MetricComparison& metric : comparison.metrics) metrics.push_back(to_json(metric));
  Json moved = Json::array();
  for (const MovedTopic& topic : comparison.moved) {
    Json rankings = Json::array();
    for (std::size_t i = 0; i < topic.runs.size(); ++i) {
      rankings.push_back(to_json(topic.runs[i], comparison.runs[i].id));
    }
    moved.push_back(
        {{"topic", topic.topic}, {"difference", topic.difference}, {"runs", std::move(rankings)}});
  }
  Json fold = nullptr;
  if (request.folds > 0) fold = {{"folds", request.folds}, {"fold", request.fold}};
  return {{"dataset", comparison.runs.front().dataset},
          {"dataset_hash", comparison.runs.front().dataset_hash},
          {"baseline", comparison.runs.front().id},
          {"runs", std::move(runs)},
          {"topics", comparison.topics},
          {"fold", std::move(fold)},
          {"seed", request.resampling.seed},
          {"rounds", request.resampling.rounds},
          {"confidence", request.resampling.confidence},
          {"metrics", std::move(metrics)},
          {"moved", std::move(moved)},
          {"warnings", comparison.warnings}};
}

}  // namespace saerok::lab
