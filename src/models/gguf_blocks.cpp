#include "models/gguf_blocks.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/half.h"

namespace saerok {
namespace {

/// ggml's numbers.
enum TensorType : std::uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ5_0 = 6,
  kQ5_1 = 7,
  kQ8_0 = 8,
  kQ2_K = 10,
  kQ3_K = 11,
  kQ4_K = 12,
  kQ5_K = 13,
  kQ6_K = 14,
  kIq4Nl = 20,
  kIq4Xs = 23,
  kBf16 = 30
};

/// What the sixteen nibbles of IQ4 stand for: closer together around zero, where weights are many.
constexpr std::array<std::int8_t, 16> kUnevenSteps{-127, -104, -83, -65, -49, -35, -22, -10,
                                                   1,    13,   25,  38,  53,  69,  89,  113};

template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

std::uint32_t byte_at(const std::byte* at) { return static_cast<std::uint32_t>(*at); }
float half_at(const std::byte* at) { return from_half(load<std::uint16_t>(at)); }

/// A block of 32: a scale, a least value for the types that have one, the fifth bits for those of
/// five, then nibbles, the low halves first.
void unpack_nibbles(std::uint32_t type, const std::byte* at, float* to) {
  const float scale = half_at(at);
  at += 2;
  const bool has_least = type == kQ4_1 || type == kQ5_1;
  const bool has_fifth = type == kQ5_0 || type == kQ5_1;
  float least = 0;
  if (has_least) {
    least = half_at(at);
    at += 2;
  }
  std::uint32_t fifth = 0;
  if (has_fifth) {
    fifth = load<std::uint32_t>(at);
    at += 4;
  }
  const float zero = has_least ? 0.0f : has_fifth ? 16.0f : 8.0f;
  for (unsigned i = 0; i < 16; ++i) {
    const std::uint32_t pair = byte_at(at + i);
    const std::uint32_t low = (pair & 15u) | (fifth >> i & 1u) << 4;
    const std::uint32_t high = pair >> 4 | (fifth >> (i + 16) & 1u) << 4;
    to[i] = scale * (static_cast<float>(low) - zero) + least;
    to[i + 16] = scale * (static_cast<float>(high) - zero) + least;
  }
}

void unpack_q8_0(const std::byte* at, float* to) {
  const float scale = half_at(at);
  for (int i = 0; i < 32; ++i) to[i] = scale * static_cast<float>(load<std::int8_t>(at + 2 + i));
}

void unpack_uneven(float scale, const std::byte* nibbles, float* to) {
  for (unsigned i = 0; i < 16; ++i) {
    const std::uint32_t pair = byte_at(nibbles + i);
    to[i] = scale * static_cast<float>(kUnevenSteps[pair & 15u]);
    to[i + 16] = scale * static_cast<float>(kUnevenSteps[pair >> 4]);
  }
}

/// Scale and least value of a group of 32 in Q4_K and Q5_K: six bits each, of which the last four
/// groups keep the upper two in the bytes of the first four.
struct GroupScale {
  std::uint32_t scale = 0;
  std::uint32_t least = 0;
};
GroupScale group_scale(const std::byte* packed, unsigned group) {
  if (group < 4) return {byte_at(packed + group) & 63u, byte_at(packed + group + 4) & 63u};
  const std::uint32_t lower = byte_at(packed + group + 4);
  return {(lower & 15u) | byte_at(packed + group - 4) >> 6 << 4,
          lower >> 4 | byte_at(packed + group) >> 6 << 4};
}

/// Q4_K and Q5_K: two scales, the groups' in twelve bytes, fifth bits for Q5_K (a byte holds those
/// of the eight groups at one place), then nibbles, two groups in 32 bytes.
void unpack_q4_k_or_q5_k(std::uint32_t type, const std::byte* at, float* to) {
  const float scales = half_at(at);
  const float leasts = half_at(at + 2);
  const std::byte* packed = at + 4;
  const std::byte* fifths = at + 16;
  const std::byte* nibbles = type == kQ5_K ? at + 48 : at + 16;
  for (unsigned group = 0; group < 8; ++group) {
    const GroupScale own = group_scale(packed, group);
    const float scale = scales * static_cast<float>(own.scale);
    const float least = leasts * static_cast<float>(own.least);
    for (unsigned i = 0; i < 32; ++i) {
      std::uint32_t value = byte_at(nibbles + 32 * (group / 2) + i) >> 4 * (group % 2) & 15u;
      if (type == kQ5_K) value |= (byte_at(fifths + i) >> group & 1u) << 4;
      *to++ = scale * static_cast<float>(value) - least;
    }
  }
}

// The other three keep a weight's two bits in `pairs`: 32 bytes hold four runs of 32 weights, one
// in each two bits; and have a scale for every 16 weights.
constexpr unsigned kRuns = 8;
std::uint32_t two_bits(const std::byte* pairs, unsigned run, unsigned i) {
  return byte_at(pairs + 32 * (run / 4) + i) >> 2 * (run % 4) & 3u;
}

/// Scales and least values in nibbles, pairs, then the two scales of all.
void unpack_q2_k(const std::byte* at, float* to) {
  const float scales = half_at(at + 80);
  const float leasts = half_at(at + 82);
  for (unsigned run = 0; run < kRuns; ++run) {
    for (unsigned i = 0; i < 32; ++i) {
      const std::uint32_t own = byte_at(at + 2 * run + i / 16);
      *to++ =
          scales * static_cast<float>(own & 15u) * static_cast<float>(two_bits(at + 16, run, i)) -
          leasts * static_cast<float>(own >> 4);
    }
  }
}

/// Third bits, pairs, scales of six bits (four here, two in the last four bytes), the scale of all.
void unpack_q3_k(const std::byte* at, float* to) {
  const float scales = half_at(at + 108);
  const std::byte* packed = at + 96;
  for (unsigned run = 0; run < kRuns; ++run) {
    for (unsigned i = 0; i < 32; ++i) {
      const unsigned group = 2 * run + i / 16;
      const std::uint32_t lower = byte_at(packed + group % 8) >> 4 * (group / 8) & 15u;
      const std::uint32_t upper = byte_at(packed + 8 + group % 4) >> 2 * (group / 4) & 3u;
      const std::uint32_t third = byte_at(at + i) >> run & 1u;
      const float scale = scales * (static_cast<float>(lower | upper << 4) - 32.0f);
      *to++ = scale * (static_cast<float>(two_bits(at + 32, run, i) | third << 2) - 4.0f);
    }
  }
}

/// Low nibbles (64 bytes hold four runs, two in each nibble), pairs, scales of eight bits, the
/// scale of all.
void unpack_q6_k(const std::byte* at, float* to) {
  const float scales = half_at(at + 208);
  for (unsigned run = 0; run < kRuns; ++run) {
    for (unsigned i = 0; i < 32; ++i) {
      const auto own = load<std::int8_t>(at + 192 + 2 * run + i / 16);
      const std::byte* nibbles = at + 64 * (run / 4) + 32 * (run % 2);
      const std::uint32_t lower = byte_at(nibbles + i) >> 4 * (run % 4 / 2) & 15u;
      const std::uint32_t value = lower | two_bits(at + 128, run, i) << 4;
      *to++ = scales * static_cast<float>(own) * (static_cast<float>(value) - 32.0f);
    }
  }
}

/// The scale of all, upper two bits of the groups' scales, their lower four, nibbles.
void unpack_iq4_xs(const std::byte* at, float* to) {
  const float scales = half_at(at);
  const std::uint32_t uppers = load<std::uint16_t>(at + 2);
  for (unsigned group = 0; group < 8; ++group) {
    const std::uint32_t lower = byte_at(at + 4 + group / 2) >> 4 * (group % 2) & 15u;
    const std::uint32_t own = lower | (uppers >> 2 * group & 3u) << 4;
    unpack_uneven(scales * (static_cast<float>(own) - 32.0f), at + 8 + 16 * group, to + 32 * group);
  }
}

}  // namespace

