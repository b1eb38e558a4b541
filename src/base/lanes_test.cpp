#include "base/lanes.h"

#include <gtest/gtest.h>

#include <barrier>
#include <string>

namespace saerok {
namespace {

TEST(Lanes, EachItemIsDoneOnceByALaneThatExists) {
  for (const std::size_t lanes : {1u, 2u, 5u}) {
    for (const std::size_t items : {0u, 1u, 3u, 1'000u}) {
      std::vector<std::atomic<int>> done(items);
      std::atomic<bool> all_exist = true;
      const Status status = run_in_lanes(lanes, items, [&](std::size_t lane, std::size_t item) {
        if (lane >= lanes) all_exist = false;
        ++done[item];
        return Status();
      });
      EXPECT_TRUE(status);
      EXPECT_TRUE(all_exist);
      for (const auto& times : done) ASSERT_EQ(times, 1);
    }
  }
}

TEST(Lanes, LanesWorkAtTheSameTime) {
  // Each waits for the other: one after the other they would never end.
  std::barrier both(2);
  EXPECT_TRUE(run_in_lanes(2, 2, [&](std::size_t, std::size_t) {
    both.arrive_and_wait();
    return Status();
  }));
}

TEST(Lanes, NothingIsBegunAfterAnError) {
  std::size_t last = 0;
  const Status status = run_in_lanes(1, 100, [&](std::size_t, std::size_t item) -> Status {
    last = item;
    if (item == 7) return Error{ErrorCode::unavailable, "item 7 failed"};
    return {};
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "item 7 failed");
  EXPECT_EQ(last, 7u);
}

TEST(Lanes, AnErrorOfAnyLaneIsTheResult) {
  std::barrier both(2);
  const Status status = run_in_lanes(2, 2, [&](std::size_t, std::size_t item) -> Status {
    both.arrive_and_wait();
    if (item == 1) return Error{ErrorCode::cancelled, "stopped"};
    return {};
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace saerok
