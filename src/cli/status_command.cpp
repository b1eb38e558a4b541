#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/daemon_use.h"
#include "cli/embedder_runtime.h"
#include "cli/json_output.h"
#include "cli/terminal.h"

namespace saerok {
namespace {

void print_files(const char* heading, const std::vector<FileIssue>& issues) {
  if (issues.empty()) return;
  std::printf("  %s:\n", heading);
  for (const FileIssue& issue : issues) {
    std::printf("    %s: %s\n", issue.path.c_str(), issue.reason.c_str());
  }
}

void print_collection(const CollectionStatus& status, bool with_files) {
  std::printf("\nCollection %s\n", status.name.c_str());
  for (const std::string& root : status.roots) std::printf("  folder     %s\n", root.c_str());
  std::printf("  files      %s indexed, %s failed, %s not read",
              print_count(status.counts.sources_indexed).c_str(),
              print_count(status.counts.sources_failed).c_str(),
              print_count(status.counts.sources_skipped).c_str());
  if (status.counts.sources_partial > 0) {
    std::printf(", %s half read (run `saerok index` to go on)",
                print_count(status.counts.sources_partial).c_str());
  }
  std::printf("\n  documents  %s, %s chunks\n", print_count(status.counts.documents).c_str(),
              print_count(status.counts.chunks).c_str());
  std::printf("  index      %s segments, text %s, vectors %s\n",
              print_count(status.segments).c_str(), print_size(status.lexical_bytes).c_str(),
              print_size(status.vector_bytes).c_str());
  std::printf("  analyser   %s\n", status.analyzer.c_str());
  if (status.embedder.empty()) {
    std::printf("  vectors    none\n");
  } else {
    std::printf("  vectors    %s, %u dimensions\n", status.embedder.c_str(), status.dimension);
  }
  for (const VectorSpace& space : status.spaces) {
    std::printf("             %s: %s chunks, %s\n",
                space.kind == SegmentKind::window_vectors ? "windows" : "chunks",
                print_count(space.chunks).c_str(), print_size(space.bytes).c_str());
  }
  if (status.pending_lexical > 0) {
    std::printf("  pending    %s chunks are not in a segment yet\n",
                print_count(status.pending_lexical).c_str());
  }
  if (status.pending_chunk_vectors + status.pending_window_vectors > 0) {
    std::printf("  missing    vectors of %s chunks, and window vectors of %s\n",
                print_count(status.pending_chunk_vectors).c_str(),
                print_count(status.pending_window_vectors).c_str());
  }
  if (with_files) {
    print_files("failed", status.failed);
    print_files("not read", status.skipped);
  }
}

/// The status of that collection alone. Errors: not_found, naming those that there are.
Result<CollectionStatus> find_collection(const StoreStatus& status, const std::string& name) {
  std::string names;
  for (const CollectionStatus& collection : status.collections) {
    if (collection.name == name) return collection;
    names += (names.empty() ? "" : ", ") + collection.name;
  }
  return Error{ErrorCode::not_found,
               "there is no collection " + name + " in " + status.store +
                   (names.empty() ? "; it holds none" : "; there is " + names)};
}

struct StatusOptions {
  bool with_files = false;
  bool one_collection = false;  ///< The one of --collection; else all.
};

Status run_status(CommandContext& context, StatusOptions options) {
  const Engine engine = TRY(context.open_engine());
  StoreStatus status = TRY(engine.status());
  if (options.one_collection) {
    status.collections = {TRY(find_collection(status, context.options.collection))};
  }
  const auto runtime = describe_configured_embedder(context);
  if (context.options.json) {
    Json document = to_json(status);
    if (runtime) document["embedder_runtime"] = *runtime;
    print_document(document);
    return {};
  }
  std::printf("Store %s, %s\n", status.store.c_str(), print_size(status.store_bytes).c_str());
  if (runtime) {
    std::printf("Embedder %s, by %s\n", context.settings.models.embed.c_str(), runtime->c_str());
  }
  for (const CollectionStatus& collection : status.collections)
    print_collection(collection, options.with_files);
  return {};
}

Status run_forget(CommandContext& context, const std::string& path, bool whole_collection) {
  Engine engine = TRY(context.open_engine());
  // Read first: a writer would make the store that is missing.
  const StoreStatus status = TRY(engine.status());
  const std::string& name = context.options.collection;
  const auto daemon = find_daemon_of_store(context);
  ForgetReport report;
  if (whole_collection) {
    const CollectionStatus collection = TRY(find_collection(status, name));
    const CollectionCounts& counts = collection.counts;
    report = {.files = counts.sources_indexed + counts.sources_partial + counts.sources_failed +
                       counts.sources_skipped,
              .documents = counts.documents};
    TRY(daemon ? forget_collection_with(*daemon, name, context.call())
               : engine.forget_collection(name));
  } else {
    // Of a relative path that is gone the engine could not say where it was.
    std::error_code failed;
    const std::string absolute = std::filesystem::absolute(path, failed).string();
    if (failed) return Error{ErrorCode::not_found, "it is not known which folder this is"};
    report = TRY(daemon ? forget_with(*daemon, name, absolute, context.call())
                        : engine.forget(name, absolute));
  }
  if (context.options.json) {
    print_document(to_json(report));
  } else if (whole_collection) {
    std::printf(
        "Forgot collection %s: %s files with %s documents. The files themselves are untouched.\n",
        name.c_str(), print_count(report.files).c_str(), print_count(report.documents).c_str());
  } else {
    std::printf("Forgot %s files with %s documents. The files themselves are untouched.\n",
                print_count(report.files).c_str(), print_count(report.documents).c_str());
  }
  return {};
}

}  // namespace

void add_status_command(CLI::App& app, CommandRun& chosen) {
  auto with_files = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("status",
                                         "What the store holds: files, chunks, vectors, sizes.\n\n"
                                         "With --collection NAME: that collection alone.");
  command->add_flag("--files", *with_files,
                    "Also list files that failed or are not read, with the reason");
  command->callback([=, &app, &chosen] {
    const StatusOptions options{.with_files = *with_files,
                                .one_collection = app.get_option("--collection")->count() > 0};
    chosen = [=](CommandContext& context) { return run_status(context, options); };
  });
}

void add_forget_command(CLI::App& app, CommandRun& chosen) {
  auto path = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("forget",
                         "Take files out of the store; the files themselves are never touched.\n\n"
                         "  saerok forget ~/notes/old             a file, or all below a folder\n"
                         "  saerok forget --collection work       a whole collection");
  command->add_option("PATH", *path, "File or folder that was indexed")->type_name("");
  command->callback([=, &app, &chosen] {
    const bool names_collection = app.get_option("--collection")->count() > 0;
    chosen = [=](CommandContext& context) -> Status {
      if (path->empty() && !names_collection) {
        return Error{ErrorCode::invalid_argument,
                     "give a PATH to forget, or --collection NAME for a whole collection"};
      }
      return run_forget(context, *path, path->empty());
    };
  });
}

}  // namespace saerok
