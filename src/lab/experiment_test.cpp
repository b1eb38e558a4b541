#include "lab/experiment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "base/json.h"
#include "base/loopback_server.h"
#include "lab/ablation.h"
#include "lab/gate.h"
#include "lab/lab_index.h"
#include "lab/test_folder.h"

namespace saerok::lab {
namespace {

double mean_of(const RunRecord& record, std::string_view metric) {
  for (const MetricSummary& summary : record.metrics) {
    if (name_of(summary.metric) == metric) return summary.mean;
  }
  ADD_FAILURE() << "no " << metric;
  return -1;
}

TEST(Experiment, SearchesEveryQuestionAndScoresTheLabelledOnes) {
  const TestFolder folder;
  write_small_dataset(folder);
  const auto result = run_experiment(test_places(folder), lexical_request(folder), {}, {});
  ASSERT_TRUE(result) << result.error().message;
  // q1 and q2 find their document first, q3's label is not among its hits.
  EXPECT_DOUBLE_EQ(mean_of(result->record, "mrr@10"), 2.0 / 3);
  const RunInfo& info = result->record.info;
  EXPECT_TRUE(info.is_complete);
  EXPECT_EQ(info.topics, 4u);
  EXPECT_EQ(info.labels, 3u);
  EXPECT_EQ(info.documents, 4u);
  EXPECT_EQ(info.changed, (std::map<std::string, std::string>{{"search.mode", "lexical"}}));
  EXPECT_GT(result->record.timings.index_bytes, 0u);
  EXPECT_GT(result->record.timings.latency_ms.p50, 0.0);
  const auto outcomes = RunStore(test_places(folder).runs()).outcomes(info.id);
  ASSERT_TRUE(outcomes) << outcomes.error().message;
  ASSERT_EQ(outcomes->size(), 4u);
  EXPECT_EQ((*outcomes)[0].hits.at(0).document, "d1");
}

TEST(Experiment, TwoRunsOfTheSameSettingsAreEqualByteForByte) {
  const TestFolder folder;
  write_small_dataset(folder);
  const auto first = run_experiment(test_places(folder), lexical_request(folder), {}, {});
  const auto second = run_experiment(test_places(folder), lexical_request(folder), {}, {});
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->record.info.id, second->record.info.id);
  for (const char* name : {"/outcomes.jsonl", "/run.trec", "/metrics.json", "/per_topic.jsonl"}) {
    const std::string text = folder.read("lab/runs/" + first->record.info.id + name);
    EXPECT_FALSE(text.empty()) << name;
    EXPECT_EQ(text, folder.read("lab/runs/" + second->record.info.id + name)) << name;
  }
}

TEST(Experiment, OneIndexServesAllSettingsThatSearchItAlike) {
  const TestFolder folder;
  write_small_dataset(folder);
  ExperimentRequest request = lexical_request(folder);
  const auto first = run_experiment(test_places(folder), request, {}, {});
  request.settings.search.bm25.k1 = 0.5f;
  const auto other_search = run_experiment(test_places(folder), request, {}, {});
  request.settings.index.chunk_target_tokens = 64;
  const auto other_index = run_experiment(test_places(folder), request, {}, {});
  ASSERT_TRUE(first && other_search && other_index);
  EXPECT_EQ(first->record.info.collection, other_search->record.info.collection);
  EXPECT_EQ(other_search->record.timings.text_seconds, 0);
  EXPECT_NE(first->record.info.collection, other_index->record.info.collection);
}

TEST(Experiment, AnInterruptedRunGoesOnWhereItStopped) {
  const TestFolder folder;
  write_small_dataset(folder);
  const LabPlaces places = test_places(folder);
  std::stop_source stop;
  const auto stop_after_two = [&](const Progress& progress) {
    if (progress.stage == "search" && progress.done == 2) stop.request_stop();
  };
  const auto broken = run_experiment(places, lexical_request(folder), stop_after_two,
                                     {.stop = stop.get_token(), .deadline = std::nullopt});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::cancelled);
  // A line that was being written when the power went.
  const std::string log = "lab/runs/birds-0001/outcomes.jsonl";
  folder.write(log, folder.read(log) + R"({"topic": "q3", "dec)");
  std::uint64_t searched = 0;
  const auto resumed = run_experiment(places, lexical_request(folder),
                                      [&](const Progress& progress) {
                                        if (progress.stage == "search") ++searched;
                                      },
                                      {});
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_TRUE(resumed->was_resumed);
  EXPECT_EQ(searched, 2u);
  EXPECT_EQ(resumed->record.info.id, "birds-0001");
  const auto whole = run_experiment(places, lexical_request(folder), {}, {});
  ASSERT_TRUE(whole);
  EXPECT_EQ(folder.read(log), folder.read("lab/runs/" + whole->record.info.id + "/outcomes.jsonl"));
}

