/// The order of one query's passages as a chat model makes it, a step at a time: whenever tokens or
/// time run out, the order so far stands, with what was not read behind it. What this is not: who
/// takes the steps, and when no more are taken (chat_reranker.cpp).
///
/// Passages are notes: they stand in fences, and the model can say nothing but numbers.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "answer/fence.h"
#include "answer/prompt_texts.h"
#include "base/json.h"
#include "saerok/models.h"
#include "saerok/result.h"

namespace saerok {

/// What every prompt about one query's passages holds beside them.
struct PassageFrame {
  const LanguageModel& chat;
  const PromptTexts& prompt;
  std::string_view query;
  Fence fence;
  std::size_t tokens = 0;  ///< Of the rules, the question and the template.

  /// A passage under its number in the prompt.
  std::string block_of(std::size_t number, std::string_view passage) const;
  /// What the model says, in JSON, of the blocks; `answer_tokens` is the most it may say.
  Result<Json> ask(std::string blocks, std::string grammar, std::uint32_t answer_tokens,
                   const CallContext& call) const;
};

/// Errors: the model's.
Result<PassageFrame> make_frame(const LanguageModel& chat, const PromptTexts& prompt,
                                std::string_view query, std::span<const std::string_view> passages,
                                const CallContext& call);

class ChatOrder {
 public:
  /// `tokens_max`: of all prompts together.
  ChatOrder(PassageFrame frame, std::span<const std::string_view> passages, std::size_t tokens_max)
      : frame_(std::move(frame)), passages_(passages), tokens_left_(tokens_max) {}
  virtual ~ChatOrder() = default;
  ChatOrder(const ChatOrder&) = delete;
  ChatOrder& operator=(const ChatOrder&) = delete;

  /// Reads some more passages; false: no more fit into what is left. Requires !is_done(). Errors:
  /// the model's; unavailable for an answer that names no passage.
  virtual Result<bool> read_more(const CallContext& call) = 0;

  bool is_done() const { return read_.size() == passages_.size(); }
  std::size_t read_count() const { return read_.size(); }

  /// All passages, best first; those that were not read behind the others.
  std::vector<std::size_t> order() const;

 protected:
  /// Most tokens of one prompt now, with room left for the answer.
  std::size_t room(std::size_t answer_tokens) const;

  PassageFrame frame_;
  std::span<const std::string_view> passages_;
  std::size_t tokens_left_;
  std::vector<std::size_t> read_;  ///< Best first; always the first so many passages.
};

/// Listwise, as in Sun et al., EMNLP 2023 (RankGPT), but from the first passages on: their windows
/// go from the last to the first, so that nothing is of use before all are done. Here the best half
/// of a window is carried into the next one, with passages that were not read yet.
Result<std::unique_ptr<ChatOrder>> order_by_lists(const LanguageModel& chat, std::string_view query,
                                                  std::span<const std::string_view> passages,
                                                  std::size_t tokens_max, const CallContext& call);

/// Pairwise, as in Qin et al., NAACL 2024 (pairwise ranking prompting): each two passages are shown
/// in both orders, for models prefer a place, and count as equal where the two answers differ. One
/// passage after the other finds its place among those before it by halving, behind its equals: so
/// the order given breaks ties, and n passages cost about 2 n log2 n short prompts. Small models
/// that lose track of a list still compare two.
Result<std::unique_ptr<ChatOrder>> order_by_pairs(const LanguageModel& chat, std::string_view query,
                                                  std::span<const std::string_view> passages,
                                                  std::size_t tokens_max, const CallContext& call);

}  // namespace saerok
