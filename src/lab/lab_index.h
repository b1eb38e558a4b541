/// The lab's own store: one collection for each corpus cut, analysed and embedded in one way, made
/// when a run first needs it and kept for the next. Embeddings are shared by all of them, by the
/// text they are of.
#pragma once

#include <string>

#include "lab/dataset.h"
#include "lab/experiment.h"
#include "saerok/engine.h"
#include "saerok/settings.h"

namespace saerok::lab {

struct LabIndex {
  std::string collection;
  std::string fingerprint;  ///< Of corpus, index settings and embedder, hex.
  std::uint64_t bytes = 0;  ///< Of the collection's segments.
  double text_seconds = 0;  ///< 0 where nothing had to be done.
  double embed_seconds = 0;
  std::vector<std::string> warnings;
};

/// The fingerprint of what search.mode needs: a lexical run does not care about vectors.
std::string index_fingerprint(const Dataset& dataset, const Settings& settings);

/// Makes sure that the collection is there and complete. Errors: Engine::ingest()'s.
Result<LabIndex> prepare_index(Engine& engine, const Dataset& dataset, const Settings& settings,
                               const ProgressSink& progress, const CallContext& call);

}  // namespace saerok::lab
