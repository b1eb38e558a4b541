#include "lab/board_charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "lab/board_html.h"

namespace saerok::lab {
namespace {

constexpr double kWidth = 640;
constexpr double kScatterHeight = 360;
constexpr double kLeft = 60;
constexpr double kRight = 24;
constexpr double kTop = 18;
constexpr double kBottom = 46;
constexpr double kBarHeight = 22;
constexpr double kBarLeft = 190;
constexpr double kBarRight = 64;
/// Longest label beside a bar; the table has the whole name.
constexpr std::size_t kLabelBytesMax = 26;

std::string number(double value) { return print_fixed(value, 1); }

/// x="1.0" and so on, with a blank before each.
std::string at(const char* name, double value) {
  return std::string(" ") + name + "=\"" + number(value) + "\"";
}

std::string draw_line(const char* style, double x1, double y1, double x2, double y2) {
  return std::string("<line class=\"") + style + "\"" + at("x1", x1) + at("y1", y1) + at("x2", x2) +
         at("y2", y2) + "/>";
}

std::string draw_text(const char* style, double x, double y, const std::string& text) {
  return std::string("<text class=\"") + style + "\"" + at("x", x) + at("y", y) + ">" +
         escape_html(text) + "</text>";
}

/// Maps values to a stretch of the drawing.
struct Scale {
  double low = 0;
  double high = 1;
  double from = 0;
  double to = 1;
  double operator()(double value) const {
    return from + (value - low) / (high - low) * (to - from);
  }
};

/// The least of 1, 2 and 5 times a power of ten that divides `range` into at most `steps_max`.
double step_of(double range, int steps_max) {
  const double rough = range / steps_max;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

std::string print_ms(double ms) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g ms", ms);
  return text.data();
}

/// Latencies differ by powers of ten.
class Plot {
 public:
  Plot(std::span<const ChartRow> rows, const Metric& quality) : quality_(quality) {
    double fastest = 1e300;
    double slowest = 0;
    double worst = 1;
    double best = 0;
    for (const ChartRow& row : rows) {
      const MetricSummary* summary = row.row->find(quality);
      const double ms = row.row->latency_p50_ms();
      if (summary == nullptr || !(ms > 0)) continue;
      points_.push_back(row);
      fastest = std::min(fastest, ms);
      slowest = std::max(slowest, ms);
      worst = std::min({worst, summary->mean, summary->interval.low});
      best = std::max({best, summary->mean, summary->interval.high});
    }
    if (points_.empty()) return;
    const double pad = std::max(0.02, (best - worst) * 0.08);
    x_ = {.low = std::log10(fastest) - 0.15,
          .high = std::log10(slowest) + 0.15,
          .from = kLeft,
          .to = kWidth - kRight};
    y_ = {.low = std::max(0.0, worst - pad),
          .high = std::min(1.0, best + pad),
          .from = kScatterHeight - kBottom,
          .to = kTop};
    if (y_.high - y_.low < 0.01) y_.low = y_.high - 0.01;
  }

  std::size_t size() const { return points_.size(); }

  std::string draw() const { return draw_axes() + draw_frontier() + draw_points(); }

 private:
  double x_of(const ChartRow& row) const { return x_(std::log10(row.row->latency_p50_ms())); }
  double y_of(const ChartRow& row) const { return y_(row.row->find(quality_)->mean); }

  std::string draw_axes() const {
    std::string svg;
    const double step = step_of(y_.high - y_.low, 6);
    const int decimals = step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
    for (double value = std::ceil(y_.low / step) * step; value <= y_.high + step / 100;
         value += step) {
      svg += draw_line("grid", kLeft, y_(value), kWidth - kRight, y_(value));
      svg += draw_text("tick end", kLeft - 6, y_(value) + 4, print_fixed(value, decimals));
    }
    const bool is_narrow = x_.high - x_.low < 1.5;
    for (int power = static_cast<int>(std::floor(x_.low)); power <= std::ceil(x_.high); ++power) {
      for (const double factor : {1.0, 2.0, 5.0}) {
        const double ms = factor * std::pow(10, power);
        const double place = std::log10(ms);
        if (place < x_.low || place > x_.high || (factor > 1 && !is_narrow)) continue;
        svg += draw_line("grid", x_(place), kTop, x_(place), kScatterHeight - kBottom);
        svg += draw_text("tick middle", x_(place), kScatterHeight - kBottom + 16, print_ms(ms));
      }
    }
    svg += draw_text("axis middle", (kLeft + kWidth - kRight) / 2, kScatterHeight - 8,
                     "latency, p50 (left is faster)");
    return svg + draw_text("axis", 4, 12, name_of(quality_) + " (up is better)");
  }