WeightBlock weight_block(std::uint32_t type) {
  switch (type) {
    case kF32: return {1, 4};
    case kF16:
    case kBf16: return {1, 2};
    case kQ4_0:
    case kIq4Nl: return {32, 18};
    case kQ4_1: return {32, 20};
    case kQ5_0: return {32, 22};
    case kQ5_1: return {32, 24};
    case kQ8_0: return {32, 34};
    case kQ2_K: return {256, 84};
    case kQ3_K: return {256, 110};
    case kQ4_K: return {256, 144};
    case kQ5_K: return {256, 176};
    case kQ6_K: return {256, 210};
    case kIq4Xs: return {256, 136};
    default: return {};
  }
}

void unpack_block(std::uint32_t type, const std::byte* from, float* to) {
  switch (type) {
    case kF32: *to = load<float>(from); break;
    case kF16: *to = half_at(from); break;
    case kBf16:
      *to = std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(from)) << 16);
      break;
    case kQ8_0: unpack_q8_0(from, to); break;
    case kQ2_K: unpack_q2_k(from, to); break;
    case kQ3_K: unpack_q3_k(from, to); break;
    case kQ4_K:
    case kQ5_K: unpack_q4_k_or_q5_k(type, from, to); break;
    case kQ6_K: unpack_q6_k(from, to); break;
    case kIq4Nl: unpack_uneven(half_at(from), from + 2, to); break;
    case kIq4Xs: unpack_iq4_xs(from, to); break;
    default: unpack_nibbles(type, from, to); break;
  }
}

}  // namespace saerok
