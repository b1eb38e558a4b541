#include "lab/board_html.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/plural.h"
#include "lab/board_charts.h"

namespace saerok::lab {
namespace {

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --ink: #1d232b; --paper: #ffffff; --faint: #667080;
  --line: #dde1e7; --bar: #9db4d6; --best: #c2571a; --card: #f6f7f9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ec; --paper: #14171c; --faint: #98a2b1;
  --line: #313844; --bar: #4a648c; --best: #f0965a; --card: #1b2027; } }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, "Noto Sans KR", sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
p.facts, figcaption, footer { color: var(--faint); }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; flex: 1 1 26rem; max-width: 40rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 6px; padding: .75rem; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--ink); font-size: 12px; }
svg text.tick, svg text.axis { fill: var(--faint); }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .grid { stroke: var(--line); } svg .axis-line { stroke: var(--faint); }
svg .whisker { stroke: var(--ink); stroke-opacity: .55; }
svg .bar, svg .point { fill: var(--bar); } svg .best { fill: var(--best); }
svg .frontier { fill: none; stroke: var(--best); stroke-dasharray: 5 4; }
.wide { overflow-x: auto; margin-top: 1rem; }
table { border-collapse: collapse; min-width: 100%; font-size: 14px; }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; white-space: nowrap; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td small { color: var(--faint); } tr.best td.mark { color: var(--best); }
tr.note td { border-bottom-style: dotted; white-space: pre-wrap; color: var(--faint); }
code { font-size: 13px; overflow-wrap: anywhere; }
)css";

std::string print_bytes(std::uint64_t bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return print_fixed(value, unit == 0 ? 0 : 1) + " " + kUnits[unit];
}

std::string cell(const std::string& text) { return "<td class=\"number\">" + text + "</td>"; }

std::string metric_cell(const BoardRow& row, const Metric& metric) {
  const MetricSummary* summary = row.find(metric);
  if (summary == nullptr) return cell("–");
  return cell(print_fixed(summary->mean, 4) + " <small>" + print_fixed(summary->interval.low, 3) +
              "–" + print_fixed(summary->interval.high, 3) + "</small>");
}

std::string measured_cell(double ms) { return cell(ms > 0 ? print_fixed(ms, 1) : "–"); }

std::string differences_of(const BoardRow& row) {
  std::string text;
  for (const auto& [name, value] : row.differences) {
    text += (text.empty() ? "" : ", ") + name + "=" + value;
  }
  return text.empty() ? "defaults" : text;
}

std::string render_row(const ChartRow& entry, const Board& board, std::size_t columns) {
  const BoardRow& row = *entry.row;
  const RunInfo& info = row.run.info;
  std::string html = row.is_on_frontier ? "<tr class=\"best\">" : "<tr>";
  html += cell(std::to_string(entry.number)) + "<td class=\"mark\">" +
          (row.is_on_frontier ? "★" : "") + "</td><td>" + escape_html(info.id) +
          (info.is_complete ? "" : " <small>interrupted</small>") + "</td>";
  for (const Metric& metric : board.metrics) html += metric_cell(row, metric);
  const RunTimings& timings = row.run.timings;
  html += measured_cell(timings.latency_ms.p50) + measured_cell(timings.latency_ms.p95) +
          cell(timings.index_bytes > 0 ? print_bytes(timings.index_bytes) : "–") + "<td><code>" +
          escape_html(differences_of(row)) + "</code></td><td>" +
          escape_html(info.started.substr(0, info.started.find('T'))) + "</td></tr>\n";
  for (const RunNote& note : row.run.notes) {
    html += "<tr class=\"note\"><td></td><td></td><td colspan=\"" + std::to_string(columns - 2) +
            "\">" + escape_html(note.written.substr(0, note.written.find('T')) + ": " + note.text) +
            "</td></tr>\n";
  }
  return html;
}

std::string render_table(const std::vector<ChartRow>& rows, const Board& board) {
  std::vector<std::string> heads = {"#", "", "run"};
  for (const Metric& metric : board.metrics) heads.push_back(name_of(metric));
  for (const char* head : {"p50 ms", "p95 ms", "index", "settings", "date"}) {
    heads.emplace_back(head);
  }
  std::string html = "<div class=\"wide\"><table><thead><tr>";
  for (const std::string& head : heads) html += "<th scope=\"col\">" + escape_html(head) + "</th>";
  html += "</tr></thead><tbody>\n";
  for (const ChartRow& row : rows) html += render_row(row, board, heads.size());
  return html + "</tbody></table></div>\n";
}

std::string render_group(const std::vector<ChartRow>& rows, const Board& board) {
  const RunInfo& info = rows.front().row->run.info;
  std::string html = "<section>\n<h2>" + escape_html(title_of_group(info)) + "</h2>\n" +
                     "<p class=\"facts\">" + counted(info.topics, "question") + ", " +
                     counted(info.labels, "label") + ", " + counted(info.documents, "document") +
                     "; content " + escape_html(info.dataset_hash) + "</p>\n";
  std::string charts = draw_scatter(rows, board.quality);
  for (const Metric& metric : board.metrics) charts += draw_bars(rows, metric);
  if (!charts.empty()) html += "<div class=\"charts\">\n" + charts + "</div>\n";
  return html + render_table(rows, board) + "</section>\n";
}

/// Rows in the board's order, each group where its first row stands; numbers count through the
/// page.
std::vector<std::vector<ChartRow>> grouped(const Board& board) {
  std::vector<std::vector<ChartRow>> groups;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < board.rows.size(); ++i) {
    const std::string name = group_of(board.rows[i].run.info);
    const auto found = std::ranges::find(names, name);
    const auto index = static_cast<std::size_t>(found - names.begin());
    if (found == names.end()) {
      names.push_back(name);
      groups.emplace_back();
    }
    groups[index].push_back({.row = &board.rows[i], .number = i + 1});
  }
  return groups;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string render_board_html(const Board& board) {
  const auto groups = grouped(board);
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>saerok lab board</title>\n<style>" +
      std::string(kStyle) + "</style>\n</head>\n<body>\n<h1>Runs of the lab</h1>\n";
  if (groups.empty()) html += "<p>There are no runs yet: saerok lab run makes one.</p>\n";
  for (const auto& group : groups) html += render_group(group, board);
  return html + "<footer><p>★: of the runs of the same questions none is at least as good by " +
         escape_html(name_of(board.quality)) +
         " and at least as fast by p50, and better in one. Beside each mean stands the 95 % "
         "bootstrap interval. Runs of one table compare; whether a difference is real says "
         "<code>saerok lab compare</code>.</p></footer>\n</body>\n</html>\n";
}

}  // namespace saerok::lab
