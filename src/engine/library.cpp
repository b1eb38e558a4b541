#include "engine/library.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

namespace saerok {
namespace {

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lower;
}

Error no_such_document(const DocumentName& name) {
  const std::string& shown = name.document_id.empty() ? name.path : name.document_id;
  return Error{ErrorCode::not_found, "there is no document " + shown +
                                         (name.root.empty() ? "" : " below " + name.root) +
                                         "; it may have been changed or forgotten since"};
}

}  // namespace

Result<CollectionRecord> collection_named(const Storage& storage, std::string_view collection) {
  auto record = TRY(storage.truth->find_collection(collection));
  if (record) return *std::move(record);
  return Error{ErrorCode::not_found, "there is no collection \"" + std::string(collection) +
                                         "\" in the store " + storage.folder +
                                         "; `saerok status` lists what there is"};
}

Result<SourceList> list_sources(const Storage& storage, std::string_view collection,
                                const SourceQuery& query) {
  const CollectionRecord record = TRY(collection_named(storage, collection));
  auto sources = TRY(storage.truth->sources(record.id));
  const std::string wanted = ascii_lower(query.text);
  std::erase_if(sources, [&](const SourceRecord& source) {
    if (query.state && source.state != *query.state) return true;
    return !wanted.empty() && ascii_lower(source.path).find(wanted) == std::string::npos;
  });
  std::ranges::sort(sources, {},
                    [](const SourceRecord& source) { return std::tie(source.path, source.root); });
  SourceList list;
  list.total = sources.size();
  const std::uint64_t begin = std::min<std::uint64_t>(query.offset, sources.size());
  const std::uint64_t count = std::min<std::uint64_t>(query.limit, sources.size() - begin);
  const auto first = sources.begin() + static_cast<std::ptrdiff_t>(begin);
  list.sources.assign(std::move_iterator(first),
                      std::move_iterator(first + static_cast<std::ptrdiff_t>(count)));
  return list;
}

Result<DocumentText> read_document(const Storage& storage, std::string_view collection,
                                   const DocumentName& name) {
  const CollectionRecord record = TRY(collection_named(storage, collection));
  const std::string& id = name.document_id.empty() ? name.path : name.document_id;
  const auto ids = TRY(storage.truth->find_document(record.id, id));
  auto stored = TRY(storage.truth->fetch(ids));
  // Two roots may hold the same path: the document is the one that was named, else the first.
  std::erase_if(stored, [&](const StoredChunk& chunk) {
    return (!name.root.empty() && chunk.root != name.root) ||
           (!name.path.empty() && chunk.path != name.path);
  });
  if (stored.empty()) return no_such_document(name);
  const DocumentId document = stored.front().chunk.document;
  std::erase_if(stored, [&](const StoredChunk& chunk) { return chunk.chunk.document != document; });
  std::ranges::sort(stored, {}, [](const StoredChunk& chunk) { return chunk.chunk.ordinal; });
  StoredChunk& first = stored.front();
  DocumentText text{.root = first.root,
                    .path = first.path,
                    .document_id = first.record_id.empty() ? first.path : first.record_id,
                    .title = first.title,
                    .attributes = first.attributes,
                    .chunks = {}};
  text.is_truncated = stored.size() > kDocumentChunksMax;
  if (text.is_truncated) stored.resize(kDocumentChunksMax);
  for (StoredChunk& chunk : stored) text.chunks.push_back(std::move(chunk.chunk));
  return text;
}

}  // namespace saerok
