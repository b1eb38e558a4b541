/// What the three OpenAI-compatible adapters share: addresses, the key, retries, and turning a
/// service's refusal into a sentence that never holds the key.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/http_client.h"
#include "base/json.h"
#include "models/service_meter.h"
#include "saerok/call_context.h"
#include "saerok/result.h"
#include "saerok/secret.h"

namespace saerok {

struct RemoteModelOptions {
  std::string base_url;  ///< With or without a version such as `/v1` at its end.
  Secret api_key;        ///< Empty: none is sent.
  std::string model;
  std::uint32_t timeout_ms = 0;                ///< Longest wait for one answer; 0: the caller's.
  std::size_t context_tokens = 4096;           ///< Of a chat model: services do not say.
  std::uint32_t attempts = 4;                  ///< At a request that may succeed later.
  std::chrono::milliseconds retry_delay{500};  ///< Before the second attempt; doubled each time.
  ServiceLimits limits = {};
  double price_prompt = 0;      ///< Of a million tokens that a chat model reads.
  double price_completion = 0;  ///< And writes.
};

class OpenAiClient {
 public:
  explicit OpenAiClient(RemoteModelOptions options)
      : options_(std::move(options)), meter_(options_.limits, address()) {}

  /// Posts to `endpoint` ("embeddings") below the versioned base URL. A busy or failing service is
  /// asked again after a wait that doubles, or is what Retry-After says, up to 30 s, unless the
  /// deadline would pass meanwhile. Each attempt waits for its turn under the limits.
  /// Errors: unavailable, too_many (429 to the last, or our own limits), failed_precondition (key,
  /// model or address refused), invalid_argument (the request refused), cancelled,
  /// deadline_exceeded.
  Result<Json> post(std::string_view endpoint, const Json& body, const CallContext& call) const;

  /// The same with the answer's body going to `sink` as it comes; asked again only while nothing
  /// has come.
  Status stream(std::string_view endpoint, const Json& body, const HttpBodySink& sink,
                const CallContext& call) const;

  /// An answer took so much of the day's. What it said stands, whatever comes of counting.
  void spent(const ServiceUse& use, const CallContext& call) const {
    (void)meter_.spent(use, call);
  }

  const RemoteModelOptions& options() const { return options_; }
  /// Host and path, for people.
  std::string address() const { return printable_url(options_.base_url); }
  /// The text without the key, cut at 300 bytes.
  std::string without_secrets(std::string_view text) const;

 private:
  using Attempt = std::function<Result<HttpResponse>()>;
  Result<HttpResponse> try_often(const Attempt& attempt, const bool& has_begun,
                                 const CallContext& call) const;
  HttpRequest request(std::string_view endpoint, const Json& body) const;
  Error refusal(const HttpResponse& response) const;

  RemoteModelOptions options_;
  HttpClient http_;
  mutable ServiceMeter meter_;
};

}  // namespace saerok
