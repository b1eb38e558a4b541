// A run leaves as one file and comes back as it was; a file that is not one leaves no trace.

#include "lab/share.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>

#include "base/json.h"
#include "base/random.h"

namespace saerok::lab {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

struct ShareTest : testing::Test {
  fs::path folder = fs::temp_directory_path() / ("saerok-share-" + std::to_string(random_seed()));
  RunStore mine{(folder / "mine/runs").string()};
  RunStore theirs{(folder / "theirs/runs").string()};
  std::string file = (folder / "run.json").string();
  std::string id;

  void SetUp() override {
    fs::create_directories(folder / "mine");
    fs::create_directories(folder / "theirs");
    id = mine.create("vault").value();
    RunInfo info;
    info.id = id;
    info.dataset = "vault";
    info.dataset_folder = "/home/someone/private notes/vault/";
    info.queries = "/home/someone/queries.jsonl";
    info.dataset_hash = "ab12";
    info.topics = 3;
    info.settings = {{"search.depth", "50"}, {"search.rrf_k", "60"}};
    info.changed = {{"search.depth", "50"}};
    info.version = "0.1.0";
    info.started = "2024-05-01T12:00:00Z";
    info.is_complete = true;
    const double nothing = std::numeric_limits<double>::quiet_NaN();
    ASSERT_TRUE(
        mine.save_outcomes(id, {make_outcome("q1"), make_outcome("q2"), make_outcome("질문 3")}));
    ASSERT_TRUE(mine.save_metrics(
        id,
        {{.metric = {MetricKind::ndcg, 10}, .mean = 0.375, .interval = {0.1, 0.7}, .topics = 2},
         {.metric = {MetricKind::competition_map, 3},
          .mean = 1.0 / 3,
          .interval = {0, 1},
          .topics = 3}},
        {{"q1", "", {0.25, 0}}, {"q2", "group", {0.5, 0}}, {"질문 3", "", {nothing, 1}}}));
    RunTimings timings;
    timings.latency_ms = {1.5, 9.25, 12};
    timings.stages_ms["retrieve"] = {1, 2, 3};
    timings.index_bytes = 123'456;
    ASSERT_TRUE(mine.save_timings(id, timings));
    ASSERT_TRUE(mine.save_decisions(id, {{"search", "answer"}, {1, 1, 0, 1}}));
    ASSERT_TRUE(mine.save_info(info));
    ASSERT_TRUE(mine.add_note(id, {"2024-05-02T08:00:00Z", "왜 나빠졌나?\n<b>"}));
    ASSERT_TRUE(mine.add_note(id, {"2024-05-03T08:00:00Z", "found it"}));
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }

  static Outcome make_outcome(std::string topic) {
    Outcome outcome;
    outcome.topic = std::move(topic);
    outcome.standalone_query = "녹차 온도";
    outcome.hits = {
        {.document = "차/녹차 1.md", .score = 1.0 / 3, .bytes = {3, 99}, .lines = {1, 4}},
        {.document = "b.md", .score = 0.1, .bytes = {0, 5}, .lines = {7, 7}}};
    outcome.answer = "80도 [1].";
    outcome.citations = {{"차/녹차 1.md", {3, 12}, "80도에서"}};
    outcome.warnings = {"slow"};
    return outcome;
  }

  /// The exported run with a change made to it, imported by them.
  Result<std::string> import_changed(const std::function<void(Json&)>& change) const {
    Json json = Json::parse(print_shared_run(mine, id).value());
    change(json);
    const std::string changed = (folder / "changed.json").string();
    std::ofstream(changed, std::ios::binary) << json.dump();
    return import_run(theirs, changed, {});
  }

