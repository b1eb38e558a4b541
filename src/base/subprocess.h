/// Other programs, run without a shell. A child starts in a process group of its own (so that
/// Ctrl-C reaches only us, and we decide what becomes of it), inherits no file but the standard
/// three, and is killed and reaped when its owner goes. Not for long shell pipelines.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok {

/// A file descriptor that is closed when its owner goes.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  int get() const { return fd_; }
  int release();
  void reset();

 private:
  int fd_ = -1;
};

enum class ChildOutput : std::uint8_t {
  inherit,  ///< Goes where ours goes.
  keep,     ///< Kept in memory, to be read when the child has ended.
};

struct SubprocessOptions {
  std::vector<std::string> arguments;  ///< The first is the program, looked up on the PATH.
  /// `NAME=value` each; none: our own environment.
  std::optional<std::vector<std::string>> environment = std::nullopt;
  ChildOutput standard_error = ChildOutput::keep;
};

/// How a child ended.
struct ProcessEnd {
  int exit_code = 0;  ///< Meaningful where signal is 0.
  int signal = 0;
};

/// A running child whose standard input and output are one two-way channel to us.
class Subprocess {
 public:
  /// Errors: unavailable (no such program, no memory).
  static Result<Subprocess> start(const SubprocessOptions& options);
  ~Subprocess();
  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&& other) noexcept;

  /// Non-blocking; a write to a child that is gone gives EPIPE, not a signal, with send().
  int channel() const { return channel_.get(); }
  pid_t pid() const { return pid_; }

  /// How it ended, if it has. Reaps it.
  std::optional<ProcessEnd> poll_end();
  /// Kills it, with whatever it started, and reaps it.
  ProcessEnd kill();
  /// The last `bytes_max` bytes that it wrote to standard error, where those are kept.
  std::string standard_error_tail(std::size_t bytes_max) const;

 private:
  Subprocess() = default;
  pid_t pid_ = -1;
  std::optional<ProcessEnd> end_;
  FileDescriptor channel_;
  FileDescriptor errors_;
};

struct ProcessOutput {
  ProcessEnd end;
  std::string standard_output;  ///< At most kProcessOutputBytesMax, from the start.
  std::string standard_error;   ///< At most kProcessOutputBytesMax, from the end.
};
constexpr std::size_t kProcessOutputBytesMax = 1 << 20;

/// Runs a program to its end, with nothing on its standard input. A stop or a passed deadline kills
/// it. A program that fails is not an Error: its end says so.
/// Errors: unavailable (could not be started), cancelled, deadline_exceeded.
Result<ProcessOutput> run_process(const SubprocessOptions& options, const CallContext& call);

/// "was killed by signal 11 (Segmentation fault)" or "ended with code 3".
std::string describe(const ProcessEnd& end);

}  // namespace saerok
