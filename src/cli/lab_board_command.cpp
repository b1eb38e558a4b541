#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/bytes.h"
#include "base/env.h"
#include "base/posix_env.h"
#include "base/unicode.h"
#include "cli/json_output.h"
#include "cli/lab_command.h"
#include "cli/terminal.h"
#include "lab/board.h"
#include "lab/board_html.h"
#include "lab/report_json.h"
#include "lab/run_json.h"
#include "lab/share.h"

namespace saerok {
namespace {

/// Columns of metrics on a terminal where none is named; --json and --html have all.
constexpr std::size_t kMetricsShownMax = 3;
constexpr std::size_t kTextBytesMax = 100'000;

struct BoardOptions {
  std::vector<std::string> datasets;
  std::vector<std::string> metrics;
  std::string sort;
  std::string html;
  std::string run;
  std::vector<std::string> words;
  std::string file;
};

std::string print_with(const char* format, double value) {
  std::string text(32, '\0');
  const int size = std::snprintf(text.data(), text.size(), format, value);
  text.resize(static_cast<std::size_t>(std::max(size, 0)));
  return text;
}

/// Rows of cells, the first row the heads.
using Cells = std::vector<std::vector<std::string>>;

std::vector<std::string> cells_of(const lab::BoardRow& row,
                                  const std::vector<lab::Metric>& metrics) {
  const lab::RunInfo& info = row.run.info;
  const lab::RunTimings& timings = row.run.timings;
  std::vector<std::string> cells = {row.is_on_frontier ? "*" : "", info.id, title_of_group(info)};
  for (const lab::Metric& metric : metrics) {
    const lab::MetricSummary* summary = row.find(metric);
    if (summary == nullptr) {
      cells.emplace_back("-");
      continue;
    }
    cells.push_back(print_with("%.4f", summary->mean) + " [" +
                    print_with("%.3f", summary->interval.low) + ", " +
                    print_with("%.3f", summary->interval.high) + "]");
  }
  const auto ms = [](double value) { return value > 0 ? print_with("%.1f", value) : "-"; };
  cells.push_back(ms(timings.latency_ms.p50));
  cells.push_back(ms(timings.latency_ms.p95));
  cells.push_back(timings.index_bytes > 0 ? print_size(timings.index_bytes) : "-");
  cells.push_back(info.started.substr(0, info.started.find('T')));
  return cells;
}

void print_cells(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t blanks = i + 1 == cells.size() ? 0 : widths[i] - display_width(cells[i]) + 2;
    std::printf("%s%s", cells[i].c_str(), std::string(blanks, ' ').c_str());
  }
  std::printf("\n");
}

std::string describe_differences(const lab::BoardRow& row) {
  std::string text;
  for (const auto& [name, value] : row.differences) {
    text += (text.empty() ? "" : ", ") + name + "=" + value;
  }
  return text;
}

void print_board(const lab::Board& board, const std::vector<lab::Metric>& metrics) {
  const Style style = Style::of_standard_output();
  std::vector<std::string> heads = {"", "run", "dataset"};
  for (const lab::Metric& metric : metrics) heads.push_back(name_of(metric));
  for (const char* head : {"p50 ms", "p95 ms", "index", "date"}) heads.emplace_back(head);
  Cells table = {heads};
  for (const lab::BoardRow& row : board.rows) table.push_back(cells_of(row, metrics));
  std::vector<std::size_t> widths(heads.size());
  for (const auto& cells : table) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(cells[i]));
    }
  }
  for (std::size_t i = 0; i < table.size(); ++i) {
    const lab::BoardRow* row = i == 0 ? nullptr : &board.rows[i - 1];
    const bool is_best = row != nullptr && row->is_on_frontier;
    std::printf("%s", (row == nullptr ? style.dim : is_best ? style.green : std::string()).c_str());
    print_cells(table[i], widths);
    std::printf("%s", style.reset.c_str());
    if (row == nullptr) continue;
    if (!row->run.info.is_complete) std::printf("     interrupted; `saerok lab run` goes on\n");
    const std::string differences = describe_differences(*row);
    if (!differences.empty()) std::printf("     with %s\n", differences.c_str());
    for (const lab::RunNote& note : row->run.notes) {
      std::printf("     %s: %s\n", note.written.substr(0, note.written.find('T')).c_str(),
                  note.text.c_str());
    }
  }
  std::printf(
      "* no run of the same questions is at least as good by %s and as fast, and better in "
      "one\n",
      name_of(board.quality).c_str());
}

Status write_html(const std::string& file, const lab::Board& board) {
  Env& env = posix_env();
  const std::string path = env.absolute_path(file);
  const auto info = TRY(env.stat(path));
  if (info && info->is_directory) {
    return Error{ErrorCode::invalid_argument, path + " is a folder; name a file for the page"};
  }
  return write_file_durably(env, path, path + ".new", as_byte_span(render_board_html(board)));
}

