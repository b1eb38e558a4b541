#include "ingest/take_vectors.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/compress.h"
#include "index/vector_segment.h"
#include "ingest/embed_pending.h"

namespace saerok {
namespace {

/// Rows in memory before a segment is published.
constexpr std::size_t kRowBytesMax = std::size_t{128} << 20;
/// Most bytes that a compressed file may become.
constexpr std::uint64_t kFileBytesMax = std::uint64_t{16} << 30;
/// A line of JSON with kDimensionMax components of ordinary length; more is no vector.
constexpr std::size_t kLineBytesMax = std::size_t{1} << 20;

struct VectorRecord {
  std::string id;
  std::vector<float> vector;
};

Error line_error(const std::string& file, std::uint64_t line, std::string_view what) {
  return Error{ErrorCode::invalid_argument,
               file + ", line " + std::to_string(line) + ": " + std::string(what) +
                   "; a line is {\"id\": text, \"vector\": [numbers]}"};
}

/// Nothing where the line is not as described.
std::optional<VectorRecord> parse_record(simdjson::dom::parser& parser, std::string_view line) {
  simdjson::dom::element root;
  if (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  VectorRecord record;
  bool has_id = false;
  for (const char* name : {"id", "docid", "_id"}) {
    std::string_view text;
    std::int64_t number = 0;
    const auto member = root[name];
    if (member.get(text) == simdjson::SUCCESS) record.id = std::string(text);
    else if (member.get(number) == simdjson::SUCCESS) record.id = std::to_string(number);
    else continue;
    has_id = true;
    break;
  }
  simdjson::dom::array array;
  const bool has_vector = root["vector"].get(array) == simdjson::SUCCESS ||
                          root["embedding"].get(array) == simdjson::SUCCESS;
  if (!has_id || !has_vector) return std::nullopt;
  for (const simdjson::dom::element component : array) {
    double value = 0;
    if (component.get(value) != simdjson::SUCCESS || !std::isfinite(value)) return std::nullopt;
    record.vector.push_back(static_cast<float>(value));
  }
  return record;
}

class VectorTaking {
 public:
  VectorTaking(IngestContext& context, const std::string& file, IngestReport& report)
      : context_(context), file_(file), report_(report) {}

  Status run(std::string_view bytes) {
    TRY(find_pending());
    simdjson::dom::parser parser;
    std::uint64_t line_number = 0;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
      const std::string_view line = bytes.substr(at, end - at);
      at = end + 1;
      ++line_number;
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      if (line_number % 1'000 == 0) TRY(context_.call.check());
      if (line.size() > kLineBytesMax)
        return line_error(file_, line_number, "it is longer than 1 MB");
      auto record = parse_record(parser, line);
      if (!record) return line_error(file_, line_number, "it does not hold an id and a vector");
      TRY(take(std::move(*record), line_number));
      show_progress(at, bytes.size());
    }
    TRY(publish());
    warn();
    return {};
  }

 private:
  struct Row {
    ChunkId chunk;
    std::size_t offset;
  };

  Status find_pending() {
    constexpr std::size_t kPage = 100'000;
    ChunkId after{};
    while (true) {
      const auto page = TRY(context_.store.truth.pending(context_.store.collection.id,
                                                         SegmentKind::chunk_vectors, after, kPage));
      if (page.empty()) return {};
      pending_.insert(pending_.end(), page.begin(), page.end());
      after = page.back();
    }
  }

  Status take(VectorRecord record, std::uint64_t line) {
    if (dimension_ == 0) {
      if (record.vector.empty() || record.vector.size() > kDimensionMax) {
        return line_error(file_, line,
                          "a vector has 1 to " + std::to_string(kDimensionMax) + " components");
      }
      dimension_ = static_cast<std::uint32_t>(record.vector.size());
      TRY(claim_embedder(context_,
                         std::string(kSuppliedFingerprint) + "/" + std::to_string(dimension_),
                         dimension_));
    }
    if (record.vector.size() != dimension_) {
      return line_error(file_, line,
                        "this vector has " + std::to_string(record.vector.size()) +
                            " components, those before it " + std::to_string(dimension_));
    }
    const auto chunks =
        TRY(context_.store.truth.find_document(context_.store.collection.id, record.id));
    if (chunks.empty()) {
      ++unknown_;
      return {};
    }
    const std::size_t offset = values_.size();
    bool is_new = false;
    for (const ChunkId chunk : chunks) {
      if (!std::binary_search(pending_.begin(), pending_.end(), chunk) ||
          !taken_.insert(chunk).second)
        continue;
      rows_.push_back({chunk, offset});
      is_new = true;
    }
    if (!is_new) {
      ++repeated_;
      return {};
    }
    values_.insert(values_.end(), record.vector.begin(), record.vector.end());
    return values_.size() * sizeof(float) >= kRowBytesMax ? publish() : Status{};
  }

  Status publish() {
    if (rows_.empty()) return {};
    std::sort(rows_.begin(), rows_.end(),
              [](const Row& a, const Row& b) { return a.chunk < b.chunk; });
    VectorSegmentBuilder builder(VectorTier::chunk, dimension_);
    const Window whole{};
    for (const Row& row : rows_) {
      builder.add(row.chunk, std::span(&whole, 1),
                  std::span(values_).subspan(row.offset, dimension_));
    }
    report_.chunk_vectors += rows_.size();
    rows_.clear();
    values_.clear();
    NewSegment segment{.kind = SegmentKind::chunk_vectors,
                       .fingerprint = context_.store.collection.embedder_fingerprint,
                       .chunks = {builder.chunks().begin(), builder.chunks().end()},
                       .bytes = {}};
    segment.bytes = builder.finish(segment.fingerprint);
    return publish_segment(context_.store, std::move(segment), {});
  }

  void show_progress(std::size_t done, std::size_t total) const {
    if (context_.progress) {
      context_.progress(
          {.stage = "take vectors", .done = done / 1'000, .total = total / 1'000, .unit = "kB"});
    }
  }

  void warn() {
    if (unknown_ > 0) {
      report_.warnings.push_back(std::to_string(unknown_) + " vectors of " + file_ +
                                 " name no document of the collection and were left out");
    }
    if (repeated_ > 0) {
      report_.warnings.push_back(std::to_string(repeated_) + " vectors of " + file_ +
                                 " are for documents that have one; --rebuild replaces them all");
    }
  }

  IngestContext& context_;
  const std::string& file_;
  IngestReport& report_;
  std::uint32_t dimension_ = 0;
  std::vector<ChunkId> pending_;  // Ascending.
  std::set<ChunkId> taken_;
  std::vector<Row> rows_;
  std::vector<float> values_;
  std::uint64_t unknown_ = 0;
  std::uint64_t repeated_ = 0;
};

}  // namespace

Status take_vectors(IngestContext& context, const std::string& file, IngestReport& report) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Error{ErrorCode::not_found, "cannot read the vectors file " + file};
  std::string bytes(std::istreambuf_iterator<char>(stream), {});
  const Compression compression = compression_of(file);
  if (compression != Compression::none) {
    bytes = TRY(decompress(compression, bytes, kFileBytesMax, context.call)).bytes;
  }
  return VectorTaking(context, file, report).run(bytes);
}

}  // namespace saerok
