#include "models/worker_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <variant>

#include "base/subprocess.h"

namespace saerok {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMs = 20;
/// How long a worker has to obey a cancel before it is killed.
constexpr std::chrono::milliseconds kObeyTime{120};
constexpr std::uint32_t kLoadRequest = 1;

/// The worker is gone, or talks nonsense.
struct WorkerDied {
  std::string how;
};
using Reply = std::variant<Frame, Error, WorkerDied>;

struct Connection {
  Subprocess child;
  FrameParser parser;
  std::uint32_t last_request = kLoadRequest;
  bool is_loaded = false;
};

/// A worker needs no secrets and no settings: only what the loader and the sanitizers read.
std::vector<std::string> worker_environment() {
  std::vector<std::string> variables;
  for (const char* name : {"PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "ASAN_OPTIONS",
                           "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  }
  return variables;
}

/// Reads what has come, waiting for it at most `wait_ms`. False: the worker is gone.
bool receive(Connection& connection, int wait_ms) {
  pollfd waiting{connection.child.channel(), POLLIN, 0};
  if (poll(&waiting, 1, wait_ms) <= 0) return true;
  std::array<std::byte, 1 << 16> buffer;
  for (;;) {
    const ssize_t got = recv(connection.child.channel(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    if (got <= 0) return false;
    connection.parser.feed(std::span(buffer).first(static_cast<std::size_t>(got)));
    if (static_cast<std::size_t>(got) < buffer.size()) return true;
  }
}

enum class Sent : std::uint8_t { all, part, nothing_listens };

/// Sends a frame, waiting for room only as long as `call` allows.
Sent send_frame(Connection& connection, std::span<const std::byte> bytes, const CallContext& call) {
  while (!bytes.empty()) {
    const ssize_t put = send(connection.child.channel(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(put));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return Sent::nothing_listens;
    if (!call.check()) return Sent::part;
    pollfd waiting{connection.child.channel(), POLLOUT, 0};
    poll(&waiting, 1, kPollMs);
  }
  return Sent::all;
}

}  // namespace

struct WorkerClient::State {
  WorkerSpec spec;
  std::timed_mutex turn;
  std::optional<Connection> connection;
  std::atomic<pid_t> process = -1;

  Status start();
  WorkerDied bury();
  std::variant<std::monostate, Frame, WorkerDied> next_frame();
  Reply await_loaded(const CallContext& call);
  Reply await_answer(std::uint32_t request, const PartSink& on_part, bool& has_begun,
                     const CallContext& call);
  Reply stop_request(std::uint32_t request, Error reason);
  Reply ask(FrameType type, std::span<const std::byte> payload, const PartSink& on_part,
            bool& has_begun, const CallContext& call);
};

Status WorkerClient::State::start() {
  Connection fresh{
      .child = TRY(Subprocess::start({
          .arguments = {spec.program, "model-worker"},
          .environment = worker_environment(),
          .standard_error = spec.load.verbose ? ChildOutput::inherit : ChildOutput::keep,
      })),
      .parser = {}};
  process = fresh.child.pid();
  connection.emplace(std::move(fresh));
  return {};
}

/// Ends the connection and says how the worker came to its end.
WorkerDied WorkerClient::State::bury() {
  // The channel closes a moment before the process can be waited for.
  const auto patience = Clock::now() + kObeyTime;
  std::optional<ProcessEnd> end;
  while (!(end = connection->child.poll_end()) && Clock::now() < patience) poll(nullptr, 0, 2);
  WorkerDied died{end ? describe(*end) : "did not answer in its own protocol"};
  std::string words = connection->child.standard_error_tail(300);
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
  if (!words.empty()) died.how += ", saying: " + words.substr(words.rfind('\n') + 1);
  connection.reset();
  process = -1;
  return died;
}

/// Waits a moment for the next frame.
std::variant<std::monostate, Frame, WorkerDied> WorkerClient::State::next_frame() {
  for (const int wait_ms : {0, kPollMs}) {
    Result<std::optional<Frame>> frame = connection->parser.next();
    if (!frame) return bury();
    if (*frame) return *std::move(*frame);
    if (!receive(*connection, wait_ms == 0 ? kPollMs : 0)) return bury();
  }
  return std::monostate{};
}

Reply WorkerClient::State::await_loaded(const CallContext& call) {
  for (;;) {
    auto next = next_frame();
    if (auto* died = std::get_if<WorkerDied>(&next)) return std::move(*died);
    if (auto* frame = std::get_if<Frame>(&next); frame && frame->request == kLoadRequest) {
      if (frame->type == FrameType::failed) {
        Error error = decode_error(frame->payload);
        connection.reset();
        process = -1;
        return error;
      }
      if (frame->type != FrameType::loaded) return bury();
      connection->is_loaded = true;
      return std::move(*frame);
    }
    if (const Status status = call.check(); !status) return status.error();
  }
}

/// Tells the worker to stop and waits until it has, or kills it.
Reply WorkerClient::State::stop_request(std::uint32_t request, Error reason) {
  const auto patience = Clock::now() + kObeyTime;
  const CallContext short_call{.stop = {}, .deadline = patience};
  if (send_frame(*connection, encode_frame(FrameType::cancel, request, {}), short_call) ==
      Sent::all) {
    while (Clock::now() < patience) {
      auto next = next_frame();
      if (std::holds_alternative<WorkerDied>(next)) return reason;
      auto* frame = std::get_if<Frame>(&next);
      if (frame == nullptr || frame->request != request) continue;
      if (frame->type == FrameType::failed) return reason;
      if (!is_part(frame->type)) return std::move(*frame);
    }
  }
  connection.reset();
  process = -1;
  return reason;
}

Reply WorkerClient::State::await_answer(std::uint32_t request, const PartSink& on_part,
                                        bool& has_begun, const CallContext& call) {
  for (;;) {
    auto next = next_frame();
    if (auto* died = std::get_if<WorkerDied>(&next)) return std::move(*died);
    if (auto* frame = std::get_if<Frame>(&next); frame && frame->request == request) {
      if (frame->type == FrameType::failed) return decode_error(frame->payload);
      if (!is_part(frame->type)) return std::move(*frame);
      has_begun = has_begun || frame->type == FrameType::delta;
      if (on_part && !on_part(*frame)) {
        return stop_request(request, {ErrorCode::cancelled, "the answer was stopped"});
      }
    }
    if (const Status status = call.check(); !status) {
      Reply stopped = stop_request(request, status.error());
      // Half an answer is no answer to a caller who has gone.
      if (std::holds_alternative<Frame>(stopped)) return status.error();
      return stopped;
    }
  }
}

Reply WorkerClient::State::ask(FrameType type, std::span<const std::byte> payload,
                               const PartSink& on_part, bool& has_begun, const CallContext& call) {
  const auto send_or_bury = [&](std::span<const std::byte> frame) -> std::optional<Reply> {
    const Sent sent = send_frame(*connection, frame, call);
    if (sent == Sent::all) return std::nullopt;
    if (sent == Sent::nothing_listens) return bury();
    connection.reset();  // Half a frame cannot be taken back.
    process = -1;
    return call.check().error();
  };
  if (!connection) {
    if (Status started = start(); !started) return std::move(started).error();
    if (auto failed =
            send_or_bury(encode_frame(FrameType::load, kLoadRequest, encode(spec.load)))) {
      return *std::move(failed);
    }
  }
  if (!connection->is_loaded) {
    Reply loaded = await_loaded(call);
    if (!std::holds_alternative<Frame>(loaded)) return loaded;
  }
  const std::uint32_t request = ++connection->last_request;
  if (auto failed = send_or_bury(encode_frame(type, request, payload))) return *std::move(failed);
  return await_answer(request, on_part, has_begun, call);
}

WorkerClient::WorkerClient(WorkerSpec spec) : state_(std::make_unique<State>()) {
  state_->spec = std::move(spec);
}
WorkerClient::~WorkerClient() = default;

Result<Frame> WorkerClient::exchange(FrameType type, std::span<const std::byte> payload,
                                     const PartSink& on_part, const CallContext& call) {
  if (payload.size() > kFrameBytesMax) {
    return Error{ErrorCode::invalid_argument, "the text is too long for a local model"};
  }
  std::unique_lock turn(state_->turn, std::defer_lock);
  while (!turn.try_lock_for(std::chrono::milliseconds(kPollMs))) TRY(call.check());
  TRY(call.check());
  bool has_begun = false;
  for (int attempt = 0;; ++attempt) {
    Reply reply = state_->ask(type, payload, on_part, has_begun, call);
    if (auto* frame = std::get_if<Frame>(&reply)) return std::move(*frame);
    if (auto* error = std::get_if<Error>(&reply)) return std::move(*error);
    if (attempt > 0 || has_begun) {
      return Error{ErrorCode::unavailable,
                   "the process that runs " + state_->spec.load.path + " " +
                       std::get<WorkerDied>(reply).how +
                       "; if it happens again, the model may be broken or too large for memory"};
    }
  }
}

std::optional<pid_t> WorkerClient::process() const {
  const pid_t pid = state_->process;
  if (pid < 0) return std::nullopt;
  return pid;
}

}  // namespace saerok
