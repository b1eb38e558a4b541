#include "storage/wal_sums.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/sim_env.h"
#include "storage/sqlite_truth.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

TEST(WalSums, AnyFlippedBitOfItsUsedPartIsSeen) {
  SimEnv env;
  const auto truth = SqliteTruth::open(env, "/truth.db", SqliteAccess::write).value();
  ASSERT_TRUE(truth->put_collection(test::make_collection()));
  const auto wal = env.map("/truth.db-wal").value();
  std::array<std::byte, kWalHeaderSize> header{};
  std::ranges::copy(wal->bytes().first(header.size()), header.begin());
  EXPECT_TRUE(is_wal_header_whole(header));
  for (std::size_t bit = 0; bit < header.size() * 8; ++bit) {
    auto damaged = header;
    damaged[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_FALSE(is_wal_header_whole(damaged)) << bit;
  }
}

TEST(WalSums, ReaderOfAStoreWhoseWriterDiedWithinItReadsTheDatabase) {
  SimEnv env;
  {
    auto truth = SqliteTruth::open(env, "/truth.db", SqliteAccess::write).value();
    ASSERT_TRUE(truth->put_collection(test::make_collection()));
  }
  for (const std::size_t size : {1u, 31u, 32u, 33u, 100u}) {
    const auto wal = env.open("/truth.db-wal", FileAccess::create).value();
    const std::vector<std::byte> torn(size, std::byte{0x37});
    ASSERT_TRUE(wal->write_at(torn, 0));
    const auto reader = SqliteTruth::open(env, "/truth.db", SqliteAccess::read);
    ASSERT_TRUE(reader) << test::why(reader);
    EXPECT_EQ((*reader)->collections().value().size(), 1u);
  }
}

}  // namespace
}  // namespace saerok
