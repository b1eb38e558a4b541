// Runs every tests/scenarios/*.test: files, commands and what they print, through the public API.
//
//   # comment
//   file notes/tea.md          the indented lines that follow are its text
//   remove notes/tea.md
//   rename notes/a.md notes/b.md
//   set index.chunk_target_tokens=64
//   index notes/               prints what the report counts
//   search QUERY               prints rank, path and lines of each hit (lexical)
//   search [tag:work] QUERY    the same under a filter
//   ask QUESTION               prints the extractive answer and its citations
//   forget notes/tea.md
//   ----                       what the commands above print, until the next empty line
//
// SAEROK_UPDATE_SCENARIOS=1 writes what was printed into the files, for review with git diff.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "saerok/config.h"
#include "saerok/engine.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class World {
 public:
  World() {
    std::string pattern = (fs::temp_directory_path() / "saerok-scenario-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    settings_.index.vectors = VectorTiers::none;
  }
  ~World() { fs::remove_all(folder_); }

  std::string run(const std::string& command, const std::string& argument,
                  const std::string& body) {
    if (command == "file") return write(argument, body);
    if (command == "remove") return fs::remove(folder_ / argument) ? "" : "no such file\n";
    if (command == "rename") return rename(argument);
    if (command == "set") return set(argument);
    if (command == "index") return index(argument);
    if (command == "search") return search(argument);
    if (command == "ask") return ask(argument);
    if (command == "forget") return forget(argument);
    return "unknown command " + command + "\n";
  }

 private:
  Result<Engine> open() const {
    return Engine::open({.store = (folder_ / "store").string(),
                         .models_directory = (folder_ / "models").string(),
                         .worker_program = {},
                         .settings = settings_});
  }

  std::string write(const std::string& path, const std::string& body) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << body;
    return "";
  }

  std::string rename(const std::string& argument) {
    const std::size_t space = argument.find(' ');
    fs::rename(folder_ / argument.substr(0, space), folder_ / argument.substr(space + 1));
    return "";
  }

  std::string set(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const Status status =
        set_setting(settings_, argument.substr(0, equals), argument.substr(equals + 1));
    return status ? "" : print(status.error());
  }

  /// Paths of this machine out, so that errors read the same everywhere.
  std::string print(const Error& error) const {
    std::string message = error.message;
    for (std::size_t at = 0; (at = message.find(folder_.string() + "/")) != std::string::npos;) {
      message.erase(at, folder_.string().size() + 1);
    }
    return "error " + std::string(name_of(error.code)) + ": " + message + "\n";
  }

  std::string index(const std::string& path) {
    auto engine = open();
    if (!engine) return print(engine.error());
    const auto report = engine->ingest(
        "default", {.roots = {(folder_ / path).string()}, .vectors_file = {}}, {}, {});
    if (!report) return print(report.error());
    std::ostringstream out;
    out << report->files_indexed << " indexed, " << report->files_unchanged << " unchanged, "
        << report->files_renamed << " renamed, " << report->files_removed << " removed\n";
    const auto list = [&](const char* label, const std::vector<FileIssue>& issues) {
      for (const FileIssue& issue : issues)
        out << label << ' ' << issue.path << ": " << issue.reason << '\n';
    };
    list("failed", report->failed);
    list("not read", report->skipped);
    list("remark", report->notes);
    for (const std::string& warning : report->warnings) out << "warning: " << warning << '\n';
    return out.str();
  }

  std::string search(std::string query) {
    std::string filter;
    if (query.starts_with('[')) {
      filter = query.substr(1, query.find(']') - 1);
      query.erase(0, filter.size() + 3);
    }
    auto engine = open();
    if (!engine) return print(engine.error());
    const auto response = engine->search({.query = query,
                                          .mode = SearchMode::lexical,
                                          .filter = filter,
                                          .limit = 5,
                                          .explain = true,
                                          .query_vector = {}},
                                         {});
    if (!response) return print(response.error());
    std::ostringstream out;
    for (const Hit& hit : response->hits) {
      out << hit.rank << ". " << hit.document_id << ':' << hit.lines.first << '-' << hit.lines.last
          << '\n';
      EXPECT_TRUE(hit.explanation.has_value());
      EXPECT_EQ(hit.explanation.value_or(Explanation{}).value, hit.score);
    }
    if (response->hits.empty()) out << "(no hits)\n";
    for (const std::string& warning : response->report.warnings)
      out << "warning: " << warning << '\n';
    return out.str();
  }

  std::string ask(const std::string& question) {
    auto engine = open();
    if (!engine) return print(engine.error());
    std::string streamed;
    const auto response = engine->ask(
        {.conversation = {{"user", question}}, .filter = {}, .mode = SearchMode::lexical},
        [&](const AnswerEvent& event) { streamed += event.text; }, {});
    if (!response) return print(response.error());
    EXPECT_EQ(streamed, response->answer);
    std::ostringstream out;
    out << response->answer << '\n';
    for (const Citation& citation : response->citations) {
      out << '[' << citation.marker << "] " << citation.path << ':' << citation.lines.first << '-'
          << citation.lines.last << '\n';
    }
    return out.str();
  }

  std::string forget(const std::string& path) {
    auto engine = open();
    if (!engine) return print(engine.error());
    const auto report = engine->forget("default", (folder_ / path).string());
    if (!report) return print(report.error());
    return "forgot " + std::to_string(report->files) + " files, " +
           std::to_string(report->documents) + " documents\n";
  }

  fs::path folder_;
  Settings settings_;
};

class Scenario : public testing::TestWithParam<std::string> {};

/// Runs the file; returns it with each expectation replaced by what was printed.
std::string replay(const std::string& text) {
  World world;
  std::istringstream lines(text);
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  std::string result;
  std::string printed;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& line = all[i];
    if (line == "----") {
      result += "----\n" + printed;
      printed.clear();
      while (i + 1 < all.size() && !all[i + 1].empty()) ++i;
      continue;
    }
    result += line + "\n";
    if (line.empty() || line[0] == '#') continue;
    std::string body;
    while (i + 1 < all.size() && all[i + 1].starts_with("  ")) {
      result += all[i + 1] + "\n";
      body += all[++i].substr(2) + "\n";
    }
    const std::size_t space = line.find(' ');
    printed += world.run(line.substr(0, space),
                         space == std::string::npos ? "" : line.substr(space + 1), body);
  }
  return result + printed;
}

TEST_P(Scenario, PrintsWhatTheFileSays) {
  const fs::path path = fs::path(SAEROK_SOURCE_DIR) / "tests/scenarios" / (GetParam() + ".test");
  const std::string expected = read_text(path);
  const std::string actual = replay(expected);
  if (std::getenv("SAEROK_UPDATE_SCENARIOS") != nullptr) {
    std::ofstream(path, std::ios::binary) << actual;
  } else {
    EXPECT_EQ(actual, expected);
  }
}

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry :
       fs::directory_iterator(fs::path(SAEROK_SOURCE_DIR) / "tests/scenarios")) {
    if (entry.path().extension() == ".test") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, Scenario, testing::ValuesIn(scenario_names()),
                         [](const auto& scenario) { return scenario.param; });

}  // namespace
}  // namespace saerok
