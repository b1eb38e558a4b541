// Weights are unpacked as ggml does it, and encoders of every format give llama.cpp's vectors.
#include <gtest/gtest.h>

#include "models/encoder_file.h"
#include "models/gguf_blocks.h"
#include "models/llama_models.h"
#include "models/scratch_folder.h"
#include "models/tiny_encoder.h"

#ifdef SAEROK_TEST_LLAMA
#include "models/llama_runtime.h"

namespace saerok {
namespace {

constexpr ggml_type kFormats[] = {GGML_TYPE_F32,  GGML_TYPE_F16,    GGML_TYPE_BF16,  GGML_TYPE_Q4_0,
                                  GGML_TYPE_Q4_1, GGML_TYPE_Q5_0,   GGML_TYPE_Q5_1,  GGML_TYPE_Q8_0,
                                  GGML_TYPE_Q2_K, GGML_TYPE_Q3_K,   GGML_TYPE_Q4_K,  GGML_TYPE_Q5_K,
                                  GGML_TYPE_Q6_K, GGML_TYPE_IQ4_NL, GGML_TYPE_IQ4_XS};

std::vector<std::byte> pack(ggml_type type, std::span<const float> weights,
                            std::uint64_t row_length) {
  const auto length = static_cast<std::int64_t>(row_length);
  const auto rows = static_cast<std::int64_t>(weights.size() / row_length);
  std::vector<std::byte> packed(ggml_row_size(type, length) * static_cast<std::size_t>(rows));
  if (type == GGML_TYPE_F32) {
    std::memcpy(packed.data(), weights.data(), packed.size());
  } else {
    ggml_quantize_chunk(type, weights.data(), packed.data(), 0, rows, length, nullptr);
  }
  return packed;
}

TEST(WeightFormats, AreUnpackedAsGgmlUnpacksThem) {
  constexpr std::uint64_t kLength = 1024;
  std::mt19937_64 random(17);
  std::normal_distribution<float> weight(0.01f, 0.2f);
  std::vector<float> weights(kLength);
  for (float& one : weights) one = weight(random);
  for (const ggml_type type : kFormats) {
    const std::vector<std::byte> packed = pack(type, weights, kLength);
    const WeightBlock block = weight_block(static_cast<std::uint32_t>(type));
    ASSERT_EQ(kLength / block.weights * block.bytes, packed.size()) << ggml_type_name(type);
    std::vector<float> theirs(weights);
    if (const auto unpack = ggml_get_type_traits(type)->to_float) {
      unpack(packed.data(), theirs.data(), kLength);
    }
    std::vector<float> ours(kLength);
    for (std::uint64_t i = 0; i < kLength / block.weights; ++i) {
      unpack_block(static_cast<std::uint32_t>(type), packed.data() + i * block.bytes,
                   ours.data() + i * block.weights);
    }
    for (std::uint64_t i = 0; i < kLength; ++i) {
      ASSERT_NEAR(ours[i], theirs[i], 1e-6) << ggml_type_name(type) << " " << i;
    }
  }
}

TEST(WeightFormats, WhatGgmlAloneCanUnpackIsNamedAsTheReasonForLlama) {
  const ScratchFolder folder;
  const std::string path = folder.path("tiny.gguf");
  ASSERT_TRUE(
      write_tiny_encoder(path, 1,
                         {.hidden = 256,
                          .type = static_cast<GgufTensorType>(GGML_TYPE_MXFP4),
                          .pack = [](std::span<const float> weights, std::uint64_t row_length) {
                            return pack(GGML_TYPE_MXFP4, weights, row_length);
                          }}));
  const auto file = EncoderFile::open(path);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(file.error().message.find("weight format 39, which only llama.cpp reads"),
            std::string::npos)
      << file.error().message;
}

#ifdef SAEROK_TEST_OPENVINO
std::vector<float> embed(const std::string& path, EmbedWith with) {
  auto made =
      make_llama_embedder({.path = path, .worker_program = SAEROK_TEST_WORKER, .embed_with = with});
  EXPECT_TRUE(made) << made.error().message;
  const std::vector<std::string_view> texts{"The water, emptied.", "안녕 漢字 room 12", "ROOM"};
  auto rows = (*made)->embed(texts, TextRole::passage, {});
  EXPECT_TRUE(rows) << rows.error().message;
  return rows ? std::move(rows).value() : std::vector<float>();
}

TEST(WeightFormats, EncodersInThemGiveLlamasVectors) {
  const ScratchFolder folder;
  constexpr std::size_t kHidden = 256;
  // One of each way of unpacking: every format has two processes to start.
  for (const ggml_type type : {GGML_TYPE_BF16, GGML_TYPE_Q5_1, GGML_TYPE_Q8_0, GGML_TYPE_Q3_K,
                               GGML_TYPE_Q4_K, GGML_TYPE_Q6_K, GGML_TYPE_IQ4_XS}) {
    const std::string path = folder.path("tiny.gguf");
    ASSERT_TRUE(
        write_tiny_encoder(path, 1,
                           {.hidden = kHidden,
                            .type = static_cast<GgufTensorType>(type),
                            .pack = [&](std::span<const float> weights, std::uint64_t row_length) {
                              return pack(type, weights, row_length);
                            }}));
    const std::vector<float> theirs = embed(path, EmbedWith::llama);
    const std::vector<float> ours = embed(path, EmbedWith::f32);
    ASSERT_EQ(ours.size(), 3 * kHidden) << ggml_type_name(type);
    ASSERT_EQ(theirs.size(), ours.size());
    for (std::size_t row = 0; row < 3; ++row) {
      double cosine = 0;
      for (std::size_t i = 0; i < kHidden; ++i) {
        cosine += double{ours[row * kHidden + i]} * double{theirs[row * kHidden + i]};
      }
      EXPECT_GE(cosine, .999) << ggml_type_name(type) << " " << row;
    }
  }
}
#endif

}  // namespace
}  // namespace saerok
#endif