  std::size_t runs_of(const RunStore& store) const {
    std::vector<std::string> warnings;
    const auto runs = store.list(warnings);
    EXPECT_TRUE(warnings.empty());
    return runs ? runs->size() : 0;
  }
};

TEST_F(ShareTest, WhatIsTakenInIsTheRunThatLeft) {
  const Status exported = export_run(mine, id, file);
  ASSERT_TRUE(exported) << exported.error().message;
  const auto imported = import_run(theirs, file, {});
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(*imported, id);
  for (const char* name : {"outcomes.jsonl", "run.trec", "metrics.json", "per_topic.jsonl",
                           "decisions.json", "timings.json", "notes.jsonl"}) {
    const fs::path theirs_now = fs::path(theirs.folder_of(id)) / name;
    EXPECT_EQ(read(theirs_now), read(fs::path(mine.folder_of(id)) / name)) << name;
  }
  const RunRecord record = theirs.load(id).value();
  EXPECT_EQ(record.info.settings, mine.load(id).value().info.settings);
  EXPECT_EQ(record.info.changed, mine.load(id).value().info.changed);
  EXPECT_TRUE(record.info.is_complete);
  EXPECT_EQ(record.notes.size(), 2u);
  EXPECT_EQ(print_shared_run(theirs, id).value(), read(file));
}

TEST_F(ShareTest, ARunOfBeforeDecisionsWereKeptIsTakenIn) {
  const auto imported = import_changed([](Json& json) { json.erase("decisions"); });
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_FALSE(theirs.load(*imported).value().decisions);
}

TEST_F(ShareTest, DecisionsThatAreNoMatrixAreRefused) {
  const auto refused = [&](const char* what, const Json& decisions) {
    const auto imported = import_changed([&](Json& json) { json["decisions"] = decisions; });
    ASSERT_FALSE(imported) << what;
    EXPECT_NE(imported.error().message.find("decisions"), std::string::npos) << what;
    EXPECT_EQ(runs_of(theirs), 0u) << what;
  };
  refused("no rows", {{"classes", {"a", "b"}}, {"counts", Json::array()}});
  refused("a short row", {{"classes", {"a", "b"}}, {"counts", {{1, 2}, {3}}}});
  refused("less than none", {{"classes", {"a"}}, {"counts", {{-1}}}});
  refused("one class twice", {{"classes", {"a", "a"}}, {"counts", {{1, 2}, {3, 4}}}});
  refused("sums that do not fit", {{"classes", {"a"}}, {"counts", {{~std::uint64_t{0}}}}});
}

TEST_F(ShareTest, ANameInGzOrZstPacksTheFile) {
  ASSERT_TRUE(export_run(mine, id, file));
  for (const char* ending : {".gz", ".zst"}) {
    const std::string packed = file + ending;
    ASSERT_TRUE(export_run(mine, id, packed));
    EXPECT_LT(fs::file_size(packed), fs::file_size(file)) << ending;
    const Status again = export_run(mine, id, packed);
    EXPECT_TRUE(again) << again.error().message;
    const auto imported = import_run(theirs, packed, {});
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_EQ(theirs.outcomes(*imported).value().size(), 3u);
    std::ofstream(packed, std::ios::binary) << "not packed";
    EXPECT_FALSE(export_run(mine, id, packed)) << "what else is there is left alone";
    EXPECT_EQ(read(packed), "not packed");
  }
}

TEST_F(ShareTest, FoldersOfTheMachineStayAtHome) {
  const std::string text = print_shared_run(mine, id).value();
  EXPECT_EQ(text.find("/home/someone"), std::string::npos);
  EXPECT_NE(text.find("\"dataset_folder\":\"vault\""), std::string::npos);
  EXPECT_NE(text.find("\"queries\":\"queries.jsonl\""), std::string::npos);
}

TEST_F(ShareTest, IdThatExistsGetsTheNextNumber) {
  ASSERT_TRUE(export_run(mine, id, file));
  const auto again = import_run(mine, file, {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_NE(*again, id);
  EXPECT_EQ(runs_of(mine), 2u);
  EXPECT_EQ(mine.load(*again).value().info.dataset, "vault");
  // Whatever it is called, it is the same run.
  EXPECT_EQ(read(fs::path(mine.folder_of(*again)) / "run.trec"),
            read(fs::path(mine.folder_of(id)) / "run.trec"));
}

TEST_F(ShareTest, FileThatIsNotARunIsASentenceAndLeavesNoTrace) {
  const std::vector<std::pair<std::string, std::function<void(Json&)>>> wrong = {
      {"did not write it", [](Json& json) { json["format"] = "other"; }},
      {"another version", [](Json& json) { json["version"] = 2; }},
      {"info", [](Json& json) { json.erase("info"); }},
      {"dataset", [](Json& json) { json["info"]["dataset"] = ""; }},
      {"id cannot name a folder", [](Json& json) { json["info"]["id"] = "../escape"; }},
      {"id cannot name a folder", [](Json& json) { json["info"]["id"] = ".hidden"; }},
      {"id cannot name a folder", [](Json& json) { json["info"]["id"] = "a b"; }},
      {"interrupted", [](Json& json) { json["info"]["is_complete"] = false; }},
      {"outcomes", [](Json& json) { json["outcomes"] = 3; }},
      {"outcomes 2", [](Json& json) { json["outcomes"][1].erase("topic"); }},
      {"score", [](Json& json) { json["outcomes"][0]["hits"][0]["score"] = "high"; }},
      {"twice", [](Json& json) { json["outcomes"].push_back(json["outcomes"][0]); }},
      {"twice", [](Json& json) { json["topics"].push_back(json["topics"][0]); }},
      {"not asked", [](Json& json) { json["topics"][0]["topic"] = "q9"; }},
      {"ndcg@10", [](Json& json) { json["metrics"][0]["mean"] = 0.9; }},
      {"ndcg@10", [](Json& json) { json["metrics"][0]["topics"] = 3; }},
      {"ndcg@10", [](Json& json) { json["metrics"].push_back(json["metrics"][0]); }},
      {"metrics", [](Json& json) { json["metrics"][0]["metric"] = "fame"; }},
      {"timings", [](Json& json) { json["timings"].erase("latency_ms"); }},
      {"notes", [](Json& json) { json.erase("notes"); }}};
  for (const auto& [part, change] : wrong) {
    const auto refused = import_changed(change);
    ASSERT_FALSE(refused) << part;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument) << part;
    EXPECT_NE(refused.error().message.find("changed.json"), std::string::npos)
        << refused.error().message;
    if (part != "metrics" && part != "info" && part != "dataset") {
      EXPECT_NE(refused.error().message.find(part), std::string::npos) << refused.error().message;
    }
  }
  EXPECT_FALSE(fs::exists(folder / "theirs/runs"));
  EXPECT_TRUE(import_changed([](Json&) {}));
}

TEST_F(ShareTest, CutOrForeignFilesAreRefused) {
  const std::string text = print_shared_run(mine, id).value();
  for (const std::string& wrong : {text.substr(0, text.size() / 2), std::string("[]"),
                                   std::string(), std::string("\xff\xfe")}) {
    std::ofstream(file, std::ios::binary) << wrong;
    const auto refused = import_run(theirs, file, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument) << refused.error().message;
  }
  EXPECT_EQ(import_run(theirs, (folder / "absent.json").string(), {}).error().code,
            ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(folder / "theirs/runs"));
}

TEST_F(ShareTest, ExportWritesOverNoOtherFile) {
  std::ofstream(file, std::ios::binary) << "my thesis";
  const Status refused = export_run(mine, id, file);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
  EXPECT_EQ(read(file), "my thesis");
  EXPECT_EQ(export_run(mine, id, folder.string()).error().code, ErrorCode::failed_precondition);
  fs::remove(file);
  ASSERT_TRUE(export_run(mine, id, file));
  EXPECT_TRUE(export_run(mine, id, file));
  EXPECT_EQ(export_run(mine, "vault-9999", file).error().code, ErrorCode::not_found);
}

TEST_F(ShareTest, InterruptedRunIsNotExported) {
  RunInfo info = mine.load(id).value().info;
  info.is_complete = false;
  ASSERT_TRUE(mine.save_info(info));
  EXPECT_EQ(export_run(mine, id, file).error().code, ErrorCode::failed_precondition);
  EXPECT_FALSE(fs::exists(file));
}

}  // namespace
}  // namespace saerok::lab
