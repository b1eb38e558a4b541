/// The view of a collection that searches use: opened when first asked for, and anew when the truth
/// has changed since.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "search/backend.h"
#include "storage/open_storage.h"
#include "text/analyzer.h"

namespace saerok {

/// One collection at one moment. Immutable.
struct CollectionSnapshot {
  Manifest manifest;
  std::shared_ptr<const Analyzer> analyzer;
  std::unique_ptr<Backend> backend;
  std::vector<std::string> warnings;  ///< Of segments that could not be read.
};

/// Safe from several threads.
class Snapshots {
 public:
  Snapshots(Env& env, std::string store) : env_(env), store_(std::move(store)) {}

  /// Errors: not_found (no store, no collection, with what to run), failed_precondition (indexed by
  /// another analyser), the store's.
  Result<std::shared_ptr<const CollectionSnapshot>> get(std::string_view collection,
                                                        const AnalyzerSettings& settings,
                                                        const CallContext& call);

 private:
  Result<std::shared_ptr<const Storage>> storage();

  Env& env_;
  std::string store_;
  std::mutex mutex_;
  std::shared_ptr<const Storage> storage_;
  std::map<std::string, std::shared_ptr<const CollectionSnapshot>, std::less<>> open_;
};

}  // namespace saerok
