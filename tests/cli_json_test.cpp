// Every command under --json: one JSON document on standard output, as docs/schema describes it,
// and everything else on standard error.

#include <gtest/gtest.h>

#include <set>

#include "cli_program.h"
#include "json_schema.h"
#include "models/gguf.h"
#include "models/import_e5.h"

namespace saerok {
namespace {

Json parse(const char* text) { return Json::parse(text); }

/// A few notes, indexed.
class CliJson : public testing::Test {
 protected:
  void SetUp() override {
    home_.write(
        "notes/차.md",
        "---\ntags: [차, 부엌]\ndate: 2024-03-01\n---\n# 녹차\n\n녹차는 80도에서 2분 우린다.\n");
    home_.write("notes/boiler.md", "# Boiler\n\nThe boiler is serviced every October.\n");
    home_.write("notes/picture.bin", std::string("\0\1\2", 3));
    indexed_ = home_.ask_json({"index", home_.path("notes").string()});
  }

  Home home_;
  Json indexed_;
};

TEST(JsonSchema, ProblemsAreFoundWhereTheyAre) {
  const Json schema = parse(R"({"type": "object", "required": ["a"], "additionalProperties": false,
    "properties": {"a": {"type": "array", "maxItems": 2, "items": {"$ref": "#/$defs/n"}},
                   "b": {"anyOf": [{"type": "null"}, {"enum": ["x"]}]}},
    "$defs": {"n": {"type": ["integer", "null"], "minimum": 1}}})");
  EXPECT_TRUE(find_schema_problems(schema, parse(R"({"a": [1, null], "b": "x"})")).empty());
  for (const char* wrong :
       {R"([])", R"({})", R"({"a": [1, 2, 3]})", R"({"a": [0]})", R"({"a": [1.5]})",
        R"({"a": ["x"]})", R"({"a": [], "b": "y"})", R"({"a": [], "c": 1})"}) {
    EXPECT_FALSE(find_schema_problems(schema, parse(wrong)).empty()) << wrong;
  }
  EXPECT_EQ(find_schema_problems(schema, parse(R"({"a": [1, 0]})")).front(), "/a/1: 0, minimum 1");
}

TEST(JsonSchema, MembersThatAreNotNamedHaveASchemaOfTheirOwn) {
  const Json schema = parse(R"({"properties": {"a": {"type": "string"}},
                                "additionalProperties": {"type": "number"}})");
  EXPECT_TRUE(find_schema_problems(schema, parse(R"({"a": "x", "b": 1})")).empty());
  EXPECT_FALSE(find_schema_problems(schema, parse(R"({"b": "x"})")).empty());
}

TEST(JsonSchema, AKeywordThatIsNotCheckedIsAProblem) {
  EXPECT_FALSE(find_schema_problems(parse(R"({"pattern": "a+"})"), Json("b")).empty());
}

TEST_F(CliJson, IndexReports) {
  expect_valid(indexed_, "index");
  EXPECT_EQ(indexed_["files"]["indexed"], 2);
  EXPECT_EQ(indexed_["documents"]["written"], 2);
  ASSERT_EQ(indexed_["skipped"].size(), 1u);
  EXPECT_EQ(indexed_["skipped"][0]["path"], "picture.bin");
  const Json again = home_.ask_json({"index", home_.path("notes").string()});
  expect_valid(again, "index");
  EXPECT_EQ(again["files"]["indexed"], 0);
}

TEST_F(CliJson, SearchReportsWithAndWithoutExplanation) {
  const Json found = home_.ask_json({"search", "boiler"});
  expect_valid(found, "search");
  ASSERT_EQ(found["hits"].size(), 1u);
  EXPECT_EQ(found["hits"][0]["path"], "boiler.md");
  EXPECT_EQ(found["hits"][0]["root"], home_.path("notes").string());
  EXPECT_TRUE(found["hits"][0]["explanation"].is_null());
  EXPECT_EQ(found["mode"], "lexical");

  const Json explained = home_.ask_json({"search", "녹차는", "몇", "도", "--explain", "-k", "1"});
  expect_valid(explained, "search");
  EXPECT_EQ(explained["query"], "녹차는 몇 도");
  ASSERT_EQ(explained["hits"].size(), 1u);
  EXPECT_EQ(explained["hits"][0]["explanation"]["value"], explained["hits"][0]["score"]);

  const Json nothing = home_.ask_json({"search", "rhinoceros"});
  expect_valid(nothing, "search");
  EXPECT_TRUE(nothing["hits"].empty());
}

