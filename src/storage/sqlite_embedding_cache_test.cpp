#include "storage/sqlite_embedding_cache.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/half.h"
#include "base/sim_env.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

using test::why;

TEST(Half, EveryHalfComesBackFromItsFloat) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = from_half(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(from_half(to_half(value))));
    } else {
      ASSERT_EQ(to_half(value), half) << bits;
    }
  }
}

TEST(Half, RoundsToTheNearestAndHalfwayToEven) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int i = 0; i < 100'000; ++i) {
    const auto half = static_cast<std::uint16_t>(random.below(0x7bff));
    const float low = from_half(half);
    const float high = from_half(static_cast<std::uint16_t>(half + 1));
    const float middle = low + (high - low) / 2;
    EXPECT_EQ(to_half(middle), half % 2 == 0 ? half : half + 1);
    EXPECT_EQ(to_half(std::nextafter(middle, low)), half);
    EXPECT_EQ(to_half(std::nextafter(middle, high)), half + 1);
  }
}

struct CacheTest : testing::Test {
  SimEnv env;
  std::vector<Hash128> keys{{1, 1}, {2, 2}, {3, 3}};
  std::vector<float> rows{0.5f, -0.25f, 0.125f, 1.0f, 0.0f, -1.0f};  // [3 × 2], exact as halves.

  SqliteEmbeddingCache open(SqliteAccess access) { return {env, "/emb.db", access}; }
};

TEST_F(CacheTest, KnownRowsComeBackAndOthersAreNothing) {
  {
    auto cache = open(SqliteAccess::write);
    EXPECT_FALSE(cache.find("e5", keys).value()[0].has_value());
    EXPECT_FALSE(env.stat("/emb.db").value().has_value()) << "made before the first put";
    const auto put = cache.put("e5", keys, rows);
    ASSERT_TRUE(put) << why(put);
  }
  auto reader = open(SqliteAccess::read);
  const Hash128 asked[] = {keys[2], {9, 9}, keys[0]};
  const auto found = reader.find("e5", asked).value();
  EXPECT_EQ(found[0], (std::vector<float>{0.0f, -1.0f}));
  EXPECT_FALSE(found[1].has_value());
  EXPECT_EQ(found[2], (std::vector<float>{0.5f, -0.25f}));
  EXPECT_FALSE(reader.find("another model", asked).value()[0].has_value());
  EXPECT_EQ(reader.put("e5", keys, rows).error().code, ErrorCode::failed_precondition);
}

TEST_F(CacheTest, PutAgainReplaces) {
  auto cache = open(SqliteAccess::write);
  ASSERT_TRUE(cache.put("e5", keys, rows));
  ASSERT_TRUE(cache.put("e5", std::span(keys).first(1), std::vector<float>{2.0f, 4.0f}));
  EXPECT_EQ(cache.find("e5", keys).value()[0], (std::vector<float>{2.0f, 4.0f}));
}

TEST_F(CacheTest, DamagedCacheIsSetAsideWithoutAnError) {
  {
    auto cache = open(SqliteAccess::write);
    ASSERT_TRUE(cache.put("e5", keys, rows));
  }
  {
    const auto file = env.open("/emb.db", FileAccess::write).value();
    ASSERT_TRUE(file->write_at(std::vector<std::byte>(20'000, std::byte{0x5a}), 0));
  }
  auto reader = open(SqliteAccess::read);
  EXPECT_FALSE(reader.find("e5", keys).value()[0].has_value());
  auto cache = open(SqliteAccess::write);
  const auto found = cache.find("e5", keys);
  ASSERT_TRUE(found) << why(found);
  EXPECT_FALSE((*found)[0].has_value());
  ASSERT_TRUE(cache.put("e5", keys, rows));
  EXPECT_TRUE(cache.find("e5", keys).value()[0].has_value());
  EXPECT_TRUE(env.stat("/emb.db.damaged").value().has_value());
}

TEST_F(CacheTest, AnyFlippedBitGivesTheRightRowOrNone) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  {
    auto cache = open(SqliteAccess::write);
    ASSERT_TRUE(cache.put("e5", keys, rows));
  }
  const auto size = env.stat("/emb.db").value()->size;
  for (int i = 0; i < 300; ++i) {
    const auto damaged = env.after_process_death();
    damaged->flip_bit("/emb.db", random.below(size * 8));
    SqliteEmbeddingCache cache(*damaged, "/emb.db", SqliteAccess::write);
    const auto found = cache.find("e5", keys);
    ASSERT_TRUE(found) << why(found);
    for (std::size_t row = 0; row < keys.size(); ++row) {
      if (!(*found)[row]) continue;
      EXPECT_EQ(*(*found)[row], (std::vector<float>{rows[row * 2], rows[row * 2 + 1]}));
    }
  }
}

}  // namespace
}  // namespace saerok
