#include "server/guard.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "server/problem.h"

namespace saerok::server {
namespace {

constexpr std::string_view kOwnNames[] = {"localhost", "127.0.0.1", "[::1]"};
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return result;
}

/// Standard base64; nothing where it is malformed.
std::optional<std::string> decode_base64(std::string_view text) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string decoded;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : text) {
    const std::size_t value = kAlphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    decoded.push_back(static_cast<char>(bits >> count & 0xffu));
  }
  return decoded;
}

/// What the request offers as its token, by whichever header its client knows.
std::string given_token(const Request& request) {
  const std::string_view authorization = request.header("authorization");
  const std::size_t blank = authorization.find(' ');
  const std::string scheme = lower(authorization.substr(0, blank));
  const std::string_view value =
      blank == std::string_view::npos ? "" : authorization.substr(blank + 1);
  if (scheme == "bearer") return std::string(value);
  if (scheme == "basic" || scheme == "apikey") {
    const auto decoded = decode_base64(value);
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon != std::string::npos) return decoded->substr(colon + 1);
    return scheme == "apikey" ? std::string(value) : "";
  }
  for (const char* name : {"x-api-key", "x-chroma-token"}) {
    std::string_view token = request.header(name);
    if (token.starts_with("Bearer ")) token.remove_prefix(7);
    if (!token.empty()) return std::string(token);
  }
  return {};
}

}  // namespace

bool equal_in_constant_time(std::string_view given, std::string_view wanted) {
  unsigned char difference = given.size() == wanted.size() ? 0 : 1;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const char letter = i < given.size() ? given[i] : '\0';
    difference |= static_cast<unsigned char>(letter ^ wanted[i]);
  }
  return difference == 0;
}

Guard::Guard(GuardOptions options) : options_(std::move(options)) {}

bool Guard::is_this_machine(std::string_view host) const {
  const std::string port = ":" + std::to_string(options_.port);
  const bool is_usual_port = options_.port == (options_.has_tls ? 443 : 80);
  const std::string name = lower(host);
  return std::ranges::any_of(kOwnNames, [&](std::string_view own) {
    return name == std::string(own) + port || (is_usual_port && name == own);
  });
}

bool Guard::is_configured_host(std::string_view host) const {
  const std::string port = ":" + std::to_string(options_.port);
  const std::string name = lower(host);
  // It stands for a proxy of the user's, which may have a port of its own.
  return std::ranges::any_of(options_.hosts, [&](const std::string& own) {
    return name == lower(own) || name == lower(own) + port;
  });
}

bool Guard::is_own_origin(std::string_view origin) const {
  const std::size_t end = origin.find("://");
  if (end == std::string_view::npos) return false;
  const std::string_view scheme = origin.substr(0, end);
  const std::string_view host = origin.substr(end + 3);
  if (scheme == (options_.has_tls ? "https" : "http") && is_this_machine(host)) return true;
  // Its proxy may speak TLS where the daemon does not.
  return (scheme == "https" || (scheme == "http" && !options_.has_tls)) && is_configured_host(host);
}

bool Guard::is_listed_origin(std::string_view origin) const {
  return std::ranges::find(options_.origins, origin) != options_.origins.end();
}

std::optional<Response> Guard::check_address(const Request& request) const {
  if (request.carrier == Carrier::unix_socket) return std::nullopt;
  const std::string_view host = request.header("host");
  if (request.count_header("host") != 1 || !(is_this_machine(host) || is_configured_host(host))) {
    return problem(Refusal::wrong_host,
                   "this is saerok on 127.0.0.1:" + std::to_string(options_.port) +
                       "; a request for another host name is refused (serve.hosts lists more)");
  }
  if (request.count_header("origin") > 1 || request.count_header("authorization") > 1) {
    return problem_of_status(400, "the request has two Origin or Authorization headers");
  }
  if (request.count_header("origin") == 0) return std::nullopt;
  const std::string_view origin = request.header("origin");
  if (is_own_origin(origin) || is_listed_origin(origin)) return std::nullopt;
  return problem(Refusal::forbidden,
                 "pages of " + std::string(origin.substr(0, 100)) +
                     " may not call saerok; serve.origins lists those that may");
}

std::optional<Response> Guard::check_token(const Request& request) const {
  if (request.carrier == Carrier::unix_socket || !needs_token()) return std::nullopt;
  if (equal_in_constant_time(given_token(request), options_.token.reveal())) return std::nullopt;
  return problem(Refusal::unauthenticated,
                 "send `Authorization: Bearer TOKEN`; `saerok open` opens the page with it and "
                 "`saerok serve --show-token` prints it");
}

Response Guard::preflight(const Request& request) const {
  Response response{.status = 204, .content_type = "", .body = {}, .headers = {}};
  if (!is_listed_origin(request.header("origin"))) return response;
  response.headers = {
      {"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"},
      {"Access-Control-Allow-Headers", "authorization, content-type, accept, x-api-key"},
      {"Access-Control-Max-Age", "600"}};
  return response;
}

std::vector<Header> Guard::headers_for(const Request& request) const {
  std::vector<Header> headers = {{"Content-Security-Policy", kPolicy},
                                 {"X-Content-Type-Options", "nosniff"},
                                 {"Referrer-Policy", "no-referrer"},
                                 {"Cross-Origin-Opener-Policy", "same-origin"},
                                 {"Cross-Origin-Resource-Policy", "same-origin"}};
  const bool is_listed = is_listed_origin(request.header("origin"));
  if (is_listed) headers.back().value = "cross-origin";
  // Not for localhost: a browser would want TLS of every other program of this machine too.
  if (options_.has_tls && is_configured_host(request.header("host"))) {
    headers.push_back({"Strict-Transport-Security", "max-age=31536000"});
  }
  if (is_listed) {
    headers.push_back({"Access-Control-Allow-Origin", std::string(request.header("origin"))});
    headers.push_back({"Vary", "Origin"});
  }
  return headers;
}

}  // namespace saerok::server
