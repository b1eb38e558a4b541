/// Labels and conversations of a store, by the collection's name: what the façade's functions of
/// the same names do. Not how they are stored (saerok/memory.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/writers.h"
#include "saerok/memory.h"

namespace saerok {

/// Safe from several threads, also beside an ingest on the same `writers`; only another process
/// that holds the store's lock is in the way.
class MemoryCalls {
 public:
  explicit MemoryCalls(Writers& writers) : writers_(writers) {}

  Result<LabelId> add_label(std::string_view collection, const LabelRecord& label);
  Result<std::vector<LabelRecord>> labels(std::string_view collection) const;
  Status remove_label(std::string_view collection, LabelId label);

  Result<std::vector<ConversationSummary>> conversations(std::string_view collection) const;
  Result<std::vector<StoredTurn>> conversation(std::string_view collection,
                                               ConversationId conversation) const;
  Result<ConversationId> remember(std::string_view collection,
                                  std::optional<ConversationId> conversation,
                                  const std::vector<StoredTurn>& turns);
  Status replace_turns(std::string_view collection, ConversationId conversation, TurnRange last,
                       const std::vector<StoredTurn>& turns);
  Status forget_conversation(std::string_view collection, ConversationId conversation);

 private:
  Result<Storage> open_to_read() const {
    return open_storage(writers_.env(), writers_.store(), OpenMode::read);
  }
  Result<Writers::Lease> open_to_write() { return writers_.get(Writers::IfMissing::fail); }

  Writers& writers_;
};

}  // namespace saerok
