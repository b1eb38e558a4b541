/// A file that a run grows line by line, so that an interruption costs at most the line in hand.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/posix_env.h"
#include "saerok/result.h"

namespace saerok::lab {

class LineLog {
 public:
  /// Lines already there; what an interruption left half written is left out.
  static Result<std::vector<std::string>> recover(const std::string& path) {
    auto text = read_whole_file(posix_env(), path, kBytesMax);
    std::vector<std::string> lines;
    if (!text && text.error().code == ErrorCode::not_found) return lines;
    if (!text) return text.error();
    std::size_t at = 0;
    for (std::size_t end = text->find('\n'); end != std::string::npos; end = text->find('\n', at)) {
      lines.push_back(text->substr(at, end - at));
      at = end + 1;
    }
    return lines;
  }

  /// A file of these lines, in place of what was there.
  static Result<LineLog> open(const std::string& path, const std::vector<std::string>& kept) {
    LineLog log(path);
    for (const std::string& line : kept) TRY(log.append(line));
    return log;
  }

  Status append(const std::string& line) {
    stream_ << line << '\n' << std::flush;
    if (stream_) return {};
    return Error{ErrorCode::unavailable,
                 "could not write " + path_ + "; is the disk full? What was written is kept"};
  }

 private:
  static constexpr std::uint64_t kBytesMax = 4'000'000'000;

  explicit LineLog(const std::string& path)
      : path_(path), stream_(path, std::ios::binary | std::ios::trunc) {}
  std::string path_;
  std::ofstream stream_;
};

}  // namespace saerok::lab
