/// One HTTP request at a time to somebody else's service: bounded, cancellable, proxied as the
/// environment says. Not a server, and no retries: those are a policy of the caller.
///
/// On libcurl, because it is in every distribution and knows TLS, proxies and redirects; the .cpp
/// is the only file that includes it. Connections are kept between the requests of one HttpClient.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok {

struct HttpRequest {
  std::string method = "GET";
  std::string url;                        ///< http:// or https://, nothing else.
  std::vector<std::string> headers = {};  ///< `Name: value` each. Never shown in an error.
  std::string body = {};
  std::uint64_t response_bytes_max = 64u << 20;
  std::uint32_t redirects_max = 0;  ///< Followed only to http(s), and never from https to http.
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{120'000};  ///< Longest time without a byte.
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;                            ///< Empty where a sink took it.
  /// The header, or an empty text.
  std::string_view header(std::string_view lower_case_name) const;
};

/// Takes the body of a 2xx answer piece by piece; an Error ends the transfer and is returned.
using HttpBodySink = std::function<Status(const HttpResponse& head, std::string_view piece)>;

/// Safe to use from several threads.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// The answer, whatever its status. With a sink, the body of a 2xx answer goes there; that of
  /// another status stands in the response, cut at 64 KiB.
  /// Errors: invalid_argument (the URL), unavailable (no connection, TLS, a body beyond
  /// response_bytes_max), cancelled and deadline_exceeded, both within 100 ms, and what the sink
  /// returns. An error names scheme, host and path of the URL only: queries may hold secrets.
  Result<HttpResponse> send(const HttpRequest& request, const CallContext& call) const;
  Result<HttpResponse> stream(const HttpRequest& request, const HttpBodySink& sink,
                              const CallContext& call) const;

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

/// Scheme, host and path of a URL, for people to read: without user, password, query, fragment.
std::string printable_url(std::string_view url);

}  // namespace saerok
