#include "server/listener.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <utility>

#include "server/worker_threads.h"

namespace saerok::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorStatus = boost::system::error_code;
using Stream = beast::basic_stream<asio::generic::stream_protocol>;
template <class T>
using Task = asio::awaitable<T>;

constexpr int kBadRequest = 400;
constexpr int kTooLarge = 413;
constexpr int kHeadersTooLarge = 431;
constexpr int kInternal = 500;
constexpr int kBusy = 503;
/// What a peer whose request was refused may still send before the connection is closed: closing
/// with bytes unread would make the system throw the answer away.
constexpr std::size_t kDrainBytesMax = std::size_t{1} << 18;
constexpr std::chrono::milliseconds kDrainTime{500};
/// A comment in an event stream, so that neither side takes silence for the end.
constexpr std::chrono::seconds kKeepAlive{15};

/// What the thread that answers and the connection's coroutine share.
class LiveExchange final : public Exchange, public std::enable_shared_from_this<LiveExchange> {
 public:
  LiveExchange(Request request, asio::io_context& io, const ListenerLimits& limits,
               Carrier carrier)
      : wake(io), request_(std::move(request)), io_(io), limits_(limits) {
    request_.carrier = carrier;
  }

  const Request& request() const override { return request_; }
  std::stop_token stop() const override { return stop_.get_token(); }

  void begin_stream(const Response& head) override {
    const std::lock_guard lock(mutex_);
    response_ = head;
    is_streaming_ = true;
    notify();
  }

  bool send(std::string_view bytes) override {
    std::unique_lock lock(mutex_);
    const auto has_room = [this] {
      return is_gone_ || unsent_bytes_ < limits_.unsent_bytes_max;
    };
    if (!room_.wait_for(lock, limits_.send_time, has_room)) abandon(lock);
    if (is_gone_) return false;
    unsent_.emplace_back(bytes);
    unsent_bytes_ += bytes.size();
    notify();
    return true;
  }

  void finish(Response response) {
    const std::lock_guard lock(mutex_);
    if (!is_streaming_) response_ = std::move(response);
    is_done_ = true;
    notify();
  }

  /// The peer is gone: whoever works for it may stop.
  void abandon() {
    std::unique_lock lock(mutex_);
    abandon(lock);
  }

  void request_stop() { stop_.request_stop(); }

  /// What there is to do for the coroutine.
  struct State {
    bool is_streaming = false;
    bool is_done = false;
    bool is_gone = false;
    std::string bytes;
  };
  State take() {
    const std::lock_guard lock(mutex_);
    State state{.is_streaming = is_streaming_, .is_done = is_done_, .is_gone = is_gone_, .bytes = {}};
    for (const std::string& piece : unsent_) state.bytes += piece;
    unsent_.clear();
    unsent_bytes_ = 0;
    room_.notify_all();
    return state;
  }
  /// Only once take() has said that it is streaming, or done.
  Response& response() { return response_; }

  asio::steady_timer wake;  ///< Cancelled on the coroutine's thread when there is something to do.

 private:
  void notify() {
    asio::post(io_, [self = shared_from_this()] { self->wake.cancel(); });
  }
  void abandon(std::unique_lock<std::mutex>& lock) {
    if (is_gone_) return;
    is_gone_ = true;
    room_.notify_all();
    notify();
    lock.unlock();
    stop_.request_stop();
    lock.lock();
  }

  Request request_;
  asio::io_context& io_;
  const ListenerLimits& limits_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable room_;
  Response response_;
  std::deque<std::string> unsent_;
  std::size_t unsent_bytes_ = 0;
  bool is_streaming_ = false;
  bool is_done_ = false;
  bool is_gone_ = false;
};

template <class Fields>
Request read_head(const http::request_header<Fields>& head) {
  Request request;
  request.method = std::string(head.method_string());
  request.target = std::string(head.target());
  for (const auto& field : head) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(), [](char letter) {
      return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    request.headers.push_back({std::move(name), std::string(field.value())});
  }
  parse_target(request);
  return request;
}

/// One connection, request after request. Alive as long as its coroutine.
class Session {
 public:
  Session(Stream stream, Carrier carrier, asio::io_context& io, const ListenerLimits& limits,
          Service& service, WorkerThreads& workers)
      : stream_(std::make_shared<Stream>(std::move(stream))),
        carrier_(carrier),
        io_(io),
        limits_(limits),
        service_(service),
        workers_(workers) {}

