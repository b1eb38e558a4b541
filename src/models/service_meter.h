/// What a service may be asked: how much at once, how often a minute, how many tokens a day of all
/// services together, and how much to spend a day on one with a price. What this is not: the
/// service's own limits, which it tells with 429 (openai_client.h).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "saerok/call_context.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok {

struct ServiceLimits {
  std::uint32_t requests_at_once = 0;  ///< 0: no limit; so for all.
  std::uint32_t requests_per_minute = 0;
  std::uint64_t tokens_per_day = 0;
  double price_per_day = 0;
  /// Where the day's tokens and money are counted, for all programs of this user. Read and written
  /// only where one of the two is limited.
  std::string usage_file;
};

/// When requests began, for a limit on any minute that one looks at.
class RequestWindow {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RequestWindow(std::uint32_t per_minute) : per_minute_(per_minute) {}

  /// When a request may begin: `now`, or later.
  Time next_start(Time now);
  void began(Time at) { starts_.push_back(at); }

 private:
  std::uint32_t per_minute_;
  std::deque<Time> starts_;
};

struct ServiceUse {
  std::uint64_t tokens = 0;
  double price = 0;  ///< What they cost; 0 where no price is set.
};

/// What was used on a day, in a file that programs share.
class DailyUse {
 public:
  /// `limit`: what is 0 has none.
  DailyUse(ServiceUse limit, std::string file) : limit_(limit), file_(std::move(file)) {}

  /// Errors: too_many once the day's tokens or money are used up, unavailable (the file).
  Status check(Date today, const CallContext& call) const;
  Status add(const ServiceUse& use, Date today, const CallContext& call) const;

 private:
  bool is_limited() const { return limit_.tokens > 0 || limit_.price > 0; }

  ServiceUse limit_;
  std::string file_;
};

/// Of one adapter. Safe from several threads.
class ServiceMeter {
 public:
  ServiceMeter(const ServiceLimits& limits, std::string service);

  /// A request under way; what it holds is given back with it.
  class Request {
   public:
    explicit Request(ServiceMeter* meter) : meter_(meter) {}
    ~Request();
    Request(Request&& other) noexcept : meter_(std::exchange(other.meter_, nullptr)) {}
    Request& operator=(Request&&) = delete;

   private:
    ServiceMeter* meter_;
  };

  /// Waits until a request may begin. Errors: too_many where that is after the deadline, or the
  /// day's tokens or money are used up; cancelled, deadline_exceeded, unavailable (the file of
  /// these).
  Result<Request> begin(const CallContext& call);
  /// A request read and wrote so much. The limits are looked at before requests, so the last one of
  /// a day may go beyond them.
  Status spent(const ServiceUse& use, const CallContext& call) const;

 private:
  const ServiceLimits limits_;
  const std::string service_;  ///< For people.
  DailyUse day_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::uint32_t under_way_ = 0;
  RequestWindow window_;
};

}  // namespace saerok
