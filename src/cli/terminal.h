/// The terminal: colours where there is one, a progress line with rate and estimate, sizes and
/// durations for people. Widths count columns, so that Hangul takes two.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "saerok/requests.h"

namespace saerok {

bool is_terminal(int descriptor);

/// "1.2 MB"; decimal units.
std::string print_size(std::uint64_t bytes);
/// "850 ms", "12.3 s", "4 min 10 s", "2 h 5 min".
std::string print_duration(double seconds);
/// "12,345".
std::string print_count(std::uint64_t count);

/// Escape codes, or nothing where standard output is no terminal or NO_COLOR is set.
struct Style {
  std::string bold, dim, green, yellow, reset;
  static Style of_standard_output();
};

/// "embed chunks  512 of 2,048 chunks  1,900 tokens/s  3 min 20 s left".
std::string describe_progress(const Progress& progress);

/// Shows what an operation does: on a terminal one line that is redrawn, elsewhere a line when a
/// stage begins to take long and every ten seconds after.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress);
  /// Removes the line from a terminal.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool quiet_;
  bool is_terminal_;
  bool is_shown_ = false;
  std::string stage_;
  Clock::time_point began_{};
  Clock::time_point drawn_{};
};

}  // namespace saerok
