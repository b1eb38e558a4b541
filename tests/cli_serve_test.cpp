// The daemon as the built program runs it: who may ask, what is answered, what it keeps current.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/loopback_server.h"
#include "base/posix_env.h"
#include "running_daemon.h"
#include "storage/open_storage.h"

namespace saerok {
namespace {

/// Notes, indexed by words, and a daemon over them.
struct ServeTest : testing::Test {
  Home home;
  std::string notes;

  void SetUp() override {
    notes = home.path("notes").string();
    home.write("notes/kimchi.md",
               "---\ntags: [cooking]\n---\n# 김치찌개\n\n묵은지와 돼지고기로 끓인다. 쌀뜨물은 700밀리리터.\n");
    home.write("notes/boiler.md", "# Boiler\n\nThe boiler was serviced on 3 March 2024.\n");
    // Nothing here is to wait for a model.
    home.write(".config/saerok/config.toml", "[index]\nvectors = \"none\"\n");
    ASSERT_EQ(home.run({"index", notes}).status, 0);
  }
};

/// An embedding service that never answers: the job that asks it holds the store's lock.
class SilentEmbedder {
 public:
  SilentEmbedder()
      : server_([this](const LoopbackServer::Request&, const LoopbackServer::Peer& peer) {
          was_asked_ = true;
          was_asked_.notify_all();
          peer.await_hang_up();
        }) {}
  std::string url() const { return server_.url(); }
  void await_request() const { was_asked_.wait(false); }

 private:
  std::atomic<bool> was_asked_ = false;
  LoopbackServer server_;
};

/// While a daemon makes vectors, which takes for ever.
struct BusyServeTest : ServeTest {
  SilentEmbedder embedder;
  std::unique_ptr<RunningDaemon> daemon;