TEST_F(CliJson, AFilterLetsOnlyItsDocumentsTakePart) {
  const Json tea = home_.ask_json({"search", "boiler 녹차", "--filter", "tag:차 date:2024-03"});
  ASSERT_EQ(tea["hits"].size(), 1u);
  EXPECT_EQ(tea["hits"][0]["path"], "차.md");
}

TEST_F(CliJson, AskAnswersAndRefuses) {
  const Json answer = home_.ask_json({"ask", "--no-model", "When is the boiler serviced?"});
  expect_valid(answer, "ask");
  EXPECT_TRUE(answer["found"].get<bool>());
  EXPECT_NE(answer["answer"].get<std::string>().find("October"), std::string::npos);
  const Json refusal = home_.ask_json({"ask", "--no-model", "Who won the chess tournament?"});
  expect_valid(refusal, "ask");
  EXPECT_FALSE(refusal["found"].get<bool>());
}

TEST_F(CliJson, AskTakesAConversation) {
  const std::string turns = R"([{"role": "user", "content": "tea?"}, {"role": "assistant",
    "content": "80도"}, {"role": "user", "content": "When is the boiler serviced?"}])";
  const Json from_input = home_.ask_json({"ask", "--conversation", "-"}, {.input = turns});
  expect_valid(from_input, "ask");
  const Json from_file =
      home_.ask_json({"ask", "--conversation", home_.write("turns.json", turns)});
  EXPECT_EQ(from_file["answer"], from_input["answer"]);
  EXPECT_NE(from_file["answer"].get<std::string>().find("October"), std::string::npos);
}

TEST_F(CliJson, StatusCountsWhatIsThere) {
  const Json status = home_.ask_json({"status"});
  expect_valid(status, "status");
  ASSERT_EQ(status["collections"].size(), 1u);
  EXPECT_EQ(status["collections"][0]["documents"], 2);
  EXPECT_EQ(status["collections"][0]["roots"], Json::array({home_.path("notes").string()}));
}

TEST_F(CliJson, StatusOfOneCollectionIsThatOne) {
  home_.ask_json({"index", "--collection", "work", home_.path("notes/boiler.md").string()});
  EXPECT_EQ(home_.ask_json({"status"})["collections"].size(), 2u);
  const Json one = home_.ask_json({"status", "--collection", "work"});
  expect_valid(one, "status");
  ASSERT_EQ(one["collections"].size(), 1u);
  EXPECT_EQ(one["collections"][0]["name"], "work");
}

TEST_F(CliJson, ForgetCountsWhatItForgot) {
  const Json one = home_.ask_json({"forget", home_.path("notes/차.md").string()});
  expect_valid(one, "forget");
  EXPECT_EQ(one["documents"], 1);
  const Json all = home_.ask_json({"forget", "--collection", "default"});
  expect_valid(all, "forget");
  EXPECT_EQ(all["documents"], 1);
  EXPECT_TRUE(home_.ask_json({"status"})["collections"].empty());
}

TEST_F(CliJson, DoctorReportsWithAndWithoutTheStoreCheck) {
  const Json report = home_.ask_json({"doctor"});
  expect_valid(report, "doctor");
  EXPECT_FALSE(report.contains("store_check"));
  const Json checked = home_.ask_json({"doctor", "--store-check"});
  expect_valid(checked, "doctor");
  EXPECT_TRUE(checked["store_check"]["problems"].empty());
  EXPECT_GT(checked["store_check"]["chunks_checked"], 0);
}

TEST_F(CliJson, DoctorReportsADamagedStoreInOneDocument) {
  const std::string folder = home_.path(".local/share/saerok").string();
  std::size_t damaged = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::string bytes = read_file(entry.path());
    if (!bytes.starts_with("SAEROKLX")) continue;
    bytes[bytes.size() / 2] ^= 1;
    home_.write(std::filesystem::relative(entry.path(), home_.path("")).string(), bytes);
    ++damaged;
  }
  ASSERT_GT(damaged, 0u);
  const Outcome outcome = home_.run({"doctor", "--store-check", "--json"});
  EXPECT_EQ(outcome.status, 5) << outcome.err;
  const auto document = parse_json(outcome.out, "standard output");
  ASSERT_TRUE(document) << outcome.out;
  expect_valid(*document, document->contains("error") ? "error" : "doctor");

  const Json repaired = home_.ask_json({"doctor", "--repair"});
  expect_valid(repaired, "doctor");
  EXPECT_EQ(repaired["store_check"]["set_aside"].size(), damaged);
  EXPECT_TRUE(repaired["store_check"]["problems"].empty());
  EXPECT_TRUE(std::filesystem::exists(folder + "/quarantine"));
  home_.ask_json({"index", home_.path("notes").string()});
  const Json status = home_.ask_json({"status"});
  EXPECT_EQ(status["collections"][0]["pending"]["lexical"], 0) << status.dump();
}

