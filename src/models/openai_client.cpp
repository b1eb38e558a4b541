#include "models/openai_client.h"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace saerok {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRetryDelayMax{30'000};
constexpr std::size_t kMessageBytesMax = 300;

bool may_succeed_later(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504 || status == 529;
}

/// Seconds of a Retry-After header; its other form, a date, is treated as absent.
std::optional<milliseconds> retry_after(const HttpResponse& response) {
  const std::string_view text = response.header("retry-after");
  double seconds = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failed != std::errc() || end != text.data() + text.size() || !(seconds >= 0)) {
    return std::nullopt;
  }
  return milliseconds(static_cast<std::int64_t>(std::min(seconds, 86'400.0) * 1000));
}

Status wait(milliseconds delay, const CallContext& call) {
  const auto until = std::chrono::steady_clock::now() + delay;
  while (std::chrono::steady_clock::now() < until) {
    TRY(call.check());
    poll(nullptr, 0, 10);
  }
  return call.check();
}

bool ends_with_version(std::string_view url) {
  const auto slash = url.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? url : url.substr(slash + 1);
  return last.size() >= 2 && last[0] == 'v' &&
         std::all_of(last.begin() + 1, last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string OpenAiClient::without_secrets(std::string_view text) const {
  std::string clean(text);
  const std::string& key = options_.api_key.reveal();
  for (auto at = clean.find(key); !key.empty() && at != std::string::npos; at = clean.find(key)) {
    clean.replace(at, key.size(), "[key]");
  }
  if (clean.size() > kMessageBytesMax) {
    std::size_t end = kMessageBytesMax;
    while (end > 0 && (static_cast<unsigned char>(clean[end]) & 0xc0) == 0x80) --end;
    clean.resize(end);
    clean += "…";
  }
  return clean;
}

HttpRequest OpenAiClient::request(std::string_view endpoint, const Json& body) const {
  std::string url = options_.base_url;
  while (url.ends_with('/')) url.pop_back();
  if (!ends_with_version(url)) url += "/v1";
  HttpRequest request{.method = "POST",
                      .url = url + "/" + std::string(endpoint),
                      .headers = {"Content-Type: application/json"},
                      .body = print_json(body)};
  if (!options_.api_key.empty()) {
    request.headers.push_back("Authorization: Bearer " + options_.api_key.reveal());
  }
  return request;
}

Error OpenAiClient::refusal(const HttpResponse& response) const {
  std::string words = response.body;
  if (const auto body = parse_json(response.body, "the answer")) {
    const Json* error = find_member(*body, "error");
    if (error != nullptr && error->is_string()) words = error->get<std::string>();
    if (error != nullptr) words = find_text(*error, "message").value_or(words);
    if (error == nullptr) words = find_text(*body, "detail").value_or(words);
  }
  const std::string said = address() + " answered " + std::to_string(response.status) +
                           (words.empty() ? "" : ": " + without_secrets(words));
  switch (response.status) {
    case 401:
    case 403: return {ErrorCode::failed_precondition, said + "; check the key that is configured"};
    case 404:
    case 405:
      return {ErrorCode::failed_precondition,
              said + "; check the base URL and the model's name (" + options_.model + ")"};
    case 429: return {ErrorCode::too_many, said + "; try again later"};
    default: break;
  }
  if (response.status >= 300 && response.status < 400) {
    return {ErrorCode::failed_precondition,
            said +
                ", a redirect, which is not followed because it would carry the key elsewhere; "
                "configure the final address"};
  }
  const bool is_ours = response.status >= 400 && response.status < 500;
  return {is_ours ? ErrorCode::invalid_argument : ErrorCode::unavailable, said};
}

/// Runs `attempt` until it answers 2xx, refuses for good, has begun to stream, or time is up.
Result<HttpResponse> OpenAiClient::try_often(const Attempt& attempt, const bool& has_begun,
                                             const CallContext& call) const {
  milliseconds delay = options_.retry_delay;
  for (std::uint32_t i = 1;; ++i) {
    std::optional<ServiceMeter::Request> turn(TRY(meter_.begin(call)));
    Result<HttpResponse> response = attempt();
    turn.reset();
    milliseconds pause = delay;
    Error failure{ErrorCode::unavailable, ""};
    if (response) {
      if (response->status >= 200 && response->status < 300) return response;
      failure = refusal(*response);
      if (!may_succeed_later(response->status)) return failure;
      pause = retry_after(*response).value_or(delay);
    } else {
      failure = response.error();
      if (failure.code != ErrorCode::unavailable || has_begun) return failure;
    }
    const auto until = std::chrono::steady_clock::now() + pause;
    const bool too_late = call.deadline && until >= *call.deadline;
    if (i >= options_.attempts || pause > kRetryDelayMax || too_late) return failure;
    TRY(wait(pause, call));
    delay = std::min(delay * 2, kRetryDelayMax);
  }
}

Result<Json> OpenAiClient::post(std::string_view endpoint, const Json& body,
                                const CallContext& call) const {
  const HttpRequest sent = request(endpoint, body);
  const bool has_begun = false;
  const HttpResponse response =
      TRY(try_often([&] { return http_.send(sent, call); }, has_begun, call));
  auto answer = parse_json(response.body, "the answer of " + address());
  if (!answer) return Error{ErrorCode::unavailable, answer.error().message};
  return answer;
}

Status OpenAiClient::stream(std::string_view endpoint, const Json& body, const HttpBodySink& sink,
                            const CallContext& call) const {
  const HttpRequest sent = request(endpoint, body);
  bool has_begun = false;
  const HttpBodySink noting = [&](const HttpResponse& head, std::string_view piece) {
    has_begun = true;
    return sink(head, piece);
  };
  TRY(try_often([&] { return http_.stream(sent, noting, call); }, has_begun, call));
  return {};
}

}  // namespace saerok
