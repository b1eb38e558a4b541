/// The view of a collection that searches use: opened when first asked for, and anew when the truth
/// has changed since. While much is being indexed, each commit would have every search index the
/// pending chunks in memory anew; searches then go on with the view they have, a second or so old,
/// until a new one was made beside them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "backend/sound_backend.h"
#include "base/env.h"
#include "storage/open_storage.h"
#include "text/analyzer.h"

namespace saerok {

/// One collection at one moment. Immutable.
struct CollectionSnapshot {
  Manifest manifest;
  std::shared_ptr<const Analyzer> analyzer;
  std::unique_ptr<const SoundBackend> backend;
  std::vector<std::string> warnings;  ///< Of segments that could not be read at first.
};

/// More pending chunks than this are indexed in memory beside the searches, not before one.
constexpr std::uint64_t kDeltaAtOnceMax = 500;

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
  using Snapshot = std::shared_ptr<const CollectionSnapshot>;

  Result<std::shared_ptr<const Storage>> storage();
  Result<Snapshot> make(const std::shared_ptr<const Storage>& storage, Manifest manifest,
                        const AnalyzerSettings& settings) const;
  /// In the background, one at a time.
  void remake(const std::shared_ptr<const Storage>& storage, const Manifest& manifest,
              const AnalyzerSettings& settings);

  Env& env_;
  std::string store_;
  std::mutex mutex_;
  std::shared_ptr<const Storage> storage_;
  std::map<std::string, Snapshot, std::less<>> open_;
  bool is_remaking_ = false;
  std::jthread remaker_;  ///< Last: it ends before what it uses.
};

}  // namespace saerok