Status run_board(CommandContext& context, const std::string& folder, const BoardOptions& options) {
  const lab::RunStore store(lab_places(context, folder).runs());
  lab::BoardRequest request{.datasets = options.datasets, .metrics = {}, .sort = options.sort};
  for (const std::string& name : options.metrics) {
    request.metrics.push_back(TRY(lab::parse_metric(name)));
  }
  std::vector<std::string> warnings;
  auto runs = TRY(store.list(warnings));
  for (const std::string& warning : warnings) std::fprintf(stderr, "saerok: %s\n", warning.c_str());
  const lab::Board board = TRY(make_board(std::move(runs), request));
  if (!options.html.empty()) TRY(write_html(options.html, board));
  if (context.options.json) {
    print_document(to_json(board, warnings));
    return {};
  }
  std::vector<lab::Metric> shown = board.metrics;
  if (options.metrics.empty() && shown.size() > kMetricsShownMax) shown.resize(kMetricsShownMax);
  if (board.rows.empty()) std::printf("No runs; `saerok lab run DATASET` makes one.\n");
  else print_board(board, shown);
  if (shown.size() < board.metrics.size() && !board.rows.empty()) {
    std::printf("--metric shows others:");
    for (std::size_t i = shown.size(); i < board.metrics.size(); ++i) {
      std::printf(" %s", name_of(board.metrics[i]).c_str());
    }
    std::printf("\n");
  }
  if (!options.html.empty()) std::printf("Wrote %s.\n", options.html.c_str());
  return {};
}

Status add_note(CommandContext& context, const std::string& folder, const BoardOptions& options) {
  std::string text;
  for (const std::string& word : options.words) text += (text.empty() ? "" : " ") + word;
  if (text.find_first_not_of(" \t\r\n") == std::string::npos || text.size() > kTextBytesMax) {
    return Error{ErrorCode::invalid_argument,
                 "a note has at least a word and at most " + print_count(kTextBytesMax) + " bytes"};
  }
  const lab::RunStore store(lab_places(context, folder).runs());
  TRY(store.add_note(options.run, {.written = lab::utc_now(), .text = std::move(text)}));
  const lab::RunRecord record = TRY(store.load(options.run));
  if (context.options.json) {
    Json notes = Json::array();
    for (const lab::RunNote& note : record.notes) notes.push_back(to_json(note));
    print_document({{"run", record.info.id}, {"notes", std::move(notes)}});
    return {};
  }
  std::printf("Kept with %s; its notes: %s.\n", record.info.id.c_str(),
              print_count(record.notes.size()).c_str());
  return {};
}

Status export_one(CommandContext& context, const std::string& folder, const BoardOptions& options) {
  const lab::RunStore store(lab_places(context, folder).runs());
  TRY(lab::export_run(store, options.run, options.file));
  if (context.options.json) print_document({{"run", options.run}, {"file", options.file}});
  else std::printf("Wrote %s to %s.\n", options.run.c_str(), options.file.c_str());
  return {};
}

Status import_one(CommandContext& context, const std::string& folder, const BoardOptions& options) {
  const lab::RunStore store(lab_places(context, folder).runs());
  const std::string id = TRY(lab::import_run(store, options.file, context.call()));
  if (context.options.json) print_document({{"run", id}, {"file", options.file}});
  else std::printf("%s is the run %s now.\n", options.file.c_str(), id.c_str());
  return {};
}

}  // namespace

void add_lab_board_commands(CLI::App& lab, CommandRun& chosen, const std::string& folder) {
  const auto options = std::make_shared<BoardOptions>();
  using Run = Status (*)(CommandContext&, const std::string&, const BoardOptions&);
  const auto add = [&, options](const char* name, const char* help, Run run) {
    CLI::App* command = lab.add_subcommand(name, help);
    command->callback([=, &chosen, &folder] {
      chosen = [=, &folder](CommandContext& context) { return run(context, folder, *options); };
    });
    return command;
  };
  CLI::App* board = add("board",
                        "Every run beside the others: quality, latency, size, settings, notes.\n\n"
                        "A star marks the runs that no other run of the same questions beats in "
                        "both quality (the first metric) and latency.",
                        run_board);
  board->add_option("DATASET", options->datasets, "Only runs of these; name or folder")
      ->type_name("");
  board->add_option("--sort", options->sort, "Column to sort by: a metric, p50, index, date, …")
      ->type_name("COLUMN");
  board->add_option("--metric", options->metrics, "Column to show; may be given several times")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false);
  board->add_option("--html", options->html, "Also write the board as a page with charts")
      ->type_name("FILE");
  CLI::App* note = add("note", "Write a note to a run: what was tried, what went wrong", add_note);
  note->add_option("RUN", options->run, "Of `saerok lab board`")->required()->type_name("");
  note->add_option("TEXT", options->words, "The note")->required()->type_name("");
  CLI::App* give = add("export", "Write a run as one file, to share", export_one);
  give->add_option("RUN", options->run, "Of `saerok lab board`")->required()->type_name("");
  give->add_option("FILE", options->file, "File to write")->required()->type_name("");
  CLI::App* take = add("import", "Add a run that someone shared", import_one);
  take->add_option("FILE", options->file, "Of `saerok lab export`")->required()->type_name("");
}

}  // namespace saerok
