// docs/settings.md and docs/names.md say what the program does; the completion script is one.
//
// SAEROK_UPDATE_DOCS=1 writes docs/settings.md anew, for review with git diff.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <sstream>

#include "cli_program.h"
#include "saerok/result.h"
#include "saerok/settings.h"

namespace saerok {
namespace {

const std::filesystem::path kRoot = SAEROK_SOURCE_DIR;

std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.insert(at, "\\");
  return text;
}

std::string settings_page(const Json& rows) {
  std::string page =
      "# Settings\n\n"
      "Each can stand in the config file (TOML: `search.depth` is `depth` in the table "
      "`[search]`), or "
      "be given for one run with `--set name=value`. The environment stands between the two: "
      "`SAEROK_CHAT_BASE_URL`, `SAEROK_CHAT_API_KEY`, `SAEROK_CHAT_MODEL`, and the same with "
      "`EMBED` "
      "and `RERANK`. `saerok doctor` prints every value and where it came from.\n\n"
      "*Written by the program; cli_documents_test compares it.*\n\n"
      "| name | default | range | what it does |\n|---|---|---|---|\n";
  for (const Json& row : rows) {
    const std::string value = row["value"];
    page += "| `" + row["name"].get<std::string>() + "` | " +
            (value.empty() ? "" : "`" + cell(value) + "`") + " | " + cell(row["range"]) + " | " +
            cell(row["help"]) + " |\n";
  }
  return page;
}

TEST(CliDocuments, SettingsArePrintedAsTheProgramHasThem) {
  const Home home;
  const std::string page = settings_page(home.ask_json({"doctor"})["settings"]);
  if (std::getenv("SAEROK_UPDATE_DOCS") != nullptr) {
    std::ofstream(kRoot / "docs/settings.md", std::ios::binary) << page;
  }
  EXPECT_EQ(read_file(kRoot / "docs/settings.md"), page) << "SAEROK_UPDATE_DOCS=1 writes it";
}

/// The rows of the table whose header starts so: the text of each cell.
std::vector<std::vector<std::string>> table_of(const std::string& file, const std::string& header) {
  std::istringstream stream(read_file(kRoot / file));
  std::vector<std::vector<std::string>> rows;
  std::string line;
  while (std::getline(stream, line) && !line.starts_with(header)) {
  }
  std::getline(stream, line);
  while (std::getline(stream, line) && line.starts_with("|")) {
    std::istringstream cells(line.substr(1));
    rows.emplace_back();
    for (std::string text; std::getline(cells, text, '|');) {
      const std::size_t first = text.find_first_not_of(' ');
      rows.back().push_back(first == std::string::npos
                                ? ""
                                : text.substr(first, text.find_last_not_of(' ') - first + 1));
    }
  }
  EXPECT_FALSE(rows.empty()) << file << " has no table " << header;
  return rows;
}

std::vector<std::string> quoted_in(const std::string& text) {
  static const std::regex kQuoted("`([^`]+)`");
  std::vector<std::string> words;
  for (std::sregex_iterator at(text.begin(), text.end(), kQuoted), end; at != end; ++at)
    words.push_back((*at)[1]);
  return words;
}

/// What `saerok doctor` says of the store under that environment.
std::string store_with(const Home& home, const std::map<std::string, std::string>& environment,
                       const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"doctor"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Json report = home.ask_json(arguments, {.environment = environment});
  for (const Json& check : report["checks"]) {
    if (check["name"] == "store") return check["detail"];
  }
  return "";
}

std::string config_with(const Home& home, const std::map<std::string, std::string>& environment) {
  return home.ask_json({"doctor"}, {.environment = environment})["config_file"];
}

std::string models_with(const Home& home, const std::map<std::string, std::string>& environment) {
  return home.ask_json({"model", "list"}, {.environment = environment})["directory"];
}

/// "~/.local/share" in that home; "$NAME" without the sign.
std::string in_home(const Home& home, const std::string& path) {
  return home.path(path.substr(2)).string();
}
std::string variable(const std::string& name) { return name.substr(1); }

void check_store_row(const Home& home, const std::vector<std::string>& names) {
  ASSERT_EQ(names.size(), 5u);
  EXPECT_EQ(store_with(home, {{variable(names[0]), "/x/s"}, {variable(names[2]), "/data"}}),
            "/x/s");
  EXPECT_EQ(store_with(home, {{variable(names[2]), "/data"}}), "/data/" + names[1]);
  EXPECT_EQ(store_with(home, {{variable(names[2]), "relative"}}),
            in_home(home, names[3]) + "/" + names[1]);
  EXPECT_EQ(store_with(home, {}), in_home(home, names[3]) + "/" + names[1]);
  EXPECT_EQ(store_with(home, {{variable(names[0]), "/x/s"}},
                       {names[4].substr(0, names[4].find(' ')), "/x/t"}),
            "/x/t");
}

void check_store_parts_row(const Home& home, const std::vector<std::string>& names) {
  EXPECT_EQ(names,
            (std::vector<std::string>{"truth.db", "emb.db", "seg", "quarantine", "reserve"}));
  home.ask_json({"index", home.write("notes/tea.md", "Green tea.\n"), "--store", "here"});
  for (const char* name : {"truth.db", "seg"}) {
    EXPECT_TRUE(std::filesystem::exists(home.path("here") / name)) << name;
  }
  for (const auto& entry : std::filesystem::directory_iterator(home.path("here"))) {
    const std::string name = entry.path().filename().string();
    const bool is_known = name == "FORMAT" || name == "LOCK" || name == "tmp" ||
                          std::ranges::any_of(names, [&](const std::string& known) {
                            return name.starts_with(known);
                          });
    EXPECT_TRUE(is_known) << name;
  }
}

void check_config_row(const Home& home, const std::vector<std::string>& names) {
  ASSERT_EQ(names.size(), 5u);
  EXPECT_EQ(config_with(home, {{variable(names[1]), "/etc/me"}}), "/etc/me/" + names[0]);
  const std::string file = in_home(home, names[2]) + "/" + names[0];
  EXPECT_EQ(config_with(home, {}), file);
  const std::string option = names[3].substr(0, names[3].find(' '));
  home.write("other.toml", "search.depth = 7\n");
  EXPECT_EQ(home.ask_json({"doctor", option, home.path("other.toml").string()})["config_file"],
            home.path("other.toml").string());
}

void check_models_row(const Home& home, const std::vector<std::string>& names) {
  ASSERT_EQ(names.size(), 1u);
  EXPECT_EQ(models_with(home, {{"XDG_DATA_HOME", "/data"}}), "/data/" + names[0]);
  EXPECT_EQ(models_with(home, {}), home.path(".local/share/" + names[0]).string());
}

void check_lab_row(const Home& home, const std::vector<std::string>& names) {
  ASSERT_EQ(names.size(), 4u);
  EXPECT_EQ(names, (std::vector<std::string>{"$SAEROK_LAB", "saerok/lab", "--lab DIR", "lab"}));
  home.write("d/corpus.jsonl", "{\"_id\": \"a\", \"text\": \"alpha\"}\n");
  home.write("d/queries.jsonl", "{\"_id\": \"q\", \"text\": \"alpha\"}\n");
  const auto run_file = [&](const std::vector<std::string>& more, const RunOptions& options) {
    std::vector<std::string> words = {"lab", "run", home.path("d").string(), "--set",
                                      "mode=lexical"};
    words.insert(words.end(), more.begin(), more.end());
    return home.ask_json(words, options)["run_file"].get<std::string>();
  };
  EXPECT_TRUE(run_file({}, {}).starts_with(home.path(".local/share/saerok/lab/runs").string()));
  const std::string named = home.path("mine").string();
  EXPECT_TRUE(run_file({}, {.environment = {{"SAEROK_LAB", named}}}).starts_with(named));
  EXPECT_TRUE(run_file({"--lab", named}, {}).starts_with(named));
}

void check_collection_row(const Home& home, const std::vector<std::string>& names) {
  ASSERT_EQ(names.size(), 2u);
  home.write("notes/a.md", "alpha\n");
  home.ask_json({"index", home.path("notes").string()});
  home.ask_json(
      {"index", home.path("notes").string(), names[1].substr(0, names[1].find(' ')), "other"});
  const Json collections = home.ask_json({"status"})["collections"];
  ASSERT_EQ(collections.size(), 2u);
  EXPECT_EQ(collections[0]["name"], names[0]);
  EXPECT_EQ(collections[1]["name"], "other");
}

void check_mode_row(const Home& home, const std::vector<std::string>&) {
  home.write("mode/a.md", "alpha\n");
  home.write("vectors.jsonl", "{\"id\": \"a.md\", \"vector\": [1, 0]}\n");
  home.write("query.json", "[1, 0]");
  const std::string notes = home.path("mode").string();
  const std::vector<std::string> search = {"search",         "alpha",
                                           "--collection",   "mode",
                                           "--query-vector", home.path("query.json").string()};
  home.ask_json({"index", notes, "--collection", "mode"});
  EXPECT_EQ(home.ask_json({"search", "alpha", "--collection", "mode"})["mode"], "lexical");
  home.ask_json(
      {"index", notes, "--collection", "mode", "--vectors", home.path("vectors.jsonl").string()});
  EXPECT_EQ(home.ask_json(search)["mode"], "hybrid");
}

void check_cache_row(const Home&, const std::vector<std::string>& names) {
  ASSERT_EQ(names.size(), 2u);
  const std::string script = read_file(kRoot / "third_party/fetch");
  for (const std::string& name : {names[0], variable(names[1])})
    EXPECT_NE(script.find(name), std::string::npos) << name;
}

TEST(CliDocuments, NamesAndDefaultsAreThoseOfTheProgram) {
  using Check = std::function<void(const Home&, const std::vector<std::string>&)>;
  const std::map<std::string, Check> checks = {
      {"binary after `./start` or `./check`",
       [](const Home&, const auto& names) {
         EXPECT_EQ(names, std::vector<std::string>{"build/saerok"});
       }},
      {"store", check_store_row},
      {"parts of the store", check_store_parts_row},
      {"config", check_config_row},
      {"models", check_models_row},
      {"lab", check_lab_row},
      {"collection", check_collection_row},
      {"mode", check_mode_row},
      {"daemon",
       [](const Home& home, const auto& names) {
         Settings settings;
         EXPECT_EQ(names.front(), "127.0.0.1:" + std::to_string(settings.serve.port));
         const Json token = home.ask_json({"serve", "--show-token", "--store", "here"});
         EXPECT_EQ(token["file"], home.path("here/token").string());
       }},
      {"cache of pinned packages while building", check_cache_row},
  };
  for (const auto& row : table_of("docs/names.md", "| what | default |")) {
    SCOPED_TRACE(row[0]);
    const auto check = checks.find(row[0]);
    if (check == checks.end()) {
      ADD_FAILURE() << "no check for this row";
      continue;
    }
    const Home home;
    check->second(home, quoted_in(row[1]));
  }
}

TEST(CliDocuments, ExitStatusesAreThoseOfTheProgram) {
  std::map<std::string, std::string> documented;
  for (const auto& row : table_of("docs/names.md", "| status | code in JSON |")) {
    for (const std::string& code : quoted_in(row[1])) documented[code] = row[0];
  }
  std::map<std::string, std::string> real;
  for (int code = 0; code <= static_cast<int>(ErrorCode::too_many); ++code) {
    real[std::string(name_of(static_cast<ErrorCode>(code)))] =
        std::to_string(exit_status(static_cast<ErrorCode>(code)));
  }
  EXPECT_EQ(documented, real);
}

TEST(CliDocuments, EveryCommandAndOptionHasHelp) {
  const Home home;
  const Outcome help = home.run({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_TRUE(help.err.empty());
  for (const char* command : {"index", "search", "ask", "status", "forget", "model", "doctor",
                              "completion", "chat", "conversations", "lab"}) {
    EXPECT_NE(help.out.find(std::string("\n  ") + command), std::string::npos) << command;
    const Outcome own = home.run({command, "--help"});
    EXPECT_EQ(own.status, 0) << command;
    // An option without a word about it ends its line.
    EXPECT_FALSE(std::regex_search(own.out, std::regex("\n  -[^ ]+ *\n"))) << own.out;
  }
  EXPECT_TRUE(home.run({"--version"}).out.starts_with("saerok "));
}

TEST(CliDocuments, TheCompletionScriptIsOne) {
  const Home home;
  const std::string script = home.path("saerok.bash").string();
  home.write("saerok.bash", home.run({"completion", "bash"}).out);
  EXPECT_EQ(std::system(("bash -n " + script).c_str()), 0);
  const auto complete = [&](const std::string& words, int at) {
    const std::string out = home.path("completed").string();
    const std::string command = "bash -c 'cd " + home.path("").string() + "; source " + script +
                                "; COMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(at) +
                                "; _saerok; printf \"%s\\n\" \"${COMPREPLY[@]}\"' > " + out;
    EXPECT_EQ(std::system(command.c_str()), 0);
    return read_file(out);
  };
  EXPECT_EQ(complete("saerok sea", 1), "search\n");
  EXPECT_EQ(complete("saerok index --reb", 2), "--rebuild\n");
  EXPECT_EQ(complete("saerok search --collec", 2), "--collection\n");
  EXPECT_EQ(complete("saerok --js", 1), "--json\n");
}

}  // namespace
}  // namespace saerok
