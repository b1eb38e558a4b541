#include "models/service_meter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "models/scratch_folder.h"

namespace saerok {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

TEST(RequestWindow, NoMinuteHasMoreRequestsThanAllowed) {
  RequestWindow window(3);
  const auto zero = Clock::time_point() + seconds(1000);
  std::vector<Clock::time_point> starts;
  auto now = zero;
  for (int i = 0; i < 20; ++i) {
    now = window.next_start(now);
    window.began(now);
    starts.push_back(now);
    now += seconds(7);
  }
  EXPECT_EQ(starts[2], zero + seconds(14));
  EXPECT_EQ(starts[3], zero + seconds(60)) << "not before the first one is a minute old";
  for (std::size_t i = 3; i < starts.size(); ++i) EXPECT_GE(starts[i] - starts[i - 3], seconds(60));
}

TEST(RequestWindow, WithoutALimitNothingWaits) {
  RequestWindow window(0);
  const auto now = Clock::now();
  for (int i = 0; i < 100; ++i) {
    window.began(now);
    EXPECT_EQ(window.next_start(now), now);
  }
}

class ServiceMeterTest : public testing::Test {
 protected:
  std::string file() const { return folder_.path("models/usage.json"); }
  ScratchFolder folder_;
};

TEST_F(ServiceMeterTest, TokensOfADayAreSharedByAllWhoCount) {
  const DailyUse one({.tokens = 100}, file());
  const DailyUse other({.tokens = 100}, file());
  EXPECT_TRUE(one.check({7}, {}));
  ASSERT_TRUE(one.add({.tokens = 60}, {7}, {}));
  EXPECT_TRUE(other.check({7}, {}));
  ASSERT_TRUE(other.add({.tokens = 40}, {7}, {}));
  const Status used_up = one.check({7}, {});
  ASSERT_FALSE(used_up);
  EXPECT_EQ(used_up.error().code, ErrorCode::too_many);
  EXPECT_NE(used_up.error().message.find("used 100 tokens today"), std::string::npos);
  EXPECT_TRUE(one.check({8}, {})) << "the next day begins anew";
  ASSERT_TRUE(one.add({.tokens = 5}, {8}, {}));
  EXPECT_TRUE(DailyUse({.tokens = 6}, file()).check({8}, {}));
  EXPECT_FALSE(DailyUse({.tokens = 5}, file()).check({8}, {}));
}

TEST_F(ServiceMeterTest, MoneyIsCountedBesideTokensAndLimitedByItself) {
  const DailyUse one({.price = 0.5}, file());
  const DailyUse other({.tokens = 1'000}, file());
  ASSERT_TRUE(one.add({.tokens = 10, .price = 0.3}, {7}, {}));
  ASSERT_TRUE(other.add({.tokens = 10, .price = 0.15}, {7}, {}));
  EXPECT_TRUE(one.check({7}, {}));
  ASSERT_TRUE(one.add({.tokens = 10, .price = 0.1}, {7}, {}));
  EXPECT_TRUE(other.check({7}, {}));
  const Status used_up = one.check({7}, {});
  ASSERT_FALSE(used_up);
  EXPECT_EQ(used_up.error().code, ErrorCode::too_many);
  EXPECT_EQ(used_up.error().message,
            "the chat service has cost 0.55 today, and models.price_per_day "
            "allows 0.5; raise it, or go on tomorrow");
  EXPECT_TRUE(one.check({8}, {})) << "the next day begins anew";
}

TEST_F(ServiceMeterTest, WithoutALimitNoFileIsTouched) {
  ServiceMeter meter({.usage_file = file()}, "the service");
  EXPECT_TRUE(meter.begin({}));
  EXPECT_TRUE(meter.spent({.tokens = 1'000, .price = 2}, {}));
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(ServiceMeterTest, ABrokenFileCountsAsNothingUsed) {
  std::filesystem::create_directories(folder_.path("models"));
  std::ofstream(file()) << "no json";
  const DailyUse tokens({.tokens = 10}, file());
  EXPECT_TRUE(tokens.check({7}, {}));
  ASSERT_TRUE(tokens.add({.tokens = 10}, {7}, {}));
  EXPECT_FALSE(tokens.check({7}, {}));
}

TEST_F(ServiceMeterTest, MoreRequestsThanAllowedAtOnceWait) {
  ServiceMeter meter({.requests_at_once = 2, .usage_file = {}}, "the service");
  std::atomic<int> under_way = 0, most = 0, done = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto request = meter.begin({});
      ASSERT_TRUE(request);
      const int now = ++under_way;
      int seen = most;
      while (seen < now && !most.compare_exchange_weak(seen, now)) {
      }
      std::this_thread::yield();
      --under_way;
      ++done;
    });
  }
  threads.clear();
  EXPECT_EQ(done, 8);
  EXPECT_LE(most, 2);
}

TEST_F(ServiceMeterTest, AWaitEndsWithTheCaller) {
  ServiceMeter meter({.requests_at_once = 1, .usage_file = {}}, "the service");
  const auto held = meter.begin({});
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  const auto stopped = meter.begin({.stop = stop.get_token(), .deadline = {}});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

TEST_F(ServiceMeterTest, ARateThatOutlastsTheDeadlineIsSaidAtOnce) {
  ServiceMeter meter({.requests_per_minute = 1, .usage_file = {}}, "the service");
  ASSERT_TRUE(meter.begin({}));
  const auto began = Clock::now();
  const auto refused = meter.begin({.stop = {}, .deadline = began + seconds(30)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_many);
  EXPECT_NE(refused.error().message.find("models.requests_per_minute"), std::string::npos);
  EXPECT_LT(Clock::now() - began, seconds(10));
}

}  // namespace
}  // namespace saerok
