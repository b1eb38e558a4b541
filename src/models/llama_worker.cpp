#include "models/llama_worker.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "models/encoder_library.h"
#include "models/model_runtime.h"
#include "models/worker_confinement.h"
#include "models/worker_protocol.h"

namespace saerok {
namespace {

constexpr int kPeerSpeaksNonsense = 3;

/// Feeds what comes next to the parser. Ends the process once the peer is gone, whatever its end
/// was. Not left to PR_SET_PDEATHSIG: that signal comes when the *thread* that started us ends,
/// which in a pool is long before the program does.
void read_more(int fd, FrameParser& parser) {
  std::array<std::byte, 1 << 16> buffer;
  ssize_t got = 0;
  do got = read(fd, buffer.data(), buffer.size());
  while (got < 0 && errno == EINTR);
  if (got <= 0) _exit(0);
  parser.feed(std::span(buffer).first(static_cast<std::size_t>(got)));
}

std::optional<Frame> next_frame(FrameParser& parser) {
  Result<std::optional<Frame>> frame = parser.next();
  if (!frame) _exit(kPeerSpeaksNonsense);
  return *std::move(frame);
}

/// Requests as they come in, read by a thread of its own so that a cancel overtakes the work.
class Inbox {
 public:
  /// `current` is the request in hand already, and `parser` holds what came behind it.
  Inbox(int fd, FrameParser parser, std::uint32_t current)
      : fd_(fd), parser_(std::move(parser)), current_(current), reader_([this] { read_frames(); }) {
    reader_.detach();
  }

  Frame wait() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !frames_.empty(); });
    Frame frame = std::move(frames_.front());
    frames_.pop_front();
    current_ = frame.request;
    return frame;
  }

  /// Whether the request in hand was cancelled. Requests are numbered upwards.
  bool is_cancelled() const { return current_ <= cancelled_; }

 private:
  void read_frames() {
    for (;; read_more(fd_, parser_)) {
      while (auto frame = next_frame(parser_)) take(*std::move(frame));
    }
  }

  void take(Frame frame) {
    if (frame.type == FrameType::cancel) {
      cancelled_ = frame.request;
      return;
    }
    const std::lock_guard lock(mutex_);
    frames_.push_back(std::move(frame));
    arrived_.notify_one();
  }

  int fd_;
  FrameParser parser_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Frame> frames_;
  std::atomic<std::uint32_t> current_;
  std::atomic<std::uint32_t> cancelled_ = 0;
  std::thread reader_;
};

void write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) {
      pollfd wait{fd, POLLOUT, 0};
      poll(&wait, 1, -1);
      continue;
    }
    if (put <= 0) _exit(0);  // Nobody listens any more.
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

/// Serves requests one after the other.
class Server {
 public:
  Server(int in_fd, int out_fd) : in_fd_(in_fd), out_fd_(out_fd) {}

  [[noreturn]] void serve() {
    for (;;) answer(inbox_ ? inbox_->wait() : first_frame());
  }

 private:
  /// Read without a second thread, which there may not be before the worker is confined.
  Frame first_frame() {
    for (;;) {
      if (auto frame = next_frame(parser_)) return *std::move(frame);
      read_more(in_fd_, parser_);
    }
  }

  void answer(const Frame& frame) {
    request_ = frame.request;
    const Status answered = dispatch(frame);
    if (!answered) send(FrameType::failed, encode(answered.error()));
  }

  Status dispatch(const Frame& frame) {
    if (frame.type == FrameType::load) return load(frame);
    if (!runtime_) {
      return Error{ErrorCode::failed_precondition, "the model worker has no model loaded"};
    }
    if (frame.type == FrameType::embed) {
      const auto texts = TRY(decode_texts(frame.payload));
      send(FrameType::vectors, encode(TRY(runtime_->embed(texts))));
      return {};
    }
    if (frame.type == FrameType::count) {
      const auto texts = TRY(decode_texts(frame.payload));
      std::uint64_t tokens = 0;
      for (const std::string& text : texts) tokens += TRY(runtime_->count_tokens(text));
      send(FrameType::counted, encode(tokens));
      return {};
    }
    if (frame.type == FrameType::complete) return complete(frame);
    if (frame.type == FrameType::score) return score(frame);
    return Error{ErrorCode::invalid_argument, "the model worker does not know this request"};
  }

  Status load(const Frame& frame) {
    if (inbox_) return Error{ErrorCode::invalid_argument, "the model worker has a model already"};
    const LoadRequest request = TRY(decode_load_request(frame.payload));
    // The folders of libraries that are loaded stay readable: this one loads others of its folder.
    if (request.task == WorkerTask::embed && request.embed_with != EmbedWith::llama) {
      static_cast<void>(load_encoder_module());
    }
    TRY(confine_worker(request.path));
    inbox_ = std::make_unique<Inbox>(in_fd_, std::move(parser_), frame.request);
    runtime_ = TRY(load_runtime(request, [inbox = inbox_.get()] { return inbox->is_cancelled(); }));
    send(FrameType::loaded, encode(runtime_->facts()));
    return {};
  }

  Status complete(const Frame& frame) {
    auto request = TRY(decode_completion_request(frame.payload));
    request.on_read = [this](std::uint32_t read, std::uint32_t total) {
      send(FrameType::reading, encode(PromptProgress{read, total}));
    };
    const Completion completion = TRY(runtime_->complete(request, [this](std::string_view text) {
      send(FrameType::delta, encode_text(text));
      return true;
    }));
    send(FrameType::completed, encode(completion));
    return {};
  }

  Status score(const Frame& frame) {
    const auto texts = TRY(decode_texts(frame.payload));
    if (texts.empty())
      return Error{ErrorCode::invalid_argument, "there is no question to score by"};
    const std::uint64_t tokens = TRY(runtime_->score(
        texts.front(), std::span(texts).subspan(1),
        [this](const ScoredPassage& scored) { send(FrameType::delta, encode(scored)); }));
    send(FrameType::scored, encode(tokens));
    return {};
  }

  void send(FrameType type, const std::vector<std::byte>& payload) {
    write_all(out_fd_, encode_frame(type, request_, payload));
  }

  int in_fd_;
  int out_fd_;
  FrameParser parser_;  ///< Until there is an inbox.
  std::uint32_t request_ = 0;
  std::unique_ptr<Inbox> inbox_;
  std::unique_ptr<ModelRuntime> runtime_;
};

}  // namespace

int run_model_worker(int in_fd, int out_fd) {
  if (isatty(in_fd) != 0) {
    std::fputs("saerok model-worker is started by saerok itself, not by hand\n", stderr);
    return 2;
  }
  Server(in_fd, out_fd).serve();
}

}  // namespace saerok
