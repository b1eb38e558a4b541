#include "models/gguf_reader.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "models/scratch_folder.h"

namespace saerok {
namespace {

/// A file with one key of each kind and two tensors: rows of 1 to 64, and a Q4_0 block.
std::string write_sample(const ScratchFolder& folder) {
  static std::vector<float> weights;
  weights.clear();
  for (int i = 1; i <= 64; ++i) weights.push_back(static_cast<float>(i));
  // A scale of .5 (0x3800 in half precision), then nibbles 0 to 15 twice, low halves first.
  static std::vector<std::byte> block{std::byte{0x00}, std::byte{0x38}};
  block.resize(2);
  for (unsigned i = 0; i < 16; ++i) block.push_back(static_cast<std::byte>(i | (15u - i) << 4));
  GgufWriter writer;
  writer.put_text("general.architecture", "bert");
  writer.put_count("count", 7);
  writer.put_real("real", 0.25f);
  writer.put_flag("flag", true);
  const std::vector<std::string> pieces{"a", "", "새"};
  writer.put_texts("pieces", pieces);
  const std::vector<float> scores{1.5f, -2.0f};
  writer.put_reals("scores", scores);
  const std::vector<std::int32_t> types{1, -3};
  writer.put_integers("types", types);
  writer.add_tensor("rows", std::vector<std::uint64_t>{32, 2}, GgufTensorType::f32,
                    std::as_bytes(std::span(weights)));
  writer.add_tensor("block", std::vector<std::uint64_t>{32}, GgufTensorType::q4_0, block);
  EXPECT_TRUE(writer.write(folder.path("sample.gguf")));
  return folder.path("sample.gguf");
}

TEST(GgufReader, GivesBackKeysAndArrays) {
  const ScratchFolder folder;
  const auto reader = GgufReader::open(write_sample(folder));
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->text("general.architecture"), "bert");
  EXPECT_EQ(reader->number("count"), 7u);
  EXPECT_EQ(reader->real("real"), 0.25f);
  EXPECT_EQ(reader->flag("flag"), true);
  EXPECT_EQ(reader->texts("pieces"), (std::vector<std::string_view>{"a", "", "새"}));
  EXPECT_EQ(reader->reals("scores"), (std::vector<float>{1.5f, -2.0f}));
  EXPECT_EQ(reader->integers("types"), (std::vector<std::int32_t>{1, -3}));
  EXPECT_FALSE(reader->number("general.architecture"));
  EXPECT_TRUE(reader->texts("scores").empty());
}

TEST(GgufReader, RowsAreReadAndBlocksUnpacked) {
  const ScratchFolder folder;
  const auto reader = GgufReader::open(write_sample(folder));
  ASSERT_TRUE(reader) << reader.error().message;
  std::vector<float> row(32);
  read_row(*reader->find_tensor("rows"), 1, row);
  EXPECT_EQ(row.front(), 33.0f);
  EXPECT_EQ(row.back(), 64.0f);
  read_row(*reader->find_tensor("block"), 0, row);
  for (unsigned i = 0; i < 16; ++i) {
    EXPECT_EQ(row[i], .5f * (static_cast<float>(i) - 8.0f));
    EXPECT_EQ(row[i + 16], .5f * (7.0f - static_cast<float>(i)));
  }
}

TEST(GgufReader, NoChangedByteMakesItReadOutsideTheFile) {
  const ScratchFolder folder;
  std::ifstream in(write_sample(folder), std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  std::mt19937_64 random(5);
  for (int i = 0; i < 400; ++i) {
    std::string bad = good.substr(0, i % 4 == 0 ? random() % good.size() : good.size());
    for (std::uint64_t k = random() % 4; k > 0 && !bad.empty(); --k) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    std::ofstream(folder.path("bad.gguf"), std::ios::binary) << bad;
    const auto reader = GgufReader::open(folder.path("bad.gguf"));
    if (!reader) continue;
    for (const auto& [name, tensor] : reader->tensors()) {
      if (!is_readable(tensor.type) || tensor.row_length > 4'096 || tensor.rows == 0) continue;
      std::vector<float> row(tensor.row_length);
      read_row(tensor, tensor.rows - 1, row);
    }
    reader->texts("pieces");
    reader->reals("scores");
  }
}

}  // namespace
}  // namespace saerok
