// What the daemon answers over HTTP, and what it keeps current.

#include <chrono>

#include "served_notes.h"

namespace saerok {
namespace {

TEST_F(ServeTest, SearchAnswersWhatTheCommandPrints) {
  const RunningDaemon daemon(home);
  // A setting of its own keeps the command from asking the daemon.
  Json printed = home.ask_json({"search", "쌀뜨물", "--explain", "--set", "search.depth=100"});
  const Json by_get = daemon.get("/v1/saerok/search?query=%EC%8C%80%EB%9C%A8%EB%AC%BC&explain=1");
  const Json by_post = daemon.post("/v1/saerok/search", {{"query", "쌀뜨물"}, {"explain", true}});
  const Json by_daemon = home.ask_json({"search", "쌀뜨물", "--explain"});
  ASSERT_FALSE(printed["hits"].empty());
  for (const Json& answer : {by_get, by_post, by_daemon}) {
    expect_valid(answer, "search");
    EXPECT_EQ(answer["hits"], printed["hits"]);
    EXPECT_EQ(answer["mode"], printed["mode"]);
  }
  EXPECT_EQ(printed["hits"][0]["attributes"].dump().find("cooking") == std::string::npos, false);
}

TEST_F(ServeTest, WrongRequestsSayWhatIsWrong) {
  const RunningDaemon daemon(home);
  const auto detail = [&](const Json& body) {
    const HttpResponse response = daemon.send("POST", "/v1/saerok/search", body);
    EXPECT_EQ(response.status, 400) << response.body;
    EXPECT_EQ(header_of(response, "content-type"), "application/problem+json");
    return parse_json(response.body, "")->at("detail").get<std::string>();
  };
  EXPECT_NE(detail({{"query", "a"}, {"limit", 0}}).find("limit"), std::string::npos);
  EXPECT_NE(detail({{"query", "a"}, {"limit", -1}}).find("limit"), std::string::npos);
  EXPECT_NE(detail({{"query", "a"}, {"limit", 1e308}}).find("limit"), std::string::npos);
  EXPECT_NE(detail({{"query", "a"}, {"limit", "ten"}}).find("limit"), std::string::npos);
  EXPECT_NE(detail({{"query", 7.5}, {"mode", "fast"}}).find("mode"), std::string::npos);
  EXPECT_NE(detail({{"query", "a"}, {"settings", {{"models.chat", "x"}}}}).find("models.chat"),
            std::string::npos);
  std::string deep = "{\"query\":";
  for (int i = 0; i < 100'000; ++i) deep += "[";
  const HttpResponse nested = daemon.send_bare("POST", "/v1/saerok/search",
                                               {"Authorization: Bearer " + daemon.token()}, deep);
  EXPECT_EQ(nested.status, 400);
  EXPECT_NE(nested.body.find("64 levels"), std::string::npos) << nested.body;
}

TEST_F(ServeTest, AnswerIsStreamedAndRemembered) {
  const RunningDaemon daemon(home);
  const auto events =
      daemon.events("POST", "/v1/saerok/ask",
                    {{"question", "When was the boiler serviced?"}, {"remember", true}});
  ASSERT_GE(events.size(), 3u);
  EXPECT_EQ(events.front().name, "sources");
  EXPECT_EQ(events.front().data["sources"][0]["path"], "boiler.md");
  EXPECT_EQ(events[1].name, "text");
  EXPECT_EQ(events.back().name, "answer");
  const Json& answer = events.back().data;
  expect_valid(answer, "ask");
  EXPECT_NE(answer["answer"].get<std::string>().find("3 March 2024"), std::string::npos);
  EXPECT_EQ(answer["citations"][0]["path"], "boiler.md");
  const auto id = answer["conversation_id"].get<std::uint64_t>();
  // A second question goes on with it, through the command.
  const Json second = home.ask_json({"ask", "쌀뜨물은 얼마나?", "--continue"});
  EXPECT_EQ(second["conversation_id"], id);
  expect_valid(second, "ask");
  const Json turns = daemon.get("/v1/saerok/conversations/" + std::to_string(id));
  expect_valid(turns, "conversations_show");
  EXPECT_EQ(turns["turns"].size(), 4u);
  EXPECT_EQ(daemon.send("DELETE", "/v1/saerok/conversations/" + std::to_string(id)).status, 204);
  EXPECT_TRUE(daemon.get("/v1/saerok/conversations")["conversations"].empty());
}

#ifdef SAEROK_TEST_LLAMA
TEST_F(ServeTest, LocalModelTellsHowMuchOfTheSourcesItHasReadBeforeItWrites) {
  std::string note = "# Harbour\n\n";
  for (int day = 1; day <= 30; ++day) {
    note += "On day " + std::to_string(day) + " the boat left the harbour at noon.\n";
  }
  home.write("notes/harbour.md", note);
  ASSERT_EQ(home.run({"index", notes}).status, 0);
  const RunningDaemon daemon(
      home, {"--set", "models.chat=" SAEROK_TEST_CHAT_MODEL, "--set", "answer.tokens=16"});
  std::string order;
  std::uint64_t read = 0, total = 0;
  for (const auto& event : daemon.events(
           "POST", "/v1/saerok/ask",
           {{"question", "When did the boat leave the harbour?"}, {"search", "always"}})) {
    if (!order.ends_with(event.name + " ")) order += event.name + " ";
    if (event.name != "reading") continue;
    EXPECT_TRUE(event.data["read"] == 0 || event.data["read"] > read) << event.data;
    read = event.data["read"].get<std::uint64_t>();
    total = event.data["total"].get<std::uint64_t>();
  }
  EXPECT_EQ(order, "sources reading text answer ");
  EXPECT_GT(total, 256u);
  EXPECT_EQ(read, total);
}
#endif

TEST_F(ServeTest, AnswerOfAQuestionAskedAgainTakesThePlaceOfTheOld) {
  const RunningDaemon daemon(home);
  const auto ask = [&](Json members) {
    members["remember"] = true;
    return daemon.post("/v1/saerok/ask", members);
  };
  const Json id = ask({{"question", "쌀뜨물은 얼마나?"}})["conversation_id"];
  const Json second = ask({{"question", "When was the boiler serviced?"}, {"conversation_id", id}});
  const std::string target = "/v1/saerok/conversations/" + id.dump();
  // Its own question, after what was said before it.
  const Json again =
      ask({{"conversation_id", id}, {"replaces_last_turn", true}, {"search", "never"}});
  EXPECT_EQ(again["conversation_id"], id);
  Json turns = daemon.get(target)["turns"];
  ASSERT_EQ(turns.size(), 4u);
  EXPECT_EQ(turns[0]["content"], "쌀뜨물은 얼마나?");
  EXPECT_EQ(turns[2]["content"], "When was the boiler serviced?");
  EXPECT_EQ(turns[3]["content"], again["answer"]);
  EXPECT_NE(again["answer"], second["answer"]);
  // Another question; what it replaces is not carried into its search.
  const Json other =
      ask({{"question", "and when?"}, {"conversation_id", id}, {"replaces_last_turn", true}});
  EXPECT_EQ(other["standalone_query"], "쌀뜨물은 얼마나?\nand when?");
  turns = daemon.get(target)["turns"];
  ASSERT_EQ(turns.size(), 4u);
  EXPECT_EQ(turns[2]["content"], "and when?");
  // Without being remembered nothing changes.
  daemon.post("/v1/saerok/ask", {{"conversation_id", id}, {"replaces_last_turn", true}});
  EXPECT_EQ(daemon.get(target)["turns"], turns);
  const HttpResponse refused = daemon.send("POST", "/v1/saerok/ask",
                                           {{"question", "boiler?"}, {"replaces_last_turn", true}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("conversation_id"), std::string::npos) << refused.body;
}

TEST_F(ServeTest, QuestionInTheMiddleAskedAgainTakesThePlaceOfAllThatCameAfter) {
  const RunningDaemon daemon(home);
  const auto ask = [&](Json members) {
    members["remember"] = true;
    return daemon.post("/v1/saerok/ask", members);
  };
  const Json id = ask({{"question", "쌀뜨물은 얼마나?"}})["conversation_id"];
  for (const char* question : {"When was the boiler serviced?", "and who paid?", "thanks"}) {
    ask({{"question", question}, {"conversation_id", id}});
  }
  const std::string target = "/v1/saerok/conversations/" + id.dump();
  const auto refused = [&](const Json& turn) {
    return daemon.send("POST", "/v1/saerok/ask", {{"conversation_id", id}, {"replaces_turn", turn}})
        .status;
  };
  EXPECT_EQ(refused(3), 409) << "an answer is no question";
  EXPECT_EQ(refused(8), 409);
  EXPECT_EQ(refused(-1), 400);
  ASSERT_EQ(daemon.get(target)["turns"].size(), 8u);
  const Json again = ask({{"conversation_id", id}, {"replaces_turn", 2}});
  EXPECT_NE(again["standalone_query"].get<std::string>().find("When was the boiler serviced?"),
            std::string::npos);
  Json turns = daemon.get(target)["turns"];
  ASSERT_EQ(turns.size(), 4u);
  EXPECT_EQ(turns[2]["content"], "When was the boiler serviced?");
  EXPECT_EQ(turns[3]["content"], again["answer"]);
  // The first, with other words: nothing of the conversation is left.
  const Json other = ask({{"question", "boiler?"}, {"conversation_id", id}, {"replaces_turn", 0}});
  EXPECT_EQ(other["standalone_query"], "boiler?");
  turns = daemon.get(target)["turns"];
  ASSERT_EQ(turns.size(), 2u);
  EXPECT_EQ(turns[0]["content"], "boiler?");
}

TEST_F(ServeTest, WhetherToSearchCanBeSaid) {
  const RunningDaemon daemon(home);
  const auto decision = [&](const char* question, const char* search) {
    return daemon.post("/v1/saerok/ask", {{"question", question}, {"search", search}})["decision"];
  };
  const char* const question = "When was the boiler serviced?";
  EXPECT_EQ(decision(question, "auto"), "search");
  EXPECT_EQ(decision(question, "never"), "answer");
  EXPECT_EQ(decision("안녕하세요", "auto"), "answer");
  EXPECT_EQ(decision("안녕하세요", "always"), "search");
  // The command's choice goes with its question.
  EXPECT_EQ(home.ask_json({"ask", question, "--no-search"})["decision"], "answer");
  EXPECT_EQ(home.ask_json({"ask", "안녕하세요", "--search"})["decision"], "search");
  const Outcome chat = home.run({"chat", "--no-search"}, {.input = "When?\n/sources\n"});
  EXPECT_NE(chat.out.find("were not searched"), std::string::npos) << chat.out;
  for (const Json& beside : {Json{{"retrieve_only", true}}, Json{{"standalone_query", "boiler"}}}) {
    Json body = {{"question", question}, {"search", "never"}};
    body.update(beside);
    const HttpResponse refused = daemon.send("POST", "/v1/saerok/ask", body);
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find("auto or always"), std::string::npos) << refused.body;
  }
}

TEST_F(ServeTest, SavedNoteIsFoundWithoutBeingAskedFor) {
  const RunningDaemon daemon(home);
  home.write("notes/new/tent.md", "# Tent\n\nThe quokkawort tent needs new pegs.\n");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  Json found;
  do {
    found = daemon.get("/v1/saerok/search?query=quokkawort")["hits"];
  } while (found.empty() && std::chrono::steady_clock::now() < until);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0]["path"], "new/tent.md");
  std::filesystem::remove(home.path("notes/new/tent.md"));
  do {
    found = daemon.get("/v1/saerok/search?query=quokkawort")["hits"];
  } while (!found.empty() && std::chrono::steady_clock::now() < until);
  EXPECT_TRUE(found.empty());
}

TEST_F(ServeTest, LibraryShowsFilesDocumentsAndForgets) {
  home.write("notes/film.mp4", "not read");
  const RunningDaemon daemon(home);
  const Json job = daemon.post("/v1/saerok/jobs", Json::object());
  daemon.end_of_job(job["id"].get<std::uint64_t>());
  const Json all = daemon.get("/v1/saerok/sources");
  EXPECT_EQ(all["total"], 3);
  const Json skipped = daemon.get("/v1/saerok/sources?state=skipped");
  ASSERT_EQ(skipped["sources"].size(), 1u);
  EXPECT_EQ(skipped["sources"][0]["path"], "film.mp4");
  EXPECT_NE(skipped["sources"][0]["reason"], "");
  const Json document = daemon.get("/v1/saerok/document?path=boiler.md");
  EXPECT_EQ(document["title"], "Boiler");
  EXPECT_NE(document["chunks"][0]["text"].get<std::string>().find("3 March"), std::string::npos);
  EXPECT_EQ(daemon.send("GET", "/v1/saerok/document?path=gone.md").status, 404);
  EXPECT_EQ(daemon.send("POST", "/v1/saerok/sources/forget", {{"path", "boiler.md"}}).status, 400);
  const Json forgot = daemon.post("/v1/saerok/sources/forget", {{"path", notes + "/boiler.md"}});
  EXPECT_EQ(forgot["files"], 1);
  EXPECT_EQ(daemon.get("/v1/saerok/sources")["total"], 2);
}

TEST_F(ServeTest, DocumentsThatWerePutAreFoundAndStayInTheirFolder) {
  const RunningDaemon daemon(home);
  const auto put = [&](const std::string& name, const std::string& bytes) {
    return daemon.send_bare("PUT", "/v1/saerok/documents/" + name,
                            {"Authorization: Bearer " + daemon.token()}, bytes);
  };
  for (const char* name : {"%2e%2e/token", ".hidden", "a//b", "a%2fb", "a%00b", "a%5cb"}) {
    EXPECT_EQ(put(name, "x").status, 400) << name;
  }
  const HttpResponse accepted = put("trips/jeju.md", "# Jeju\n\nThe xylofern trail is closed.\n");
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  daemon.end_of_job(parse_json(accepted.body, "")->at("job").get<std::uint64_t>());
  EXPECT_EQ(daemon.get("/v1/saerok/search?query=xylofern")["hits"][0]["path"], "trips/jeju.md");
  const HttpResponse read = daemon.send("GET", "/v1/saerok/documents/trips/jeju.md");
  EXPECT_EQ(read.body, "# Jeju\n\nThe xylofern trail is closed.\n");
  EXPECT_EQ(header_of(read, "content-disposition"), "attachment");
  const HttpResponse removed = daemon.send("DELETE", "/v1/saerok/documents/trips/jeju.md");
  ASSERT_EQ(removed.status, 202);
  daemon.end_of_job(parse_json(removed.body, "")->at("job").get<std::uint64_t>());
  EXPECT_TRUE(daemon.get("/v1/saerok/search?query=xylofern")["hits"].empty());
}

TEST_F(ServeTest, SettingsChangeAtOnceAndForGood) {
  const RunningDaemon daemon(home);
  const auto setting = [&](const std::string& name) {
    const Json all = daemon.get("/v1/saerok/settings");
    for (const Json& one : all["settings"]) {
      if (one["name"] == name) return one;
    }
    return Json();
  };
  EXPECT_EQ(setting("search.mode")["kind"], "choice");
  EXPECT_EQ(setting("search.bm25.k1")["default"], 1.2);
  EXPECT_TRUE(setting("index.vectors")["is_changed"]);
  const auto patch = [&](const Json& changes) {
    return daemon.send("PATCH", "/v1/saerok/settings", changes);
  };
  EXPECT_EQ(patch({{"search.bm25.k1", 0.9}, {"search.depth", "many"}}).status, 400);
  EXPECT_EQ(setting("search.bm25.k1")["value"], 1.2) << "all or none";
  const HttpResponse unknown = patch({{"search.dept", 5}});
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.body.find("search.depth"), std::string::npos);
  const double before = daemon.get("/v1/saerok/search?query=boiler")["hits"][0]["score"];
  EXPECT_EQ(patch({{"search.bm25.k1", 0.2}, {"models.chat_api_key", "canary-secret"}}).status, 200);
  EXPECT_NE(daemon.get("/v1/saerok/search?query=boiler")["hits"][0]["score"].get<double>(), before);
  EXPECT_EQ(setting("models.chat_api_key")["value"], "(set)");
  EXPECT_EQ(daemon.send("GET", "/v1/saerok/settings").body.find("canary-secret"),
            std::string::npos);
  EXPECT_NE(read_file(home.path(".config/saerok/config.toml")).find("k1 = 0.2"), std::string::npos);
  EXPECT_EQ(patch({{"search.bm25.k1", nullptr}}).status, 200);
  EXPECT_FALSE(setting("search.bm25.k1")["is_changed"]);
}

