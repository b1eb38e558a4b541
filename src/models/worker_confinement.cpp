#include "models/worker_confinement.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>

#include "base/core_dumps.h"
#include "models/worker_files.h"

namespace saerok {
namespace {

Error confinement_error(int code) {
  return {ErrorCode::unavailable, std::string("the model worker could not be confined: ") +
                                      std::strerror(code) +
                                      "; it needs a Linux kernel with seccomp filters"};
}

constexpr rlim_t kFilesMax = 256;

struct FilterDeleter {
  void operator()(void* filter) const { seccomp_release(filter); }
};

/// Refused whatever the arguments. A name that this processor does not have is passed over.
constexpr std::array kRefused{
    // Reaching others.
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "io_uring_setup",
    "shmget", "shmat", "msgget", "semget", "mq_open",
    // Becoming another program or process, or looking into one.
    "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev",
    "pidfd_getfd", "bpf", "userfaultfd", "perf_event_open", "kexec_load", "init_module",
    "finit_module", "add_key", "keyctl", "request_key",
    // Signals to others. A thread's own (abort) are sent by tgkill.
    "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal",
    // Changing files. openat2 hides its flags behind a pointer, where a filter cannot look.
    "openat2", "creat", "truncate", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link",
    "linkat", "symlink", "symlinkat", "mkdir", "mkdirat", "rmdir", "mknod", "mknodat", "chmod",
    "fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown", "fchownat", "setxattr",
    "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "utime", "utimes",
    "utimensat", "futimesat", "mount", "umount2", "move_mount", "open_tree", "name_to_handle_at",
    "open_by_handle_at", "chroot", "pivot_root", "unshare", "setns"};

/// Flags of open() that let a file change.
constexpr std::array<std::uint64_t, 4> kWriteFlags{O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};

class FilterRules {
 public:
  FilterRules() : filter_(seccomp_init(SCMP_ACT_ALLOW)) {}

  /// Nothing where this processor has no such call.
  void refuse(const char* name, std::initializer_list<scmp_arg_cmp> arguments = {},
              int code = EPERM) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number < 0 || failed_ != 0) return;
    failed_ =
        seccomp_rule_add_array(filter_.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(code)), number,
                               static_cast<unsigned>(arguments.size()), arguments.begin());
  }
  Status load() {
    if (!filter_) return confinement_error(ENOMEM);
    // A library may have started a thread when it was loaded.
    if (failed_ == 0) failed_ = seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1);
    if (failed_ == 0) failed_ = seccomp_load(filter_.get());
    return failed_ == 0 ? Status{} : Status{confinement_error(-failed_)};
  }

 private:
  std::unique_ptr<void, FilterDeleter> filter_;
  int failed_ = 0;
};

scmp_arg_cmp has_flag(unsigned argument, std::uint64_t flag) {
  return {argument, SCMP_CMP_MASKED_EQ, flag, flag};
}

Status refuse_system_calls() {
  FilterRules rules;
  for (const char* name : kRefused) rules.refuse(name);
  for (const std::uint64_t flag : kWriteFlags) {
    rules.refuse("open", {has_flag(1, flag)});
    rules.refuse("openat", {has_flag(2, flag)});
  }
  // Threads, but no processes. The flags of clone3 stand behind a pointer: where it is not there,
  // the library starts threads by clone.
  rules.refuse("clone", {{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0}});
  rules.refuse("clone3", {}, ENOSYS);
  const auto self = static_cast<std::uint64_t>(getpid());
  rules.refuse("tgkill", {{0, SCMP_CMP_NE, self, 0}});
  rules.refuse("prlimit64", {{0, SCMP_CMP_NE, 0, 0}});
  // Typing into the terminal that standard error may be.
  rules.refuse("ioctl", {{1, SCMP_CMP_MASKED_EQ, 0xffffffffu, TIOCSTI}});
  return rules.load();
}

Status limit_resources() {
  // More descriptors than libraries and the parts of a model are.
  const rlimit files{kFilesMax, kFilesMax};
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) return confinement_error(errno);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // Their shadow is larger.
  // A model that wants more than there is ends itself and not another program.
  struct sysinfo machine{};
  if (sysinfo(&machine) != 0) return confinement_error(errno);
  const rlim_t all = (machine.totalram + machine.totalswap) * machine.mem_unit;
  const rlimit memory{all, all};
  if (setrlimit(RLIMIT_DATA, &memory) != 0) return confinement_error(errno);
#endif
  return {};
}

}  // namespace

Status confine_worker(const std::string& model_file) {
  TRY(forbid_core_dumps());
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return confinement_error(errno);
  TRY(limit_resources());
  const auto parts = parts_of_model(model_file);
  TRY(restrict_files(parts));
  return refuse_system_calls();
}

Result<std::string> describe_confinement() {
  // Asks for nothing: where there are filters it is the missing one that is complained of.
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr, 0, 0) == -1 && errno != EFAULT) {
    return Error{ErrorCode::unavailable, "this kernel has no seccomp filters; no local model runs"};
  }
  const int version = landlock_version();
  const std::string files =
      version == 0 ? "it can read your files, as this kernel has no Landlock, but change none"
                   : "no files but the model's (Landlock " + std::to_string(version) + ")";
  return "no sockets, no programs (seccomp); " + files;
}

}  // namespace saerok
