#include "search/bm25.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "index/length_code.h"

namespace saerok {
namespace {

TEST(Bm25, ScoresGrowWithFrequencyFallWithLengthAndStayBelowTheBound) {
  const Bm25Term term({10, 1'000, 50}, {}, 1.5f);
  for (std::uint32_t length = 1; length < 500; length += 7) {
    for (std::uint32_t frequency = 1; frequency < 300; ++frequency) {
      EXPECT_LE(term.score(frequency, length), term.score(frequency + 1, length));
      EXPECT_GE(term.score(frequency, length), term.score(frequency, length + 1));
      EXPECT_LE(term.score(frequency, length), term.max_score());
    }
  }
}

TEST(Bm25, RoundedScoresAddUpExactlyInAnyOrder) {
  const std::uint64_t seed = 66;
  SCOPED_TRACE(seed);
  Random random(seed);
  for (int round = 0; round < 50; ++round) {
    std::vector<Bm25Term> terms;
    double sum = 0;
    for (std::uint64_t n = 1 + random.below(2'000); n > 0; --n) {
      const auto weight = static_cast<float>(std::pow(10.0, random.unit() * 6 - 4));
      terms.emplace_back(TermStats{1 + random.below(1'000), 1'000, 20.0f}, Bm25Settings{}, weight);
      sum += static_cast<double>(terms.back().max_score());
    }
    const float step = score_step(sum);
    double exact = 0;
    float forwards = 0, backwards = 0;
    std::vector<float> scores;
    for (Bm25Term& term : terms) {
      const float raw = term.score(3, 20);
      term.round_to(step);
      scores.push_back(term.score(3, 20));
      ASSERT_GE(scores.back(), step);
      ASSERT_NEAR(scores.back(), std::max(raw, step), static_cast<double>(step));
      ASSERT_LE(static_cast<double>(step), sum / (1 << 21));
    }
    for (std::size_t i = 0; i < scores.size(); ++i) {
      exact += static_cast<double>(scores[i]);
      forwards += scores[i];
      backwards += scores[scores.size() - 1 - i];
    }
    ASSERT_EQ(static_cast<double>(forwards), exact);
    ASSERT_EQ(backwards, forwards);
  }
}

TEST(Bm25, TheIdfIsAboveZeroEvenForATermOfEveryChunk) {
  EXPECT_GT(Bm25Term({1'000, 1'000, 5}, {}, 1).idf(), 0.0f);
  EXPECT_GT(Bm25Term({1'001, 1'000, 5}, {}, 1).idf(), 0.0f);
}

TEST(Bm25, ScoringManyLengthsAtOnceGivesTheSameBits) {
  const Bm25Term term({3, 12'345, 17.3f}, {1.7f, 0.61f}, 0.7f);
  std::vector<float> lengths;
  for (std::uint32_t code = 0; code < 256; ++code) {
    lengths.push_back(static_cast<float>(kLengthOfCode[code]));
  }
  for (const std::size_t count : {256u, 7u, 4u, 1u, 0u}) {  // Also what fills no vector.
    lengths.resize(count);
    std::vector<float> saturations(count), scores(count);
    for (std::uint32_t frequency = 1; frequency < 6; ++frequency) {
      term.saturate_all(frequency, lengths, saturations);
      term.score_all(saturations, scores);
      for (std::size_t i = 0; i < count; ++i) {
        const auto length = static_cast<std::uint32_t>(lengths[i]);
        ASSERT_EQ(saturations[i], term.saturation(frequency, length));
        ASSERT_EQ(scores[i], term.score(frequency, length));
      }
    }
  }
}

TEST(Bm25, KOneOfZeroCountsATermOnce) {
  const Bm25Term term({3, 100, 10}, {0.0f, 0.75f}, 1);
  EXPECT_EQ(term.score(1, 10), term.score(50, 1'000));
  EXPECT_EQ(term.score(1, 10), term.idf());
}

}  // namespace
}  // namespace saerok
