/// Weights as ggml packs them: blocks of 32 or 256 with scales of their own, unpacked to f32 one
/// block at a time. Ours, so that encoders can be read where saerok is built without llama.cpp;
/// llama_weights_test.cpp holds every format against ggml.
#pragma once

#include <cstddef>
#include <cstdint>

namespace saerok {

/// How many weights a block holds, and in how many bytes.
struct WeightBlock {
  std::uint64_t weights = 0;
  std::uint64_t bytes = 0;  ///< 0: a format that is not known here.
};

/// Known are f32, f16, bf16; Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 and IQ4_NL in blocks of 32; Q2_K to Q6_K
/// and IQ4_XS in blocks of 256. Unknown are those that need large tables (IQ1 to IQ3) and those
/// that no encoder was met in (ternary ones, MXFP4). `type` is ggml's number.
WeightBlock weight_block(std::uint32_t type);

/// Writes the weights of the block that begins at `from`. Requires a known type and room for
/// weight_block(type).weights.
void unpack_block(std::uint32_t type, const std::byte* from, float* to);

}  // namespace saerok