TEST(Experiment, ARunThatAnotherProcessIsAtIsLeftAlone) {
  const TestFolder folder;
  write_small_dataset(folder);
  const LabPlaces places = test_places(folder);
  std::optional<Result<ExperimentResult>> other;
  const auto start_another = [&](const Progress& progress) {
    if (progress.stage != "search" || progress.done != 2 || other) return;
    other.emplace(Error{ErrorCode::unavailable, "not run"});
    *other = run_experiment(places, lexical_request(folder), {}, {});
  };
  const auto first = run_experiment(places, lexical_request(folder), start_another, {});
  ASSERT_TRUE(first && *other) << (*other ? "" : other->error().message);
  EXPECT_EQ(first->record.info.id, "birds-0001");
  EXPECT_EQ((*other)->record.info.id, "birds-0002");
  EXPECT_FALSE((*other)->was_resumed);
  EXPECT_EQ(folder.read("lab/runs/birds-0001/outcomes.jsonl"),
            folder.read("lab/runs/birds-0002/outcomes.jsonl"));
}

/// An embedding service that fails, and is not asked again, once it has answered so many requests.
struct FailingEmbedder {
  std::atomic<int> answers_left;
  LoopbackServer server{
      [this](const LoopbackServer::Request& request, const LoopbackServer::Peer& peer) {
        if (answers_left-- <= 0) return peer.answer("400 No", R"({"error":{"message":"spent"}})");
        Json document;
        Json& rows = document["data"] = Json::array();
        const Json asked = Json::parse(request.body);
        for (const Json& text : asked["input"]) {
          const auto size = static_cast<double>(text.get<std::string>().size());
          Json row;
          row["index"] = rows.size();
          row["embedding"] = Json::array({1.0, size, size / 7});
          rows.push_back(std::move(row));
        }
        peer.answer("200 OK", document.dump());
      }};
};

TEST(Experiment, AnIndexThatLacksVectorsIsRefusedAndGoneOnWith) {
  const TestFolder folder;
  write_small_dataset(folder);
  // Long enough for several windows, whose vectors are asked for after those of the chunks.
  std::string lines;
  for (const char* bird : {"sparrow", "owl", "heron"}) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += std::string("The ") + bird + " sings its song again. ";
    lines += Json{{"_id", bird}, {"title", bird}, {"text", text}}.dump() + "\n";
  }
  folder.write("birds/corpus.jsonl", lines);
  FailingEmbedder embedder{.answers_left = 2};  // What the model is, and the chunks.
  ExperimentRequest request = lexical_request(folder);
  request.settings.search.mode = SearchMode::hybrid;
  request.settings.models.embed = "m";
  request.settings.models.embed_base_url = embedder.server.url();
  const auto refused = run_experiment(test_places(folder), request, {}, {});
  ASSERT_FALSE(refused) << "half of the vectors are no index";
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_NE(refused.error().message.find("is not complete"), std::string::npos)
      << refused.error().message;
  EXPECT_NE(refused.error().message.find("goes on from there"), std::string::npos);
  embedder.answers_left = 1'000;
  const auto whole = run_experiment(test_places(folder), request, {}, {});
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_TRUE(whole->was_resumed);
  EXPECT_EQ(whole->record.info.id, "birds-0001");
}

