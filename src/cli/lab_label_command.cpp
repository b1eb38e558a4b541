#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>

#include "cli/daemon_use.h"
#include "cli/hit_output.h"
#include "cli/json_output.h"
#include "cli/lab_command.h"
#include "cli/lab_output.h"
#include "cli/terminal.h"
#include "lab/labelled_dataset.h"

namespace saerok {
namespace {

struct LabelOptions {
  std::vector<std::string> words;
  SearchRequest search;
  std::vector<std::int64_t> right;
  std::vector<std::int64_t> wrong;
  std::string folder;  ///< Of an export.
  std::string name;
  std::vector<std::string> corpus;
  std::uint64_t id = 0;
};

/// The ranks of one search's hits that a person judged.
struct Verdict {
  std::vector<std::size_t> right;
  std::vector<std::size_t> wrong;
};

/// The first line, for a list.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

void print_label(const LabelRecord& label, const Style& style) {
  const bool is_right = label.grade > 0;
  std::printf("%s%llu. %s%s  %s", (is_right ? style.green : style.yellow).c_str(),
              static_cast<unsigned long long>(label.id), is_right ? "right" : "wrong",
              style.reset.c_str(), label.document_id.c_str());
  if (label.bytes.size() > 0) {
    std::printf(":%llu-%llu", static_cast<unsigned long long>(label.bytes.begin),
                static_cast<unsigned long long>(label.bytes.end));
  }
  std::printf("  for \"%s\"\n   %s%s%s\n", label.question.c_str(), style.dim.c_str(),
              first_line(label.quote).c_str(), style.reset.c_str());
}

Result<Verdict> check_verdict(const std::vector<std::int64_t>& right,
                              const std::vector<std::int64_t>& wrong, std::size_t hits) {
  Verdict verdict;
  const auto take = [&](const std::vector<std::int64_t>& ranks,
                        std::vector<std::size_t>& taken) -> Status {
    for (const std::int64_t rank : ranks) {
      if (rank < 1 || static_cast<std::uint64_t>(rank) > hits) {
        return Error{ErrorCode::invalid_argument, "there is no hit " + std::to_string(rank) +
                                                      "; the search found " + std::to_string(hits)};
      }
      const auto place = static_cast<std::size_t>(rank);
      if (std::ranges::find(taken, place) == taken.end()) taken.push_back(place);
    }
    return {};
  };
  TRY(take(right, verdict.right));
  TRY(take(wrong, verdict.wrong));
  for (const std::size_t rank : verdict.right) {
    if (std::ranges::find(verdict.wrong, rank) == verdict.wrong.end()) continue;
    return Error{ErrorCode::invalid_argument,
                 "hit " + std::to_string(rank) + " is called both right and wrong"};
  }
  return verdict;
}

/// "1 3 -2": 1 and 3 are right, 2 is wrong.
Result<Verdict> read_verdict(std::string_view line, std::size_t hits) {
  std::vector<std::int64_t> right;
  std::vector<std::int64_t> wrong;
  while (true) {
    const auto begin = line.find_first_not_of(" ,\t\r\n");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const std::string_view word = line.substr(0, line.find_first_of(" ,\t\r\n"));
    line.remove_prefix(word.size());
    std::int64_t rank = 0;
    const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), rank);
    if (failed != std::errc{} || end != word.data() + word.size()) {
      return Error{ErrorCode::invalid_argument,
                   "\"" + std::string(word) + "\" is no number of a hit"};
    }
    if (word.starts_with('-')) wrong.push_back(-rank);
    else right.push_back(rank);
  }
  return check_verdict(right, wrong, hits);
}

