/// The other end of the daemon's Unix socket: how the program's own commands use a daemon that
/// runs. Speaks just the HTTP that listener.h answers with (one request a connection, a body that
/// ends with it): a general client takes longer to start than a search does.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "base/json.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok::server {

/// What a problem document says.
Error error_from_problem(const Json& problem);

/// Safe to use from several threads.
class DaemonClient {
 public:
  /// Nothing where no daemon serves the store.
  static std::optional<DaemonClient> find(const std::string& store, const Environment& environment);

  /// The answer's document. Errors: those that the daemon answers with, and unavailable.
  Result<Json> call(std::string_view method, std::string_view target, const Json& body,
                    const CallContext& call) const;

  /// Calls `take` for every event of a stream until it ends. A stop asks the daemon to end it, and
  /// takes what still comes. Errors: as above but cancelled, which is the daemon's to say, and what
  /// take says.
  using EventSink = std::function<Status(std::string_view name, const Json& data)>;
  Status stream(std::string_view method, std::string_view target, const Json& body,
                const EventSink& take, const CallContext& call) const;

 private:
  explicit DaemonClient(std::string socket) : socket_(std::move(socket)) {}

  /// Takes the body piece by piece; of an answer that is no success `take` gets nothing.
  struct Answer {
    int status = 0;
    std::string body;  ///< Where nobody took it.
  };
  using BodySink = std::function<Status(std::string_view piece)>;
  Result<Answer> send(std::string_view method, std::string_view target, const Json& body,
                      std::string_view accept, const BodySink& take, const CallContext& call) const;

  std::string socket_;
};

}  // namespace saerok::server
