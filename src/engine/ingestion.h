/// One run of `index`: sees to the collection's record, and calls the steps of ingest/ in order.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "saerok/models.h"
#include "saerok/requests.h"
#include "saerok/settings.h"
#include "storage/open_storage.h"
#include "text/analyzer.h"

namespace saerok {

struct IngestionModels {
  /// The embedder, or null and the reason why there is none. Called only when vectors are wanted.
  std::function<std::pair<const Embedder*, std::string>()> make_embedder;
};

struct Ingestion {
  Storage& storage;  ///< Open for writing.
  IndexSettings settings;
  AnalyzerSettings analyzer;
  IngestionModels models;
};

/// Errors as Engine::ingest.
Result<IngestReport> ingest(const Ingestion& ingestion, std::string_view collection,
                            const IngestRequest& request, const ProgressSink& progress,
                            const CallContext& call);

}  // namespace saerok
