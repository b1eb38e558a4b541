/// The one place where connections are taken: HTTP/1.1 on loopback, under TLS if there is a
/// certificate, and on a Unix socket, with every limit on what a peer may send or withhold. Knows
/// no route: a Service says what is answered.
///
/// On Boost.Beast, because its coroutines hold an idle stream without a thread and its parser is
/// strict; listener*.{h,cpp} are the only files that include it, and OpenSSL.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "saerok/result.h"
#include "server/exchange.h"

namespace saerok::server {

/// What a peer may do. Each limit has a test (src/server/listener_test.cpp).
struct ListenerLimits {
  std::uint32_t header_bytes_max = 16'384;
  std::size_t header_count_max = 100;
  std::uint64_t body_bytes_max = std::uint64_t{32} << 20;
  std::size_t connections_max = 256;
  /// From a request's first byte to its last header; also for the handshake of TLS.
  std::chrono::milliseconds header_time{10'000};
  std::chrono::milliseconds body_time{60'000};
  std::chrono::milliseconds idle_time{75'000};          ///< Between two requests of a connection.
  std::chrono::milliseconds send_time{30'000};          ///< For a peer to take what is sent to it.
  std::size_t unsent_bytes_max = std::size_t{1} << 20;  ///< Of a stream, before its sender waits.
};

/// Two files in PEM; the key is for its owner alone (0600).
struct TlsFiles {
  std::string certificate;  ///< The daemon's, then those that lead to a root.
  std::string key;
  bool empty() const { return certificate.empty() && key.empty(); }
};

struct ListenerOptions {
  std::uint16_t port = 0;  ///< On 127.0.0.1, and on ::1 where there is one. 0: any free one.
  TlsFiles tls = {};       ///< Empty: the port speaks plain HTTP. The Unix socket always does.
  /// Host names that the certificate may be for, beside localhost.
  std::vector<std::string> names = {};
  std::string socket_path;  ///< Of the Unix socket; replaced if it is there. Empty: none.
  ListenerLimits limits;
};

/// What is behind the listener. Called from several threads.
class Service {
 public:
  virtual ~Service() = default;
  /// Sees the request before its body is read; a response refuses it, and ends the connection.
  virtual std::optional<Response> check_head(const Request& head) = 0;
  /// May take its time: it has a thread of its own.
  virtual Response handle(Exchange& exchange) = 0;
  /// What is answered where the listener itself refuses: 400, 413, 431, 500, 503. A peer that is
  /// too slow gets no answer; its connection is closed.
  virtual Response refuse(int status, std::string_view detail) = 0;
  /// Adds what every response carries, just before it is sent.
  virtual void complete(const Request& request, Response& response) = 0;
};

class Listener {
 public:
  /// Errors: failed_precondition (the port is taken; a certificate or key that will not do, see
  /// listener_tls.h), unavailable.
  static Result<std::unique_ptr<Listener>> open(const ListenerOptions& options, Service& service);
  virtual ~Listener() = default;

  virtual std::uint16_t port() const = 0;
  /// Where a browser of this machine finds it: "http://127.0.0.1:8640", or "https://" and a name
  /// that the certificate is for.
  virtual std::string origin() const = 0;
  virtual std::size_t connections() const = 0;
  /// Serves until stop(); then waits for what is being answered, which is asked to stop.
  virtual void run() = 0;
  /// Safe from any thread, and from none twice.
  virtual void stop() = 0;
};

}  // namespace saerok::server
