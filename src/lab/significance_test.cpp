#include "lab/significance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>

#include "base/json.h"
#include "base/random.h"

namespace saerok::lab {
namespace {

using Values = std::vector<double>;

/// Read once; by reference, so that a range-for over a part of it holds on to something that lives.
const Json& golden() {
  static const Json kGolden = [] {
    std::ifstream stream(std::string(SAEROK_SOURCE_DIR) + "/src/lab/golden/significance.json",
                         std::ios::binary);
    return Json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
  }();
  return kGolden;
}

double p_of(const Values& a, const Values& b, const ResamplingSettings& settings = {}) {
  return paired_randomisation(a, b, settings);
}

TEST(PairedRandomisation, SmallSetsGiveTheExactValueOfScipy) {
  ASSERT_EQ(golden()["exact"].size(), 7u);
  for (const Json& pair : golden()["exact"]) {
    EXPECT_NEAR(p_of(pair["a"], pair["b"]), pair["p"].get<double>(), 1e-9) << pair.dump();
  }
}

TEST(PairedRandomisation, LargerSetsComeNearScipy) {
  for (const Json& pair : golden()["sampled"]) {
    EXPECT_NEAR(p_of(pair["a"], pair["b"]), pair["p"].get<double>(), 0.02);
  }
}

// By hand: of the eight sign patterns of (1, 1, 1) two have a sum of at least 3 in size.
TEST(PairedRandomisation, ThreeEqualWinsAreTwoOfEightPatterns) {
  EXPECT_DOUBLE_EQ(p_of({1, 1, 1}, {0, 0, 0}), 0.25);
  EXPECT_DOUBLE_EQ(p_of({0, 0, 0}, {1, 1, 1}), 0.25);
  EXPECT_DOUBLE_EQ(p_of({3, 1}, {0, 0}), 0.5);
  EXPECT_DOUBLE_EQ(p_of({3, 0}, {0, 1}), 1);
}

TEST(PairedRandomisation, NothingThatDiffersIsOne) {
  EXPECT_EQ(p_of({}, {}), 1);
  EXPECT_EQ(p_of({0.5, 0.25}, {0.5, 0.25}), 1);
}

TEST(PairedRandomisation, EqualPairsChangeNothing) {
  Values a = {0.9, 0.8, 0.4, 0.7};
  Values b = {0.1, 0.2, 0.5, 0.3};
  const double p = p_of(a, b);
  a.insert(a.end(), 500, 0.5);
  b.insert(b.end(), 500, 0.5);
  EXPECT_DOUBLE_EQ(p_of(a, b), p);
}

TEST(PairedRandomisation, SamplingComesNearTheExactValue) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 10; ++round) {
    Values a;
    Values b;
    for (int i = 0; i < 13; ++i) {
      a.push_back(random.unit() + 0.15);
      b.push_back(random.unit());
    }
    const double exact = p_of(a, b, {.seed = 1, .rounds = 8'192});
    // Fewer rounds than patterns: sampled. Six standard errors of a share.
    const double sampled = p_of(a, b, {.seed = seed, .rounds = 8'191});
    EXPECT_NEAR(sampled, exact, 6 * std::sqrt(0.25 / 8'191) + 1e-3);
  }
}

TEST(PairedRandomisation, OneSeedGivesOneValueAndNeverZero) {
  Values a(200, 0);
  const Values b(200, 0);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = i % 7 == 0 ? -0.5 : 0.4;
  EXPECT_EQ(p_of(a, b, {.seed = 5}), p_of(a, b, {.seed = 5}));
  EXPECT_DOUBLE_EQ(p_of(Values(200, 1), b, {.seed = 5, .rounds = 999}), 1.0 / 1'000);
}

TEST(BootstrapMean, ComesNearScipysPercentiles) {
  for (const Json& pair : golden()["sampled"]) {
    const Values a = pair["a"];
    Values differences = pair["b"];
    for (std::size_t i = 0; i < a.size(); ++i) differences[i] = a[i] - differences[i];
    const Interval interval = bootstrap_mean(differences, {});
    EXPECT_NEAR(interval.low, pair["interval"][0].get<double>(), 0.002);
    EXPECT_NEAR(interval.high, pair["interval"][1].get<double>(), 0.002);
  }
}

TEST(BootstrapMean, EqualValuesHaveNoWidth) {
  const Interval one = bootstrap_mean(Values{0.25}, {});
  EXPECT_EQ(one.low, 0.25);
  EXPECT_EQ(one.high, 0.25);
  const Interval many = bootstrap_mean(Values(7, 0.5), {});
  EXPECT_EQ(many.low, 0.5);
  EXPECT_EQ(many.high, 0.5);
}

// Of two values a resample is both lows, one of each twice as often, or both highs: the middle
// half of the means is the middle one.
TEST(BootstrapMean, TwoValuesHaveThreeMeans) {
  const Interval wide = bootstrap_mean(Values{0, 1}, {});
  EXPECT_EQ(wide.low, 0);
  EXPECT_EQ(wide.high, 1);
  const Interval middle = bootstrap_mean(Values{0, 1}, {.seed = 1, .confidence = 0.4});
  EXPECT_EQ(middle.low, 0.5);
  EXPECT_EQ(middle.high, 0.5);
}

TEST(BootstrapMean, EveryValueIsDrawnAboutEquallyOften) {
  for (const std::size_t count : {3u, 10u, 11u}) {
    for (std::size_t chosen = 0; chosen < count; ++chosen) {
      Values values(count, 0);
      values[chosen] = 1;
      // The median of the mean is near 1 / count for each of them.
      const Interval median = bootstrap_mean(values, {.seed = chosen, .confidence = 0});
      EXPECT_NEAR(median.low, 1.0 / static_cast<double>(count), 1e-9);
    }
  }
}

TEST(BootstrapMean, TheIntervalHoldsTheTrueMeanAboutAsOftenAsItSays) {
  Random random(11);
  int held = 0;
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    Values values;
    for (int i = 0; i < 80; ++i) values.push_back(random.unit());
    const Interval interval = bootstrap_mean(values, {.seed = trial, .rounds = 500});
    if (interval.low <= 0.5 && interval.high >= 0.5) ++held;
  }
  EXPECT_GT(held, 270);
  EXPECT_LT(held, 299);
}

TEST(Holm, TablesComeOutAsKnown) {
  for (const Json& table : golden()["holm"]) {
    const Values p = table["p"];
    const auto corrected = holm(p);
    ASSERT_EQ(corrected.size(), p.size());
    for (std::size_t i = 0; i < p.size(); ++i) {
      EXPECT_NEAR(corrected[i], table["corrected"][i].get<double>(), 1e-12) << table.dump();
    }
  }
  // By hand: 4 x .005, 3 x .01, 2 x .03, and .04 which may not be below the one before it.
  const auto corrected = holm(Values{0.01, 0.04, 0.03, 0.005});
  EXPECT_NEAR(corrected[0], 0.03, 1e-12);
  EXPECT_NEAR(corrected[1], 0.06, 1e-12);
  EXPECT_NEAR(corrected[2], 0.06, 1e-12);
  EXPECT_NEAR(corrected[3], 0.02, 1e-12);
}

}  // namespace
}  // namespace saerok::lab
