#include "server/listener_session.h"

#include <poll.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <utility>

namespace saerok::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorStatus = boost::system::error_code;

constexpr int kBadRequest = 400;
constexpr int kTooLarge = 413;
constexpr int kHeadersTooLarge = 431;
constexpr int kInternal = 500;
/// What a peer whose request was refused may still send before the connection is closed: closing
/// with bytes unread would make the system throw the answer away.
constexpr std::size_t kDrainBytesMax = std::size_t{1} << 18;
constexpr std::chrono::milliseconds kDrainTime{500};
constexpr std::size_t kReadBytes = 4'096;
constexpr std::chrono::milliseconds kCancelAgain{10};
/// The first byte of TLS, which no request of HTTP begins with.
constexpr unsigned char kHandshakeRecord = 0x16;
/// A comment in an event stream, so that neither side takes silence for the end.
constexpr std::chrono::seconds kKeepAlive{15};

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

/// Whether a peer that sends no more still reads. Of one elsewhere that cannot be known.
bool still_reads(int unix_socket) {
  pollfd peer{unix_socket, POLLRDHUP, 0};
  return poll(&peer, 1, 0) == 1 && (peer.revents & (POLLHUP | POLLERR)) == 0;
}

}  // namespace

Session::Session(PeerStream& stream, Carrier carrier, asio::io_context& io,
                 const ListenerLimits& limits, Service& service, WorkerThreads& workers)
    : stream_(stream),
      carrier_(carrier),
      io_(io),
      limits_(limits),
      service_(service),
      workers_(workers),
      watch_ended_(io) {}

void Session::stop() {
  is_ending_ = true;
  if (exchange_) exchange_->request_stop();
  else stream_.cancel();
}

Task<void> Session::run() {
  bool goes_on = co_await encrypt();
  while (goes_on && !is_ending_) goes_on = co_await serve_one();
  stream_.expires_after(kDrainTime);
  co_await stream_.finish();
}

Task<bool> Session::encrypt() {
  if (!stream_.awaits_encryption()) co_return true;
  if (!co_await await_first_byte()) co_return false;
  if (*static_cast<const unsigned char*>(buffer_.data().data()) != kHandshakeRecord) {
    request_ = {};
    co_await refuse(
        service_.refuse(kBadRequest, "this port speaks HTTPS; write https:// for http://"));
    co_return false;
  }
  stream_.expires_after(limits_.header_time);
  const ErrorStatus error = co_await stream_.encrypt(buffer_.data());
  buffer_.clear();
  co_return !error;
}

Task<void> Session::refuse_all(int status, const char* detail) {
  request_ = {};
  // A peer of TLS has said nothing yet, and would not understand.
  if (stream_.awaits_encryption()) co_return;
  co_await refuse(service_.refuse(status, detail));
}