/// A line from the keyboard; nothing where the input ended. Looks for Ctrl-C while it waits.
Result<std::optional<std::string>> read_line(const CallContext& call) {
  constexpr int kLookEveryMs = 100;
  std::string line;
  while (true) {
    TRY(call.check());
    pollfd keyboard{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (poll(&keyboard, 1, kLookEveryMs) <= 0) continue;
    char byte = 0;
    const ssize_t count = read(STDIN_FILENO, &byte, 1);
    if (count <= 0) return std::optional<std::string>();
    if (byte == '\n') return std::optional<std::string>(line);
    line += byte;
  }
}

/// Asks until the answer can be understood.
Result<Verdict> ask_verdict(std::size_t hits, const CallContext& call) {
  while (true) {
    std::printf(
        "\nWhich are right, which wrong? (1 3 -2: 1 and 3 are right, 2 is wrong; "
        "empty: none) ");
    std::fflush(stdout);
    const auto line = TRY(read_line(call));
    if (!line) return Verdict{};
    auto verdict = read_verdict(*line, hits);
    if (verdict) return verdict;
    std::printf("%s.\n", verdict.error().message.c_str());
  }
}

LabelRecord label_of(const Hit& hit, const std::string& question, std::int32_t grade) {
  LabelRecord label;
  label.question = question;
  label.root = hit.root;
  label.path = hit.path;
  label.document_id = hit.document_id;
  label.bytes = hit.bytes;
  label.quote = hit.snippet;
  label.grade = grade;
  return label;
}

Result<SearchResponse> search(const CommandContext& context, const Engine& engine,
                              const SearchRequest& request) {
  if (const auto daemon = find_daemon(context)) {
    return search_with(*daemon, request, context.call());
  }
  return engine.search(request, context.call());
}

Result<std::vector<LabelRecord>> store_labels(const CommandContext& context, Engine& engine,
                                              const SearchResponse& response,
                                              const Verdict& verdict) {
  const std::string& collection = context.options.collection;
  const auto daemon = find_daemon_of_store(context);
  std::vector<LabelRecord> stored;
  const auto store = [&](const std::vector<std::size_t>& ranks, std::int32_t grade) -> Status {
    for (const std::size_t rank : ranks) {
      LabelRecord label = label_of(response.hits[rank - 1], response.query, grade);
      label.id = TRY(daemon ? add_label_with(*daemon, collection, label, context.call())
                            : engine.add_label(collection, label));
      stored.push_back(std::move(label));
    }
    return {};
  };
  TRY(store(verdict.right, 1));
  TRY(store(verdict.wrong, 0));
  // As they are kept: with the time at which they were made.
  const auto all = TRY(engine.labels(collection));
  for (LabelRecord& label : stored) {
    const auto kept = std::ranges::find(all, label.id, &LabelRecord::id);
    if (kept != all.end()) label = *kept;
  }
  return stored;
}

Status add_labels(CommandContext& context, const LabelOptions& options) {
  SearchRequest request = options.search;
  request.collection = context.options.collection;
  for (const std::string& word : options.words) {
    request.query += (request.query.empty() ? "" : " ") + word;
  }
  if (request.query.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "give a question to search with: saerok lab label \"when is the boiler due?\""};
  }
  const bool has_verdict = !options.right.empty() || !options.wrong.empty();
  const bool can_ask =
      !context.options.json && is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO);
  if (!has_verdict && !can_ask) {
    return Error{ErrorCode::invalid_argument,
                 "nobody can be asked here; say which hits of `saerok search` are right with "
                 "--right 1 3, and which are wrong with --wrong 2"};
  }
  Engine engine = TRY(context.open_engine());
  const SearchResponse response = TRY(search(context, engine, request));
  print_warnings(response.report);
  const Style style = Style::of_standard_output();
  if (!has_verdict) {
    for (const Hit& hit : response.hits) print_hit(hit, style);
    if (response.hits.empty()) std::printf("Nothing found for \"%s\".\n", request.query.c_str());
  }
  const bool is_asked = !has_verdict && !response.hits.empty();
  const Verdict verdict =
      TRY(is_asked ? ask_verdict(response.hits.size(), context.call())
                   : check_verdict(options.right, options.wrong, response.hits.size()));
  const auto stored = TRY(store_labels(context, engine, response, verdict));
  if (context.options.json) {
    print_document({{"question", request.query}, {"labels", to_json(stored)}});
    return {};
  }
  for (const LabelRecord& label : stored) print_label(label, style);
  if (stored.empty()) std::printf("No label was added.\n");
  return {};
}

Status list_labels(CommandContext& context) {
  const Engine engine = TRY(context.open_engine());
  const auto labels = TRY(engine.labels(context.options.collection));
  if (context.options.json) {
    print_document({{"labels", to_json(labels)}});
    return {};
  }
  const Style style = Style::of_standard_output();
  for (const LabelRecord& label : labels) print_label(label, style);
  if (labels.empty()) std::printf("No labels; `saerok lab label QUESTION` adds some.\n");
  return {};
}

Status remove_label(CommandContext& context, std::uint64_t id) {
  const std::string& collection = context.options.collection;
  Engine engine = TRY(context.open_engine());
  const auto daemon = find_daemon_of_store(context);
  TRY(daemon ? remove_label_with(*daemon, collection, LabelId{id}, context.call())
             : engine.remove_label(collection, LabelId{id}));
  if (context.options.json) print_document({{"removed", id}});
  else std::printf("Removed label %llu.\n", static_cast<unsigned long long>(id));
  return {};
}

/// The roots of the collection, or what --corpus names.
Result<std::vector<std::string>> corpus_of(const Engine& engine, const std::string& collection,
                                           const std::vector<std::string>& given) {
  std::vector<std::string> corpus;
  for (const std::string& path : given) {
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(path, failed);
    if (failed || !std::filesystem::exists(absolute, failed)) {
      return Error{ErrorCode::not_found, "there is no " + path + " to be the dataset's corpus"};
    }
    corpus.push_back(absolute.lexically_normal().string());
  }
  if (!corpus.empty()) return corpus;
  for (const CollectionStatus& status : TRY(engine.status()).collections) {
    if (status.name == collection) return status.roots;
  }
  return corpus;
}

