/// The tables of truth.db: made, recognised, refused if newer. Not what is in them.
#pragma once

#include "saerok/result.h"
#include "saerok/storage.h"
#include "storage/sqlite_connection.h"

namespace saerok {

/// The first version with the tables of Memory.
inline constexpr std::int64_t kMemorySchemaVersion = 2;
/// The first version that knows what the user named to be indexed.
inline constexpr std::int64_t kRootSchemaVersion = 3;

/// Picks a kind's own of three statements that differ in a column's name only.
inline const char* for_kind(SegmentKind kind, const char* lexical, const char* chunk_vectors,
                            const char* window_vectors) {
  switch (kind) {
    case SegmentKind::lexical: return lexical;
    case SegmentKind::chunk_vectors: return chunk_vectors;
    case SegmentKind::window_vectors: return window_vectors;
  }
  return lexical;
}

/// A statement with the kind's column (of chunk_index; in names of indexes and counters too)
/// between each two of its three parts. Joined at compile time, because prepared statements are
/// cached by the address of their text.
#define SQL_FOR_KIND(kind, first, second, third)                         \
  ::saerok::for_kind(kind, first "lexical" second "lexical" third,       \
                     first "chunk_vectors" second "chunk_vectors" third, \
                     first "window_vectors" second "window_vectors" third)

/// Prepares a writer's connection; makes the tables if the database is new, and those that a
/// newer version added if it is older, in one transaction.
/// Errors: failed_precondition if it is of a newer format or not a store's at all.
Status prepare_truth_for_writing(Connection& connection, const std::string& path);

/// Prepares a reader's connection; an older database is read as it is. Errors: as above.
Status prepare_truth_for_reading(Connection& connection, const std::string& path);

}  // namespace saerok
