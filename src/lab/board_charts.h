/// The charts of the board's page as inline SVG: quality against latency, and a metric's bars with
/// their intervals. Colours are the page's classes (board_html.cpp).
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "lab/board.h"

namespace saerok::lab {

/// A run in the charts of its group; `number` is the one it has in the table.
struct ChartRow {
  const BoardRow* row = nullptr;
  std::size_t number = 0;
};

/// Runs as points, with the line through those on the frontier. Empty where fewer than two runs
/// have both quality and latency: a point alone says nothing.
std::string draw_scatter(std::span<const ChartRow> rows, const Metric& quality);

/// A bar for each run that has the metric, its interval as a whisker. Empty where none has.
std::string draw_bars(std::span<const ChartRow> rows, const Metric& metric);

/// With so many decimals.
std::string print_fixed(double value, int decimals);

}  // namespace saerok::lab
