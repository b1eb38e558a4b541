#include "base/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace saerok {
namespace {

Error start_error(const std::string& program, int code) {
  return {ErrorCode::unavailable, "could not start " + program + ": " + std::strerror(code) +
                                      (code == ENOENT ? "; is it installed?" : "")};
}

/// The three standard files of a child.
struct ChildFiles {
  int input;
  int output;
  int error;
};

Result<pid_t> spawn(const SubprocessOptions& options, const ChildFiles& files) {
  ASSERT(!options.arguments.empty());
  std::vector<char*> arguments;
  for (const std::string& argument : options.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  std::vector<char*> variables;
  if (options.environment) {
    for (const std::string& variable : *options.environment) {
      variables.push_back(const_cast<char*>(variable.c_str()));
    }
    variables.push_back(nullptr);
  }

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, files.input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, files.output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, files.error, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(),
                                  options.environment ? variables.data() : environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return start_error(options.arguments[0], failed);
  return pid;
}

/// A file in memory that a child writes to: nobody has to drain it while the child runs.
Result<FileDescriptor> memory_file(const std::string& program) {
  FileDescriptor file(memfd_create("saerok-child", MFD_CLOEXEC));
  if (file.get() < 0) return start_error(program, errno);
  return file;
}

std::string read_part(int fd, off_t begin, std::size_t bytes_max) {
  std::string text(bytes_max, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got =
        pread(fd, text.data() + size, text.size() - size, begin + static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

std::string read_tail(int fd, std::size_t bytes_max) {
  struct stat facts{};
  if (fd < 0 || fstat(fd, &facts) != 0) return {};
  const off_t begin = std::max<off_t>(0, facts.st_size - static_cast<off_t>(bytes_max));
  return read_part(fd, begin, static_cast<std::size_t>(facts.st_size - begin));
}

ProcessEnd end_of(int wait_status) {
  if (WIFSIGNALED(wait_status)) return {.exit_code = 0, .signal = WTERMSIG(wait_status)};
  return {.exit_code = WEXITSTATUS(wait_status), .signal = 0};
}

std::optional<ProcessEnd> reap(pid_t pid, int options) {
  int wait_status = 0;
  pid_t reaped = 0;
  do {
    reaped = waitpid(pid, &wait_status, options);
  } while (reaped < 0 && errno == EINTR);
  if (reaped == 0) return std::nullopt;
  // Somebody else reaped it (SIGCHLD ignored): gone, how is unknown.
  if (reaped < 0) return ProcessEnd{.exit_code = 255, .signal = 0};
  return end_of(wait_status);
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int FileDescriptor::release() { return std::exchange(fd_, -1); }

void FileDescriptor::reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Result<Subprocess> Subprocess::start(const SubprocessOptions& options) {
  const std::string& program = options.arguments.at(0);
  int ends[2];
  // A socket pair, because send() can be told not to raise SIGPIPE, which write() cannot.
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return start_error(program, errno);
  }
  Subprocess child;
  child.channel_ = FileDescriptor(ends[0]);
  const FileDescriptor far_end(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  int error_fd = STDERR_FILENO;
  if (options.standard_error == ChildOutput::keep) {
    child.errors_ = TRY(memory_file(program));
    error_fd = child.errors_.get();
  }
  child.pid_ = TRY(spawn(options, {far_end.get(), far_end.get(), error_fd}));
  return child;
}

Subprocess::~Subprocess() {
  if (pid_ > 0) kill();
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      end_(other.end_),
      channel_(std::move(other.channel_)),
      errors_(std::move(other.errors_)) {}

Subprocess& Subprocess::operator=(Subprocess&& other) noexcept {
  if (this != &other) {
    if (pid_ > 0) kill();
    pid_ = std::exchange(other.pid_, -1);
    end_ = other.end_;
    channel_ = std::move(other.channel_);
    errors_ = std::move(other.errors_);
  }
  return *this;
}

std::optional<ProcessEnd> Subprocess::poll_end() {
  if (!end_ && pid_ > 0) end_ = reap(pid_, WNOHANG);
  return end_;
}

ProcessEnd Subprocess::kill() {
  if (!poll_end()) {
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);  // For the moment before the child has its own group.
    end_ = reap(pid_, 0);
  }
  return *end_;
}

std::string Subprocess::standard_error_tail(std::size_t bytes_max) const {
  return read_tail(errors_.get(), bytes_max);
}

Result<ProcessOutput> run_process(const SubprocessOptions& options, const CallContext& call) {
  const std::string& program = options.arguments.at(0);
  const FileDescriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (nothing.get() < 0) return start_error(program, errno);
  const FileDescriptor output = TRY(memory_file(program));
  FileDescriptor errors;
  int error_fd = STDERR_FILENO;
  if (options.standard_error == ChildOutput::keep) {
    errors = TRY(memory_file(program));
    error_fd = errors.get();
  }
  const pid_t pid = TRY(spawn(options, {nothing.get(), output.get(), error_fd}));
  std::optional<ProcessEnd> end;
  while (!(end = reap(pid, WNOHANG))) {
    if (const Status status = call.check(); !status) {
      ::kill(-pid, SIGKILL);
      ::kill(pid, SIGKILL);
      reap(pid, 0);
      return status.error();
    }
    poll(nullptr, 0, 10);
  }
  return ProcessOutput{.end = *end,
                       .standard_output = read_part(output.get(), 0, kProcessOutputBytesMax),
                       .standard_error = read_tail(errors.get(), kProcessOutputBytesMax)};
}

std::string describe(const ProcessEnd& end) {
  if (end.signal == 0) return "ended with code " + std::to_string(end.exit_code);
  return "was killed by signal " + std::to_string(end.signal) + " (" + strsignal(end.signal) + ")";
}

}  // namespace saerok
