// Commands that a running daemon does for the user: as without one, also while it is at work.

#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/loopback_server.h"
#include "base/posix_env.h"
#include "served_notes.h"
#include "storage/open_storage.h"

namespace saerok {
namespace {

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
    daemon =
        std::make_unique<RunningDaemon>(home, std::vector<std::string>{"--set", "serve.watch=off"});
    daemon->post("/v1/saerok/jobs", Json::object());
    embedder.await_request();
    // Nobody but the daemon can write now: a setting of its own keeps a command from asking it.
    home.ask_error({"ask", "boiler?", "--remember", "--set", "search.depth=100"}, 4);
  }
  void TearDown() override { daemon.reset(); }
};

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

TEST_F(BusyServeTest, FilesAreForgottenWhileAJobRuns) {
  start();
  // Settings have no part in it.
  const Json report = home.ask_json({"forget", notes + "/boiler.md", "--set", "search.depth=100"});
  expect_valid(report, "forget");
  EXPECT_EQ(report, (Json{{"files", 1}, {"documents", 1}}));
  EXPECT_TRUE(home.ask_json({"search", "boiler"})["hits"].empty());
  const std::string message = home.ask_error({"forget", "notes/boiler.md"}, 3);
  EXPECT_NE(message.find("nothing at or below " + notes + "/boiler.md"), std::string::npos)
      << message;
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
  const std::string id = home.ask_json({"ask", "boiler?", "--remember"})["conversation_id"].dump();
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
  const Outcome first =
      home.run({"chat", "--remember"}, {.input = "When was the boiler serviced?\nand by whom?\n"
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
  const RunOptions options{.input =
                               "When was the boiler serviced?\n/sources\nand how?\n/why\n"
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
          peer.send(
              "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n");
          peer.send(R"(data: {"choices":[{"delta":{"content":"It was in March. [1] And "}}]})"
                    "\n\n");
          if (!is_first_) return peer.send("data: [DONE]\n\n");
          is_first_ = false;
          peer.await_hang_up();
          was_left_ = true;
          was_left_.notify_all();
        }) {}
  std::string url() const { return server_.url(); }
  /// Whoever asked has hung up: nothing more is wanted of that answer.
  void await_being_left() const { was_left_.wait(false); }

 private:
  bool is_first_ = true;
  std::atomic<bool> was_left_ = false;
  LoopbackServer server_;
};

struct SlowAnswerTest : ServeTest {
  const SlowChatModel model;
  std::string out = home.path("said").string();

  std::vector<std::string> with_model() const {
    return {"--set", "models.chat_base_url=" + model.url(), "--set", "models.chat=m"};
  }
  void await_first_words() const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (read_file(out).find("It was in March") == std::string::npos &&
           std::chrono::steady_clock::now() < give_up) {
      std::this_thread::yield();
    }
  }
};

TEST_F(SlowAnswerTest, StopOfTheCommandStopsTheDaemonsWorkAndKeepsWhatWasSaid) {
  const RunningDaemon daemon(home, with_model());
  const pid_t child = home.start({"ask", "When was the boiler serviced?", "--remember"}, {}, out);
  await_first_words();
  kill(child, SIGINT);
  int state = 0;
  ASSERT_EQ(waitpid(child, &state, 0), child);
  ASSERT_TRUE(WIFEXITED(state));
  EXPECT_EQ(WEXITSTATUS(state), 130);
  model.await_being_left();
  const Json known = daemon.get("/v1/saerok/conversations")["conversations"];
  ASSERT_EQ(known.size(), 1u) << read_file(out);
  const Json turns = daemon.get("/v1/saerok/conversations/" + known[0]["id"].dump())["turns"];
  EXPECT_EQ(turns[1]["content"].get<std::string>().find("It was in March. [1]"), 0u) << turns;
}

TEST_F(SlowAnswerTest, ConnectionThatIsClosedStopsTheDaemonsWork) {
  const RunningDaemon daemon(home, with_model());
  const HttpClient client;
  std::string received;
  const auto leave = [&](const HttpResponse&, std::string_view piece) -> Status {
    received += piece;
    if (received.find("It was in March") == std::string::npos) return {};
    return Error{ErrorCode::cancelled, "enough"};
  };
  const auto left = client.stream(
      {.method = "POST",
       .url = "http://127.0.0.1:" + std::to_string(daemon.port()) + "/v1/saerok/ask",
       .headers = {"Authorization: Bearer " + daemon.token(), "Accept: text/event-stream"},
       .body = print_json({{"question", "When was the boiler serviced?"}})},
      leave, CallContext{});
  EXPECT_FALSE(left);
  model.await_being_left();
}

TEST_F(SlowAnswerTest, StopEndsAnAnswerOfTheDaemonAndTheChatGoesOn) {
  const RunningDaemon daemon(home, with_model());
  const pid_t child =
      home.start({"chat", "--remember"},
                 {.input = "When was the boiler serviced?\nWho serviced the boiler?\n"}, out);
  await_first_words();
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

}  // namespace
}  // namespace saerok
