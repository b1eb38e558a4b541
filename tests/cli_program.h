/// The built program as a user meets it: run in a home folder of its own, its exit status and both
/// outputs looked at. Not for what the library can be asked directly (tests/scenario_test.cpp).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace saerok {

struct RunOptions {
  std::string input{};                               ///< On standard input.
  std::map<std::string, std::string> environment{};  ///< Beside those of Home.
  /// No file may grow beyond it: what a full disk does, without the right to mount one.
  std::optional<std::uint64_t> file_bytes_max{};
};

struct Outcome {
  int status = -1;  ///< The exit status, or 128 + the signal that ended it.
  std::string out;
  std::string err;
};

/// A home folder that is deleted at the end.
class Home {
 public:
  Home();
  ~Home();
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  std::filesystem::path path(std::string_view name) const { return folder_ / name; }
  /// Writes the file and the folders above it; returns its path.
  std::string write(std::string_view name, std::string_view bytes) const;

  Outcome run(const std::vector<std::string>& arguments, const RunOptions& options = {}) const;
  /// Starts the program and leaves it to the caller; what it prints is kept in the file, its errors
  /// are not.
  pid_t start(const std::vector<std::string>& arguments, const RunOptions& options = {},
              const std::string& out = "/dev/null") const;

  /// Runs with --json and expects success and one JSON document, which is returned.
  Json ask_json(std::vector<std::string> arguments, const RunOptions& options = {}) const;
  /// Runs with --json and expects that exit status and an error; returns its message.
  std::string ask_error(std::vector<std::string> arguments, int status,
                        const RunOptions& options = {}) const;

 private:
  pid_t spawn(const std::vector<std::string>& arguments, const RunOptions& options,
              const std::string& out, const std::string& err) const;

  std::filesystem::path folder_;
};

std::string read_file(const std::filesystem::path& path);

/// Expects that docs/schema/`name`.json describes `document`.
void expect_valid(const Json& document, std::string_view name);

}  // namespace saerok
