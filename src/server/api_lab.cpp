// The lab's runs, for looking at: experiments are started on the command line, where their files
// are.

#include "lab/experiment.h"
#include "lab/report_json.h"
#include "lab/run_json.h"
#include "server/context.h"
#include "server/reply.h"

namespace saerok::server {
namespace {

lab::RunStore runs_of(const Context& context) {
  return lab::RunStore(lab::LabPlaces{.folder = context.lab_folder,
                                      .models_directory = context.models_directory,
                                      .worker_program = context.worker_program}
                           .runs());
}

Result<Response> board(Context& context) {
  std::vector<std::string> warnings;
  auto runs = TRY(runs_of(context).list(warnings));
  if (runs.empty()) {
    const Json empty = {{"quality", nullptr}, {"metrics", Json::array()}, {"runs", Json::array()}};
    Json document = empty;
    document["warnings"] = warnings;
    return reply(document);
  }
  return reply(lab::to_json(TRY(lab::make_board(std::move(runs), {})), warnings));
}

Result<Response> run(Context& context, const std::string& id) {
  const lab::RunRecord record = TRY(runs_of(context).load(id));
  Json metrics = Json::array();
  for (const lab::MetricSummary& summary : record.metrics) metrics.push_back(lab::to_json(summary));
  Json document = {{"run", lab::to_json(record.info)},
                   {"metrics", std::move(metrics)},
                   {"timings", lab::to_json(record.timings)}};
  if (record.decisions) document["decisions"] = lab::to_json(*record.decisions);
  return reply(document);
}

Result<Response> topics(Context& context, const std::string& id) {
  const lab::RunStore store = runs_of(context);
  const lab::RunRecord record = TRY(store.load(id));
  std::vector<lab::Metric> metrics;
  for (const lab::MetricSummary& summary : record.metrics) metrics.push_back(summary.metric);
  Json rows = Json::array();
  for (const lab::TopicValues& values : TRY(store.topic_values(id))) {
    rows.push_back(lab::to_json(values, metrics));
  }
  return reply({{"topics", std::move(rows)}});
}

Result<Response> compare(Context& context, const Request& request) {
  const Json members = json_from_query(request.query);
  RequestReader reader(members);
  lab::CompareRequest wanted;
  wanted.runs = {reader.text("baseline"), reader.text("candidate")};
  wanted.moved = reader.count("moved", 0, 1'000, 20);
  TRY(reader.status());
  const lab::Comparison comparison = TRY(lab::compare_runs(runs_of(context), wanted));
  return reply(lab::to_json(comparison, wanted));
}

}  // namespace

void add_lab_routes(Router& router, Context& context) {
  router.add("GET", "/v1/saerok/lab/board",
             [&context](Exchange&, const PathValues&) { return board(context); });
  router.add("GET", "/v1/saerok/lab/runs/{id}", [&context](Exchange&, const PathValues& values) {
    return run(context, values.at("id"));
  });
  router.add(
      "GET", "/v1/saerok/lab/runs/{id}/topics",
      [&context](Exchange&, const PathValues& values) { return topics(context, values.at("id")); });
  router.add("GET", "/v1/saerok/lab/compare", [&context](Exchange& exchange, const PathValues&) {
    return compare(context, exchange.request());
  });
}

}  // namespace saerok::server
