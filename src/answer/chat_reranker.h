/// A chat model as a reranker: it reads numbered passages and puts them in order, by lists of a
/// few or by pairs (chat_order.h).
/// What this is not: a model that scores; its scores are places in its order, and say nothing more.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "saerok/models.h"
#include "saerok/result.h"

namespace saerok {

enum class ChatRanking : std::uint8_t { lists, pairs };

class ChatReranker final : public Reranker {
 public:
  /// Passages in one prompt, and how much of each is read; a chunk of the default length fits.
  static constexpr std::size_t kWindowPassages = 8;
  static constexpr std::size_t kPassageBytesMax = 1'600;

  /// `tokens_max`: of all prompts of one score() together. `chat` must outlive this.
  ChatReranker(const LanguageModel& chat, std::uint32_t tokens_max,
               ChatRanking ranking = ChatRanking::lists);

  std::string_view name() const override { return name_; }

  /// 1 for the best passage, less by 1 / passages.size() for each after it. Where the model ends
  /// early, what it did not read follows in the given order, and remark() says so; so it does where
  /// the model fails after the first step. Errors: the model's before that; unavailable for an
  /// answer that names no passage; invalid_argument where not even two passages fit.
  Result<std::vector<float>> score(std::string_view query,
                                   std::span<const std::string_view> passages,
                                   const CallContext& call) const override;

  std::string remark() const override;

 private:
  void set_remark(std::string remark) const;

  const LanguageModel& chat_;
  std::uint32_t tokens_max_;
  ChatRanking ranking_;
  std::string name_;
  mutable std::mutex mutex_;
  mutable std::string remark_;
};

}  // namespace saerok
