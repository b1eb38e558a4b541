#include "engine/memory_calls.h"

#include <algorithm>

#include "base/clock.h"
#include "engine/library.h"

namespace saerok {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::int64_t now_s() { return wall_clock_ns() / kNanosecondsPerSecond; }

Result<CollectionId> id_of(const Storage& storage, std::string_view collection) {
  return TRY(collection_named(storage, collection)).id;
}

/// With the time where they have none. Errors: invalid_argument (none).
Result<std::vector<StoredTurn>> dated(std::vector<StoredTurn> turns) {
  if (turns.empty()) {
    return Error{ErrorCode::invalid_argument, "there are no turns to remember; give at least one"};
  }
  for (StoredTurn& turn : turns) {
    if (turn.created_s == 0) turn.created_s = now_s();
  }
  return turns;
}

/// Conversations and labels are numbered through the whole store; a number of another collection is
/// as good as none.
Status check_belongs(const Memory& memory, CollectionId collection, std::string_view name,
                     ConversationId conversation) {
  const auto known = TRY(memory.conversations(collection));
  const auto has_id = [&](const ConversationSummary& one) { return one.id == conversation; };
  if (std::ranges::any_of(known, has_id)) return {};
  return Error{ErrorCode::not_found, "there is no conversation " +
                                         std::to_string(static_cast<std::uint64_t>(conversation)) +
                                         " about the collection " + std::string(name)};
}

}  // namespace

Result<LabelId> MemoryCalls::add_label(std::string_view collection, const LabelRecord& label) {
  const auto writable = TRY(open_to_write());
  const Storage& storage = *writable;
  const CollectionId id = TRY(id_of(storage, collection));
  LabelRecord stored = label;
  if (stored.created_s == 0) stored.created_s = now_s();
  return storage.memory->add_label(id, stored);
}

Result<std::vector<LabelRecord>> MemoryCalls::labels(std::string_view collection) const {
  const Storage storage = TRY(open_to_read());
  const CollectionId id = TRY(id_of(storage, collection));
  return storage.memory->labels(id);
}

Status MemoryCalls::remove_label(std::string_view collection, LabelId label) {
  return writers_.take_out([&](Storage& storage) -> Status {
    const CollectionId id = TRY(id_of(storage, collection));
    const auto known = TRY(storage.memory->labels(id));
    if (!std::ranges::any_of(known, [&](const LabelRecord& one) { return one.id == label; })) {
      return Error{ErrorCode::not_found, "the collection " + std::string(collection) +
                                             " has no label " +
                                             std::to_string(static_cast<std::uint64_t>(label)) +
                                             "; `saerok lab label list` shows those it has"};
    }
    return storage.memory->remove_label(label);
  });
}

Result<std::vector<ConversationSummary>> MemoryCalls::conversations(
    std::string_view collection) const {
  const Storage storage = TRY(open_to_read());
  const CollectionId id = TRY(id_of(storage, collection));
  return storage.memory->conversations(id);
}

Result<std::vector<StoredTurn>> MemoryCalls::conversation(std::string_view collection,
                                                          ConversationId conversation) const {
  const Storage storage = TRY(open_to_read());
  const CollectionId id = TRY(id_of(storage, collection));
  TRY(check_belongs(*storage.memory, id, collection, conversation));
  return storage.memory->turns(conversation);
}

Result<ConversationId> MemoryCalls::remember(std::string_view collection,
                                             std::optional<ConversationId> conversation,
                                             const std::vector<StoredTurn>& turns) {
  const std::vector<StoredTurn> stored = TRY(dated(turns));
  const auto writable = TRY(open_to_write());
  const Storage& storage = *writable;
  const CollectionId id = TRY(id_of(storage, collection));
  if (!conversation) return storage.memory->add_conversation(id, stored);
  TRY(check_belongs(*storage.memory, id, collection, *conversation));
  TRY(storage.memory->append_turns(*conversation, stored));
  return *conversation;
}

Status MemoryCalls::replace_turns(std::string_view collection, ConversationId conversation,
                                  TurnRange last, const std::vector<StoredTurn>& turns) {
  const std::vector<StoredTurn> stored = TRY(dated(turns));
  const auto writable = TRY(open_to_write());
  const Storage& storage = *writable;
  const CollectionId id = TRY(id_of(storage, collection));
  TRY(check_belongs(*storage.memory, id, collection, conversation));
  return storage.memory->replace_turns(conversation, last, stored);
}

Status MemoryCalls::forget_conversation(std::string_view collection, ConversationId conversation) {
  return writers_.take_out([&](Storage& storage) -> Status {
    const CollectionId id = TRY(id_of(storage, collection));
    TRY(check_belongs(*storage.memory, id, collection, conversation));
    return storage.memory->remove_conversation(conversation);
  });
}

}  // namespace saerok
