/// One connection of the listener: reads a head, has it checked, reads the body, has the request
/// answered on a thread, sends what comes, and begins again. A part of the listener, of use to
/// nobody else.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <string>

#include "server/listener.h"
#include "server/listener_exchange.h"
#include "server/listener_stream.h"
#include "server/worker_threads.h"

namespace saerok::server {

/// Alive as long as its coroutine; on the listener's thread.
class Session {
 public:
  Session(PeerStream& stream, Carrier carrier, boost::asio::io_context& io,
          const ListenerLimits& limits, Service& service, WorkerThreads& workers);

  /// Serves request after request until the connection is to be closed.
  Task<void> run();
  /// What is being answered is asked to come to its end, and is sent; then the connection closes.
  void stop();
  /// Answers the connection, whatever it asks, and closes it.
  Task<void> refuse_all(int status, const char* detail);

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  /// False where the peer does not speak TLS.
  Task<bool> encrypt();
  /// False where the connection is to be closed.
  Task<bool> serve_one();
  Task<bool> await_first_byte();
  Task<void> answer_bad_head(boost::system::error_code error);
  Task<bool> read_body(Parser& parser);
  /// Hands the request to a thread and sends what it answers.
  Task<bool> answer();
  Task<void> watch_peer(std::shared_ptr<LiveExchange> exchange);
  Task<void> end_watch();
  Task<bool> send_answer(LiveExchange& exchange);
  Task<bool> send_whole(const Response& response);
  Task<bool> send_text(std::string text);
  /// Answers, and closes without having read the rest.
  Task<void> refuse(Response response);
  std::string head_of(const Response& response, std::optional<std::size_t> size) const;

  PeerStream& stream_;
  Carrier carrier_;
  boost::asio::io_context& io_;
  const ListenerLimits& limits_;
  Service& service_;
  WorkerThreads& workers_;
  boost::beast::flat_buffer buffer_;
  Request request_;
  std::shared_ptr<LiveExchange> exchange_;
  boost::asio::steady_timer watch_ended_;  ///< Cancelled when it has.
  bool is_watching_ = false;
  bool is_keeping_alive_ = true;
  bool is_head_request_ = false;
  bool is_ending_ = false;
};

}  // namespace saerok::server
