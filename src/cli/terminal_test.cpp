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

TEST(Terminal, EmbeddingShowsTokensASecondAndWhatIsLeft) {
  Progress progress{.stage = "embed chunks",
                    .done = 512,
                    .total = 2'048,
                    .unit = "chunks",
                    .tokens = 95'000,
                    .seconds = 50};
  EXPECT_EQ(describe_progress(progress),
            "embed chunks  512 of 2,048 chunks  1,900 tokens/s  2 min 30 s left");
  progress.tokens = 0;
  EXPECT_EQ(describe_progress(progress),
            "embed chunks  512 of 2,048 chunks  10/s  2 min 30 s left");
  progress.done = 2'048;
  EXPECT_EQ(describe_progress(progress), "embed chunks  2,048 of 2,048 chunks  41/s");
  progress = {.stage = "scan", .done = 7, .total = 0, .unit = "files", .seconds = 0.2};
  EXPECT_EQ(describe_progress(progress), "scan  7 files");
}

}  // namespace
}  // namespace saerok
