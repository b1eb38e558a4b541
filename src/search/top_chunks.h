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
  explicit TopChunks(std::size_t k) : k_(k) {}

  /// A score below this changes nothing; at it, the ChunkId decides. Always above 0.
  float threshold() const {
    return heap_.size() < k_ ? std::numeric_limits<float>::denorm_min() : heap_.front().score;
  }

  void offer(ChunkId chunk, float score) {
    const Candidate candidate{chunk, score, {}};
    if (heap_.size() == k_) {
      if (!is_better(candidate, heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), is_better);
      heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end(), is_better);
  }

  /// Best first. Empty afterwards.
  RankedList take() {
    std::sort_heap(heap_.begin(), heap_.end(), is_better);
    return std::exchange(heap_, {});
  }

 private:
  static bool is_better(const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.chunk < b.chunk;
  }

  std::size_t k_;
  RankedList heap_;  // With the worst kept chunk on top.
};

}  // namespace saerok
