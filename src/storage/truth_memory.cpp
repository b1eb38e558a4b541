#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "storage/truth_queries.h"
#include "storage/truth_rows.h"
#include "storage/truth_schema.h"

namespace saerok {
namespace {

Error no_label(LabelId label) {
  return {ErrorCode::not_found, "there is no label " +
                                    std::to_string(static_cast<std::uint64_t>(label)) +
                                    "; `saerok lab label list` shows those there are"};
}

Error no_conversation(ConversationId conversation) {
  return {ErrorCode::not_found, "there is no conversation " +
                                    std::to_string(static_cast<std::uint64_t>(conversation)) +
                                    " (any more) in this store"};
}

Error damaged(std::string_view what, std::uint64_t id) {
  return {ErrorCode::corrupt, "the stored " + std::string(what) + " " + std::to_string(id) +
                                  " fails its checksum; remove it, or restore the store's "
                                  "truth.db from a backup"};
}

/// A store that an older saerok wrote has none of these tables until it is next written to.
Result<bool> has_memory(Connection& connection) {
  return TRY(connection.query_integer("PRAGMA user_version")) >= kMemorySchemaVersion;
}

/// Over everything the row says.
std::vector<std::byte> hash_of(const LabelRecord& label, std::uint64_t collection) {
  ByteWriter row;
  row.put(collection);
  for (const std::string* text :
       {&label.question, &label.root, &label.path, &label.document_id, &label.quote}) {
    row.put_string(*text);
  }
  row.put(label.bytes.begin);
  row.put(label.bytes.end);
  row.put(label.grade);
  row.put(label.created_s);
  return encode_hash(hash128(as_text(row.bytes())));
}

std::vector<std::byte> hash_of(const StoredTurn& turn, std::uint64_t conversation,
                               std::span<const std::byte> citations) {
  ByteWriter row;
  row.put(conversation);
  for (const std::string* text : {&turn.turn.role, &turn.turn.content, &turn.standalone_query,
                                  &turn.model, &turn.prompt_hash}) {
    row.put_string(*text);
  }
  row.put(turn.created_s);
  row.append(citations.data(), citations.size());
  return encode_hash(hash128(as_text(row.bytes())));
}

Status put_turns(Connection& connection, ConversationId conversation,
                 std::span<const StoredTurn> turns) {
  const auto id = static_cast<std::uint64_t>(conversation);
  Statement insert = TRY(connection.prepare(
      "INSERT INTO turn(conversation, role, content, created_s, standalone_query, model,"
      " prompt_hash, citations, row_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
  for (const StoredTurn& turn : turns) {
    const auto citations = encode_citations(turn.citations);
    const auto row_hash = hash_of(turn, id, citations);
    TRY(insert
            .bind(id, turn.turn.role, turn.turn.content, turn.created_s, turn.standalone_query,
                  turn.model, turn.prompt_hash, citations, row_hash)
            .run());
  }
  return {};
}

Status check_conversation(Connection& connection, ConversationId conversation) {
  if (!TRY(has_memory(connection))) return no_conversation(conversation);
  Statement row = TRY(connection.prepare("SELECT 1 FROM conversation WHERE id = ?1"));
  row.bind(static_cast<std::uint64_t>(conversation));
  if (!TRY(row.step())) return no_conversation(conversation);
  return {};
}

}  // namespace

Result<LabelId> insert_label(Connection& connection, CollectionId collection,
                             const LabelRecord& label) {
  TRY(read_collection(connection, collection));
  const auto id = static_cast<std::uint64_t>(collection);
  const auto row_hash = hash_of(label, id);
  Statement insert = TRY(connection.prepare(
      "INSERT INTO label(collection, question, root, path, document_id, byte_begin, byte_end,"
      " quote, grade, created_s, row_hash)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"));
  TRY(insert
          .bind(id, label.question, label.root, label.path, label.document_id, label.bytes.begin,
                label.bytes.end, label.quote, std::int64_t{label.grade}, label.created_s, row_hash)
          .run());
  return LabelId{static_cast<std::uint64_t>(connection.last_row())};
}

Result<std::vector<LabelRecord>> read_labels(Connection& connection, CollectionId collection) {
  std::vector<LabelRecord> labels;
  if (!TRY(has_memory(connection))) return labels;
  const auto id = static_cast<std::uint64_t>(collection);
  Statement row = TRY(connection.prepare(
      "SELECT id, question, root, path, document_id, byte_begin, byte_end, quote, grade,"
      " created_s, row_hash FROM label WHERE collection = ?1 ORDER BY id"));
  row.bind(id);
  while (TRY(row.step())) {
    LabelRecord label{.id = LabelId{row.unsigned_integer(0)},
                      .question = std::string(row.text(1)),
                      .root = std::string(row.text(2)),
                      .path = std::string(row.text(3)),
                      .document_id = std::string(row.text(4)),
                      .bytes = {.begin = row.unsigned_integer(5), .end = row.unsigned_integer(6)},
                      .quote = std::string(row.text(7)),
                      .grade = static_cast<std::int32_t>(row.integer(8)),
                      .created_s = row.integer(9)};
    if (!std::ranges::equal(hash_of(label, id), row.blob(10))) {
      return damaged("label", row.unsigned_integer(0));
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

Status delete_label(Connection& connection, LabelId label) {
  Statement remove = TRY(connection.prepare("DELETE FROM label WHERE id = ?1"));
  TRY(remove.bind(static_cast<std::uint64_t>(label)).run());
  if (connection.changed_rows() == 0) return no_label(label);
  return {};
}

Status move_labels(Connection& connection, CollectionId collection,
                   std::span<const SourceMove> moves) {
  if (moves.empty()) return {};
  auto labels = TRY(read_labels(connection, collection));
  Statement update = TRY(connection.prepare(
      "UPDATE label SET root = ?2, path = ?3, document_id = ?4, row_hash = ?5 WHERE id = ?1"));
  for (LabelRecord& label : labels) {
    const auto move = std::ranges::find_if(moves, [&](const SourceMove& candidate) {
      return candidate.old_path == label.path && candidate.old_root == label.root;
    });
    if (move == moves.end()) continue;
    if (label.document_id == label.path) label.document_id = move->path;
    label.root = move->root;
    label.path = move->path;
    const auto row_hash = hash_of(label, static_cast<std::uint64_t>(collection));
    TRY(update
            .bind(static_cast<std::uint64_t>(label.id), label.root, label.path, label.document_id,
                  row_hash)
            .run());
  }
  return {};
}

Result<std::vector<ConversationSummary>> read_conversations(Connection& connection,
                                                            CollectionId collection) {
  std::vector<ConversationSummary> summaries;
  if (!TRY(has_memory(connection))) return summaries;
  // By the number of the last turn: the clock may have been put back between two of them.
  Statement row = TRY(connection.prepare(
      "SELECT c.id,"
      " (SELECT content FROM turn WHERE conversation = c.id AND role = 'user' ORDER BY id LIMIT 1),"
      " (SELECT created_s FROM turn WHERE conversation = c.id ORDER BY id LIMIT 1),"
      " (SELECT created_s FROM turn WHERE conversation = c.id ORDER BY id DESC LIMIT 1),"
      " (SELECT count(*) FROM turn WHERE conversation = c.id),"
      " (SELECT max(id) FROM turn WHERE conversation = c.id) AS last"
      " FROM conversation c WHERE c.collection = ?1 ORDER BY last DESC, c.id DESC"));
  row.bind(static_cast<std::uint64_t>(collection));
  while (TRY(row.step())) {
    summaries.push_back({.id = ConversationId{row.unsigned_integer(0)},
                         .title = std::string(row.text(1)),
                         .created_s = row.integer(2),
                         .changed_s = row.integer(3),
                         .turns = row.unsigned_integer(4)});
  }
  return summaries;
}

Result<ConversationId> insert_conversation(Connection& connection, CollectionId collection,
                                           std::span<const StoredTurn> turns) {
  TRY(read_collection(connection, collection));
  {
    Statement insert = TRY(connection.prepare("INSERT INTO conversation(collection) VALUES (?1)"));
    TRY(insert.bind(static_cast<std::uint64_t>(collection)).run());
  }
  const ConversationId id{static_cast<std::uint64_t>(connection.last_row())};
  TRY(put_turns(connection, id, turns));
  return id;
}

Status append_to_conversation(Connection& connection, ConversationId conversation,
                              std::span<const StoredTurn> turns) {
  TRY(check_conversation(connection, conversation));
  return put_turns(connection, conversation, turns);
}

Status replace_end_of_conversation(Connection& connection, ConversationId conversation,
                                   TurnRange last, std::span<const StoredTurn> turns) {
  TRY(check_conversation(connection, conversation));
  const auto id = static_cast<std::uint64_t>(conversation);
  Statement counted = TRY(connection.prepare("SELECT count(*) FROM turn WHERE conversation = ?1"));
  counted.bind(id);
  TRY(counted.step());
  if (counted.unsigned_integer(0) != last.end || last.begin > last.end) {
    return Error{ErrorCode::failed_precondition,
                 "conversation " + std::to_string(id) +
                     " has changed since it was read, so nothing in it was replaced; ask again"};
  }
  Statement remove = TRY(
      connection.prepare("DELETE FROM turn WHERE id IN (SELECT id FROM turn WHERE conversation = ?1"
                         " ORDER BY id DESC LIMIT ?2)"));
  TRY(remove.bind(id, last.end - last.begin).run());
  return put_turns(connection, conversation, turns);
}

Result<std::vector<StoredTurn>> read_turns(Connection& connection, ConversationId conversation) {
  TRY(check_conversation(connection, conversation));
  const auto id = static_cast<std::uint64_t>(conversation);
  Statement row = TRY(connection.prepare(
      "SELECT role, content, created_s, standalone_query, model, prompt_hash, citations, row_hash,"
      " id FROM turn WHERE conversation = ?1 ORDER BY id"));
  row.bind(id);
  std::vector<StoredTurn> turns;
  while (TRY(row.step())) {
    StoredTurn turn{.turn = {.role = std::string(row.text(0)), .content = std::string(row.text(1))},
                    .created_s = row.integer(2),
                    .standalone_query = std::string(row.text(3)),
                    .model = std::string(row.text(4)),
                    .prompt_hash = std::string(row.text(5)),
                    .citations = {}};
    const auto citations = row.blob(6);
    if (!std::ranges::equal(hash_of(turn, id, citations), row.blob(7)) ||
        !decode_citations(citations, turn.citations)) {
      return damaged("turn", row.unsigned_integer(8));
    }
    turns.push_back(std::move(turn));
  }
  return turns;
}

Status delete_conversation(Connection& connection, ConversationId conversation) {
  const auto id = static_cast<std::uint64_t>(conversation);
  TRY(check_conversation(connection, conversation));
  for (const char* sql :
       {"DELETE FROM turn WHERE conversation = ?1", "DELETE FROM conversation WHERE id = ?1"}) {
    Statement remove = TRY(connection.prepare(sql));
    TRY(remove.bind(id).run());
  }
  return {};
}

Status delete_memory_of(Connection& connection, CollectionId collection) {
  for (const char* sql : {"DELETE FROM turn WHERE conversation IN"
                          " (SELECT id FROM conversation WHERE collection = ?1)",
                          "DELETE FROM conversation WHERE collection = ?1",
                          "DELETE FROM label WHERE collection = ?1"}) {
    Statement remove = TRY(connection.prepare(sql));
    TRY(remove.bind(static_cast<std::uint64_t>(collection)).run());
  }
  return {};
}

}  // namespace saerok