  void start() {
    home.write(".config/saerok/config.toml",
               "[index]\nvectors = \"chunks\"\n[models]\nembed = \"m\"\nembed_base_url = \"" +
                   embedder.url() + "\"\n");
    // No job but this one, or a text that was forgotten could be read again.
    daemon = std::make_unique<RunningDaemon>(
        home, std::vector<std::string>{"--set", "serve.watch=off"});
    daemon->post("/v1/saerok/jobs", Json::object());
    embedder.await_request();
    // Nobody but the daemon can write now: a setting of its own keeps a command from asking it.
    home.ask_error({"ask", "boiler?", "--remember", "--set", "search.depth=100"}, 4);
  }
  void TearDown() override { daemon.reset(); }
};

std::string header_of(const HttpResponse& response, std::string_view name) {
  return std::string(response.header(name));
}

/// A path of the description with something in place of its {names}.
std::string filled(std::string path) {
  for (auto at = path.find('{'); at != std::string::npos; at = path.find('{')) {
    path.replace(at, path.find('}') - at + 1, "1");
  }
  return path;
}

TEST_F(ServeTest, EveryRouteAsksForTokenHostAndOrigin) {
  const RunningDaemon daemon(home);
  const Json description = daemon.get("/v1/saerok/openapi.json");
  const std::string wrong(64, '0');
  for (const auto& [path, operations] : description["paths"].items()) {
    for (const auto& [name, operation] : operations.items()) {
      std::string method = name;
      for (char& letter : method) letter = static_cast<char>(letter - 'a' + 'A');
      const std::string target = filled(path);
      SCOPED_TRACE(method + " " + target);
      const auto status = [&](std::vector<std::string> headers, const std::string& query = "") {
        return daemon.send_bare(method, target + query, std::move(headers)).status;
      };
      EXPECT_EQ(status({"Host: attacker.test", "Authorization: Bearer " + daemon.token()}), 421);
      EXPECT_EQ(status({"Origin: http://attacker.test", "Authorization: Bearer " + daemon.token()}),
                403);
      EXPECT_EQ(status({"Origin: null", "Authorization: Bearer " + daemon.token()}), 403);
      const Json* security = find_member(operation, "security");
      if (security != nullptr && security->empty()) continue;
      EXPECT_EQ(status({}), 401);
      EXPECT_EQ(status({"Authorization: Bearer " + wrong}), 401);
      EXPECT_EQ(status({"X-Api-Key: " + wrong}), 401);
      EXPECT_EQ(status({"Cookie: token=" + daemon.token()}), 401);
      EXPECT_EQ(status({}, "?token=" + daemon.token()), 401);
    }
  }
  EXPECT_EQ(daemon.send_bare("GET", "/v1/saerok/nothing", {}).status, 401);
  EXPECT_EQ(daemon.send("GET", "/v1/saerok/nothing").status, 404);
  const HttpResponse wrong_method = daemon.send("PUT", "/v1/saerok/jobs", Json::object());
  EXPECT_EQ(wrong_method.status, 405);
  EXPECT_EQ(header_of(wrong_method, "allow"), "POST, GET");
}

TEST_F(ServeTest, EveryAnswerCarriesTheRulesForBrowsers) {
  const RunningDaemon daemon(home);
  for (const char* target : {"/healthz", "/", "/v1/saerok/status", "/v1/saerok/nothing"}) {
    const HttpResponse response = daemon.send("GET", target);
    SCOPED_TRACE(target);
    EXPECT_NE(header_of(response, "content-security-policy").find("default-src 'none'"),
              std::string::npos);
    EXPECT_EQ(header_of(response, "content-security-policy").find("unsafe"), std::string::npos);
    EXPECT_EQ(header_of(response, "x-content-type-options"), "nosniff");
    EXPECT_EQ(header_of(response, "referrer-policy"), "no-referrer");
    EXPECT_EQ(header_of(response, "access-control-allow-origin"), "");
  }
}

TEST_F(ServeTest, LinkOpensOnce) {
  const RunningDaemon daemon(home);
  const std::string url = home.ask_json({"open"})["url"].get<std::string>();
  const std::string code = url.substr(url.find("#code=") + 6);
  const auto exchange = [&](const std::string& given) {
    return daemon.send_bare("POST", "/v1/saerok/session", {}, print_json(Json{{"code", given}}));
  };
  EXPECT_EQ(exchange("00").status, 401);
  const HttpResponse first = exchange(code);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(parse_json(first.body, "")->at("token"), daemon.token());
  EXPECT_EQ(exchange(code).status, 401);
}

TEST_F(ServeTest, SearchAnswersWhatTheCommandPrints) {
  const RunningDaemon daemon(home);
  // A setting of its own keeps the command from asking the daemon.
  Json printed = home.ask_json({"search", "쌀뜨물", "--explain", "--set", "search.depth=100"});
  const Json by_get = daemon.get("/v1/saerok/search?query=%EC%8C%80%EB%9C%A8%EB%AC%BC&explain=1");
  const Json by_post =
      daemon.post("/v1/saerok/search", {{"query", "쌀뜨물"}, {"explain", true}});
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
  const auto events = daemon.events(
      "POST", "/v1/saerok/ask", {{"question", "When was the boiler serviced?"}, {"remember", true}});
  ASSERT_GE(events.size(), 3u);
  EXPECT_EQ(events.front().name, "sources");
  EXPECT_EQ(events.front().data["sources"][0]["path"], "boiler.md");
  EXPECT_EQ(events[1].name, "text");
  EXPECT_EQ(events.back().name, "answer");
  const Json& answer = events.back().data;
  EXPECT_NE(answer["answer"].get<std::string>().find("3 March 2024"), std::string::npos);
  EXPECT_EQ(answer["citations"][0]["path"], "boiler.md");
  const auto id = answer["conversation_id"].get<std::uint64_t>();
  // A second question goes on with it, through the command.
  const Json second = home.ask_json({"ask", "쌀뜨물은 얼마나?", "--continue"});
  EXPECT_EQ(second["conversation"], id);
  expect_valid(second, "ask");
  const Json turns = daemon.get("/v1/saerok/conversations/" + std::to_string(id));
  expect_valid(turns, "conversations_show");
  EXPECT_EQ(turns["turns"].size(), 4u);
  EXPECT_EQ(daemon.send("DELETE", "/v1/saerok/conversations/" + std::to_string(id)).status, 204);
  EXPECT_TRUE(daemon.get("/v1/saerok/conversations")["conversations"].empty());
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

TEST_F(ServeTest, IndexingThroughTheDaemonReportsAsTheCommandDoes) {
  const RunningDaemon daemon(home);
  home.write("more/garden.md", "# Garden\n\nTulips are planted in October.\n");
  const Json report = home.ask_json({"index", "more"});
  expect_valid(report, "index");
  EXPECT_EQ(report["files"]["indexed"], 1);
  const Json status = daemon.get("/v1/saerok/status");
  EXPECT_EQ(status["collections"][0]["named_roots"],
            (Json{home.path("more").string(), home.path("notes").string()}));
  // Over the network nobody names a path of the machine.
  EXPECT_EQ(daemon.send("POST", "/v1/saerok/jobs", {{"roots", {"/etc"}}}).status, 400);
  const Json job = daemon.post("/v1/saerok/jobs", {{"kind", "index"}});
  const Json ended = daemon.end_of_job(job["id"].get<std::uint64_t>());
  EXPECT_EQ(ended["state"], "done") << ended;
  EXPECT_EQ(ended["report"]["files"]["seen"], 3);
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
  for (const char* name : {"%2e%2e/token", ".hidden", "a//b", "a%2fb",
                           "a%00b", "a%5cb"}) {
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
  EXPECT_EQ(daemon.send("GET", "/v1/saerok/settings").body.find("canary-secret"), std::string::npos);
  EXPECT_NE(read_file(home.path(".config/saerok/config.toml")).find("k1 = 0.2"), std::string::npos);
  EXPECT_EQ(patch({{"search.bm25.k1", nullptr}}).status, 200);
  EXPECT_FALSE(setting("search.bm25.k1")["is_changed"]);
}

TEST_F(ServeTest, LabelsAndTheLabAreThere) {
  const RunningDaemon daemon(home);
  const Json label = daemon.post("/v1/saerok/labels", {{"question", "boiler?"},
                                                       {"path", "boiler.md"},
                                                       {"bytes", {0, 10}},
                                                       {"grade", 1}});
  EXPECT_EQ(daemon.get("/v1/saerok/labels")["labels"][0]["question"], "boiler?");
  EXPECT_EQ(daemon.send("POST", "/v1/saerok/labels", {{"question", "x"}}).status, 400);
  EXPECT_EQ(daemon.send("DELETE", "/v1/saerok/labels/" + label["id"].dump()).status, 204);
  EXPECT_TRUE(daemon.get("/v1/saerok/lab/board")["runs"].empty());
  EXPECT_EQ(daemon.send("GET", "/v1/saerok/lab/runs/none").status, 404);
  const std::string talk = home.write("set/eval.jsonl",
      R"({"eval_id": 1, "decision": "search", "relevant": ["boiler.md"],)"
      R"( "msg": [{"role": "user", "content": "When was the boiler checked?"}]})" "\n");
  const Json made = home.ask_json({"lab", "run", home.path("set").string(), "--corpus",
                                   home.path("notes").string(), "--set", "mode=lexical"});
  const Json run = daemon.get("/v1/saerok/lab/runs/" + made["run"].get<std::string>());
  expect_valid(run, "lab_run_details");
  EXPECT_EQ(run["decisions"], made["decisions"]);
  EXPECT_EQ(run["decisions"]["counts"][0], Json({1, 0, 0}));
  EXPECT_NE(daemon.send("GET", "/metrics").body.find("saerok_requests_total{route="),
            std::string::npos);
}

TEST_F(ServeTest, OneDaemonAStoreAndItEndsWhenTold) {
  RunningDaemon daemon(home);
  const std::string refused = home.ask_error({"serve", "--port", "0"}, 4);
  EXPECT_NE(refused.find("saerok open"), std::string::npos) << refused;
  EXPECT_EQ(daemon.send("POST", "/v1/saerok/shutdown").status, 403);
  home.ask_json({"serve", "--stop"});
  EXPECT_EQ(daemon.wait(), 0);
  EXPECT_NE(home.ask_error({"open"}, 3).find("saerok serve"), std::string::npos);
  // Without one the commands work as before.
  EXPECT_FALSE(home.ask_json({"search", "boiler"})["hits"].empty());
}

TEST_F(ServeTest, WithoutATokenTheHostIsCheckedAllTheSame) {
  const RunningDaemon daemon(home, {"--no-auth"});
  EXPECT_EQ(daemon.send_bare("GET", "/v1/saerok/status", {}).status, 200);
  EXPECT_EQ(daemon.send_bare("GET", "/v1/saerok/status", {"Host: attacker.test"}).status, 421);
  EXPECT_EQ(daemon.send_bare("GET", "/v1/saerok/status", {"Origin: http://attacker.test"}).status,
            403);
  // Any program could else have the key of a service sent to itself.
  const auto patch = [&](const Json& changes) {
    return daemon.send_bare("PATCH", "/v1/saerok/settings", {}, print_json(changes)).status;
  };
  EXPECT_EQ(patch({{"models.chat_base_url", "http://attacker.test"}}), 403);
  EXPECT_EQ(patch({{"search.depth", 50}}), 200);
  const auto health = parse_json(daemon.send_bare("GET", "/healthz", {}).body, "");
  EXPECT_EQ(health->at("auth"), false);
}

TEST_F(ServeTest, UnitIsWrittenForTheUsersOwnManager) {
  const std::string unit = home.ask_json({"serve", "--install"})["unit"].get<std::string>();
  EXPECT_EQ(unit, home.path(".config/systemd/user/saerok.service").string());
  const std::string text = read_file(unit);
  EXPECT_NE(text.find("Type=notify"), std::string::npos);
  EXPECT_NE(text.find("serve --store"), std::string::npos);
}

TEST_F(BusyServeTest, FilesAreForgottenWhileAJobRuns) {
  start();
  // Settings have no part in it.
  const Json report = home.ask_json({"forget", notes + "/boiler.md", "--set", "search.depth=100"});
  expect_valid(report, "forget");
  EXPECT_EQ(report, (Json{{"files", 1}, {"documents", 1}}));
  EXPECT_TRUE(home.ask_json({"search", "boiler"})["hits"].empty());
  const std::string message = home.ask_error({"forget", "notes/boiler.md"}, 3);
  EXPECT_NE(message.find("nothing at or below " + notes + "/boiler.md"), std::string::npos) << message;
}

TEST_F(BusyServeTest, CollectionIsForgottenWhileAJobRuns) {
  // A name that a URL cannot hold as it is.
  const std::string name = "일/지난 것?";
  ASSERT_EQ(home.run({"index", notes, "--collection", name}).status, 0);
  start();
  const Json report = home.ask_json({"forget", "--collection", name});
  expect_valid(report, "forget");
  EXPECT_EQ(report["documents"], 2);
  const Json collections = daemon->get("/v1/saerok/status")["collections"];
  ASSERT_EQ(collections.size(), 1u);
  EXPECT_EQ(collections[0]["name"], "default");
  EXPECT_NE(home.ask_error({"forget", "--collection", name}, 3).find(name), std::string::npos);
}

TEST_F(BusyServeTest, ConversationIsDeletedWhileAJobRuns) {
  const std::string id = home.ask_json({"ask", "boiler?", "--remember"})["conversation"].dump();
  start();
  const Json deleted = home.ask_json({"conversations", "delete", id});
  EXPECT_EQ(deleted["deleted"].dump(), id);
  EXPECT_TRUE(home.ask_json({"conversations", "list"})["conversations"].empty());
  EXPECT_NE(home.ask_error({"conversations", "delete", id}, 3).find("no conversation " + id),
            std::string::npos);
}

TEST_F(BusyServeTest, LabelsAreAddedAndRemovedWhileAJobRuns) {
  start();
  const Json added = home.ask_json({"lab", "label", "boiler", "--right", "1"});
  expect_valid(added, "lab_label");
  ASSERT_EQ(added["labels"].size(), 1u);
  EXPECT_EQ(added["labels"], home.ask_json({"lab", "label", "list"})["labels"]);
  const Json hit = home.ask_json({"search", "boiler"})["hits"][0];
  const Json& label = added["labels"][0];
  EXPECT_EQ(label["quote"], hit["snippet"]);
  EXPECT_EQ(label["bytes"], hit["bytes"]);
  EXPECT_EQ(label["root"], hit["root"]);
  EXPECT_EQ(label["grade"], 1);
  const std::string id = label["id"].dump();
  EXPECT_EQ(home.ask_json({"lab", "label", "remove", id})["removed"].dump(), id);
  EXPECT_NE(home.ask_error({"lab", "label", "remove", id}, 3).find("no label " + id),
            std::string::npos);
}

TEST_F(BusyServeTest, CollectionThatAJobIsOfDoesNotComeBack) {
  start();
  EXPECT_EQ(home.ask_json({"forget", "--collection", "default"})["files"], 2);
  const Json jobs = daemon->get("/v1/saerok/jobs")["jobs"];
  EXPECT_EQ(daemon->end_of_job(jobs[0]["id"].get<std::uint64_t>())["state"], "done");
  EXPECT_TRUE(daemon->get("/v1/saerok/status")["collections"].empty());
}

TEST_F(BusyServeTest, ChatIsRememberedWhileAJobRuns) {
  start();
  const Outcome first = home.run({"chat", "--remember"},
                                 {.input = "When was the boiler serviced?\nand by whom?\n"
                                           "/new\nWhat is in the kimchi stew?\n"});
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_NE(first.out.find("conversation 2; go on"), std::string::npos) << first.out;
  const Outcome second =
      home.run({"chat", "--continue=1"}, {.input = "and when?\nand where?\n/why\n"});
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_NE(second.out.find("searched for: When was the boiler serviced?"), std::string::npos)
      << second.out;
  EXPECT_EQ(daemon->get("/v1/saerok/conversations/1")["turns"].size(), 8u);
  EXPECT_EQ(daemon->get("/v1/saerok/conversations/2")["turns"].size(), 2u);
}

TEST_F(ServeTest, ChatIsAnsweredByTheDaemonAsWithoutOne) {
  const RunOptions options{.input = "When was the boiler serviced?\n/sources\nand how?\n/why\n"
                                    "/new\n/why\nhi!\n"};
  const Outcome alone = home.run({"chat"}, options);
  const RunningDaemon daemon(home);
  const Outcome asked = home.run({"chat"}, options);
  EXPECT_EQ(asked.status, alone.status);
  EXPECT_EQ(asked.out, alone.out);
  EXPECT_NE(asked.out.find("3 March 2024"), std::string::npos) << asked.out;
  EXPECT_NE(daemon.send("GET", "/metrics").body.find("POST /v1/saerok/ask"), std::string::npos);
}

TEST_F(ServeTest, AnswerThatTheDaemonCannotStoreIsAnError) {
  const RunningDaemon daemon(home, {"--set", "serve.watch=off"});
  const auto writer =
      open_storage(posix_env(), home.path(".local/share/saerok").string(), OpenMode::write);
  ASSERT_TRUE(writer) << writer.error().message;
  const std::string message = home.ask_error({"ask", "boiler?", "--remember"}, 4);
  EXPECT_NE(message.find("wait for it to end"), std::string::npos) << message;
  const Outcome chat = home.run({"chat", "--remember"}, {.input = "boiler?\nnever asked\n"});
  EXPECT_EQ(chat.status, 4);
  EXPECT_NE(chat.err.find("saerok: " + message), std::string::npos) << chat.err;
}

/// Its first answer does not end.
class SlowChatModel {
 public:
  SlowChatModel()
      : server_([this](const LoopbackServer::Request&, const LoopbackServer::Peer& peer) {
          peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n");
          peer.send(R"(data: {"choices":[{"delta":{"content":"It was in March. [1] And "}}]})"
                    "\n\n");
          if (is_first_) peer.await_hang_up();
          else peer.send("data: [DONE]\n\n");
          is_first_ = false;
        }) {}
  std::string url() const { return server_.url(); }

 private:
  bool is_first_ = true;
  LoopbackServer server_;
};

TEST_F(ServeTest, StopEndsAnAnswerOfTheDaemonAndTheChatGoesOn) {
  const SlowChatModel model;
  const RunningDaemon daemon(home, {"--set", "models.chat_base_url=" + model.url(), "--set",
                                    "models.chat=m"});
  const std::string out = home.path("said").string();
  const pid_t child = home.start(
      {"chat", "--remember"},
      {.input = "When was the boiler serviced?\nWho serviced the boiler?\n"}, out);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (read_file(out).find("It was in March") == std::string::npos &&
         std::chrono::steady_clock::now() < give_up) {
    std::this_thread::yield();
  }
  kill(child, SIGINT);
  int state = 0;
  ASSERT_EQ(waitpid(child, &state, 0), child);
  ASSERT_TRUE(WIFEXITED(state));
  EXPECT_EQ(WEXITSTATUS(state), 0);
  const Json known = daemon.get("/v1/saerok/conversations")["conversations"];
  ASSERT_EQ(known.size(), 1u) << read_file(out);
  EXPECT_EQ(known[0]["turns"], 4) << read_file(out);
  const Json turns = daemon.get("/v1/saerok/conversations/" + known[0]["id"].dump())["turns"];
  EXPECT_EQ(turns[1]["content"].get<std::string>().find("It was in March. [1]"), 0u) << turns;
}

TEST(Serve, DaemonWithoutNotesSaysSoAndWaitsForThem) {
  Home home;
  home.write(".config/saerok/config.toml", "[index]\nvectors = \"none\"\n");
  const RunningDaemon daemon(home);
  EXPECT_TRUE(daemon.get("/v1/saerok/status")["collections"].empty());
  EXPECT_EQ(daemon.send("GET", "/v1/saerok/search?query=a").status, 404);
  home.write("notes/a.md", "# A\n\nplain text\n");
  home.ask_json({"index", "notes"});
  EXPECT_FALSE(daemon.get("/v1/saerok/search?query=plain")["hits"].empty());
}

}  // namespace
}  // namespace saerok
