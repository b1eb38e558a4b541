/// An embedder without a model, for tests: texts that share words, or parts of words, lie near each
/// other. Deterministic everywhere. It knows nothing of meaning and is never chosen silently: its
/// fingerprint says what it is.
#pragma once

#include <string>

#include "saerok/models.h"

namespace saerok {

class HashEmbedder final : public Embedder {
 public:
  /// Requires dimension > 0.
  explicit HashEmbedder(std::size_t dimension = 256);
  std::string_view fingerprint() const override { return fingerprint_; }
  std::size_t dimension() const override { return dimension_; }
  Result<std::vector<float>> embed(std::span<const std::string_view> texts, TextRole role,
                                   const CallContext& call) const override;
  /// Words, and one more for the text.
  Result<std::size_t> count_tokens(std::string_view text, const CallContext& call) const override;

 private:
  std::size_t dimension_;
  std::string fingerprint_;
};

}  // namespace saerok
