/// A reranker without a model, for tests and for showing the mechanics: the share of the query's
/// words that a passage holds.
#pragma once

#include "saerok/models.h"

namespace saerok {

class OverlapReranker final : public Reranker {
 public:
  std::string_view name() const override { return "overlap"; }
  /// From 0 to 1. A word counts as held where the passage holds it anywhere, so that a Korean noun
  /// is found with any particle behind it.
  Result<std::vector<float>> score(std::string_view query,
                                   std::span<const std::string_view> passages,
                                   const CallContext& call) const override;
};

}  // namespace saerok
