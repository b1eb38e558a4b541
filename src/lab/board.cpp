#include "lab/board.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "lab/run_json.h"
#include "saerok/config.h"

namespace saerok::lab {
namespace {

/// A cell to sort by: a number, or a text where there is none. What is not there comes last.
struct SortKey {
  bool is_absent = true;
  double number = 0;
  std::string text;
};

SortKey of_number(double number) { return {.is_absent = false, .number = number, .text = {}}; }
SortKey of_text(std::string text) {
  return {.is_absent = text.empty(), .number = 0, .text = std::move(text)};
}
/// Of a measurement that is above 0 wherever it was made.
SortKey of_measured(double number) { return number > 0 ? of_number(number) : SortKey{}; }

struct SortColumn {
  std::string_view name;
  bool is_descending;
  SortKey (*key)(const BoardRow& row);
};

/// What is better or newer first.
constexpr std::array<SortColumn, 12> kColumns = {{
    {"run", false, [](const BoardRow& row) { return of_text(row.run.info.id); }},
    {"dataset", false, [](const BoardRow& row) { return of_text(row.run.info.dataset); }},
    {"date", true, [](const BoardRow& row) { return of_text(row.run.info.started); }},
    {"p50", false, [](const BoardRow& row) { return of_measured(row.latency_p50_ms()); }},
    {"p95", false, [](const BoardRow& row) { return of_measured(row.run.timings.latency_ms.p95); }},
    {"p99", false, [](const BoardRow& row) { return of_measured(row.run.timings.latency_ms.p99); }},
    {"index", false,
     [](const BoardRow& row) {
       return of_measured(static_cast<double>(row.run.timings.index_bytes));
     }},
    {"memory", false,
     [](const BoardRow& row) {
       return of_measured(static_cast<double>(row.run.timings.peak_memory_bytes));
     }},
    {"questions", true,
     [](const BoardRow& row) { return of_number(static_cast<double>(row.run.info.topics)); }},
    {"documents", true,
     [](const BoardRow& row) { return of_number(static_cast<double>(row.run.info.documents)); }},
    {"version", true, [](const BoardRow& row) { return of_text(row.run.info.version); }},
    {"note", false,
     [](const BoardRow& row) {
       return of_text(row.run.notes.empty() ? "" : row.run.notes.back().text);
     }},
}};

SortKey key_of(const BoardRow& row, const Metric& metric) {
  const MetricSummary* summary = row.find(metric);
  return summary == nullptr ? SortKey{} : of_number(summary->mean);
}

template <class KeyOf>
void sort_rows(std::vector<BoardRow>& rows, bool is_descending, const KeyOf& key_of_row) {
  std::ranges::stable_sort(rows, [&](const BoardRow& a, const BoardRow& b) {
    const SortKey x = key_of_row(a);
    const SortKey y = key_of_row(b);
    if (x.is_absent || y.is_absent) return !x.is_absent && y.is_absent;
    const auto order = std::tie(x.number, x.text) <=> std::tie(y.number, y.text);
    return is_descending ? order > 0 : order < 0;
  });
}

Status sort_board(Board& board, const std::string& column) {
  const auto by_quality = [&](const BoardRow& row) { return key_of(row, board.quality); };
  // Stable: each sort keeps the order of the one before where it finds no difference.
  sort_rows(board.rows, false, kColumns[0].key);
  sort_rows(board.rows, true, by_quality);
  sort_rows(board.rows, false, [](const BoardRow& row) { return of_text(group_of(row.run.info)); });
  if (column.empty()) return {};
  const auto known = std::ranges::find(kColumns, column, &SortColumn::name);
  if (known != kColumns.end()) {
    sort_rows(board.rows, known->is_descending, known->key);
    return {};
  }
  const auto metric = parse_metric(column);
  if (!metric) {
    std::vector<std::string> names = sort_columns();
    for (const Metric& shown : board.metrics) names.push_back(name_of(shown));
    const std::string nearest = nearest_name(column, names);
    std::string listed;
    for (const std::string& name : names) listed += (listed.empty() ? "" : ", ") + name;
    return Error{ErrorCode::invalid_argument,
                 "the board has no column " + column +
                     (nearest.empty() ? "" : "; did you mean " + nearest + "?") + " (there are " +
                     listed + ", and every metric)"};
  }
  sort_rows(board.rows, true, [&](const BoardRow& row) { return key_of(row, *metric); });
  return {};
}

bool is_of(const RunInfo& info, const std::string& dataset) {
  const auto without_slash = [](std::string_view path) {
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path;
  };
  const std::string_view name = info.dataset;
  return name == dataset || name.substr(0, name.find(':')) == dataset ||
         (!info.dataset_folder.empty() &&
          without_slash(info.dataset_folder) == without_slash(dataset));
}

Status keep_datasets(std::vector<RunRecord>& runs, const std::vector<std::string>& datasets) {
  if (datasets.empty()) return {};
  for (const std::string& dataset : datasets) {
    const auto matches = [&](const RunRecord& run) { return is_of(run.info, dataset); };
    if (std::ranges::any_of(runs, matches)) continue;
    std::vector<std::string> names;
    for (const RunRecord& run : runs) names.push_back(run.info.dataset);
    const std::string nearest = nearest_name(dataset, names);
    return Error{ErrorCode::not_found,
                 "there is no run of " + dataset +
                     (nearest.empty() ? "" : "; did you mean " + nearest + "?") +
                     " (`saerok lab run` makes one, `saerok lab board` lists them)"};
  }
  std::erase_if(runs, [&](const RunRecord& run) {
    return std::ranges::none_of(
        datasets, [&](const std::string& dataset) { return is_of(run.info, dataset); });
  });
  return {};
}

/// The default ones that any run has a value of; the first default one where none has.
std::vector<Metric> metrics_of(const std::vector<BoardRow>& rows) {
  std::vector<Metric> metrics;
  for (const Metric& metric : default_metrics()) {
    const auto has_it = [&](const BoardRow& row) { return row.find(metric) != nullptr; };
    if (std::ranges::any_of(rows, has_it)) metrics.push_back(metric);
  }
  if (metrics.empty()) metrics.push_back(default_metrics().front());
  return metrics;
}

bool can_be_on_frontier(const BoardRow& row, const Metric& quality) {
  return row.run.info.is_complete && row.find(quality) != nullptr && row.latency_p50_ms() > 0;
}

void mark_frontier(Board& board) {
  const auto beats = [&](const BoardRow& a, const BoardRow& b) {
    const double a_quality = a.find(board.quality)->mean;
    const double b_quality = b.find(board.quality)->mean;
    return a_quality >= b_quality && a.latency_p50_ms() <= b.latency_p50_ms() &&
           (a_quality > b_quality || a.latency_p50_ms() < b.latency_p50_ms());
  };
  for (BoardRow& row : board.rows) {
    row.is_on_frontier = can_be_on_frontier(row, board.quality) &&
                         std::ranges::none_of(board.rows, [&](const BoardRow& other) {
                           return can_be_on_frontier(other, board.quality) &&
                                  group_of(other.run.info) == group_of(row.run.info) &&
                                  beats(other, row);
                         });
  }
}

std::map<std::string, std::string> differences_of(const RunInfo& info) {
  std::map<std::string, std::string> differences = info.changed;
  if (info.depth != kDefaultDepth) differences["depth"] = std::to_string(info.depth);
  if (info.with_answers) differences["answers"] = "yes";
  if (info.kind == RunKind::ensemble) {
    std::string parts;
    for (const std::string& part : info.parts) parts += (parts.empty() ? "" : " + ") + part;
    differences["ensemble"] = info.method + " of " + parts;
  }
  return differences;
}

}  // namespace

const MetricSummary* BoardRow::find(const Metric& metric) const {
  const auto found = std::ranges::find(run.metrics, metric, &MetricSummary::metric);
  return found == run.metrics.end() || found->topics == 0 ? nullptr : &*found;
}

std::vector<std::string> sort_columns() {
  std::vector<std::string> names;
  for (const SortColumn& column : kColumns) names.emplace_back(column.name);
  return names;
}

std::string group_of(const RunInfo& info) {
  return info.dataset + '\0' + info.dataset_hash + '\0' + std::to_string(info.folds) + '\0' +
         std::to_string(info.folds == 0 ? 0 : info.fold) + '\0' +
         std::to_string(info.folds == 0 ? 0 : info.seed);
}

std::string title_of_group(const RunInfo& info) {
  if (info.folds == 0) return info.dataset;
  return info.dataset + ", fold " + std::to_string(info.fold) + " of " + std::to_string(info.folds);
}

Result<Board> make_board(std::vector<RunRecord> runs, const BoardRequest& request) {
  TRY(keep_datasets(runs, request.datasets));
  Board board;
  for (RunRecord& run : runs) {
    BoardRow row;
    row.differences = differences_of(run.info);
    row.run = std::move(run);
    board.rows.push_back(std::move(row));
  }
  board.metrics = request.metrics.empty() ? metrics_of(board.rows) : request.metrics;
  board.quality = board.metrics.front();
  mark_frontier(board);
  TRY(sort_board(board, request.sort));
  return board;
}

}  // namespace saerok::lab
