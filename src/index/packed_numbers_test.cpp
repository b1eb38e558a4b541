#include "index/packed_numbers.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace saerok {
namespace {

/// The packed bytes of some numbers, and the column over them.
struct Packed {
  std::vector<std::byte> bytes;
  std::uint32_t count;

  explicit Packed(const std::vector<std::uint64_t>& values)
      : count(static_cast<std::uint32_t>(values.size())) {
    ByteWriter out;
    PackedNumbers::write(values, out);
    bytes = out.take();
    bytes.resize(bytes.size() + kUnpackSlack);
  }
  std::size_t size() const { return bytes.size() - kUnpackSlack; }
  PackedNumbers open() const {
    return PackedNumbers::open(std::span(bytes).first(size()), count).value();
  }
};

void expect_equal(const PackedNumbers& numbers, const std::vector<std::uint64_t>& values) {
  ASSERT_EQ(numbers.size(), values.size());
  std::size_t visited = 0;
  numbers.visit([&](std::uint32_t at, std::uint64_t value) {
    ASSERT_EQ(at, visited);
    ASSERT_EQ(value, values[visited++]);
  });
  ASSERT_EQ(visited, values.size());
  for (std::uint32_t i = 0; i < values.size(); ++i) ASSERT_EQ(numbers[i], values[i]) << i;
}

TEST(PackedNumbers, ComeBackWhateverLiesBetweenThem) {
  Random random(51);
  for (const std::uint64_t spread : {0ull, 1ull, 5ull, 1'000ull, 1ull << 33, ~0ull >> 1}) {
    for (const std::size_t count : {0u, 1u, 127u, 128u, 129u, 700u}) {
      std::vector<std::uint64_t> any, rising;
      std::uint64_t next = 3;
      for (std::size_t i = 0; i < count; ++i) {
        any.push_back(random.below(spread + 1));
        rising.push_back(next);
        next += 1 + random.below(spread / 1'000 + 1);
      }
      expect_equal(Packed(any).open(), any);
      expect_equal(Packed(rising).open(), rising);
      const Packed packed(rising);
      for (std::uint32_t i = 0; i < count; ++i) ASSERT_EQ(packed.open().find(rising[i]), i);
    }
  }
}

TEST(PackedNumbers, FindsWhatIsThereAndNothingElse) {
  const Packed packed({2, 3, 7, 1'000, 1ull << 40});
  const PackedNumbers numbers = packed.open();
  EXPECT_EQ(numbers.find(7), 2u);
  EXPECT_EQ(numbers.find(1ull << 40), 4u);
  for (const std::uint64_t missing : {0ull, 4ull, 999ull, ~0ull}) {
    EXPECT_EQ(numbers.find(missing), std::nullopt) << missing;
  }
}

TEST(PackedNumbers, RunsTakeNoRoomBesideTheirTable) {
  std::vector<std::uint64_t> rising, level(12'800, 9);
  for (std::uint64_t i = 0; i < 12'800; ++i) rising.push_back(1'000'000 + i);
  EXPECT_EQ(Packed(rising).size(), 1'400u);
  EXPECT_EQ(Packed(level).size(), 1'400u);
}

TEST(PackedNumbers, AnyBytesAreSafe) {
  const std::uint64_t seed = 52;
  SCOPED_TRACE(seed);
  Random random(seed);
  EXPECT_EQ(PackedNumbers::open({}, 1).error().code, ErrorCode::corrupt);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<std::uint64_t> values;
    for (std::size_t i = 0; i < 300; ++i) values.push_back(random.below(5'000));
    Packed packed(values);
    for (int flips = 0; flips < 4; ++flips) {
      packed.bytes[random.below(packed.size())] ^= static_cast<std::byte>(1u << random.below(8));
    }
    const PackedNumbers numbers = packed.open();
    std::vector<std::uint64_t> visited;
    numbers.visit([&](std::uint32_t, std::uint64_t value) { visited.push_back(value); });
    ASSERT_EQ(visited.size(), values.size());
    for (std::uint32_t i = 0; i < values.size(); ++i) ASSERT_EQ(numbers[i], visited[i]);
  }
}

}  // namespace
}  // namespace saerok
