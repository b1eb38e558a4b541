#include "base/machine_memory.h"

#include <gtest/gtest.h>

namespace saerok {
namespace {

TEST(MachineMemory, TheSystemsWordsAreRead) {
  const MachineMemory memory = parse_machine_memory(
      "MemTotal:       16384256 kB\nMemFree:          203044 kB\nMemAvailable:    9000000 kB\n");
  EXPECT_EQ(memory.total, 16'384'256ull * 1'024);
  EXPECT_EQ(memory.available, 9'000'000ull * 1'024);
  EXPECT_EQ(parse_machine_memory("").total, 0u);
  EXPECT_GT(read_machine_memory().total, read_machine_memory().available);
}

}  // namespace
}  // namespace saerok