  /// What is being answered is asked to come to its end, and is sent; then the connection closes.
  void stop() {
    is_ending_ = true;
    if (exchange_) exchange_->request_stop();
    else stream_->cancel();
  }

  Task<void> run() {
    bool goes_on = true;
    while (goes_on && !is_ending_) goes_on = co_await serve_one();
    ErrorStatus ignored;
    stream_->socket().shutdown(asio::socket_base::shutdown_send, ignored);
  }

  Task<void> refuse_all(int status, const char* detail) {
    request_ = {};
    co_await refuse(service_.refuse(status, detail));
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  /// False where the connection is to be closed.
  Task<bool> serve_one() {
    if (buffer_.size() == 0 && !co_await await_first_byte()) co_return false;
    Parser parser;
    parser.header_limit(limits_.header_bytes_max);
    // Set when the head has been looked at: whoever may not ask is told that, not a limit.
    parser.body_limit(boost::none);
    ErrorStatus error;
    stream_->expires_after(limits_.header_time);
    co_await http::async_read_header(*stream_, buffer_, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      co_await answer_bad_head(error);
      co_return false;
    }
    request_ = read_head(parser.get().base());
    request_.carrier = carrier_;
    is_keeping_alive_ = parser.get().keep_alive();
    if (request_.headers.size() > limits_.header_count_max) {
      co_await refuse(service_.refuse(kHeadersTooLarge, "the request has too many headers"));
      co_return false;
    }
    if (auto refused = service_.check_head(request_)) {
      co_await refuse(*std::move(refused));
      co_return false;
    }
    parser.body_limit(limits_.body_bytes_max);
    const bool has_body = co_await read_body(parser);
    if (!has_body) co_return false;
    request_.body = std::move(parser.get().body());
    co_return co_await answer();
  }

  Task<bool> await_first_byte() {
    ErrorStatus error;
    stream_->expires_after(limits_.idle_time);
    const std::size_t size = co_await stream_->async_read_some(
        buffer_.prepare(4'096), asio::redirect_error(asio::use_awaitable, error));
    buffer_.commit(size);
    co_return !error;
  }

  Task<void> answer_bad_head(ErrorStatus error) {
    request_ = {};
    // A stream that timed out is closed already.
    if (error == http::error::end_of_stream || error == asio::error::operation_aborted ||
        error == asio::error::connection_reset || error == http::error::partial_message ||
        error == beast::error::timeout) {
      co_return;
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      co_await refuse(service_.refuse(kHeadersTooLarge, "the request's headers are too long"));
    } else {
      co_await refuse(service_.refuse(kBadRequest, "this is no HTTP request: " + error.message()));
    }
  }

  Task<bool> read_body(Parser& parser) {
    ErrorStatus error;
    stream_->expires_after(limits_.body_time);
    if (parser.content_length() && *parser.content_length() > limits_.body_bytes_max) {
      error = http::error::body_limit;
    } else if (beast::iequals(request_.header("expect"), "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await asio::async_write(*stream_, asio::buffer(kContinue),
                                 asio::redirect_error(asio::use_awaitable, error));
    }
    if (!error) {
      co_await http::async_read(*stream_, buffer_, parser,
                                asio::redirect_error(asio::use_awaitable, error));
    }
    if (!error) co_return true;
    if (error == http::error::body_limit) {
      co_await refuse(service_.refuse(
          kTooLarge, "the request's body is larger than " +
                         std::to_string(limits_.body_bytes_max >> 20) + " MB"));
    } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
               error != http::error::partial_message && error != http::error::end_of_stream) {
      co_await refuse(service_.refuse(kBadRequest, "the request's body is malformed: " +
                                                       error.message()));
    }
    co_return false;
  }

  /// Hands the request to a thread and sends what it answers.
  Task<bool> answer() {
    const auto exchange =
        std::make_shared<LiveExchange>(std::move(request_), io_, limits_, carrier_);
    exchange_ = exchange;
    is_head_request_ = exchange->request().method == "HEAD";
    workers_.run([exchange, &service = service_] {
      Response response;
      try {
        response = service.handle(*exchange);
      } catch (const std::exception& problem) {
        // The net below every route: one request fails, the daemon goes on.
        std::fprintf(stderr, "saerok: %s %s: internal error: %s\n",
                     exchange->request().method.c_str(), exchange->request().path.c_str(),
                     problem.what());
        response = service.refuse(kInternal, "an internal error; the daemon's log has more");
      }
      exchange->finish(std::move(response));
    });
    stream_->expires_never();
    asio::co_spawn(io_, watch_peer(stream_, exchange), asio::detached);
    const bool goes_on = co_await send_answer(*exchange);
    exchange->abandon();
    exchange_.reset();
    ErrorStatus ignored;
    stream_->socket().cancel(ignored);  // Ends the watch.
    co_return goes_on;
  }

  /// A peer that hangs up has no use for the answer. What it sends meanwhile is its next request.
  static Task<void> watch_peer(std::shared_ptr<Stream> stream,
                               std::shared_ptr<LiveExchange> exchange) {
    ErrorStatus error;
    co_await stream->socket().async_wait(asio::socket_base::wait_read,
                                         asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    char byte = 0;
    const ssize_t size = recv(stream->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) exchange->abandon();
  }

  Task<bool> send_answer(LiveExchange& exchange) {
    bool has_sent_head = false;
    while (true) {
      LiveExchange::State state = exchange.take();
      if (state.is_gone) co_return false;
      if (state.is_streaming && !has_sent_head) {
        has_sent_head = true;
        is_keeping_alive_ = false;  // The end of a stream is the end of its connection.
        service_.complete(exchange.request(), exchange.response());
        state.bytes = head_of(exchange.response(), std::nullopt) + state.bytes;
      }
      if (!state.bytes.empty()) {
        if (!co_await send_text(std::move(state.bytes))) co_return false;
        continue;
      }
      if (state.is_done) {
        if (state.is_streaming) co_return false;
        service_.complete(exchange.request(), exchange.response());
        co_return co_await send_whole(exchange.response()) && is_keeping_alive_ && !is_ending_;
      }
      exchange.wake.expires_after(kKeepAlive);
      ErrorStatus error;
      co_await exchange.wake.async_wait(asio::redirect_error(asio::use_awaitable, error));
      if (!error && state.is_streaming && !co_await send_text(": keep-alive\n\n")) co_return false;
    }
  }

  std::string head_of(const Response& response, std::optional<std::size_t> size) const {
    const auto known = http::int_to_status(static_cast<unsigned>(response.status));
    const auto reason =
        known == http::status::unknown ? beast::string_view("Error") : http::obsolete_reason(known);
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head.append(reason).append("\r\n");
    const auto add = [&](std::string_view name, std::string_view value) {
      head.append(name).append(": ").append(value).append("\r\n");
    };
    if (!response.content_type.empty()) add("Content-Type", response.content_type);
    if (size) add("Content-Length", std::to_string(*size));
    add("Connection", is_keeping_alive_ ? "keep-alive" : "close");
    for (const Header& header : response.headers) add(header.name, header.value);
    return head + "\r\n";
  }

  Task<bool> send_whole(const Response& response) {
    std::string text = head_of(response, response.body.size());
    if (!is_head_request_) text += response.body;
    co_return co_await send_text(std::move(text));
  }

  Task<bool> send_text(std::string text) {
    ErrorStatus error;
    stream_->expires_after(limits_.send_time);
    co_await asio::async_write(*stream_, asio::buffer(text),
                               asio::redirect_error(asio::use_awaitable, error));
    stream_->expires_never();
    co_return !error;
  }

  /// Answers, and closes without having read the rest.
  Task<void> refuse(Response response) {
    is_keeping_alive_ = false;
    is_head_request_ = request_.method == "HEAD";
    service_.complete(request_, response);
    if (!co_await send_whole(response)) co_return;
    ErrorStatus error;
    stream_->socket().shutdown(asio::socket_base::shutdown_send, error);
    stream_->expires_after(kDrainTime);
    buffer_.clear();
    for (std::size_t drained = 0; !error && drained < kDrainBytesMax;) {
      drained += co_await stream_->async_read_some(
          buffer_.prepare(16'384), asio::redirect_error(asio::use_awaitable, error));
    }
  }

  std::shared_ptr<Stream> stream_;
  Carrier carrier_;
  asio::io_context& io_;
  const ListenerLimits& limits_;
  Service& service_;
  WorkerThreads& workers_;
  beast::flat_buffer buffer_;
  Request request_;
  std::shared_ptr<LiveExchange> exchange_;
  bool is_keeping_alive_ = true;
  bool is_head_request_ = false;
  bool is_ending_ = false;
};

class BeastListener final : public Listener {
 public:
  BeastListener(const ListenerOptions& options, Service& service)
      : options_(options), service_(service) {}

  Status open() {
    TRY(open_tcp());
    return options_.socket_path.empty() ? Status{} : open_unix();
  }

  std::uint16_t port() const override { return port_; }
  std::size_t connections() const override { return connections_; }

  void run() override {
    {
      WorkerThreads workers;
      workers_ = &workers;
      for (auto& acceptor : tcp_) {
        asio::co_spawn(io_, accept(acceptor, Carrier::loopback), asio::detached);
      }
      if (unix_) asio::co_spawn(io_, accept(*unix_, Carrier::unix_socket), asio::detached);
      io_.run();
    }
    if (!options_.socket_path.empty()) std::remove(options_.socket_path.c_str());
  }

  void stop() override {
    asio::post(io_, [this] {
      ErrorStatus ignored;
      for (auto& acceptor : tcp_) acceptor.close(ignored);
      if (unix_) unix_->close(ignored);
      is_stopping_ = true;
      for (Session* session : sessions_) session->stop();
    });
  }

 private:
  Status open_tcp() {
    using asio::ip::tcp;
    ErrorStatus error;
    const auto try_address = [&](const asio::ip::address& address, std::uint16_t port) {
      tcp::acceptor acceptor(io_);
      const tcp::endpoint endpoint(address, port);
      acceptor.open(endpoint.protocol(), error);
      if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
      if (!error && address.is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
      if (!error) acceptor.bind(endpoint, error);
      if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
      if (!error) {
        port_ = acceptor.local_endpoint(error).port();
        tcp_.push_back(std::move(acceptor));
      }
    };
    try_address(asio::ip::address_v4::loopback(), options_.port);
    if (error) {
      return Error{ErrorCode::failed_precondition,
                   "cannot listen on 127.0.0.1:" + std::to_string(options_.port) + ": " +
                       error.message() +
                       "; stop what uses the port, or choose another with --port"};
    }
    // A machine without IPv6, or with that port in use there, still has the other address.
    try_address(asio::ip::address_v6::loopback(), port_);
    return {};
  }

  Status open_unix() {
    using asio::local::stream_protocol;
    const std::string& path = options_.socket_path;
    std::remove(path.c_str());
    ErrorStatus error;
    stream_protocol::acceptor acceptor(io_);
    acceptor.open(stream_protocol(), error);
    if (path.size() >= sizeof(sockaddr_un{}.sun_path)) {
      return Error{ErrorCode::invalid_argument, "the socket's path is too long: " + path};
    }
    // Nobody may connect between bind() and chmod().
    const mode_t mask = umask(0177);
    if (!error) acceptor.bind(stream_protocol::endpoint(path), error);
    umask(mask);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return Error{ErrorCode::unavailable, "cannot make the socket " + path + ": " + error.message()};
    }
    unix_.emplace(std::move(acceptor));
    return {};
  }

  template <class Acceptor>
  Task<void> accept(Acceptor& acceptor, Carrier carrier) {
    while (!is_stopping_) {
      ErrorStatus error;
      auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
      if (error) {
        // Out of descriptors: some connection will end.
        asio::steady_timer pause(io_, std::chrono::milliseconds(100));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      asio::co_spawn(io_, serve(Stream(asio::generic::stream_protocol::socket(std::move(socket))),
                                carrier),
                     asio::detached);
    }
  }

  Task<void> serve(Stream stream, Carrier carrier) {
    Session session(std::move(stream), carrier, io_, options_.limits, service_, *workers_);
    if (is_stopping_) co_return;
    if (connections_ >= options_.limits.connections_max) {
      co_await session.refuse_all(kBusy, "too many connections; close some and try again");
      co_return;
    }
    ++connections_;
    sessions_.push_back(&session);
    co_await session.run();
    std::erase(sessions_, &session);
    --connections_;
  }

  ListenerOptions options_;
  Service& service_;
  asio::io_context io_{1};
  std::vector<asio::ip::tcp::acceptor> tcp_;
  std::optional<asio::local::stream_protocol::acceptor> unix_;
  std::uint16_t port_ = 0;
  WorkerThreads* workers_ = nullptr;
  std::vector<Session*> sessions_;
  std::atomic<std::size_t> connections_ = 0;
  std::atomic<bool> is_stopping_ = false;
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const ListenerOptions& options, Service& service) {
  auto listener = std::make_unique<BeastListener>(options, service);
  TRY(listener->open());
  return std::unique_ptr<Listener>(std::move(listener));
}

}  // namespace saerok::server
