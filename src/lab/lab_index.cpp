#include "lab/lab_index.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/plural.h"
#include "saerok/config.h"
#include "text/analyzer.h"

namespace saerok::lab {
namespace {

/// Digits of the fingerprint in a collection's name: enough to tell a lab's indexes apart.
constexpr std::size_t kNameDigits = 12;

bool wants_vectors(const Settings& settings) {
  return settings.search.mode != SearchMode::lexical && settings.index.vectors != VectorTiers::none;
}

const CollectionStatus* find(const StoreStatus& status, const std::string& collection) {
  for (const CollectionStatus& entry : status.collections) {
    if (entry.name == collection) return &entry;
  }
  return nullptr;
}

bool is_complete(const CollectionStatus& status, const Settings& settings) {
  if (status.pending_lexical > 0 || status.counts.sources_partial > 0) return false;
  if (!wants_vectors(settings)) return true;
  if (status.dimension == 0 || status.pending_chunk_vectors > 0) return false;
  return settings.index.vectors != VectorTiers::windows || status.pending_window_vectors == 0;
}

}  // namespace

std::string index_fingerprint(const Dataset& dataset, const Settings& settings) {
  Settings relevant = settings;
  if (!wants_vectors(settings)) relevant.index.vectors = VectorTiers::none;
  // A build that analyses text in another way makes an index of its own; the settings of the
  // analyser are told apart below.
  std::string text = dataset.corpus_hash + "\n" + std::string(version()) + "\n" +
                     std::string(Analyzer(AnalyzerSettings{}).fingerprint()) + "\n";
  for (const SettingValue& setting : list_settings(relevant, {})) {
    const bool is_of_embedder =
        setting.name == "models.embed" || setting.name == "models.embed_base_url";
    const bool is_of_index = setting.name.starts_with("index.");
    if (is_of_index || (is_of_embedder && wants_vectors(settings))) {
      text += setting.name + "=" + setting.value + "\n";
    }
  }
  return to_hex(hash128(text));
}

Result<LabIndex> prepare_index(Engine& engine, const Dataset& dataset, const Settings& settings,
                               const ProgressSink& progress, const CallContext& call) {
  LabIndex index;
  index.fingerprint = index_fingerprint(dataset, settings);
  index.collection = "lab-" + index.fingerprint.substr(0, kNameDigits);
  const auto before = engine.status();
  const CollectionStatus* known = before ? find(*before, index.collection) : nullptr;
  if (known == nullptr || !is_complete(*known, settings)) {
    IngestRequest request{.roots = dataset.corpus,
                          .rebuild = false,
                          .embed = wants_vectors(settings),
                          .vectors_file = {}};
    auto report = engine.ingest(index.collection, request, progress, call);
    if (!report && report.error().code == ErrorCode::failed_precondition && known != nullptr) {
      // Made by another analyser or embedder under the same names: by another build of the program.
      request.rebuild = true;
      report = engine.ingest(index.collection, request, progress, call);
    }
    if (!report) return report.error();
    TRY(call.check());
    index.text_seconds = report->text_seconds;
    index.embed_seconds = report->embed_seconds;
    index.warnings = report->warnings;
    for (const auto* issues : {&report->failed, &report->skipped}) {
      for (const FileIssue& issue : *issues) {
        index.warnings.push_back(issue.path + " was not indexed: " + issue.reason);
      }
    }
  }
  const StoreStatus after = TRY(engine.status());
  const CollectionStatus* status = find(after, index.collection);
  if (status == nullptr) {
    return Error{ErrorCode::failed_precondition,
                 "the corpus of " + dataset.name + " gave no document to search"};
  }
  // Figures of half a corpus's vectors would look like any other. Where there are none at all, the
  // search says so and finds by words.
  if (wants_vectors(settings) && status->dimension > 0 && !is_complete(*status, settings)) {
    const std::uint64_t missing =
        std::max(status->pending_chunk_vectors, status->pending_window_vectors);
    std::string reason = "the index of " + dataset.name +
                         " is not complete: " + counted(missing, "chunk") + " without vectors yet";
    for (const std::string& warning : index.warnings) reason += "; " + warning;
    return Error{ErrorCode::unavailable, reason + ". The same `saerok lab run` goes on from there"};
  }
  index.bytes = status->lexical_bytes + status->vector_bytes;
  return index;
}

}  // namespace saerok::lab
