#include "server/metrics.h"

#include <algorithm>
#include <cstdio>

namespace saerok::server {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

void describe(std::string& text, const char* name, const char* type, const char* help) {
  text.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

}  // namespace

void Metrics::count_request(const std::string& route, int status, double seconds) {
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
  Latency& latency = latencies_[route];
  const auto bound = std::ranges::lower_bound(kBounds, seconds);
  ++latency.buckets[static_cast<std::size_t>(bound - kBounds.begin())];
  latency.sum += seconds;
  ++latency.count;
}

std::string Metrics::print(const Gauges& gauges) const {
  const std::lock_guard lock(mutex_);
  std::string text;
  describe(text, "saerok_requests_total", "counter", "Requests answered, by route and status.");
  for (const auto& [key, count] : requests_) {
    text += "saerok_requests_total{route=\"" + key.first + "\",status=\"" +
            std::to_string(key.second) + "\"} " + std::to_string(count) + "\n";
  }
  describe(text, "saerok_request_seconds", "histogram", "Time to answer, by route.");
  for (const auto& [route, latency] : latencies_) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= kBounds.size(); ++i) {
      below += latency.buckets[i];
      text += "saerok_request_seconds_bucket{route=\"" + route + "\",le=\"" +
              (i == kBounds.size() ? "+Inf" : number(kBounds[i])) + "\"} " + std::to_string(below) +
              "\n";
    }
    text += "saerok_request_seconds_sum{route=\"" + route + "\"} " + number(latency.sum) + "\n";
    text += "saerok_request_seconds_count{route=\"" + route + "\"} " +
            std::to_string(latency.count) + "\n";
  }
  const auto gauge = [&](const char* name, const char* help, double value) {
    describe(text, name, "gauge", help);
    text.append(name).append(" ").append(number(value)).append("\n");
  };
  gauge("saerok_connections", "Open connections.", static_cast<double>(gauges.connections));
  gauge("saerok_jobs_waiting", "Jobs queued or running.", static_cast<double>(gauges.jobs_waiting));
  gauge("saerok_resident_bytes", "Memory of the daemon itself, without its models.",
        static_cast<double>(gauges.resident_bytes));
  gauge("saerok_uptime_seconds", "Since the daemon started.", gauges.uptime_s);
  return text;
}

}  // namespace saerok::server
