/// Who may ask: the checks that every request passes before its body is read. The daemon listens on
/// loopback only, but any web page can send a browser there, and other users of the machine can
/// connect; so a request must be addressed to us by name (against DNS rebinding), come from no
/// foreign web page, and carry the token. docs/security.md says what this defends against.
///
/// No cookies: browsers send those to every port of a host, so another program on loopback would
/// get them. A page therefore cannot be made to act for its user by a request alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/secret.h"
#include "server/exchange.h"

namespace saerok::server {

/// What a route asks of its caller.
enum class Access : std::uint8_t {
  open,  ///< Nothing: health, the page's shell, and the exchange of a one-time code.
  token,
};

struct GuardOptions {
  std::uint16_t port = 0;
  Secret token;                      ///< Empty: none is asked for (--no-auth).
  std::vector<std::string> hosts;    ///< Beside localhost, 127.0.0.1 and [::1].
  std::vector<std::string> origins;  ///< Beside the daemon's own: "app://obsidian.md".
  bool has_tls = false;              ///< Its own origins begin with https.
};

/// Immutable. Requests over the Unix socket pass without a check: the file's mode made it.
class Guard {
 public:
  explicit Guard(GuardOptions options);

  /// 421 for a foreign Host, 403 for a foreign Origin, 400 for two of either.
  std::optional<Response> check_address(const Request& request) const;
  /// 401 without the token, or with a wrong one.
  std::optional<Response> check_token(const Request& request) const;

  /// The answer to a CORS preflight of an origin that may call; check_address() comes first.
  Response preflight(const Request& request) const;
  /// What every response carries: the rules for browsers, and CORS for an origin that may call.
  std::vector<Header> headers_for(const Request& request) const;

  bool needs_token() const { return !options_.token.empty(); }

 private:
  /// localhost by one of its names.
  bool is_this_machine(std::string_view host) const;
  bool is_configured_host(std::string_view host) const;
  bool is_own_origin(std::string_view origin) const;
  bool is_listed_origin(std::string_view origin) const;

  GuardOptions options_;
};

/// Whether two texts are equal, in a time that does not say where they differ.
bool equal_in_constant_time(std::string_view given, std::string_view wanted);

}  // namespace saerok::server
