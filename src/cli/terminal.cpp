#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "wire/progress_rate.h"

namespace saerok {
namespace {

constexpr std::chrono::milliseconds kRedrawEvery{100};
constexpr std::chrono::seconds kLineEvery{10};
/// What is over in a second needs no progress.
constexpr std::chrono::milliseconds kSilence{700};

std::string print_with(const char* format, double value, const char* unit) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), format, value, unit);
  return text.data();
}

std::string draw_bar(const Progress& progress) {
  constexpr std::size_t kWidth = 24;
  if (progress.total == 0) return "";
  const std::size_t filled =
      static_cast<std::size_t>(std::min(progress.done, progress.total) * kWidth / progress.total);
  return "[" + std::string(filled, '#') + std::string(kWidth - filled, '-') + "] ";
}

}  // namespace

bool is_terminal(int descriptor) { return isatty(descriptor) == 1; }

std::string print_size(std::uint64_t bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return print_with(unit == 0 || value >= 99.5 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
}

std::string print_duration(double seconds) {
  if (seconds < 1) return print_with("%.0f %s", seconds * 1000, "ms");
  if (seconds < 60) return print_with("%.1f %s", seconds, "s");
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

std::string print_count(std::uint64_t count) {
  const std::string digits = std::to_string(count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

Style Style::of_standard_output() {
  const char* no_color = std::getenv("NO_COLOR");
  if (!is_terminal(STDOUT_FILENO) || (no_color != nullptr && *no_color != '\0')) return {};
  return {.bold = "\033[1m",
          .dim = "\033[2m",
          .green = "\033[32m",
          .yellow = "\033[33m",
          .reset = "\033[0m"};
}

ProgressLine::ProgressLine(bool quiet) : quiet_(quiet), is_terminal_(is_terminal(STDERR_FILENO)) {}
ProgressLine::~ProgressLine() { clear(); }

std::string describe_progress(const Progress& progress) {
  std::string line = std::string(progress.stage) + "  " + print_count(progress.done);
  if (progress.total > 0) line += " of " + print_count(progress.total);
  line += ' ' + std::string(progress.unit);
  const ProgressRate rate = rate_of(progress);
  if (rate.tokens_per_s) {
    line += "  " + print_count(static_cast<std::uint64_t>(*rate.tokens_per_s)) + " tokens/s";
  } else if (progress.seconds >= 1 && progress.done > 0) {
    const double per_s = static_cast<double>(progress.done) / progress.seconds;
    line += print_with(per_s < 10 ? "  %.1f%s" : "  %.0f%s", per_s, "/s");
  }
  if (rate.seconds_left && *rate.seconds_left > 0) {
    line += "  " + print_duration(*rate.seconds_left) + " left";
  }
  return line;
}

void ProgressLine::show(const Progress& progress) {
  if (quiet_) return;
  const auto now = Clock::now();
  if (progress.stage != stage_) {
    stage_ = progress.stage;
    began_ = now;
    drawn_ = {};
  }
  const auto since = now - drawn_;
  if (now - began_ < kSilence ||
      since < (is_terminal_ ? Clock::duration(kRedrawEvery) : Clock::duration(kLineEvery))) {
    return;
  }
  drawn_ = now;
  Progress timed = progress;
  if (timed.seconds == 0) timed.seconds = std::chrono::duration<double>(now - began_).count();
  const std::string text = describe_progress(timed);
  if (is_terminal_) {
    std::fprintf(stderr, "\r\033[K%s%s", draw_bar(progress).c_str(), text.c_str());
    is_shown_ = true;
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (!is_shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  is_shown_ = false;
}

}  // namespace saerok
