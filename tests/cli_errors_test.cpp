// What goes wrong at the command line: a sentence that says what failed, on what, and what to do;
// the exit status of docs/names.md; and nothing that was stored is lost.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_program.h"

namespace saerok {
namespace {

constexpr char kStore[] = ".local/share/saerok";

void expect_says(const std::string& message, std::initializer_list<const char*> parts) {
  for (const char* part : parts) {
    EXPECT_NE(message.find(part), std::string::npos)
        << '"' << message << "\" does not say " << part;
  }
}

class CliErrors : public testing::Test {
 protected:
  void index_notes() {
    home_.write("notes/tea.md", "# Tea\n\nGreen tea is steeped at 80 degrees.\n");
    home_.write("notes/coffee.md", "# Coffee\n\nCoffee is brewed at 93 degrees.\n");
    home_.ask_json({"index", notes()});
  }
  std::string notes() const { return home_.path("notes").string(); }
  std::size_t hits(const std::string& query) const {
    return home_.ask_json({"search", query})["hits"].size();
  }

  Home home_;
};

TEST_F(CliErrors, AnUnknownNameIsAnsweredWithTheNearest) {
  expect_says(home_.ask_error({"serch", "tea"}, 2), {"serch", "did you mean search?"});
  expect_says(home_.ask_error({"search", "tea", "--limt", "3"}, 2),
              {"--limt", "did you mean --limit?"});
  expect_says(home_.ask_error({"search", "tea", "--limt=3"}, 2), {"did you mean --limit?"});
  expect_says(home_.ask_error({"status", "--set", "search.dept=3"}, 2),
              {"search.dept", "did you mean search.depth?"});
  expect_says(home_.ask_error({"status", "--set", "search.k1=2"}, 2),
              {"did you mean search.bm25.k1?"});
}

TEST_F(CliErrors, AValueOutOfRangeIsAnsweredWithTheRange) {
  expect_says(home_.ask_error({"status", "--set", "search.depth=0"}, 2),
              {"search.depth", "1 to 10000"});
  expect_says(home_.ask_error({"status", "--set", "search.fusion=best"}, 2),
              {"weighted_sum", "reciprocal_rank"});
  expect_says(home_.ask_error({"status", "--set", "search.depth"}, 2), {"name=value"});
  expect_says(home_.ask_error({"search", "tea", "-k", "0"}, 2), {"--limit"});
  for (const char* mode : {"fast", "2"}) {
    expect_says(home_.ask_error({"search", "tea", "--mode", mode}, 2),
                {"--mode", mode, "lexical", "vector", "hybrid"});
  }
}

TEST_F(CliErrors, AConfigFileIsReadOrRefusedWithItsLine) {
  home_.write(".config/saerok/config.toml", "# mine\n[search]\ndepht = 3\n");
  expect_says(home_.ask_error({"status"}, 2), {"config.toml:3", "search.depht", "search.depth"});
  home_.write(".config/saerok/config.toml", "search depth\n");
  expect_says(home_.ask_error({"status"}, 2), {"config.toml:1"});
  expect_says(home_.ask_error({"status", "--config", "/no/where.toml"}, 3), {"/no/where.toml"});
}

TEST_F(CliErrors, AMissingArgumentIsNamed) {
  expect_says(home_.ask_error({"search"}, 2), {"QUERY"});
  expect_says(home_.ask_error({"index"}, 2), {"PATH"});
  expect_says(home_.ask_error({"ask"}, 2), {"question", "--conversation"});
  expect_says(home_.ask_error({"forget"}, 2), {"PATH", "--collection"});
  EXPECT_EQ(home_.run({}).status, 2);
  EXPECT_EQ(home_.run({"model"}).status, 2);
}

TEST_F(CliErrors, WithoutAStoreTheWayToOneIsSaid) {
  for (const char* command : {"search", "ask", "forget"}) {
    expect_says(home_.ask_error({command, "tea"}, 3), {kStore, "saerok index"});
  }
  expect_says(home_.ask_error({"status"}, 3), {kStore, "saerok index"});
  expect_says(home_.ask_error({"doctor", "--store-check"}, 3), {kStore});
  EXPECT_FALSE(std::filesystem::exists(home_.path(kStore))) << "a question made a store";
}

TEST_F(CliErrors, AnUnknownCollectionIsNamed) {
  index_notes();
  expect_says(home_.ask_error({"search", "tea", "--collection", "wrok"}, 3), {"wrok"});
  expect_says(home_.ask_error({"forget", "--collection", "wrok"}, 3), {"wrok"});
  expect_says(home_.ask_error({"status", "--collection", "wrok"}, 3), {"wrok"});
}

TEST_F(CliErrors, APathThatIsNotThereIsNamed) {
  index_notes();
  expect_says(home_.ask_error({"index", home_.path("none").string()}, 3),
              {home_.path("none").c_str()});
  expect_says(home_.ask_error({"forget", home_.path("none").string()}, 3),
              {home_.path("none").c_str()});
  EXPECT_EQ(hits("tea"), 1u);
}

TEST_F(CliErrors, AFolderThatIsGoneIsForgottenByItsRelativePath) {
  home_.write("old/tea.md", "# Tea\n\nGreen tea.\n");
  home_.ask_json({"index", "old"});
  std::filesystem::remove_all(home_.path("old"));
  EXPECT_EQ(home_.ask_json({"forget", "old"})["files"], 1);
}

TEST_F(CliErrors, AFolderThatHoldsSomethingElseIsNotMadeAStore) {
  home_.write("other/letter.txt", "Dear Ms Kim\n");
  home_.write("notes/tea.md", "tea\n");
  const std::string other = home_.path("other").string();
  expect_says(home_.ask_error({"index", notes(), "--store", other}, 4), {other.c_str()});
  EXPECT_EQ(read_file(home_.path("other/letter.txt")), "Dear Ms Kim\n");
}

TEST_F(CliErrors, ALockedStoreRefusesWritersAndServesReaders) {
  index_notes();
  const int lock = open((home_.path(kStore) / "LOCK").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(lock, 0);
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  ASSERT_EQ(fcntl(lock, F_OFD_SETLK, &whole), 0);
  expect_says(home_.ask_error({"index", notes()}, 4), {kStore});
  expect_says(home_.ask_error({"forget", notes()}, 4), {kStore});
  EXPECT_EQ(hits("tea"), 1u);
  expect_valid(home_.ask_json({"status"}), "status");
  close(lock);
  home_.ask_json({"index", notes()});
}

TEST_F(CliErrors, AnUnreadableFolderIsReportedAndTheRestIsIndexed) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read every folder";
  index_notes();
  home_.write("notes/private/diary.md", "secret diary\n");
  chmod(home_.path("notes/private").c_str(), 0);
  const Json report = home_.ask_json({"index", notes()});
  ASSERT_EQ(report["failed"].size(), 1u) << report;
  EXPECT_EQ(report["failed"][0]["path"], "private");
  EXPECT_EQ(hits("tea"), 1u);
  chmod(home_.path("notes/private").c_str(), 0755);
}

TEST_F(CliErrors, AMissingModelLeavesTheTextSearchable) {
  home_.write("notes/tea.md", "Green tea is steeped at 80 degrees.\n");
  const Json report = home_.ask_json({"index", notes(), "--set", "models.embed=nope"});
  expect_valid(report, "index");
  ASSERT_EQ(report["warnings"].size(), 1u);
  expect_says(report["warnings"][0].get<std::string>(), {"nope", "saerok model add"});
  EXPECT_EQ(hits("steeped"), 1u);
  expect_says(home_.ask_error({"search", "tea", "--mode", "vector"}, 4), {"vector"});
  const Json answer = home_.ask_json({"ask", "When is tea steeped?", "--set", "models.chat=nope"});
  EXPECT_EQ(answer["kind"], "extractive");
  ASSERT_FALSE(answer["report"]["warnings"].empty());
  expect_says(answer["report"]["warnings"].dump(), {"nope"});
}

TEST_F(CliErrors, VectorsOfAnotherDimensionAreRefused) {
  index_notes();
  const std::string good = home_.write("good.jsonl",
                                       "{\"id\": \"tea.md\", \"vector\": [1, 0, 0]}\n"
                                       "{\"id\": \"coffee.md\", \"vector\": [0, 1, 0]}\n");
  const std::string mixed = home_.write("mixed.jsonl",
                                        "{\"id\": \"tea.md\", \"vector\": [1, 0]}\n"
                                        "{\"id\": \"coffee.md\", \"vector\": [0, 1, 0]}\n");
  const std::string broken = home_.write("broken.jsonl", "{\"id\": \"tea.md\"}\n");
  expect_says(home_.ask_error({"index", notes(), "--vectors", broken}, 2),
              {"broken.jsonl, line 1", "vector"});
  home_.ask_json({"index", notes(), "--vectors", good});
  const std::string two = home_.write("two.json", "[1, 0]");
  const std::string three = home_.write("three.json", "{\"vector\": [0, 1, 0]}");
  expect_says(home_.ask_error({"search", "x", "--query-vector", two, "--mode", "vector"}, 2),
              {"2", "3"});
  const Json found = home_.ask_json({"search", "x", "--query-vector", three, "--mode", "vector"});
  ASSERT_FALSE(found["hits"].empty());
  EXPECT_EQ(found["hits"][0]["path"], "coffee.md");
  home_.write("notes/water.md", "Water boils at 100 degrees.\n");
  const std::string other =
      home_.write("other.jsonl", "{\"id\": \"water.md\", \"vector\": [1, 0]}\n");
  EXPECT_NE(home_.ask_error({"index", notes(), "--vectors", other}, 4), "");
  EXPECT_EQ(hits("boils"), 1u);
  EXPECT_NE(home_.ask_error({"index", notes(), "--rebuild", "--vectors", mixed}, 2), "");
  EXPECT_EQ(hits("boils"), 1u);
}

TEST_F(CliErrors, AQueryVectorThatIsNoneIsRefused) {
  index_notes();
  for (const char* text : {"[]", "[1, \"a\"]", "{}", "7"}) {
    expect_says(home_.ask_error({"search", "x", "--query-vector", home_.write("v.json", text)}, 2),
                {"v.json"});
  }
  expect_says(home_.ask_error({"search", "x", "--query-vector", home_.write("v.json", "[1,")}, 2),
              {"v.json"});
  expect_says(home_.ask_error({"search", "x", "--query-vector", "/none.json"}, 3), {"/none.json"});
}

TEST_F(CliErrors, AConversationThatIsNoneIsRefused) {
  index_notes();
  for (const char* text : {"{}", "[]", "[{\"role\": \"user\"}]",
                           "[{\"role\": \"king\", \"content\": \"x\"}]", "[1]", "[{"}) {
    expect_says(home_.ask_error({"ask", "--conversation", home_.write("talk.json", text)}, 2),
                {"talk.json"});
  }
  expect_says(home_.ask_error({"ask", "--conversation", "-"}, 2, {.input = "tea?"}),
              {"standard input"});
  expect_says(home_.ask_error({"ask", "--conversation", "/none.json"}, 3), {"/none.json"});
}

TEST_F(CliErrors, AFilterIsRefusedWithThePlace) {
  index_notes();
  expect_says(home_.ask_error({"search", "tea", "--filter", "date>="}, 2), {"character 7"});
  expect_says(home_.ask_error({"ask", "tea", "--filter", "(tag:a"}, 2), {"filter"});
  expect_says(home_.ask_error({"search", "tea", "--filter", "date:2023-02-29"}, 2), {"2023-02-29"});
}

// A limit on the size of files is what an ordinary user has of a full disk: writes fail midway.
TEST_F(CliErrors, AFullDiskLosesNothingThatWasStored) {
  index_notes();
  std::string words;
  for (int i = 0; i < 20'000; ++i)
    words += "word" + std::to_string(i * 7919 % 100'003) + (i % 12 == 11 ? ".\n\n" : " ");
  for (int i = 0; i < 8; ++i)
    home_.write("notes/long" + std::to_string(i) + ".md",
                "# Long " + std::to_string(i) + "\n\n" + words);
  for (const std::uint64_t limit : {4'096u, 40'000u, 150'000u, 400'000u, 900'000u}) {
    const std::string message = [&] {
      const Outcome outcome = home_.run({"index", notes(), "--json"}, {.file_bytes_max = limit});
      EXPECT_TRUE(outcome.status == 8 || outcome.status == 6)
          << limit << ": " << outcome.status << '\n'
          << outcome.err;
      return outcome.err;
    }();
    EXPECT_TRUE(message.starts_with("saerok: ")) << limit << ": " << message;
    EXPECT_EQ(hits("steeped"), 1u) << limit;
    EXPECT_EQ(hits("brewed"), 1u) << limit;
    EXPECT_TRUE(home_.ask_json({"doctor", "--store-check"})["store_check"]["problems"].empty())
        << limit;
  }
  home_.ask_json({"index", notes()});
  EXPECT_EQ(home_.ask_json({"status"})["collections"][0]["documents"], 10);
  EXPECT_EQ(hits("steeped"), 1u);
  EXPECT_EQ(home_.ask_json({"search", "+word7919", "-k", "50", "--filter", "path:long7.md"})["hits"]
                .size(),
            1u);
}

}  // namespace
}  // namespace saerok
