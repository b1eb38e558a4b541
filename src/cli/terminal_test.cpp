#include "cli/terminal.h"

#include <gtest/gtest.h>

namespace saerok {
namespace {

TEST(Terminal, SizesHaveTwoOrThreeDigitsAndAUnit) {
  EXPECT_EQ(print_size(0), "0 B");
  EXPECT_EQ(print_size(999), "999 B");
  EXPECT_EQ(print_size(1'000), "1.0 kB");
  EXPECT_EQ(print_size(99'400), "99.4 kB");
  EXPECT_EQ(print_size(99'500), "100 kB");
  EXPECT_EQ(print_size(999'499), "999 kB");
  EXPECT_EQ(print_size(999'500), "1.0 MB");
  EXPECT_EQ(print_size(91'000'000'000'000'000), "91000 TB");
}

TEST(Terminal, DurationsGrowCoarserAsTheyGrow) {
  EXPECT_EQ(print_duration(0.0123), "12 ms");
  EXPECT_EQ(print_duration(1), "1.0 s");
  EXPECT_EQ(print_duration(59.9), "59.9 s");
  EXPECT_EQ(print_duration(61), "1 min 1 s");
  EXPECT_EQ(print_duration(7'500), "2 h 5 min");
}

TEST(Terminal, CountsAreGroupedByThousands) {
  EXPECT_EQ(print_count(0), "0");
  EXPECT_EQ(print_count(999), "999");
  EXPECT_EQ(print_count(1'000), "1,000");
  EXPECT_EQ(print_count(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace saerok
