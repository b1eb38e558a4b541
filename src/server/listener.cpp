#include "server/listener.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <utility>
#include <vector>

#include "server/listener_session.h"
#include "server/listener_tls.h"

namespace saerok::server {
namespace {

namespace asio = boost::asio;
using ErrorStatus = boost::system::error_code;

constexpr int kBusy = 503;

class BeastListener final : public Listener {
 public:
  BeastListener(const ListenerOptions& options, Service& service)
      : options_(options), service_(service) {}

  Status open() {
    if (!options_.tls.empty()) tls_ = TRY(make_tls_context(options_.tls));
    TRY(open_tcp());
    return options_.socket_path.empty() ? Status{} : open_unix();
  }

  std::uint16_t port() const override { return port_; }

  std::string origin() const override {
    const std::string port = ":" + std::to_string(port_);
    if (!tls_) return "http://127.0.0.1" + port;
    std::vector<std::string> names = {"127.0.0.1", "localhost"};
    names.insert(names.end(), options_.names.begin(), options_.names.end());
    return "https://" + name_of_certificate(*tls_, names) + port;
  }

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
      return Error{ErrorCode::unavailable,
                   "cannot make the socket " + path + ": " + error.message()};
    }
    unix_.emplace(std::move(acceptor));
    return {};
  }

  template <class Acceptor>
  Task<void> accept(Acceptor& acceptor, Carrier carrier) {
    while (!is_stopping_) {
      ErrorStatus error;
      auto socket =
          co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
      if (error) {
        // Out of descriptors: some connection will end.
        asio::steady_timer pause(io_, std::chrono::milliseconds(100));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      PlainStream plain{asio::generic::stream_protocol::socket(std::move(socket))};
      asio::co_spawn(io_, serve(std::move(plain), carrier), asio::detached);
    }
  }

  Task<void> serve(PlainStream plain, Carrier carrier) {
    PeerStream stream(std::move(plain), carrier == Carrier::loopback ? tls_.get() : nullptr);
    Session session(stream, carrier, io_, options_.limits, service_, *workers_);
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
  std::unique_ptr<asio::ssl::context> tls_;  ///< Null: the port speaks plain HTTP.
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
