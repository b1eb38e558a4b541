#include "search/fusion.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>

namespace saerok {
namespace {

RankedList list_of(std::vector<std::pair<std::uint64_t, float>> scored) {
  RankedList list;
  for (const auto& [chunk, score] : scored) list.push_back({ChunkId{chunk}, score, {}});
  return list;
}

std::vector<std::uint64_t> order(const std::vector<FusedCandidate>& fused) {
  std::vector<std::uint64_t> chunks;
  for (const FusedCandidate& candidate : fused) {
    chunks.push_back(static_cast<std::uint64_t>(candidate.chunk));
  }
  return chunks;
}

TEST(Fusion, ChunkInBothListsBeatsTheTopOfOne) {
  const RankedList a = list_of({{1, 9}, {2, 8}, {3, 1}});
  const RankedList b = list_of({{4, .9f}, {2, .8f}, {5, .1f}});
  const WeightedList lists[] = {{&a, .6}, {&b, .4}};
  EXPECT_EQ(order(fuse_weighted_sum(lists)).front(), 2u);
  EXPECT_EQ(order(fuse_reciprocal_ranks(lists, 60)).front(), 2u);
}

TEST(Fusion, ListOfOneCandidateGivesItTheWholeWeight) {
  const RankedList a = list_of({{7, 3.5f}});
  const WeightedList lists[] = {{&a, .6}};
  const auto fused = fuse_weighted_sum(lists);
  ASSERT_EQ(fused.size(), 1u);
  EXPECT_EQ(fused[0].score, .6);
}

TEST(Fusion, EqualScoresOfAListAllCountAsOne) {
  const RankedList a = list_of({{3, 2}, {4, 2}, {9, 2}});
  const WeightedList lists[] = {{&a, 1}};
  for (const FusedCandidate& candidate : fuse_weighted_sum(lists)) {
    EXPECT_EQ(candidate.score, 1);
  }
}

TEST(Fusion, EqualFusedScoresGoByChunkId) {
  const RankedList a = list_of({{9, 5}}), b = list_of({{2, 1}});
  const WeightedList lists[] = {{&a, .5}, {&b, .5}};
  EXPECT_EQ(order(fuse_weighted_sum(lists)), (std::vector<std::uint64_t>{2, 9}));
}

TEST(Fusion, ScaleOfAListDoesNotMatter) {
  const RankedList a = list_of({{1, 9}, {2, 5}, {3, 1}});
  const RankedList b = list_of({{3, .9f}, {2, .7f}, {1, .5f}});
  RankedList a_scaled = a;
  for (Candidate& candidate : a_scaled) candidate.score = candidate.score * 64 + 1024;
  const WeightedList lists[] = {{&a, .6}, {&b, .4}}, scaled[] = {{&a_scaled, .6}, {&b, .4}};
  const auto expected = fuse_weighted_sum(lists), actual = fuse_weighted_sum(scaled);
  ASSERT_EQ(order(actual), order(expected));
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_EQ(actual[i].score, expected[i].score);
}

TEST(Fusion, ZScoresOrderAsTheirSumWithAbsentChunksAtTheLowest) {
  const unsigned seed = 7;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<RankedList> ranked(2);
    std::vector<std::map<std::uint64_t, double>> z(2);
    for (std::size_t l = 0; l < 2; ++l) {
      for (std::uint64_t chunk = 1; chunk <= 12; ++chunk) {
        if (random() % 3 != 0)
          ranked[l].push_back({ChunkId{chunk}, static_cast<float>(random() % 1000), {}});
      }
      double mean = 0, square = 0;
      const auto n = static_cast<double>(ranked[l].size());
      for (const Candidate& c : ranked[l]) mean += static_cast<double>(c.score) / n;
      for (const Candidate& c : ranked[l])
        square += std::pow(static_cast<double>(c.score) - mean, 2) / n;
      if (n < 2 || square == 0) continue;
      double lowest = 1e9;
      for (const Candidate& c : ranked[l]) {
        const double score = (static_cast<double>(c.score) - mean) / std::sqrt(square);
        z[l][static_cast<std::uint64_t>(c.chunk)] = score;
        lowest = std::min(lowest, score);
      }
      for (std::uint64_t chunk = 1; chunk <= 12; ++chunk) z[l].try_emplace(chunk, lowest);
      std::sort(ranked[l].begin(), ranked[l].end(),
                [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
    }
    if (z[0].empty() || z[1].empty()) continue;
    const WeightedList weighted[] = {{&ranked[0], .6}, {&ranked[1], .4}};
    const auto fused = fuse_weighted_sum(weighted, Normalisation::z_score);
    for (std::size_t i = 1; i < fused.size(); ++i) {
      const auto sum = [&](const FusedCandidate& c) {
        const auto id = static_cast<std::uint64_t>(c.chunk);
        return .6 * z[0][id] + .4 * z[1][id];
      };
      EXPECT_GE(sum(fused[i - 1]) + 1e-9, sum(fused[i]));
    }
  }
}

TEST(Fusion, WindowOfTheVectorListIsKept) {
  const RankedList a = list_of({{1, 9}});
  RankedList b = list_of({{1, .9f}});
  b[0].window = {10, 20};
  const WeightedList lists[] = {{&a, .6}, {&b, .4}};
  EXPECT_EQ(fuse_weighted_sum(lists)[0].window, (Window{10, 20}));
}

TEST(Fusion, NoListsGiveNothing) {
  const RankedList empty;
  const WeightedList lists[] = {{&empty, 1}};
  EXPECT_TRUE(fuse_weighted_sum(lists).empty());
  EXPECT_TRUE(fuse_weighted_sum({}).empty());
}

/// The definition, word for word, over a map.
std::map<std::uint64_t, double> slow_weighted_sum(std::span<const WeightedList> lists) {
  std::map<std::uint64_t, double> scores;
  for (const WeightedList& weighted : lists) {
    double lowest = 1e9, highest = -1e9;
    for (const Candidate& c : *weighted.list) {
      lowest = std::min(lowest, static_cast<double>(c.score));
      highest = std::max(highest, static_cast<double>(c.score));
    }
    for (const Candidate& c : *weighted.list) {
      const double part =
          lowest == highest ? 1.0 : (static_cast<double>(c.score) - lowest) / (highest - lowest);
      scores[static_cast<std::uint64_t>(c.chunk)] += weighted.weight * part;
    }
  }
  return scores;
}

std::map<std::uint64_t, double> slow_reciprocal_ranks(std::span<const WeightedList> lists,
                                                      double k) {
  std::map<std::uint64_t, double> scores;
  for (const WeightedList& weighted : lists) {
    double rank = 0;
    for (const Candidate& c : *weighted.list) {
      rank += 1;
      scores[static_cast<std::uint64_t>(c.chunk)] += weighted.weight / (k + rank);
    }
  }
  return scores;
}

void expect_same(const std::vector<FusedCandidate>& fused,
                 const std::map<std::uint64_t, double>& expected) {
  ASSERT_EQ(fused.size(), expected.size());
  for (std::size_t i = 0; i < fused.size(); ++i) {
    EXPECT_NEAR(fused[i].score, expected.at(static_cast<std::uint64_t>(fused[i].chunk)), 1e-12);
    double sum = 0;
    for (const FusionPart& part : fused[i].parts) sum += part.value;
    EXPECT_EQ(fused[i].score, sum) << "the parts are the score";
    if (i > 0) {
      const FusedCandidate &before = fused[i - 1], &after = fused[i];
      EXPECT_TRUE(before.score > after.score ||
                  (before.score == after.score && before.chunk < after.chunk));
    }
  }
}

TEST(Fusion, RandomListsAgreeWithTheDefinition) {
  const unsigned seed = 20260302;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    std::vector<RankedList> lists(1 + random() % 3);
    std::vector<WeightedList> weighted;
    for (RankedList& list : lists) {
      std::map<std::uint64_t, float> scores;
      for (std::size_t i = random() % 30; i > 0; --i) {
        scores[random() % 40] = static_cast<float>(random() % 50) / 8 - 2;
      }
      for (const auto& [chunk, score] : scores) list.push_back({ChunkId{chunk}, score, {}});
      std::stable_sort(list.begin(), list.end(),
                       [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
      weighted.push_back({&list, static_cast<double>(random() % 11) / 10});
    }
    expect_same(fuse_weighted_sum(weighted), slow_weighted_sum(weighted));
    expect_same(fuse_reciprocal_ranks(weighted, 60), slow_reciprocal_ranks(weighted, 60));
  }
}

}  // namespace
}  // namespace saerok