TEST(Experiment, FoldsShareOutTheQuestions) {
  const TestFolder folder;
  write_small_dataset(folder);
  ExperimentRequest request = lexical_request(folder);
  request.folds = 2;
  std::uint64_t topics = 0;
  for (request.fold = 0; request.fold < 2; ++request.fold) {
    const auto result = run_experiment(test_places(folder), request, {}, {});
    // A fold without any question says so.
    if (result) topics += result->record.info.topics;
    else EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_EQ(topics, 4u);
  request.fold = 2;
  const auto none = run_experiment(test_places(folder), request, {}, {});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("folds count from 0"), std::string::npos);
}

TEST(Experiment, AQuestionThatCannotBeSearchedIsAnEmptyOutcomeWithTheReason) {
  const TestFolder folder;
  write_small_dataset(folder);
  folder.write("birds/queries.jsonl", R"({"_id": "q1", "text": ")" + std::string(40'000, 'x') +
                                          "\"}\n"
                                          R"({"_id": "q2", "text": "sparrow"})"
                                          "\n");
  const auto result = run_experiment(test_places(folder), lexical_request(folder), {}, {});
  ASSERT_TRUE(result) << result.error().message;
  const auto outcomes = RunStore(test_places(folder).runs()).outcomes(result->record.info.id);
  ASSERT_TRUE(outcomes);
  EXPECT_TRUE((*outcomes)[0].hits.empty());
  EXPECT_NE((*outcomes)[0].warnings.at(0).find("shorten it"), std::string::npos);
  EXPECT_FALSE((*outcomes)[1].hits.empty());
}

TEST(Ablation, SaysWhatAStageIsWorth) {
  const TestFolder folder;
  write_small_dataset(folder);
  // The other one says it more often, but only this one in its title.
  folder.write("birds/corpus.jsonl",
               R"({"_id": "d1", "title": "Heron", "text": "It stands in shallow water."})"
               "\n"
               R"({"_id": "d2", "title": "Owl", "text": "It heard a heron, and heron is heron."})"
               "\n");
  folder.write("birds/queries.jsonl", R"({"_id": "q1", "text": "heron"})"
                                      "\n");
  const auto report = run_ablation(test_places(folder), lexical_request(folder),
                                   *parse_metric("mrr@10"), Alternatives::leave, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->rows.size(), 3u);
  EXPECT_EQ(report->rows[0].ablation.stage, "titles");
  EXPECT_DOUBLE_EQ(report->rows[0].worth, 0.5);
  EXPECT_EQ(report->rows[1].ablation.stage, "grams");
  EXPECT_DOUBLE_EQ(report->rows[1].worth, 0.0);
  EXPECT_EQ(report->rows[2].ablation.stage, "corrections");
  EXPECT_TRUE(report->alternatives.empty());
}

