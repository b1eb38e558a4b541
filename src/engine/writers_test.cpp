// A full disk: what only takes things out works all the same.

#include "engine/writers.h"

#include <gtest/gtest.h>

#include "base/sim_env.h"
#include "engine/store_status.h"
#include "engine/stored_notes.h"

namespace saerok {
namespace {

constexpr std::uint64_t kPlenty = 2 * kReserveFreeMin;

struct FullDisk : testing::Test {
  test::StoredNotes notes;
  Writers writers{notes.env, "/store"};

  void SetUp() override {
    notes.commit("tea.md", {"Green tea is steeped at 80 degrees."});
    notes.commit("coffee.md", {"Coffee is brewed at 93 degrees."});
    ASSERT_TRUE(notes.index());
    notes.close();
  }
  /// Somebody else uses up all that is left.
  void fill() {
    notes.env.set_capacity(kPlenty);
    const auto ballast = notes.env.open("/ballast", FileAccess::create).value();
    ASSERT_TRUE(ballast->allocate(notes.env.file_system("/").value().free_bytes));
  }
  Result<ForgetReport> forget() {
    return writers.take_out(
        [](Storage& storage) { return forget_sources(storage, "default", "/notes/tea.md"); });
  }
  std::uint64_t chunks() {
    const auto reader = open_storage(notes.env, "/store", OpenMode::read);
    return reader ? reader->truth->manifest(notes.collection).value().chunk_count : 0;
  }
};

TEST_F(FullDisk, ForgettingWorksWithTheRoomKeptForItWhichIsTakenAgainOnceThereIsSome) {
  fill();
  const auto forgotten = forget();
  ASSERT_TRUE(forgotten) << forgotten.error().message;
  EXPECT_EQ(forgotten->files, 1u);
  EXPECT_EQ(chunks(), 1u);
  EXPECT_EQ(reserve_size(notes.env, "/store"), 0u);
  ASSERT_TRUE(notes.env.remove("/ballast"));
  ASSERT_TRUE(writers.get(Writers::IfMissing::fail));
  EXPECT_EQ(reserve_size(notes.env, "/store"), kReserveSize);
}

TEST_F(FullDisk, WithoutTheRoomItIsAnErrorThatLosesNothing) {
  ASSERT_TRUE(release_reserve(notes.env, "/store").value());
  fill();
  const auto refused = forget();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::out_of_space);
  EXPECT_EQ(chunks(), 2u);
  ASSERT_TRUE(notes.env.remove("/ballast"));
  EXPECT_TRUE(forget()) << "it goes on without a restart";
}

}  // namespace
}  // namespace saerok
