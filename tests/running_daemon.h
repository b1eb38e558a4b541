/// `saerok serve` as a process of its own, and an HTTP client for it.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/http_client.h"
#include "base/json.h"
#include "cli_program.h"

namespace saerok {

/// Ends with the test. The daemon itself says when it is ready.
class RunningDaemon {
 public:
  explicit RunningDaemon(const Home& home, std::vector<std::string> arguments = {});
  ~RunningDaemon();
  RunningDaemon(const RunningDaemon&) = delete;
  RunningDaemon& operator=(const RunningDaemon&) = delete;

  std::uint16_t port() const { return port_; }
  const std::string& token() const { return token_; }

  /// With the token. `target` begins with "/".
  HttpResponse send(std::string method, std::string_view target, const Json& body = nullptr,
                    std::vector<std::string> headers = {}) const;
  /// With these headers only.
  HttpResponse send_bare(std::string method, std::string_view target,
                         std::vector<std::string> headers, std::string body = {}) const;
  /// The document of an answer that is expected to succeed, and to be as the daemon's own
  /// description of the interface says.
  Json get(std::string_view target) const;
  Json post(std::string_view target, const Json& body) const;
  /// Names and data of a stream's events, until it ends.
  struct Event {
    std::string name;
    Json data;
  };
  std::vector<Event> events(std::string method, std::string_view target, const Json& body) const;
  /// Waits until the job has ended; its document.
  Json end_of_job(std::uint64_t id) const;

  /// Waits for the process's end; its exit status.
  int wait();

 private:
  std::string url(std::string_view target) const;
  Json checked(const std::string& method, std::string_view target,
               const HttpResponse& response) const;

  const Home& home_;
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
  std::string token_;
  HttpClient client_;
  mutable Json description_;  ///< Asked for when it is first needed.
};

}  // namespace saerok
