/// For tests: an HTTP server of a few lines on a free loopback port. One connection at a time, one
/// request a connection; what is answered is up to the handler, byte by byte, so that tests can
/// answer wrongly.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace saerok {

class LoopbackServer {
 public:
  struct Request {
    std::string head;  ///< Request line and headers, as sent.
    std::string body;
    bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
  };
  class Peer {
   public:
    explicit Peer(int fd) : fd_(fd) {}
    void send(std::string_view bytes) const {
      while (!bytes.empty()) {
        const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (put <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(put));
      }
    }
    /// A whole answer.
    void answer(std::string_view status, std::string_view body,
                std::string_view headers = {}) const {
      send("HTTP/1.1 " + std::string(status) +
           "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(headers) + "\r\n" + std::string(body));
    }
    /// Returns when the client has hung up.
    void await_hang_up() const {
      char byte = 0;
      while (recv(fd_, &byte, 1, 0) > 0) {
      }
    }

   private:
    int fd_;
  };
  using Handler = std::function<void(const Request&, const Peer&)>;

  explicit LoopbackServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, raw, size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, raw, &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~LoopbackServer() {
    is_stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::string url(std::string_view path = {}) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (!is_stopping_) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      Request request;
      if (read_request(fd, request)) {
        {
          const std::lock_guard lock(mutex_);
          requests_.push_back(request);
        }
        handler_(request, Peer(fd));
      }
      close(fd);
    }
  }

  static bool read_request(int fd, Request& request) {
    std::string bytes;
    std::size_t head_end = std::string::npos;
    std::size_t body_size = 0;
    for (char buffer[4096];;) {
      if (head_end == std::string::npos) head_end = bytes.find("\r\n\r\n");
      if (head_end != std::string::npos) {
        const auto at = bytes.find("Content-Length: ");
        if (at < head_end) body_size = std::strtoul(bytes.c_str() + at + 16, nullptr, 10);
      }
      if (head_end != std::string::npos && bytes.size() >= head_end + 4 + body_size) break;
      const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
      if (got <= 0) return false;
      bytes.append(buffer, static_cast<std::size_t>(got));
    }
    request.head = bytes.substr(0, head_end + 2);
    request.body = bytes.substr(head_end + 4);
    return true;
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> is_stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::thread thread_;
};

}  // namespace saerok
