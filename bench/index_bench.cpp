/// Speeds of the index on a synthetic collection with Zipf's law: building, opening, ranking and
/// scanning vectors, one thread, warm, in processor time of that thread, so that other load on the
/// machine disturbs little. Build with `ninja index_bench`; run `index_bench [CHUNKS]`.
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "index/distance.h"
#include "index/memory_file.h"
#include "index/segment.h"
#include "index/vector_segment.h"
#include "search/lexical.h"

namespace saerok {
namespace {

constexpr std::uint64_t kSeed = 2'024;
constexpr std::uint32_t kStemsPerChunk = 70;  // About 60 distinct ones: Korean paragraphs.
constexpr std::uint32_t kGramsPerChunk = 100;
constexpr std::size_t kVocabulary = 300'000;
constexpr std::size_t kFunctionWords = 20;  // The most frequent terms, which no query holds.
constexpr int kQueryTerms = 7;
constexpr int kQueries = 500;
constexpr int kRepeats = 3;
constexpr std::uint32_t kVectorRows = 100'000;
constexpr std::uint32_t kDimension = 384;

double now_ms() {
  timespec time{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0) std::abort();
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Ranks drawn with probability 1 / (rank + 10), the shape of real texts.
class ZipfTerms {
 public:
  explicit ZipfTerms(std::size_t count) {
    double sum = 0;
    for (std::size_t rank = 0; rank < count; ++rank) {
      sum += 1.0 / (static_cast<double>(rank) + 10.0);
      cumulative_.push_back(sum);
      texts_.push_back("말" + std::to_string(rank * 7'919 % count));
    }
  }
  std::size_t rank(Random& random) const {
    const double place = random.unit() * cumulative_.back();
    return static_cast<std::size_t>(
        std::upper_bound(cumulative_.begin(), cumulative_.end(), place) - cumulative_.begin());
  }
  const std::string& text(std::size_t rank) const { return texts_[rank]; }

 private:
  std::vector<double> cumulative_;
  std::vector<std::string> texts_;
};

struct BuiltIndex {
  std::vector<std::byte> bytes;
  std::uint64_t occurrences = 0;
};

BuiltIndex build(const ZipfTerms& vocabulary, std::uint32_t chunk_count) {
  Random random(kSeed);
  SegmentBuilder builder;
  BuiltIndex built;
  std::vector<FieldTerm> terms;
  double adding_ms = 0;
  for (std::uint32_t chunk = 0; chunk < chunk_count; ++chunk) {
    terms.clear();
    const double length = 0.3 + 1.4 * random.unit();
    const auto add = [&](IndexField field, std::uint32_t count) {
      for (auto n = static_cast<int>(length * count); n > 0; --n) {
        terms.push_back({field, vocabulary.text(vocabulary.rank(random))});
      }
    };
    add(IndexField::body_stem, kStemsPerChunk);
    add(IndexField::body_gram, kGramsPerChunk);
    built.occurrences += terms.size();
    const double begin = now_ms();
    builder.add({static_cast<ChunkId>(chunk), static_cast<DocumentId>(chunk), terms, {}});
    adding_ms += now_ms() - begin;
  }
  const std::size_t memory_max = builder.memory_size();
  const double begin = now_ms();
  built.bytes = builder.finish("bench");
  const double finish_ms = now_ms() - begin;
  const double rate = static_cast<double>(built.occurrences) / (adding_ms + finish_ms) / 1e3;
  std::printf(
      "build: %u chunks, %.1f M occurrences, add %.2f s, finish %.2f s, %.2f M/s; %.0f MB "
      "of memory, file %.1f MB\n",
      chunk_count, static_cast<double>(built.occurrences) / 1e6, adding_ms / 1e3, finish_ms / 1e3,
      rate, static_cast<double>(memory_max) / 1e6, static_cast<double>(built.bytes.size()) / 1e6);
  return built;
}

void measure_postings(const Segment& segment, const ZipfTerms& vocabulary, std::size_t file_size) {
  std::uint64_t postings = 0;
  double begin = now_ms();
  for (const IndexField field : {IndexField::body_stem, IndexField::body_gram}) {
    for (std::size_t rank = 0; rank < kVocabulary; ++rank) {
      postings += segment.find(field, vocabulary.text(rank)).document_frequency;
    }
  }
  const double find_ns = (now_ms() - begin) * 1e6 / (2.0 * kVocabulary);
  std::uint64_t sum = 0;
  std::uint64_t decoded = 0;
  begin = now_ms();
  for (std::size_t rank = 0; rank < 2'000; ++rank) {
    const Segment::TermRef term = segment.find(IndexField::body_stem, vocabulary.text(rank));
    decoded += term.document_frequency;
    segment.postings(IndexField::body_stem, term)
        .take_until(segment.chunk_count(), [&](std::uint32_t chunk, std::uint32_t frequency) {
          sum += chunk ^ frequency;
        });
  }
  const double decode_ms = now_ms() - begin;
  std::printf(
      "postings: %.1f M, %.2f bytes each with dictionary and lengths; find %.0f ns; decode "
      "%.0f M/s (check %llu)\n",
      static_cast<double>(postings) / 1e6,
      static_cast<double>(file_size) / static_cast<double>(postings), find_ns,
      static_cast<double>(decoded) / decode_ms / 1e3, static_cast<unsigned long long>(sum % 1'000));
}

void measure_search(std::span<const LexicalSegmentView> views, const ZipfTerms& vocabulary,
                    std::uint32_t k) {
  Random random(kSeed + 1);
  const CollectionStatistics statistics = collect_statistics(views);
  std::vector<double> best_us;
  double touched = 0;
  for (int i = 0; i < kQueries; ++i) {
    LexicalQuery query;
    while (query.terms.size() < kQueryTerms) {
      const std::size_t rank = vocabulary.rank(random);
      if (rank < kFunctionWords) continue;
      query.terms.push_back({IndexField::body_stem, vocabulary.text(rank), 1});
      query.terms.push_back({IndexField::body_gram, vocabulary.text(rank), 0.5f});
      touched += static_cast<double>(
          document_frequency(views, IndexField::body_stem, vocabulary.text(rank)) +
          document_frequency(views, IndexField::body_gram, vocabulary.text(rank)));
      if (query.terms.size() >= 2 * kQueryTerms) break;
    }
    double best = 1e9;
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      const double begin = now_ms();
      const auto found = search_lexical(query, views, statistics, k, {});
      best = std::min(best, (now_ms() - begin) * 1e3);
      if (!found) std::abort();
    }
    best_us.push_back(best);
  }
  std::sort(best_us.begin(), best_us.end());
  double sum = 0;
  for (const double us : best_us) sum += us;
  std::printf(
      "search, k %u: mean %.0f us, p50 %.0f, p99 %.0f; %.0f k postings a query, %.2f ns "
      "each\n",
      k, sum / kQueries, best_us[kQueries / 2], best_us[kQueries * 99 / 100],
      touched / kQueries / 1e3, sum * 1e3 / touched);
}

void measure_vectors() {
  Random random(kSeed + 2);
  VectorSegmentBuilder builder(VectorTier::chunk, kDimension);
  std::vector<float> row(kDimension);
  const Window window[1] = {};
  double build_ms = 0;
  for (std::uint32_t i = 0; i < kVectorRows; ++i) {
    for (float& component : row) component = static_cast<float>(random.unit() - 0.5);
    const double begin = now_ms();
    builder.add(static_cast<ChunkId>(i), window, row);
    build_ms += now_ms() - begin;
  }
  const auto opened = VectorSegment::open(MemoryFile::of(builder.finish("bench")));
  if (!opened) std::abort();
  double best = 1e9;
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::vector<VectorMatch> matches;
    const double begin = now_ms();
    if (!opened.value()->scan(row, {}, {}, matches)) std::abort();
    best = std::min(best, now_ms() - begin);
  }
  // The speed of light of a scan: adding up the same bytes as 64-bit words.
  std::vector<std::uint64_t> words(std::size_t{kVectorRows} * kDimension / 8, 1);
  double read_ms = 1e9;
  std::uint64_t sum = 0;
  for (int repeat = 0; repeat < 20; ++repeat) {
    const double begin = now_ms();
    for (std::size_t i = 0; i < words.size(); i += 8) {
      sum += words[i] + words[i + 1] + words[i + 2] + words[i + 3] + words[i + 4] + words[i + 5] +
             words[i + 6] + words[i + 7];
    }
    read_ms = std::min(read_ms, now_ms() - begin);
  }
  const double megabytes = static_cast<double>(kVectorRows) * kDimension / 1e6;
  std::printf(
      "vectors: %u x %u, quantised in %.0f ms; scan (%s) %.2f ms, %.1f GB/s; plain reading "
      "%.2f ms (check %llu)\n",
      kVectorRows, kDimension, build_ms, dot_kernel_name(), best, megabytes / best, read_ms,
      static_cast<unsigned long long>(sum % 1'000));
}

int run(std::uint32_t chunk_count) {
  const ZipfTerms vocabulary(kVocabulary);
  const BuiltIndex built = build(vocabulary, chunk_count);
  const std::shared_ptr<const FileBytes> file = MemoryFile::of(built.bytes);
  for (const auto verify : {Segment::Verify::structure, Segment::Verify::everything}) {
    const double begin = now_ms();
    if (!Segment::open(file, verify)) std::abort();
    std::printf("open, %s: %.3f ms\n",
                verify == Segment::Verify::structure ? "structure" : "everything",
                now_ms() - begin);
  }
  const auto segment = Segment::open(file, Segment::Verify::structure).value();
  measure_postings(*segment, vocabulary, built.bytes.size());
  std::vector<LexicalSegmentView> views{{segment, {}, {}}};
  for (const std::uint32_t k : {10u, 100u, 1'000u}) measure_search(views, vocabulary, k);
  views[0].passes.resize((chunk_count + 63) / 64);
  Random random(kSeed + 3);
  for (std::uint64_t& word : views[0].passes) {
    for (int bit = 0; bit < 64; ++bit) word |= std::uint64_t{random.chance(0.01)} << bit;
  }
  std::printf("with a filter that 1 %% passes, ");
  measure_search(views, vocabulary, 100);
  measure_vectors();
  return 0;
}

}  // namespace
}  // namespace saerok

int main(int argc, char** argv) {
  const long chunks = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 200'000;
  if (argc > 2 || chunks < 1 || chunks > 10'000'000) {
    std::fprintf(stderr, "usage: index_bench [CHUNKS], 1 to 10000000\n");
    return 2;
  }
  return saerok::run(static_cast<std::uint32_t>(chunks));
}
