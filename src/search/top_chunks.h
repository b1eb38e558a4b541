/// The best k of a stream of scored chunks: by score, equal ones by ascending ChunkId, so that the
/// answer does not depend on the order of the stream.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "search/plan.h"

namespace saerok {

class TopChunks {
 public:
  /// Keeps at most `k`, at least 1.
  explicit TopChunks(std::size_t k) : k_(k), buffered_max_(k + std::max(k, kSlackMin)) {}

  /// A score below this changes nothing; at it, the ChunkId decides. Always above 0.
  float threshold() const { return threshold_; }

  void offer(ChunkId chunk, float score) {
    if (k_ <= kInsertedMax) return insert({chunk, score, {}});
    buffered_.push_back({chunk, score, {}});
    if (buffered_.size() == buffered_max_) keep_best();
  }

  /// Raises the threshold to the worst of the k best so far, where enough was offered since.
  void tighten() {
    if (buffered_.size() > k_ + k_ / 4) keep_best();
  }

  /// Best first. Empty afterwards.
  RankedList take() {
    if (buffered_.size() > k_) keep_best();
    if (k_ > kInsertedMax) std::sort(buffered_.begin(), buffered_.end(), IsBetter{});
    return std::exchange(buffered_, {});
  }

 private:
  /// Room beside the k kept; the buffer is cut to k whenever it is full. A heap of k instead was a
  /// third slower at k = 1,000 (index_bench).
  static constexpr std::size_t kSlackMin = 128;
  /// So few are kept sorted, so that each one raises the threshold for the next.
  static constexpr std::size_t kInsertedMax = 128;

  struct IsBetter {
    bool operator()(const Candidate& a, const Candidate& b) const {
      return a.score != b.score ? a.score > b.score : a.chunk < b.chunk;
    }
  };

  void insert(const Candidate& candidate) {
    if (buffered_.size() == k_) {
      if (!IsBetter{}(candidate, buffered_.back())) return;
      buffered_.pop_back();
    }
    buffered_.insert(std::upper_bound(buffered_.begin(), buffered_.end(), candidate, IsBetter{}),
                     candidate);
    if (buffered_.size() == k_) threshold_ = buffered_.back().score;
  }

  void keep_best() {
    const auto worst_kept = buffered_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
    std::nth_element(buffered_.begin(), worst_kept, buffered_.end(), IsBetter{});
    threshold_ = worst_kept->score;
    buffered_.resize(k_);
  }

  std::size_t k_;
  std::size_t buffered_max_;
  float threshold_ = std::numeric_limits<float>::denorm_min();
  RankedList buffered_;  // Of k_ up to kInsertedMax: the best, best first.
};

}  // namespace saerok
