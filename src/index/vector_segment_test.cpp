#include "index/vector_segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "index/distance.h"
#include "index/memory_file.h"

namespace saerok {
namespace {

/// Roughly normal components: sums of uniform ones.
std::vector<float> random_vector(Random& random, std::size_t dimension) {
  std::vector<float> vector(dimension);
  for (float& component : vector) {
    component = static_cast<float>(random.unit() + random.unit() + random.unit() - 1.5);
  }
  return vector;
}

std::vector<float> unit(std::vector<float> vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
  for (float& x : vector) x = static_cast<float>(static_cast<double>(x) / std::sqrt(squares));
  return vector;
}

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

struct ModelChunk {
  std::uint64_t id = 0;
  std::vector<Window> windows;
  std::vector<std::vector<float>> rows;  // Of length 1.
};

std::vector<ModelChunk> random_chunks(Random& random, std::size_t count, std::size_t dimension,
                                      std::uint64_t rows_max) {
  std::vector<ModelChunk> chunks(count);
  std::uint64_t id = 10;
  for (ModelChunk& chunk : chunks) {
    chunk.id = id += 1 + random.below(3);
    for (std::uint64_t row = random.below(rows_max + 1); row > 0; --row) {
      const auto begin = static_cast<std::uint32_t>(random.below(1'000));
      chunk.windows.push_back({begin, begin + 10});
      chunk.rows.push_back(unit(random_vector(random, dimension)));
    }
  }
  return chunks;
}

void add_to(VectorSegmentBuilder& builder, const ModelChunk& chunk) {
  std::vector<float> rows;
  for (const auto& row : chunk.rows) rows.insert(rows.end(), row.begin(), row.end());
  builder.add(static_cast<ChunkId>(chunk.id), chunk.windows, rows);
}

std::vector<std::byte> bytes_of(const std::vector<ModelChunk>& chunks, std::size_t dimension) {
  VectorSegmentBuilder builder(VectorTier::window, static_cast<std::uint32_t>(dimension));
  for (const ModelChunk& chunk : chunks) add_to(builder, chunk);
  EXPECT_EQ(builder.chunk_count(), chunks.size());
  return builder.finish("embedder 1");
}

std::shared_ptr<const VectorSegment> opened(const std::vector<std::byte>& bytes) {
  auto segment = VectorSegment::open(MemoryFile::of(bytes));
  EXPECT_TRUE(segment);
  EXPECT_TRUE(segment.value()->verify());
  return std::move(segment).value();
}

std::vector<VectorMatch> scanned(const VectorSegment& segment, std::span<const float> query,
                                 std::span<const std::uint8_t> passes) {
  std::vector<VectorMatch> matches;
  EXPECT_TRUE(segment.scan(query, passes, {}, matches));
  return matches;
}

TEST(Distance, TheKernelOfThisProcessorEqualsTheScalarOne) {
  Random random(51);
  for (const std::size_t dimension : {1u, 31u, 32u, 33u, 384u, 1'000u, 16'384u}) {
    const std::vector<float> query = random_vector(random, dimension);
    const QuantizedQuery quantized = quantize_query(query);
    const std::size_t stride = row_stride(dimension);
    std::vector<std::int8_t> rows(stride * 9);
    for (std::int8_t& code : rows) code = static_cast<std::int8_t>(random.below(256));
    std::vector<std::int32_t> fast(9);
    std::vector<std::int32_t> reference(9);
    dot_rows(quantized.codes, rows.data(), fast);
    dot_rows_scalar(quantized.codes, rows.data(), reference);
    ASSERT_EQ(fast, reference) << dot_kernel_name() << ", " << dimension;
  }
}

TEST(Distance, TheLargestSumsDoNotOverflow) {
  for (const std::size_t dimension : {1u, 384u, 512u, 16'384u}) {
    const std::vector<float> query(dimension, -1.0f);
    const QuantizedQuery quantized = quantize_query(query);
    const std::vector<std::int8_t> row(row_stride(dimension), -128);
    std::vector<std::int32_t> dots(1);
    dot_rows(quantized.codes, row.data(), dots);
    EXPECT_GT(dots[0], 0);
    EXPECT_NEAR(static_cast<double>(dots[0]) * static_cast<double>(quantized.scale),
                128.0 * static_cast<double>(dimension), 0.1 * static_cast<double>(dimension));
  }
}

TEST(VectorSegment, ScanAgreesWithFloatDotProducts) {
  const std::uint64_t seed = 52;
  SCOPED_TRACE(seed);
  Random random(seed);
  for (const std::size_t dimension : {1u, 5u, 64u, 384u, 1'025u}) {
    const auto chunks = random_chunks(random, 150, dimension, 5);
    const auto segment = opened(bytes_of(chunks, dimension));
    const std::vector<float> query = unit(random_vector(random, dimension));
    std::vector<std::uint8_t> passes(chunks.size(), 1);
    for (int round = 0; round < 3; ++round) {
      const std::span<const std::uint8_t> some = passes;
      const auto matches = scanned(*segment, query, some.last(round == 0 ? 0 : some.size()));
      auto match = matches.begin();
      for (std::size_t i = 0; i < chunks.size(); ++i) {
        if (passes[i] == 0 || chunks[i].rows.empty()) continue;
        ASSERT_NE(match, matches.end());
        ASSERT_EQ(static_cast<std::uint64_t>(match->chunk), chunks[i].id);
        double best = -2;
        for (const auto& row : chunks[i].rows) best = std::max(best, dot(query, row));
        ASSERT_NEAR(static_cast<double>(match->similarity), best, 0.012) << dimension;
        const auto window =
            std::find(chunks[i].windows.begin(), chunks[i].windows.end(), match->window);
        ASSERT_NE(window, chunks[i].windows.end());
        const auto row = static_cast<std::size_t>(window - chunks[i].windows.begin());
        ASSERT_NEAR(dot(query, chunks[i].rows[row]), best, 0.024);
        ++match;
      }
      ASSERT_EQ(match, matches.end());
      for (std::uint8_t& pass : passes) pass = random.chance(0.4) ? 1 : 0;
    }
  }
}

TEST(VectorSegment, RoundingErrorIsAFifthOfAPercentAtTheUsualDimension) {
  Random random(53);
  double squares = 0;
  const auto chunks = random_chunks(random, 500, 384, 1);
  const auto segment = opened(bytes_of(chunks, 384));
  const std::vector<float> query = unit(random_vector(random, 384));
  std::size_t count = 0;
  for (const VectorMatch& match : scanned(*segment, query, {})) {
    while (static_cast<std::uint64_t>(match.chunk) != chunks[count].id) ++count;
    const double error = static_cast<double>(match.similarity) - dot(query, chunks[count].rows[0]);
    squares += error * error;
  }
  EXPECT_LT(std::sqrt(squares / 250), 0.002);
}

TEST(VectorSegment, AVectorFindsItselfWithASimilarityOfOne) {
  Random random(54);
  const auto chunks = random_chunks(random, 20, 384, 1);
  const auto segment = opened(bytes_of(chunks, 384));
  for (const ModelChunk& chunk : chunks) {
    if (chunk.rows.empty()) continue;
    float best = -1;
    std::uint64_t found = 0;
    for (const VectorMatch& match : scanned(*segment, chunk.rows[0], {})) {
      if (match.similarity > best) found = static_cast<std::uint64_t>(match.chunk);
      best = std::max(best, match.similarity);
    }
    EXPECT_EQ(found, chunk.id);
    EXPECT_NEAR(best, 1.0f, 1e-3);
    EXPECT_LE(best, 1.0f);
  }
}

TEST(VectorSegment, AChunkOfManyRowsKeepsItsBest) {
  Random random(55);
  auto chunks = random_chunks(random, 30, 40, 3);
  for (int i = 0; i < 1'000; ++i) {
    chunks[7].windows.push_back({static_cast<std::uint32_t>(i), 5'000});
    chunks[7].rows.push_back(unit(random_vector(random, 40)));
  }
  const auto segment = opened(bytes_of(chunks, 40));
  const auto matches = scanned(*segment, chunks[7].rows.back(), {});
  const auto match = std::find_if(matches.begin(), matches.end(), [&](const VectorMatch& m) {
    return static_cast<std::uint64_t>(m.chunk) == chunks[7].id;
  });
  ASSERT_NE(match, matches.end());
  EXPECT_EQ(match->window, chunks[7].windows.back());
}

TEST(VectorSegment, RowsWithoutDirectionAreSimilarToNothing) {
  VectorSegmentBuilder builder(VectorTier::chunk, 3);
  const Window window[1] = {};
  const float zero[] = {0, 0, 0};
  const float broken[] = {1, std::numeric_limits<float>::quiet_NaN(), 0};
  builder.add(ChunkId{1}, window, zero);
  builder.add(ChunkId{2}, window, broken);
  builder.add(ChunkId{3}, {}, {});
  const auto segment = opened(builder.finish("e"));
  EXPECT_EQ(segment->chunk_ids().size(), 3u);
  EXPECT_EQ(segment->row_count(), 2u);
  const float query[] = {1, 0, 0};
  const auto matches = scanned(*segment, query, {});
  ASSERT_EQ(matches.size(), 2u);
  EXPECT_EQ(matches[0].similarity, 0.0f);
  EXPECT_EQ(matches[1].similarity, 0.0f);
}

TEST(VectorSegment, CopiesOfInterleavedSegmentsEqualOneBuiltAtOnce) {
  const std::uint64_t seed = 56;
  SCOPED_TRACE(seed);
  Random random(seed);
  const auto chunks = random_chunks(random, 200, 70, 4);
  std::vector<ModelChunk> parts[2];
  for (const ModelChunk& chunk : chunks) parts[random.below(2)].push_back(chunk);
  VectorSegmentBuilder merged(VectorTier::window, 70);
  std::vector<ModelChunk> kept;
  for (const auto& part : parts) {
    std::vector<std::uint8_t> passes;
    for (const ModelChunk& chunk : part) {
      passes.push_back(random.chance(0.7) ? 1 : 0);
      if (passes.back() != 0) kept.push_back(chunk);
    }
    opened(bytes_of(part, 70))->copy_into(passes, merged);
  }
  std::sort(kept.begin(), kept.end(),
            [](const ModelChunk& a, const ModelChunk& b) { return a.id < b.id; });
  EXPECT_EQ(merged.finish("embedder 1"), bytes_of(kept, 70));
  EXPECT_EQ(merged.chunk_count(), 0u);
}

TEST(VectorSegment, RefusesAQueryOfAnotherDimensionOrWithoutNumbers) {
  Random random(57);
  const auto segment = opened(bytes_of(random_chunks(random, 3, 8, 2), 8));
  std::vector<VectorMatch> matches;
  const Status wrong = segment->scan(std::vector<float>(7, 0.1f), {}, {}, matches);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::invalid_argument);
  const Status broken =
      segment->scan(std::vector<float>(8, std::numeric_limits<float>::infinity()), {}, {}, matches);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::invalid_argument);
}

TEST(VectorSegment, StopsWhenAsked) {
  Random random(58);
  const auto segment = opened(bytes_of(random_chunks(random, 30, 8, 2), 8));
  std::stop_source stop;
  stop.request_stop();
  std::vector<VectorMatch> matches;
  CallContext call;
  call.stop = stop.get_token();
  const Status stopped = segment->scan(std::vector<float>(8, 0.1f), {}, call, matches);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

TEST(VectorSegment, AScanIsRightOrAnError) {
  const std::uint64_t seed = random_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Random random(seed);
  const std::vector<std::byte> bytes = bytes_of(random_chunks(random, 200, 48, 3), 48);
  const auto query = std::vector<float>(48, 0.14f);
  std::vector<VectorMatch> right;
  ASSERT_TRUE(opened(bytes)->scan(query, {}, {}, right));
  int noticed = 0;
  for (int round = 0; round < 1'000; ++round) {
    std::vector<std::byte> damaged = bytes;
    damaged[random.below(damaged.size())] ^= static_cast<std::byte>(1u << random.below(8));
    const auto segment = VectorSegment::open(MemoryFile::of(damaged));
    std::vector<VectorMatch> found;
    const Status done = segment ? (*segment)->scan(query, {}, {}, found) : Status(segment.error());
    if (!done) {
      // A flipped bit of the version looks like the file of a newer program.
      EXPECT_TRUE(done.error().code == ErrorCode::corrupt ||
                  done.error().code == ErrorCode::failed_precondition)
          << done.error().message << ", seed " << seed;
      ++noticed;
      continue;
    }
    ASSERT_EQ(found.size(), right.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].similarity, right[i].similarity) << "seed " << seed;
    }
  }
  EXPECT_GT(noticed, 700);
}

TEST(VectorSegment, DamagedFilesDoNotOpenOrAreSafeToScan) {
  const std::uint64_t seed = 59;
  SCOPED_TRACE(seed);
  Random random(seed);
  const std::vector<std::byte> bytes = bytes_of(random_chunks(random, 40, 20, 3), 20);
  int refused = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::vector<std::byte> damaged = bytes;
    damaged[random.below(damaged.size())] ^= static_cast<std::byte>(1u << random.below(8));
    const auto segment = VectorSegment::open(MemoryFile::of(damaged));
    if (!segment || !segment.value()->verify()) ++refused;
    std::vector<VectorMatch> matches;
    if (segment) static_cast<void>((*segment)->scan(std::vector<float>(20, 0.1f), {}, {}, matches));
  }
  EXPECT_GT(refused, 2'000);
  for (std::size_t size = 0; size < bytes.size(); size += 13) {
    const std::vector<std::byte> part(bytes.begin(),
                                      bytes.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_FALSE(VectorSegment::open(MemoryFile::of(part)));
  }
}

}  // namespace
}  // namespace saerok
