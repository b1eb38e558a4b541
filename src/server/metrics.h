/// Counts for whoever watches the daemon, in Prometheus' text format. No text of notes or
/// questions.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace saerok::server {

/// Safe from several threads.
class Metrics {
 public:
  /// `route` is the pattern, so that there are as many series as routes.
  void count_request(const std::string& route, int status, double seconds);

  struct Gauges {
    std::size_t connections = 0;
    std::size_t jobs_waiting = 0;
    std::uint64_t resident_bytes = 0;
    double uptime_s = 0;
  };
  std::string print(const Gauges& gauges) const;

 private:
  static constexpr std::array<double, 9> kBounds = {.001, .0025, .005, .01, .025, .05, .1, 1, 10};
  struct Latency {
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    double sum = 0;
    std::uint64_t count = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> requests_;
  std::map<std::string, Latency> latencies_;
};

}  // namespace saerok::server
