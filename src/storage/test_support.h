/// Documents, batches and folders for the tests of this folder. Not part of the library.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/posix_env.h"
#include "base/random.h"
#include "base/sim_env.h"
#include "saerok/storage.h"
#include "storage/page_checksums.h"

namespace saerok::test {

/// Reports the error of a failed Result in a test's message.
template <class T>
std::string why(const Result<T>& result) {
  return result ? "no error" : result.error().message;
}

/// A folder that is removed with its contents.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(std::filesystem::temp_directory_path() /
              ("saerok-storage-" + std::to_string(random_seed()))) {
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Turns a bit of a database over as whoever wrote the page would have: its checksum says nothing.
inline void flip_before_writing(SimEnv& env, const std::string& path, std::uint64_t bit) {
  env.flip_bit(path, bit);
  const std::uint64_t number = bit / 8 / kDatabasePageSize + 1;
  const std::uint64_t at = (number - 1) * kDatabasePageSize;
  const auto file = env.open(path, FileAccess::write).value();
  std::vector<std::byte> page(kDatabasePageSize);
  static_cast<void>(file->read_at(page, at));
  seal_page(page, number);
  static_cast<void>(file->write_at(page, at));
}

inline Chunk make_chunk(std::uint32_t ordinal, std::string text) {
  Chunk chunk;
  chunk.ordinal = ordinal;
  chunk.span = {.begin = ordinal * 100ull, .end = ordinal * 100ull + text.size()};
  chunk.source_bytes = {.begin = 7 + ordinal * 120ull, .end = 9 + ordinal * 120ull + text.size()};
  chunk.source_lines = {.first = ordinal * 4 + 1, .last = ordinal * 4 + 3};
  chunk.anchors = {{.text = 0, .source = chunk.source_bytes.begin, .line = ordinal * 4 + 1},
                   {.text = 5, .source = chunk.source_bytes.begin + 6, .line = ordinal * 4 + 2}};
  chunk.heading_path = {"차", "끓이기 " + std::to_string(ordinal)};
  chunk.text = std::move(text);
  return chunk;
}

inline SourceRecord make_source(std::string path, std::string root = "/notes") {
  SourceRecord source;
  source.root = std::move(root);
  source.hash = hash128(path);
  source.path = std::move(path);
  source.size = 1234;
  source.modified_ns = 1'700'000'000'000'000'001;
  source.inode = 99;
  return source;
}

/// A document with `chunk_count` chunks whose text tells what they belong to.
inline DocumentWrite make_document(std::size_t source, std::string record_id,
                                   std::size_t chunk_count, const std::string& content) {
  DocumentWrite write;
  write.source = source;
  write.document.record_id = std::move(record_id);
  write.document.title = "제목 " + content;
  write.document.keywords = "tea 차";
  write.document.attributes = {{"tag", std::string("차")},
                               {"priority", std::int64_t{-3}},
                               {"draft", true},
                               {"date", Date{19'800}},
                               {"score", 0.25}};
  write.document.content_hash = hash128(content);
  for (std::size_t i = 0; i < chunk_count; ++i) {
    write.chunks.push_back(
        make_chunk(static_cast<std::uint32_t>(i), content + " 조각 " + std::to_string(i)));
  }
  return write;
}

inline CollectionRecord make_collection(std::string name = "default") {
  return {.id = {},
          .name = std::move(name),
          .analyzer_fingerprint = "analyzer/1",
          .embedder_fingerprint = "",
          .dimension = 0};
}

inline SegmentPublication make_publication(SegmentId id, SegmentKind kind,
                                           std::vector<ChunkId> chunks) {
  SegmentPublication publication;
  publication.segment.id = id;
  publication.segment.kind = kind;
  publication.segment.file = std::to_string(static_cast<std::uint64_t>(id)) + ".seg";
  publication.segment.size = 10 * chunks.size();
  publication.segment.hash = hash128(publication.segment.file);
  publication.segment.chunk_count = static_cast<std::uint32_t>(chunks.size());
  publication.segment.fingerprint = "analyzer/1";
  publication.chunks = std::move(chunks);
  return publication;
}

}  // namespace saerok::test
