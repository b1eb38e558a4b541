/// Labels and conversations of a store, by the collection's name: what the façade's functions of
/// the same names do. Not how they are stored (saerok/memory.h).
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "saerok/memory.h"
#include "storage/open_storage.h"

namespace saerok {

/// Safe from several threads: writes of one object wait for each other, and only those of another
/// holder of the store's lock are in the way.
class MemoryCalls {
 public:
  MemoryCalls(Env& env, std::string store) : env_(env), store_(std::move(store)) {}

  Result<LabelId> add_label(std::string_view collection, const LabelRecord& label);
  Result<std::vector<LabelRecord>> labels(std::string_view collection) const;
  Status remove_label(std::string_view collection, LabelId label);

  Result<std::vector<ConversationSummary>> conversations(std::string_view collection) const;
  Result<std::vector<StoredTurn>> conversation(std::string_view collection,
                                               ConversationId conversation) const;
  Result<ConversationId> remember(std::string_view collection,
                                  std::optional<ConversationId> conversation,
                                  const std::vector<StoredTurn>& turns);
  Status forget_conversation(std::string_view collection, ConversationId conversation);

 private:
  Env& env_;
  std::string store_;
  std::mutex writing_;
};

}  // namespace saerok