Task<bool> Session::serve_one() {
  if (buffer_.size() == 0 && !co_await await_first_byte()) co_return false;
  Parser parser;
  parser.header_limit(limits_.header_bytes_max);
  // Set when the head has been looked at: whoever may not ask is told that, not a limit.
  parser.body_limit(boost::none);
  ErrorStatus error;
  stream_.expires_after(limits_.header_time);
  co_await http::async_read_header(stream_, buffer_, parser,
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

Task<bool> Session::await_first_byte() {
  ErrorStatus error;
  stream_.expires_after(limits_.idle_time);
  const std::size_t size = co_await stream_.async_read_some(
      buffer_.prepare(kReadBytes), asio::redirect_error(asio::use_awaitable, error));
  buffer_.commit(size);
  co_return !error;
}

Task<void> Session::answer_bad_head(ErrorStatus error) {
  request_ = {};
  // Any other is of the connection: a peer that hung up, or was too slow.
  const bool is_of_http =
      error.category() == http::make_error_code(http::error::bad_method).category();
  if (!is_of_http || error == http::error::end_of_stream || error == http::error::partial_message) {
    co_return;
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    co_await refuse(service_.refuse(kHeadersTooLarge, "the request's headers are too long"));
  } else {
    co_await refuse(service_.refuse(kBadRequest, "this is no HTTP request: " + error.message()));
  }
}

Task<bool> Session::read_body(Parser& parser) {
  ErrorStatus error;
  stream_.expires_after(limits_.body_time);
  if (parser.content_length() && *parser.content_length() > limits_.body_bytes_max) {
    error = http::error::body_limit;
  } else if (beast::iequals(request_.header("expect"), "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(stream_, asio::buffer(kContinue),
                               asio::redirect_error(asio::use_awaitable, error));
  }
  if (!error) {
    co_await http::async_read(stream_, buffer_, parser,
                              asio::redirect_error(asio::use_awaitable, error));
  }
  if (!error) co_return true;
  if (error == http::error::body_limit) {
    co_await refuse(service_.refuse(kTooLarge, "the request's body is larger than " +
                                                   std::to_string(limits_.body_bytes_max >> 20) +
                                                   " MB"));
  } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
             error != http::error::partial_message && error != http::error::end_of_stream) {
    co_await refuse(
        service_.refuse(kBadRequest, "the request's body is malformed: " + error.message()));
  }
  co_return false;
}

Task<bool> Session::answer() {
  const auto exchange = std::make_shared<LiveExchange>(std::move(request_), io_, limits_, carrier_);
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
  stream_.expires_never();
  is_watching_ = true;
  asio::co_spawn(io_, watch_peer(exchange), asio::detached);
  const bool goes_on = co_await send_answer(*exchange);
  exchange->abandon();
  exchange_.reset();
  co_await end_watch();
  co_return goes_on;
}

/// A peer that hangs up has no use for the answer; one that only sends no more wants it to end, and
/// to have what there is. What a peer sends meanwhile is its next request. Under TLS only reading
/// tells these apart.
Task<void> Session::watch_peer(std::shared_ptr<LiveExchange> exchange) {
  // Not where it was answered before this began, nor where it sends request after request unasked.
  if (exchange_ == exchange && buffer_.size() < kReadBytes) {
    ErrorStatus error;
    const std::size_t size = co_await stream_.async_read_some(
        buffer_.prepare(kReadBytes), asio::redirect_error(asio::use_awaitable, error));
    buffer_.commit(size);
    const bool sends_no_more = error == asio::error::eof && carrier_ == Carrier::unix_socket;
    if (sends_no_more && still_reads(stream_.native_handle())) exchange->request_stop();
    else if (error && error != asio::error::operation_aborted) exchange->abandon();
  }
  is_watching_ = false;
  watch_ended_.cancel();
}

Task<void> Session::end_watch() {
  while (is_watching_) {
    // Again and again: TLS that has just got a part of a record begins another read.
    stream_.cancel();
    watch_ended_.expires_after(kCancelAgain);
    ErrorStatus ignored;
    co_await watch_ended_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

Task<bool> Session::send_answer(LiveExchange& exchange) {
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

std::string Session::head_of(const Response& response, std::optional<std::size_t> size) const {
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

Task<bool> Session::send_whole(const Response& response) {
  std::string text = head_of(response, response.body.size());
  if (!is_head_request_) text += response.body;
  co_return co_await send_text(std::move(text));
}

Task<bool> Session::send_text(std::string text) {
  ErrorStatus error;
  stream_.expires_after(limits_.send_time);
  co_await asio::async_write(stream_, asio::buffer(text),
                             asio::redirect_error(asio::use_awaitable, error));
  stream_.expires_never();
  co_return !error;
}

Task<void> Session::refuse(Response response) {
  is_keeping_alive_ = false;
  is_head_request_ = request_.method == "HEAD";
  service_.complete(request_, response);
  if (!co_await send_whole(response)) co_return;
  ErrorStatus error;
  stream_.expires_after(kDrainTime);
  // Under TLS the peer would answer this; the length told it where the answer ends.
  if (!stream_.is_encrypted()) co_await stream_.finish();
  buffer_.clear();
  for (std::size_t drained = 0; !error && drained < kDrainBytesMax;) {
    drained += co_await stream_.async_read_some(buffer_.prepare(4 * kReadBytes),
                                                asio::redirect_error(asio::use_awaitable, error));
  }
}

}  // namespace saerok::server