TEST_F(CliJson, SettingsSayWhereTheyCameFrom) {
  home_.write(".config/saerok/config.toml", "[search]\ndepth = 50\n\n[search.bm25]\nk1 = 1.5\n");
  const Json report = home_.ask_json(
      {"doctor", "--set", "answer.sources=3"},
      {.environment = {{"SAEROK_CHAT_MODEL", "m"}, {"SAEROK_CHAT_API_KEY", "sesame"}}});
  std::map<std::string, std::string> sources;
  for (const Json& row : report["settings"]) sources[row["name"]] = row["source"];
  EXPECT_TRUE(sources["search.depth"].ends_with("config.toml:2")) << sources["search.depth"];
  EXPECT_TRUE(sources["search.bm25.k1"].ends_with("config.toml:5")) << sources["search.bm25.k1"];
  EXPECT_EQ(sources["models.chat"], "$SAEROK_CHAT_MODEL");
  EXPECT_EQ(sources["answer.sources"], "--set");
  EXPECT_EQ(sources["search.rrf_k"], "default");
  EXPECT_EQ(report.dump().find("sesame"), std::string::npos) << "a key was printed";
}

TEST_F(CliJson, CompletionIsAScriptInADocument) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Json document = home_.ask_json({"completion", shell});
    expect_valid(document, "completion");
    EXPECT_EQ(document["script"].get<std::string>(), home_.run({"completion", shell}).out);
  }
}

TEST(CliModels, AFileIsAddedListedAndRemoved) {
  const Home home;
  GgufWriter writer;
  writer.put_text("general.architecture", "bert");
  writer.put_text("general.license", "mit");
  writer.put_count("bert.embedding_length", 8);
  const std::uint64_t shape[] = {100, 100};
  const std::vector<std::byte> weights(40'000);
  writer.add_tensor("t", shape, GgufTensorType::f32, weights);
  ASSERT_TRUE(writer.write(home.path("tiny.gguf").string()));

  expect_valid(home.ask_json({"model", "list"}), "model_list");
  const Json added = home.ask_json({"model", "add", home.path("tiny.gguf").string()});
  expect_valid(added, "model_entry");
  EXPECT_EQ(added["name"], "tiny");
  const Json list = home.ask_json({"model", "list"});
  expect_valid(list, "model_list");
  EXPECT_EQ(list["models"], Json::array({added}));
  // Its header lacks the measures that a graph is built from.
  const std::string runtime = list["embedder_runtimes"]["tiny"];
  EXPECT_TRUE(runtime.starts_with("llama.cpp, because ")) << runtime;
  EXPECT_FALSE(home.ask_error({"model", "test", "tiny"}, 6).empty());
  expect_valid(home.ask_json({"model", "remove", "tiny"}), "model_entry");
  EXPECT_NE(home.ask_error({"model", "remove", "tiny"}, 3).find("tiny"), std::string::npos);
}

TEST(CliModels, AnEmbedderMakesSearchHybrid) {
#ifndef SAEROK_TEST_LLAMA
  GTEST_SKIP() << "built without a runtime for local models";
#else
  const Home home;
  ASSERT_TRUE(import_e5(SAEROK_TEST_E5, home.path("e5.gguf").string()));
  expect_valid(home.ask_json({"model", "add", home.path("e5.gguf").string(), "--name", "default"}),
               "model_entry");
  const Json tested = home.ask_json({"model", "test", "default"});
  expect_valid(tested, "model_test");
  EXPECT_GT(tested["same_meaning"], tested["other_meaning"]);

  home.write("notes/비.md", "# 날씨\n\n오늘은 비가 많이 온다. 우산이 필요하다.\n");
  home.write("notes/budget.md", "# Budget\n\nThe board approved the quarterly budget.\n");
  const Json report = home.ask_json({"index", home.path("notes").string()});
  expect_valid(report, "index");
  EXPECT_EQ(report["vectors"]["pending_chunks"], 0);
  const Json status = home.ask_json({"status"});
  expect_valid(status, "status");
  EXPECT_EQ(status["embedder_runtime"],
            home.ask_json({"model", "list"})["embedder_runtimes"]["default"]);
  const Json found = home.ask_json({"search", "rainy weather", "--explain"});
  expect_valid(found, "search");
  EXPECT_EQ(found["mode"], "hybrid");
  ASSERT_FALSE(found["hits"].empty());
  EXPECT_EQ(found["hits"][0]["path"], "비.md");
#endif
}

}  // namespace
}  // namespace saerok
