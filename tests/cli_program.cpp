#include "cli_program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "json_schema.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

/// Only async-signal-safe calls: this is the child between fork and exec.
void become_program(const std::array<int, 3>& streams, const std::optional<rlimit>& limit,
                    const std::string& folder, char* const* arguments, char* const* environment) {
  for (int i = 0; i < 3; ++i) dup2(streams[static_cast<std::size_t>(i)], i);
  if (limit) {
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &*limit);
  }
  if (chdir(folder.c_str()) == 0) execve(SAEROK_PROGRAM, arguments, environment);
  _exit(127);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

int open_for(const std::string& file, int flags) {
  const int descriptor = open(file.c_str(), flags | O_CLOEXEC, 0644);
  EXPECT_GE(descriptor, 0) << file;
  return descriptor;
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Home::Home() {
  std::string pattern = (fs::temp_directory_path() / "saerok-cli-XXXXXX").string();
  folder_ = fs::canonical(mkdtemp(pattern.data()));
}

Home::~Home() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string Home::write(std::string_view name, std::string_view bytes) const {
  const fs::path file = path(name);
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
  return file.string();
}

pid_t Home::spawn(const std::vector<std::string>& arguments, const RunOptions& options,
                  const std::string& out, const std::string& err) const {
  std::vector<std::string> words = {SAEROK_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::map<std::string, std::string> variables = {{"HOME", folder_.string()},
                                                  {"XDG_RUNTIME_DIR", folder_.string()},
                                                  {"PATH", std::getenv("PATH")},
                                                  {"LC_ALL", "C.UTF-8"}};
  for (const auto& [name, value] : options.environment) variables[name] = value;
  std::vector<std::string> environment;
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  const std::array<int, 3> streams = {open_for(write(".streams/in", options.input), O_RDONLY),
                                      open_for(out, O_WRONLY | O_CREAT | O_TRUNC),
                                      open_for(err, O_WRONLY | O_CREAT | O_TRUNC)};
  std::optional<rlimit> limit;
  if (options.file_bytes_max) limit = rlimit{*options.file_bytes_max, *options.file_bytes_max};
  const std::vector<char*> argument_pointers = pointers_to(words);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  const std::string folder = folder_.string();
  const pid_t child = fork();
  if (child == 0) {
    become_program(streams, limit, folder, argument_pointers.data(), environment_pointers.data());
  }
  EXPECT_GT(child, 0);
  for (const int descriptor : streams) close(descriptor);
  return child;
}

pid_t Home::start(const std::vector<std::string>& arguments, const RunOptions& options,
                  const std::string& out) const {
  return spawn(arguments, options, out, "/dev/null");
}

Outcome Home::run(const std::vector<std::string>& arguments, const RunOptions& options) const {
  const std::string out = path(".streams/out").string();
  const std::string err = path(".streams/err").string();
  const pid_t child = spawn(arguments, options, out, err);
  int state = 0;
  EXPECT_EQ(waitpid(child, &state, 0), child);
  return {.status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state),
          .out = read_file(out),
          .err = read_file(err)};
}

Json Home::ask_json(std::vector<std::string> arguments, const RunOptions& options) const {
  arguments.push_back("--json");
  const Outcome outcome = run(arguments, options);
  EXPECT_EQ(outcome.status, 0) << testing::PrintToString(arguments) << '\n' << outcome.err;
  // parse_json refuses anything after the document.
  auto document = parse_json(outcome.out, "standard output");
  EXPECT_TRUE(document) << testing::PrintToString(arguments) << '\n' << outcome.out;
  return document ? std::move(document).value() : Json();
}

std::string Home::ask_error(std::vector<std::string> arguments, int status,
                            const RunOptions& options) const {
  arguments.push_back("--json");
  const Outcome outcome = run(arguments, options);
  EXPECT_EQ(outcome.status, status) << testing::PrintToString(arguments) << '\n' << outcome.err;
  const auto document = parse_json(outcome.out, "standard output");
  EXPECT_TRUE(document) << testing::PrintToString(arguments) << '\n' << outcome.out;
  if (!document) return "";
  expect_valid(*document, "error");
  const Json* error = find_member(*document, "error");
  const std::string message = error == nullptr ? "" : find_text(*error, "message").value_or("");
  // People read the same sentence on standard error.
  EXPECT_NE(outcome.err.find("saerok: " + message), std::string::npos) << outcome.err;
  return message;
}

void expect_valid(const Json& document, std::string_view name) {
  const fs::path file = fs::path(SAEROK_SOURCE_DIR) / "docs/schema" / (std::string(name) + ".json");
  const auto schema = parse_json(read_file(file), file.string());
  ASSERT_TRUE(schema) << schema.error().message;
  for (const std::string& problem : find_schema_problems(*schema, document)) {
    ADD_FAILURE() << file << ": " << problem << " in\n" << document.dump(1).substr(0, 4000);
  }
}

}  // namespace saerok
