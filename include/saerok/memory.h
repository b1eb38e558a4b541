/// What people said and judged: stored conversations and labels, kept in the truth beside the notes
/// they are about. A port of its own, because nothing that searches or indexes needs it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "saerok/result.h"
#include "saerok/storage.h"
#include "saerok/types.h"

namespace saerok {

enum class LabelId : std::uint64_t {};

/// A person's word on one passage for one question: what a dataset of one's own is made of. It
/// names the passage by its place in the file, so that cutting the notes anew keeps it valid.
struct LabelRecord {
  LabelId id{};  ///< Given by add_label().
  std::string question;
  std::string root;
  std::string path;
  std::string document_id;     ///< The id a JSONL corpus gave, else the path.
  ByteSpan bytes;              ///< Of the passage, as Hit::bytes; empty: the whole document.
  std::string quote;           ///< The passage, for people.
  std::int32_t grade = 1;      ///< 0: wrong; 1 and above: right, the higher the better.
  std::int64_t created_s = 0;  ///< Unix time.
};

enum class ConversationId : std::uint64_t {};

/// A turn as it was shown, with what it rested on. The fields after `created_s` are an answer's.
struct StoredTurn {
  Turn turn;
  std::int64_t created_s = 0;  ///< Unix time.
  std::string standalone_query;
  std::string model;        ///< Empty: made without one.
  std::string prompt_hash;  ///< Of the prompt texts used; empty without a model.
  std::vector<Citation> citations;
};

/// Turns of a conversation, counted from 0.
struct TurnRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  ///< One past the last.
};

struct ConversationSummary {
  ConversationId id{};
  std::string title;           ///< Its first question.
  std::int64_t created_s = 0;  ///< Unix time.
  std::int64_t changed_s = 0;
  std::uint64_t turns = 0;
};

/// Stands in the same database as the Truth, under the same rules: one writer that holds the
/// store's lock, readers from several threads. Errors of every call: unavailable, out_of_space,
/// corrupt; of writes also failed_precondition (opened read-only).
class Memory {
 public:
  virtual ~Memory() = default;

  /// Labels of a collection, oldest first; they go with it. Errors of remove: not_found.
  virtual Result<LabelId> add_label(CollectionId collection, const LabelRecord& label) = 0;
  virtual Result<std::vector<LabelRecord>> labels(CollectionId collection) const = 0;
  virtual Status remove_label(LabelId label) = 0;

  /// Conversations about a collection, last changed first; they go with it. One durable transaction
  /// each. Errors where the conversation does not exist: not_found.
  virtual Result<std::vector<ConversationSummary>> conversations(CollectionId collection) const = 0;
  virtual Result<ConversationId> add_conversation(CollectionId collection,
                                                  std::span<const StoredTurn> turns) = 0;
  virtual Status append_turns(ConversationId conversation, std::span<const StoredTurn> turns) = 0;
  /// Puts others in the place of its last turns. Errors: failed_precondition where `last` does not
  /// end where the conversation does: it has changed since somebody looked.
  virtual Status replace_turns(ConversationId conversation, TurnRange last,
                               std::span<const StoredTurn> turns) = 0;
  virtual Result<std::vector<StoredTurn>> turns(ConversationId conversation) const = 0;
  virtual Status remove_conversation(ConversationId conversation) = 0;
};

}  // namespace saerok