  std::string draw_frontier() const {
    std::vector<ChartRow> frontier;
    for (const ChartRow& point : points_) {
      if (point.row->is_on_frontier) frontier.push_back(point);
    }
    std::ranges::sort(frontier, {}, [&](const ChartRow& row) { return x_of(row); });
    std::string line;
    for (std::size_t i = 0; i < frontier.size(); ++i) {
      // Stairs: between two runs there is no third one.
      if (i > 0) line += number(x_of(frontier[i])) + "," + number(y_of(frontier[i - 1])) + " ";
      line += number(x_of(frontier[i])) + "," + number(y_of(frontier[i])) + " ";
    }
    return frontier.size() < 2 ? "" : "<polyline class=\"frontier\" points=\"" + line + "\"/>";
  }

  std::string draw_points() const {
    std::string svg;
    for (const ChartRow& point : points_) {
      const MetricSummary& summary = *point.row->find(quality_);
      const double x = x_of(point);
      const double y = y_of(point);
      svg += draw_line("whisker", x, y_(std::clamp(summary.interval.low, y_.low, y_.high)), x,
                       y_(std::clamp(summary.interval.high, y_.low, y_.high)));
      svg += std::string("<circle class=\"") + (point.row->is_on_frontier ? "best" : "point") +
             "\"" + at("cx", x) + at("cy", y) + " r=\"5\"><title>" +
             escape_html(point.row->run.info.id + ": " + name_of(quality_) + " " +
                         print_fixed(summary.mean, 4) + ", p50 " +
                         print_fixed(point.row->latency_p50_ms(), 1) + " ms") +
             "</title></circle>" + draw_text("label", x + 8, y - 6, std::to_string(point.number));
    }
    return svg;
  }

  Metric quality_;
  std::vector<ChartRow> points_;
  Scale x_;
  Scale y_;
};

std::string open_svg(double height, const std::string& title) {
  return "<svg viewBox=\"0 0 " + number(kWidth) + " " + number(height) +
         "\" role=\"img\" aria-label=\"" + escape_html(title) + "\">";
}

/// Cut between characters, and seen to be cut.
std::string shorten(std::string text) {
  if (text.size() <= kLabelBytesMax) return text;
  std::size_t end = kLabelBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string print_fixed(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string draw_scatter(std::span<const ChartRow> rows, const Metric& quality) {
  const Plot plot(rows, quality);
  if (plot.size() < 2) return {};
  return "<figure><figcaption>" + escape_html(name_of(quality)) + " against latency</figcaption>" +
         open_svg(kScatterHeight, name_of(quality) + " against latency") + plot.draw() +
         "</svg></figure>\n";
}

std::string draw_bars(std::span<const ChartRow> rows, const Metric& metric) {
  // Every measure we have lies between 0 and 1, so bars of several pages compare.
  const Scale x{.low = 0, .high = 1, .from = kBarLeft, .to = kWidth - kBarRight};
  std::string bars;
  double y = 6;
  for (const ChartRow& row : rows) {
    const MetricSummary* summary = row.row->find(metric);
    if (summary == nullptr) continue;
    const double middle = y + kBarHeight / 2;
    bars += draw_text("tick end", kBarLeft - 8, middle + 4,
                      std::to_string(row.number) + "  " + shorten(row.row->run.info.id));
    bars += std::string("<rect class=\"") + (row.row->is_on_frontier ? "best" : "bar") + "\"" +
            at("x", kBarLeft) + at("y", y + 3) + at("width", x(summary->mean) - kBarLeft) +
            at("height", kBarHeight - 6) + "/>";
    const double low = x(std::clamp(summary->interval.low, 0.0, 1.0));
    const double high = x(std::clamp(summary->interval.high, 0.0, 1.0));
    bars += draw_line("whisker", low, middle, high, middle) +
            draw_line("whisker", low, middle - 4, low, middle + 4) +
            draw_line("whisker", high, middle - 4, high, middle + 4);
    bars += draw_text("tick", kWidth - kBarRight + 8, middle + 4, print_fixed(summary->mean, 4));
    y += kBarHeight;
  }
  if (bars.empty()) return {};
  return "<figure><figcaption>" + escape_html(name_of(metric)) + ", 95 % interval</figcaption>" +
         open_svg(y + 6, name_of(metric)) + bars +
         draw_line("axis-line", kBarLeft, 2, kBarLeft, y + 4) + "</svg></figure>\n";
}

}  // namespace saerok::lab