Status export_labels(CommandContext& context, const LabelOptions& options) {
  const std::string& collection = context.options.collection;
  const Engine engine = TRY(context.open_engine());
  lab::LabelledDataset dataset;
  dataset.labels = TRY(engine.labels(collection));
  dataset.name = options.name.empty() ? collection : options.name;
  dataset.corpus = TRY(corpus_of(engine, collection, options.corpus));
  const auto report = TRY(lab::write_labelled_dataset(options.folder, dataset));
  for (const std::string& warning : report.warnings) {
    std::fprintf(stderr, "saerok: %s\n", warning.c_str());
  }
  if (context.options.json) {
    print_document({{"folder", options.folder},
                    {"name", dataset.name},
                    {"corpus", dataset.corpus},
                    {"questions", report.questions},
                    {"exported", report.labels},
                    {"superseded", report.superseded},
                    {"without_right", report.without_right},
                    {"warnings", report.warnings}});
    return {};
  }
  std::printf("%s: %s, %s. `saerok lab run %s` scores settings on them.\n", options.folder.c_str(),
              print_counted(report.questions, "question").c_str(),
              print_counted(report.labels, "label").c_str(), options.folder.c_str());
  if (report.superseded > 0) {
    std::printf("%s judged again later count as they were judged last.\n",
                print_count(report.superseded).c_str());
  }
  if (report.without_right > 0) {
    std::printf("%s of the questions have wrong passages only.\n",
                print_count(report.without_right).c_str());
  }
  return {};
}

/// Options of `lab label QUESTION` reach its parts too, which have no use for them.
Status check_no_other(const CLI::App& label, const std::string& part) {
  for (const CLI::Option* option : label.get_options()) {
    if (option->count() == 0) continue;
    return Error{ErrorCode::invalid_argument, option->get_name() +
                                                  " does not go with `saerok lab "
                                                  "label " +
                                                  part + "`"};
  }
  return {};
}

void add_question_options(CLI::App& label, LabelOptions& options) {
  label.add_option("QUESTION", options.words, "What to search for and judge")->type_name("");
  add_mode_option(label, options.search.mode);
  label.add_option("-k,--limit", options.search.limit, "Most hits")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str()
      ->type_name("N");
  label.add_option("--filter", options.search.filter, "Only documents that pass (docs/query.md)")
      ->type_name("EXPR");
  label.add_option("--right", options.right, "Ranks of hits that answer the question")
      ->delimiter(',')
      ->type_name("RANK…");
  label.add_option("--wrong", options.wrong, "Ranks of hits that do not")
      ->delimiter(',')
      ->type_name("RANK…");
}

}  // namespace

void add_lab_label_commands(CLI::App& lab, CommandRun& chosen, const std::string&) {
  const auto options = std::make_shared<LabelOptions>();
  CLI::App* label = lab.add_subcommand(
      "label",
      "Judge what a question finds, to measure on questions of your own.\n\n"
      "On a terminal the hits are shown and asked about; elsewhere --right and --wrong name them. "
      "A label names a stretch of a file, so it outlives any change of settings.");
  add_question_options(*label, *options);
  label->require_subcommand(0, 1);
  const auto part = [=, &chosen](CLI::App* command, std::function<Status(CommandContext&)> run) {
    const std::string name = command->get_name();
    command->fallthrough();
    command->callback([=, &chosen] {
      chosen = [=](CommandContext& context) -> Status {
        TRY(check_no_other(*label, name));
        return run(context);
      };
    });
  };
  part(label->add_subcommand("list", "The labels of the collection"), list_labels);
  CLI::App* remove = label->add_subcommand("remove", "Take a label back");
  remove->add_option("ID", options->id, "Of `saerok lab label list`")->required()->type_name("");
  part(remove, [=](CommandContext& context) { return remove_label(context, options->id); });
  CLI::App* to_folder =
      label->add_subcommand("export", "Write the labels as a dataset, for `saerok lab run`");
  to_folder->add_option("DIR", options->folder, "Folder to write")->required()->type_name("");
  to_folder->add_option("--name", options->name, "Of the dataset; else the collection's")
      ->type_name("NAME");
  to_folder
      ->add_option("--corpus", options->corpus,
                   "Folder or file the labels are about; else the folders that were indexed")
      ->type_name("PATH")
      ->take_all()
      ->allow_extra_args(false);
  part(to_folder, [=](CommandContext& context) { return export_labels(context, *options); });
  label->callback([=, &chosen] {
    if (!label->get_subcommands().empty()) return;
    chosen = [=](CommandContext& context) { return add_labels(context, *options); };
  });
}

}  // namespace saerok
