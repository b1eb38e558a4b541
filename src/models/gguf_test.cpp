#include "models/gguf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "models/import_e5.h"
#include "models/scratch_folder.h"

namespace saerok {
namespace {

std::string read_all(const std::string& path, std::size_t bytes_max = std::string::npos) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::min<std::size_t>(bytes_max, std::filesystem::file_size(path)), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

void write_all(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// A small file with every kind of value in its header.
void write_small_model(const std::string& path) {
  static const std::vector<std::byte> weights(256, std::byte{1});
  GgufWriter writer;
  writer.put_text("general.architecture", "bert");
  writer.put_text("general.name", "tiny");
  writer.put_count("bert.embedding_length", 8);
  writer.put_count("bert.context_length", 16);
  writer.put_count("bert.pooling_type", 1);
  writer.put_real("bert.attention.layer_norm_epsilon", 1e-5f);
  writer.put_flag("bert.attention.causal", false);
  writer.put_texts("tokenizer.ggml.tokens", std::vector<std::string>{"a", "b"});
  writer.put_reals("tokenizer.ggml.scores", std::vector<float>{1, 2});
  writer.put_integers("tokenizer.ggml.token_type", std::vector<std::int32_t>{1, 1});
  const std::uint64_t shape[] = {8, 8};
  writer.add_tensor("t", shape, GgufTensorType::f32, weights);
  ASSERT_TRUE(writer.write(path));
}

TEST(Gguf, WhatIsWrittenIsRead) {
  const ScratchFolder folder;
  write_small_model(folder.path("a.gguf"));
  const auto info = read_gguf_info(folder.path("a.gguf"));
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->architecture, "bert");
  EXPECT_EQ(info->name, "tiny");
  EXPECT_EQ(info->embedding_length, 8u);
  EXPECT_EQ(info->context_tokens, 16u);
  EXPECT_EQ(info->pooling, 1u);
  EXPECT_TRUE(info->is_embedder());
  EXPECT_EQ(info->identity.size(), 16u);
}

TEST(Gguf, OtherWeightsAreAnotherIdentity) {
  const ScratchFolder folder;
  write_small_model(folder.path("a.gguf"));
  std::string bytes = read_all(folder.path("a.gguf"));
  bytes.back() = 7;
  write_all(folder.path("b.gguf"), bytes);
  EXPECT_NE(read_gguf_info(folder.path("a.gguf"))->identity,
            read_gguf_info(folder.path("b.gguf"))->identity);
}

TEST(Gguf, WhatIsNoModelIsSaidSo) {
  const ScratchFolder folder;
  EXPECT_EQ(read_gguf_info(folder.path("none")).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_gguf_info(folder.path("")).error().code, ErrorCode::invalid_argument);
  write_all(folder.path("empty"), "");
  EXPECT_EQ(read_gguf_info(folder.path("empty")).error().code, ErrorCode::invalid_argument);
  write_all(folder.path("text"), "# My notes");
  EXPECT_EQ(read_gguf_info(folder.path("text")).error().code, ErrorCode::invalid_argument);
}

TEST(Gguf, AFileCutAnywhereInItsHeaderIsCorrupt) {
  const ScratchFolder folder;
  write_small_model(folder.path("a.gguf"));
  const std::string bytes = read_all(folder.path("a.gguf"));
  const std::size_t header_size = bytes.size() - 256 - 32;
  for (std::size_t size = 4; size < header_size; size += 7) {
    write_all(folder.path("cut.gguf"), bytes.substr(0, size));
    const auto info = read_gguf_info(folder.path("cut.gguf"));
    ASSERT_FALSE(info) << size;
    EXPECT_EQ(info.error().code, ErrorCode::corrupt) << size;
  }
}

TEST(Gguf, ChangedBytesInTheHeaderNeverCrash) {
  const ScratchFolder folder;
  write_small_model(folder.path("a.gguf"));
  const std::string bytes = read_all(folder.path("a.gguf"));
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 150; ++round) {
    std::string changed = bytes;
    for (int i = 0; i < 3; ++i) changed[4 + random() % 400] = static_cast<char>(random());
    write_all(folder.path("b.gguf"), changed);
    static_cast<void>(read_gguf_info(folder.path("b.gguf")));
  }
}

TEST(ImportE5, CopiesTheWeightsBitForBit) {
  const ScratchFolder folder;
  const Status imported = import_e5(SAEROK_TEST_E5, folder.path("e5.gguf"));
  ASSERT_TRUE(imported) << imported.error().message;
  const auto info = read_gguf_info(folder.path("e5.gguf"));
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->architecture, "bert");
  EXPECT_EQ(info->embedding_length, 384u);
  EXPECT_EQ(info->tensor_count, 5u + 12 * 16);
  EXPECT_EQ(info->query_prefix, "query: ");
  EXPECT_EQ(info->source_sha256,
            "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f");
  // Both files hold the tensors in the same order and with the same padding.
  const auto from = ModelFile::open(SAEROK_TEST_E5);
  const auto to = ModelFile::open(folder.path("e5.gguf"));
  const auto weights = from->bytes().subspan(4'638'272);
  EXPECT_TRUE(std::ranges::equal(weights, to->bytes().last(weights.size())));
}

TEST(ImportE5, BrokenPackagesAreCorruptAndLeaveNothing) {
  const ScratchFolder folder;
  const std::string head = read_all(SAEROK_TEST_E5, 4'700'000);
  const auto outcome = [&](std::string_view bytes) {
    write_all(folder.path("e5.bin"), bytes);
    return import_e5(folder.path("e5.bin"), folder.path("out.gguf"));
  };
  for (const std::size_t size :
       {0u, 3u, 40u, 60u, 1'000'000u, 2'600'000u, 4'638'200u, 4'700'000u}) {
    const Status imported = outcome(std::string_view(head).substr(0, size));
    ASSERT_FALSE(imported) << size;
    EXPECT_EQ(imported.error().code, ErrorCode::corrupt) << size;
  }
  // A count of every kind made absurd: version, layers, vocabulary, block, pieces, blob size.
  for (const std::size_t at : {4u, 12u, 24u, 40u, 44u, 64u}) {
    std::string changed = head;
    changed.replace(at, 4, "\xff\xff\xff\x7f");
    const Status imported = outcome(changed);
    ASSERT_FALSE(imported) << at;
    EXPECT_EQ(imported.error().code, ErrorCode::corrupt) << at;
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path("out.gguf")));
  EXPECT_EQ(import_e5(folder.path("none"), folder.path("out.gguf")).error().code,
            ErrorCode::not_found);
}

}  // namespace
}  // namespace saerok
