#include "engine/ingestion.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "ingest/damaged_segments.h"
#include "ingest/embed_pending.h"
#include "ingest/ingester.h"
#include "ingest/take_vectors.h"

namespace saerok {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

/// Leaves out the collection's segments of the kinds that `is_removed` names: their chunks are
/// pending again, and nothing that the user gave is lost if this run stops.
template <class IsRemoved>
Status remove_segments(Truth& truth, CollectionId collection, const IsRemoved& is_removed) {
  const Manifest manifest = TRY(truth.manifest(collection));
  ManifestChange change;
  for (const SegmentRecord& segment : manifest.segments) {
    if (is_removed(segment.kind)) change.removed.push_back(segment.id);
  }
  TRY(truth.publish(collection, change));
  return {};
}

Result<CollectionRecord> prepare_collection(Truth& truth, std::string_view name,
                                            const Analyzer& analyzer, bool rebuild,
                                            IngestReport& report) {
  const auto found = TRY(truth.find_collection(name));
  if (!found) {
    return truth.put_collection({.id = {},
                                 .name = std::string(name),
                                 .analyzer_fingerprint = analyzer.fingerprint(),
                                 .embedder_fingerprint = {},
                                 .dimension = 0});
  }
  if (rebuild) {
    TRY(remove_segments(truth, found->id, [](SegmentKind) { return true; }));
    CollectionRecord record = *found;
    record.analyzer_fingerprint = analyzer.fingerprint();
    record.embedder_fingerprint.clear();
    record.dimension = 0;
    return truth.put_collection(record);
  }
  if (found->analyzer_fingerprint != analyzer.fingerprint()) {
    // The vectors are of the stored text and stay.
    TRY(remove_segments(truth, found->id,
                        [](SegmentKind kind) { return kind == SegmentKind::lexical; }));
    CollectionRecord record = *found;
    record.analyzer_fingerprint = analyzer.fingerprint();
    report.warnings.push_back("the words of collection " + found->name +
                              " are indexed anew, because text is analysed in another way now");
    return truth.put_collection(record);
  }
  return *found;
}

/// So that whoever keeps the collection current knows what to look at. A root inside another is
/// looked at with that.
Status note_roots(Truth& truth, CollectionId collection, const std::vector<std::string>& roots) {
  const auto known = TRY(truth.named_roots(collection));
  std::vector<std::string> added;
  for (const std::string& root : roots) {
    std::error_code error;
    const std::string path = std::filesystem::weakly_canonical(root, error).string();
    const auto holds_it = [&](const std::string& other) {
      return path == other || path.starts_with(other.ends_with('/') ? other : other + "/");
    };
    if (!error && std::ranges::none_of(known, holds_it)) added.push_back(path);
  }
  return added.empty() ? Status{} : truth.change_named_roots(collection, added, {});
}

Status make_vectors(const Ingestion& ingestion, const IngestRequest& request,
                    IngestContext& context, IngestReport& report) {
  const auto began = Clock::now();
  Status outcome;
  if (!request.vectors_file.empty()) {
    outcome = take_vectors(context, request.vectors_file, report);
  } else if (request.embed && ingestion.settings.vectors != VectorTiers::none &&
             !context.store.collection.embedder_fingerprint.starts_with(kSuppliedFingerprint)) {
    const auto [embedder, reason] = ingestion.models.make_embedder();
    if (embedder == nullptr) report.warnings.push_back("no vectors were made: " + reason);
    else outcome = embed_pending(context, *embedder, report);
    if (embedder != nullptr && !embedder->remark().empty()) {
      report.warnings.push_back(embedder->remark());
    }
  }
  report.embed_seconds = seconds_since(began);
  return outcome;
}

}  // namespace

Result<IngestReport> ingest(const Ingestion& ingestion, std::string_view collection,
                            const IngestRequest& request, const ProgressSink& progress,
                            const CallContext& call) {
  if (request.roots.empty()) {
    return Error{ErrorCode::invalid_argument, "name at least one file or folder to index"};
  }
  Storage& storage = ingestion.storage;
  // Forgotten since its files were read: it is not to come back.
  if (!request.reads_files && !TRY(storage.truth->find_collection(collection)))
    return IngestReport{};
  const Analyzer analyzer(ingestion.analyzer);
  IngestReport report;
  CollectionRecord record =
      TRY(prepare_collection(*storage.truth, collection, analyzer, request.rebuild, report));
  IngestContext context{.store = {.truth = *storage.truth,
                                  .directory = *storage.segments,
                                  .cache = *storage.embeddings,
                                  .collection = record},
                        .analyzer = analyzer,
                        .settings = ingestion.settings,
                        .progress = progress,
                        .call = call};
  for (std::string& sentence : TRY(set_aside_damaged(*storage.truth, *storage.segments, record.id,
                                                     Look::structure, call))) {
    report.warnings.push_back(std::move(sentence) + "; it is made again from the stored text");
  }
  const auto began = Clock::now();
  // Chunks of other roots are indexed again from their stored text: a folder that is not at hand
  // now loses nothing by a rebuild.
  const auto mode = request.rebuild ? ReadMode::all_files : ReadMode::changed_files;
  if (request.reads_files) {
    TRY(ingest_files(context, request.roots, mode, report));
    TRY(note_roots(*storage.truth, record.id, request.roots));
  }
  TRY(index_pending(context));
  report.text_seconds = seconds_since(began);

  const Status vectors = make_vectors(ingestion, request, context, report);
  if (!vectors && vectors.error().code != ErrorCode::cancelled) {
    // The text is safe and searchable, so this is said, not returned, unless it was asked for.
    if (!request.vectors_file.empty()) return vectors.error();
    report.warnings.push_back("vectors are missing: " + vectors.error().message);
  } else if (!vectors) {
    report.warnings.push_back(
        "stopped; what was done is kept, and the next `saerok index` goes on");
  } else {
    TRY(merge_segments(context, report));
  }
  const Manifest manifest = TRY(storage.truth->manifest(record.id));
  const bool wants_chunks = ingestion.settings.vectors != VectorTiers::none;
  const bool wants_windows = ingestion.settings.vectors == VectorTiers::windows;
  report.pending_chunk_vectors = wants_chunks ? manifest.pending_chunk_vectors : 0;
  report.pending_window_vectors = wants_windows ? manifest.pending_window_vectors : 0;
  return report;
}

}  // namespace saerok
