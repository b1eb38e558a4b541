// The daemon as the built program runs it: who may ask, how it begins and how it ends.

#include <sstream>

#include "served_notes.h"
#include "server/test_tls.h"

namespace saerok {
namespace {

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
  EXPECT_EQ(patch({{"serve.origins", "http://attacker.test"}}), 403);
  EXPECT_EQ(patch({{"search.depth", 50}}), 200);
  const auto health = parse_json(daemon.send_bare("GET", "/healthz", {}).body, "");
  EXPECT_EQ(health->at("auth"), false);
}

TEST_F(ServeTest, WithACertificateThePageIsOfHttpsAndTheCommandsWorkAsBefore) {
  const server::TlsFiles files = server::make_tls_files(home.path("notes").parent_path().string());
  const std::vector<std::string> settings = {"--set", "serve.tls_certificate=" + files.certificate,
                                             "--set", "serve.tls_key=" + files.key};
  {
    const RunningDaemon daemon(home, settings);
    const std::string url = home.ask_json({"open"})["url"].get<std::string>();
    EXPECT_TRUE(url.starts_with("https://127.0.0.1:" + std::to_string(daemon.port()) + "/#code="))
        << url;
    EXPECT_FALSE(home.ask_json({"search", "boiler"})["hits"].empty());
    const std::string name = "localhost:" + std::to_string(daemon.port());
    const auto answer = [&](const std::string& headers) {
      server::TlsPeer peer(daemon.port());
      peer.send("GET /v1/saerok/search?query=boiler HTTP/1.1\r\nConnection: close\r\n" + headers +
                "\r\n");
      return peer.read_all();
    };
    const std::string token = "Authorization: Bearer " + daemon.token() + "\r\n";
    const std::string found =
        answer("Host: " + name + "\r\nOrigin: https://" + name + "\r\n" + token);
    EXPECT_TRUE(found.starts_with("HTTP/1.1 200")) << found;
    EXPECT_NE(found.find("boiler.md"), std::string::npos) << found;
    EXPECT_EQ(found.find("Strict-Transport-Security"), std::string::npos);
    EXPECT_TRUE(answer("Host: " + name + "\r\n").starts_with("HTTP/1.1 401"));
    EXPECT_TRUE(answer("Host: " + name + "\r\nOrigin: http://" + name + "\r\n" + token)
                    .starts_with("HTTP/1.1 403"));
    EXPECT_TRUE(answer("Host: attacker.test\r\n" + token).starts_with("HTTP/1.1 421"));
  }
  ASSERT_EQ(chmod(files.key.c_str(), 0644), 0);
  std::vector<std::string> serve = {"serve", "--port", "0"};
  serve.insert(serve.end(), settings.begin(), settings.end());
  const std::string refused = home.ask_error(serve, 4);
  EXPECT_TRUE(refused.starts_with(files.key) && refused.find("chmod 600") != std::string::npos)
      << refused;
}

TEST_F(ServeTest, DaemonLeavesNoCoreFile) {
  const RunningDaemon daemon(home);
  const std::string process = daemon.get("/v1/saerok/status")["daemon"]["pid"].dump();
  const std::string limits = read_file("/proc/" + process + "/limits");
  const std::size_t at = limits.find("Max core file size");
  ASSERT_NE(at, std::string::npos) << limits;
  std::istringstream values(limits.substr(at + std::string_view("Max core file size").size()));
  std::string soft, hard;
  values >> soft >> hard;
  EXPECT_EQ(soft, "0");
  EXPECT_EQ(hard, "0");
}

TEST_F(ServeTest, UnitIsWrittenForTheUsersOwnManager) {
  const std::string unit = home.ask_json({"serve", "--install"})["unit"].get<std::string>();
  EXPECT_EQ(unit, home.path(".config/systemd/user/saerok.service").string());
  const std::string text = read_file(unit);
  EXPECT_NE(text.find("Type=notify"), std::string::npos);
  EXPECT_NE(text.find("serve --store"), std::string::npos);
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