TEST(Ablation, OtherWaysAreComparedWithTheSettings) {
  const TestFolder folder;
  write_small_dataset(folder);
  // In the title once, or in the body twice: which is first turns on what a title weighs.
  folder.write("birds/corpus.jsonl",
               R"({"_id": "d1", "title": "Heron", "text": "It stands in shallow water."})"
               "\n"
               R"({"_id": "d2", "title": "Owl", "text": "It heard a heron and a heron."})"
               "\n");
  folder.write("birds/queries.jsonl", R"({"_id": "q1", "text": "heron"})"
                                      "\n");
  ExperimentRequest request = lexical_request(folder);
  request.settings.search.title_weight = 0.01f;
  const auto report = run_ablation(test_places(folder), request, *parse_metric("mrr@10"),
                                   Alternatives::run, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_FALSE(report->alternatives.empty());
  EXPECT_DOUBLE_EQ(report->alternatives.front().worth, 0.5);
  const auto row =
      std::find_if(report->alternatives.begin(), report->alternatives.end(),
                   [](const AblationRow& one) { return one.ablation.stage == "titles at 1"; });
  ASSERT_NE(row, report->alternatives.end());
  EXPECT_DOUBLE_EQ(row->worth, 0.5);
  EXPECT_EQ(row->ablation.changes,
            (std::vector<std::pair<std::string, std::string>>{{"search.title_weight", "1"},
                                                              {"search.heading_weight", "1"},
                                                              {"search.keyword_weight", "1"}}));
  EXPECT_EQ(row->run.info.changed.at("search.title_weight"), "1");
}

TEST(Ablation, OtherWaysAreThoseThatTheSettingsDoNotGoAlready) {
  Settings settings;
  settings.search.mode = SearchMode::hybrid;
  const auto stages = [](const std::vector<Ablation>& list) {
    std::set<std::string> names;
    for (const Ablation& one : list) names.insert(one.stage);
    return names;
  };
  const auto others = stages(alternatives_of(settings, {}));
  for (const char* stage : {"reciprocal ranks", "sum of z-scores", "dense share 0.5",
                            "words, then vectors", "vectors, then words", "depth 300",
                            "word feedback", "vector feedback", "titles at 1", "grams at 1"}) {
    EXPECT_TRUE(others.contains(stage)) << stage;
  }
  for (const char* stage :
       {"sum of min-max scores", "dense share 0.4", "side by side", "one earlier turn"}) {
    EXPECT_FALSE(others.contains(stage)) << stage;
  }
  settings.search.mode = SearchMode::lexical;
  const auto of_words = stages(alternatives_of(settings, {}));
  EXPECT_TRUE(of_words.contains("titles at 1"));
  EXPECT_FALSE(of_words.contains("reciprocal ranks"));
}

TEST(Ablation, AStageThatIsOffIsNotSwitchedOffAgain) {
  Settings settings;
  settings.search.mode = SearchMode::lexical;
  settings.search.gram_weight = 0;
  settings.search.correct = Switch::off;
  const auto ablations = ablations_of(settings, {});
  ASSERT_EQ(ablations.size(), 1u);
  EXPECT_EQ(ablations[0].stage, "titles");
}

GateReport gate_of(const TestFolder& folder, const std::string& floors) {
  folder.write("gate.json", R"({"floors": [)" + floors + "]}");
  GateOptions options;
  options.file = folder.path("gate.json");
  const auto report = run_gate(test_places(folder), options, {}, {});
  EXPECT_TRUE(report) << report.error().message;
  return report ? *report : GateReport{};
}

TEST(Gate, AFloorHoldsOrNot) {
  const TestFolder folder;
  write_small_dataset(folder);
  const GateReport met = gate_of(
      folder, R"({"dataset": "birds", "set": {"mode": "lexical"}, "metrics": {"mrr@10": 0.66}})");
  EXPECT_TRUE(met.has_passed());
  EXPECT_DOUBLE_EQ(met.rows.at(0).values.at(0).second, 2.0 / 3);
  const GateReport missed = gate_of(
      folder, R"({"dataset": "birds", "set": {"mode": "lexical"}, "metrics": {"mrr@10": 0.67}})");
  EXPECT_FALSE(missed.has_passed());
}

TEST(Gate, AMissingDatasetFailsUnlessItIsOptional) {
  const TestFolder folder;
  const GateReport needed = gate_of(folder, R"({"dataset": "fish", "metrics": {"map": 0.5}})");
  EXPECT_FALSE(needed.has_passed());
  const GateReport optional =
      gate_of(folder, R"({"dataset": "fish", "metrics": {"map": 0.5}, "optional": true})");
  EXPECT_TRUE(optional.has_passed());
  EXPECT_EQ(optional.rows.at(0).verdict, GateVerdict::skipped);
}

TEST(Gate, AFileWithAMistakeSaysWhichFloorAndWhat) {
  const TestFolder folder;
  folder.write("gate.json", R"({"floors": [{"dataset": "x", "metrics": {"mrr": 0.5}},
                                           {"dataset": "x", "metrics": {"map": 1}, "flor": 2}]})");
  const auto floors = read_gate(folder.path("gate.json"));
  ASSERT_FALSE(floors);
  EXPECT_EQ(floors.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(floors.error().message.find("floor"), std::string::npos) << floors.error().message;
}

}  // namespace
}  // namespace saerok::lab
