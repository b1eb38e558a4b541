#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/daemon_use.h"
#include "cli/json_output.h"
#include "cli/terminal.h"

namespace saerok {
namespace {

constexpr std::size_t kIssuesShown = 10;

void print_issues(const char* heading, const std::vector<FileIssue>& issues) {
  if (issues.empty()) return;
  std::printf("%s:\n", heading);
  for (std::size_t i = 0; i < issues.size() && i < kIssuesShown; ++i) {
    std::printf("  %s: %s\n", issues[i].path.c_str(), issues[i].reason.c_str());
  }
  if (issues.size() > kIssuesShown) {
    std::printf("  … and %s more: `saerok status --files` lists them\n",
                print_count(issues.size() - kIssuesShown).c_str());
  }
}

void print_vectors(const IngestReport& report) {
  if (report.chunk_vectors + report.window_vectors > 0) {
    std::printf(
        "Vectors: %s chunks and the windows of %s, about %s tokens in %s\n",
        print_count(report.chunk_vectors).c_str(), print_count(report.window_vectors).c_str(),
        print_count(report.tokens_embedded).c_str(), print_duration(report.embed_seconds).c_str());
  }
  if (report.pending_chunk_vectors + report.pending_window_vectors > 0) {
    std::printf(
        "Still without vectors: %s chunks, and windows of %s; the next `saerok index` goes on\n",
        print_count(report.pending_chunk_vectors).c_str(),
        print_count(report.pending_window_vectors).c_str());
  }
}

void print_report(const IngestReport& report) {
  std::printf("%s files: %s new or changed, %s unchanged", print_count(report.files_seen).c_str(),
              print_count(report.files_indexed).c_str(),
              print_count(report.files_unchanged).c_str());
  if (report.files_renamed > 0)
    std::printf(", %s renamed", print_count(report.files_renamed).c_str());
  if (report.files_removed > 0) std::printf(", %s gone", print_count(report.files_removed).c_str());
  std::printf("\n");
  if (report.documents > 0) {
    const double seconds = std::max(report.text_seconds, 1e-3);
    std::printf(
        "Text: %s documents, %s chunks, %s in %s (%s/s)\n", print_count(report.documents).c_str(),
        print_count(report.chunks).c_str(), print_size(report.text_bytes).c_str(),
        print_duration(report.text_seconds).c_str(),
        print_size(static_cast<std::uint64_t>(static_cast<double>(report.text_bytes) / seconds))
            .c_str());
  }
  print_vectors(report);
  print_issues("Failed", report.failed);
  print_issues("Not read", report.skipped);
  print_issues("Read, with a remark", report.notes);
}

Status run_index(CommandContext& context, const IngestRequest& request) {
  const auto daemon = find_daemon(context);
  Engine engine = TRY(context.open_engine());
  ProgressLine line(context.options.quiet);
  const ProgressSink show = [&](const Progress& progress) { line.show(progress); };
  const std::string& collection = context.options.collection;
  const auto report = daemon ? ingest_with(*daemon, collection, request, show, context.call())
                             : engine.ingest(collection, request, show, context.call());
  line.clear();
  if (!report) return report.error();
  for (const std::string& warning : report->warnings) {
    std::fprintf(stderr, "saerok: %s\n", warning.c_str());
  }
  if (context.options.json) print_document(to_json(*report));
  else print_report(*report);
  return {};
}

}  // namespace

void add_index_command(CLI::App& app, CommandRun& chosen) {
  auto request = std::make_shared<IngestRequest>();
  auto no_wait = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "index",
      "Read files and folders; later runs read only what changed.\n\n"
      "Reads Obsidian vaults, Markdown, plain text and JSONL corpora, also as .gz and .zst. Text "
      "is "
      "committed and searchable first; then vectors are made. Ctrl-C loses nothing that was done: "
      "the next run goes on.");
  command->add_option("PATH", request->roots, "Files and folders")->required()->type_name("");
  command->add_flag("--no-wait", *no_wait, "Leave vectors to a later run");
  command->add_flag("--rebuild", request->rebuild,
                    "Make chunks and index anew, as after a change of index settings or embedder");
  command
      ->add_option("--vectors", request->vectors_file,
                   "Ready-made vectors: JSONL of {\"id\", \"vector\"} (docs/formats.md)")
      ->type_name("FILE");
  command->callback([=, &chosen] {
    chosen = [=](CommandContext& context) {
      request->embed = !*no_wait;
      return run_index(context, *request);
    };
  });
}

}  // namespace saerok
