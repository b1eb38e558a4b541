#include "base/bits.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

namespace saerok {
namespace {

TEST(Bits, AreCountedAsTheLibraryCounts) {
  const unsigned seed = 20261125;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  EXPECT_EQ(count_bits(0), 0u);
  EXPECT_EQ(count_bits(~std::uint64_t{0}), 64u);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t bits = random() & (i % 3 == 0 ? random() : ~std::uint64_t{0}) << i % 64;
    EXPECT_EQ(count_bits(bits), static_cast<std::uint32_t>(std::popcount(bits))) << bits;
  }
}

}  // namespace
}  // namespace saerok
