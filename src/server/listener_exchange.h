/// One request between the thread that answers it and the coroutine that sends: a part of the
/// listener, of use to nobody else.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "server/listener.h"

namespace saerok::server {

/// What the thread that answers and the connection's coroutine share.
class LiveExchange final : public Exchange, public std::enable_shared_from_this<LiveExchange> {
 public:
  LiveExchange(Request request, boost::asio::io_context& io, const ListenerLimits& limits,
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
    const auto has_room = [this] { return is_gone_ || unsent_bytes_ < limits_.unsent_bytes_max; };
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
    State state{
        .is_streaming = is_streaming_, .is_done = is_done_, .is_gone = is_gone_, .bytes = {}};
    for (const std::string& piece : unsent_) state.bytes += piece;
    unsent_.clear();
    unsent_bytes_ = 0;
    room_.notify_all();
    return state;
  }
  /// Only once take() has said that it is streaming, or done.
  Response& response() { return response_; }

  boost::asio::steady_timer
      wake;  ///< Cancelled on the coroutine's thread when there is something to do.

 private:
  void notify() {
    boost::asio::post(io_, [self = shared_from_this()] { self->wake.cancel(); });
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
  boost::asio::io_context& io_;
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

}  // namespace saerok::server
