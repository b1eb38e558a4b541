// Latency of searches over HTTP, with clients that ask one question after another:
//
//   serve_bench PORT TOKEN QUERIES.jsonl CLIENTS [SECONDS] [IDLE_STREAMS]
//
// Queries are lines of {"text"}. Each client keeps one connection. IDLE_STREAMS more connections
// are opened and left alone. Prints requests a second, p50 and p99.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"

namespace {

using Clock = std::chrono::steady_clock;

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  return fd;
}

/// Reads one answer with a Content-Length; its status.
int read_answer(int fd, std::string& buffer) {
  std::size_t end = std::string::npos;
  std::size_t wanted = 0;
  char piece[65'536];
  buffer.clear();
  while (end == std::string::npos || buffer.size() < end + wanted) {
    const ssize_t size = recv(fd, piece, sizeof piece, 0);
    if (size <= 0) return 0;
    buffer.append(piece, static_cast<std::size_t>(size));
    if (end != std::string::npos) continue;
    const std::size_t blank = buffer.find("\r\n\r\n");
    if (blank == std::string::npos) continue;
    end = blank + 4;
    const std::size_t length = buffer.find("Content-Length: ");
    wanted = std::strtoull(buffer.c_str() + length + 16, nullptr, 10);
  }
  return std::atoi(buffer.c_str() + 9);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr,
                 "usage: serve_bench PORT TOKEN QUERIES.jsonl CLIENTS [SECONDS] [IDLE_STREAMS]\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const std::string token = argv[2];
  const int clients = std::atoi(argv[4]);
  const auto duration = std::chrono::seconds(argc > 5 ? std::atoi(argv[5]) : 5);
  const int idle = argc > 6 ? std::atoi(argv[6]) : 0;
  std::vector<std::string> requests;
  std::ifstream stream(argv[3]);
  for (std::string line; std::getline(stream, line);) {
    const auto json = saerok::parse_json(line, argv[3]);
    if (!json) continue;
    const std::string body = saerok::print_json({{"query", json->at("text")}, {"mode", "lexical"}});
    requests.push_back("POST /v1/saerok/search HTTP/1.1\r\nHost: 127.0.0.1:" +
                       std::to_string(port) + "\r\nAuthorization: Bearer " + token +
                       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  std::vector<int> streams;
  for (int i = 0; i < idle; ++i) streams.push_back(connect_to(port));
  std::vector<std::vector<double>> times(static_cast<std::size_t>(clients));
  const auto until = Clock::now() + duration;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < times.size(); ++i) {
      threads.emplace_back([&, i] {
        const int fd = connect_to(port);
        std::string buffer;
        for (std::size_t at = i * 7; Clock::now() < until; ++at) {
          const std::string& request = requests[at % requests.size()];
          const auto began = Clock::now();
          if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) break;
          const int status = read_answer(fd, buffer);
          if (status != 200) {
            std::fprintf(stderr, "answered %d: %s\n", status, buffer.c_str());
            std::exit(1);
          }
          const std::chrono::duration<double, std::milli> took = Clock::now() - began;
          times[i].push_back(took.count());
        }
        close(fd);
      });
    }
  }
  for (const int fd : streams) close(fd);
  std::vector<double> all;
  for (const auto& one : times) all.insert(all.end(), one.begin(), one.end());
  std::ranges::sort(all);
  if (all.empty()) return 1;
  std::printf("%d clients, %d idle: %.0f requests/s, p50 %.1f ms, p99 %.1f ms\n", clients, idle,
              static_cast<double>(all.size()) / static_cast<double>(duration.count()),
              all[all.size() / 2], all[all.size() * 99 / 100]);
  return 0;
}