TEST_F(ServeTest, LabelsAndTheLabAreThere) {
  const RunningDaemon daemon(home);
  const Json label = daemon.post(
      "/v1/saerok/labels",
      {{"question", "boiler?"}, {"path", "boiler.md"}, {"bytes", {0, 10}}, {"grade", 1}});
  EXPECT_EQ(daemon.get("/v1/saerok/labels")["labels"][0]["question"], "boiler?");
  EXPECT_EQ(daemon.send("POST", "/v1/saerok/labels", {{"question", "x"}}).status, 400);
  EXPECT_EQ(daemon.send("DELETE", "/v1/saerok/labels/" + label["id"].dump()).status, 204);
  EXPECT_TRUE(daemon.get("/v1/saerok/lab/board")["runs"].empty());
  EXPECT_EQ(daemon.send("GET", "/v1/saerok/lab/runs/none").status, 404);
  const std::string talk = home.write(
      "set/eval.jsonl", R"({"eval_id": 1, "decision": "search", "relevant": ["boiler.md"],)"
                        R"( "msg": [{"role": "user", "content": "When was the boiler checked?"}]})"
                        "\n");
  const Json made = home.ask_json({"lab", "run", home.path("set").string(), "--corpus",
                                   home.path("notes").string(), "--set", "mode=lexical"});
  const Json run = daemon.get("/v1/saerok/lab/runs/" + made["run"].get<std::string>());
  expect_valid(run, "lab_run_details");
  EXPECT_EQ(run["decisions"], made["decisions"]);
  EXPECT_EQ(run["decisions"]["counts"][0], Json({1, 0, 0}));
  EXPECT_NE(daemon.send("GET", "/metrics").body.find("saerok_requests_total{route="),
            std::string::npos);
}

}  // namespace
}  // namespace saerok
