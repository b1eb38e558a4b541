#include "index/bit_packing.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "index/length_code.h"

namespace saerok {
namespace {

TEST(BitPacking, EveryWidthAndCountComesBack) {
  Random random(7);
  for (unsigned bits = 0; bits <= kPackedBitsMax; ++bits) {
    for (const std::size_t count : {0u, 1u, 2u, 7u, 63u, 127u, 128u}) {
      std::vector<std::uint32_t> values(count);
      const std::uint64_t bound = std::uint64_t{1} << bits;
      for (std::uint32_t& value : values) value = static_cast<std::uint32_t>(random.next() % bound);
      ByteWriter out;
      pack(values, bits, out);
      ASSERT_EQ(out.size(), packed_size(count, bits));
      std::vector<std::byte> bytes = out.take();
      bytes.resize(bytes.size() + kUnpackSlack, std::byte{0xff});
      std::vector<std::uint32_t> unpacked(count);
      unpack(bytes.data(), count, bits, unpacked.data());
      ASSERT_EQ(unpacked, values) << bits << " bits, " << count << " values";
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(unpack_one(bytes.data(), count, bits, i), values[i]) << bits << " bits, " << i;
      }
    }
  }
}

TEST(BitPacking, BitsNeededIsOfTheLargest) {
  const std::uint32_t values[] = {0, 5, 16, 3};
  EXPECT_EQ(bits_needed(values), 5u);
  EXPECT_EQ(bits_needed({}), 0u);
  const std::uint32_t largest[] = {0xffffffffu};
  EXPECT_EQ(bits_needed(largest), 32u);
}

TEST(LengthCode, IsExactUpToFortyAndNeverRises) {
  for (std::uint32_t length = 0; length <= 40; ++length) {
    EXPECT_EQ(decode_length_code(code_of_length(length)), length);
  }
  std::uint8_t previous = 0;
  for (std::uint32_t length = 0; length < 2'000'000; length += 1 + length / 50) {
    const std::uint8_t code = code_of_length(length);
    const std::uint32_t decoded = decode_length_code(code);
    EXPECT_LE(decoded, length);
    EXPECT_GE(static_cast<double>(decoded), static_cast<double>(length) * 8 / 9);
    EXPECT_GE(code, previous);
    previous = code;
  }
  EXPECT_EQ(code_of_length(0xffffffffu), 255);
}

TEST(LengthCode, EveryCodeDecodesToALengthThatHasIt) {
  for (std::uint32_t code = 0; code < 256; ++code) {
    EXPECT_EQ(code_of_length(kLengthOfCode[code]), code);
  }
}

TEST(BitPacking, AddingUpGapsIsTheObviousSum) {
  const std::uint64_t seed = 19;
  SCOPED_TRACE(seed);
  Random random(seed);
  for (int round = 0; round < 2'000; ++round) {
    const auto bits = static_cast<unsigned>(random.below(33));
    const std::size_t count = random.chance(0.5) ? kPackedBlockCount : 1 + random.below(127);
    const auto first = static_cast<std::uint32_t>(random.below(std::uint64_t{1} << 31));
    std::vector<std::uint32_t> values;
    std::vector<std::uint32_t> expected;
    std::uint64_t next = first;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(static_cast<std::uint32_t>(random.below(std::uint64_t{1} << bits)));
      next += values.back();
      expected.push_back(static_cast<std::uint32_t>(next++));
    }
    ASSERT_EQ(add_up(values.data(), count, bits, first), next - 1);
    ASSERT_EQ(values, expected);
  }
}

}  // namespace
}  // namespace saerok
