#include "models/worker_confinement.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/prctl.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "base/core_dumps.h"

namespace saerok {
namespace {

Error confinement_error(int code) {
  return {ErrorCode::unavailable, std::string("the model worker could not be confined: ") +
                                      std::strerror(code) +
                                      "; it needs a Linux kernel with seccomp filters"};
}

struct FilterDeleter {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FilterDeleter>;

/// Refused whatever the arguments. A name that this processor does not have is passed over.
constexpr std::array kRefused{
    // Reaching others.
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "io_uring_setup",
    // Becoming another program, or looking into one.
    "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "bpf",
    "userfaultfd", "perf_event_open", "kexec_load", "init_module", "finit_module", "add_key",
    "keyctl", "request_key",
    // Changing files. openat2 hides its flags behind a pointer, where a filter cannot look.
    "openat2", "creat", "truncate", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link",
    "linkat", "symlink", "symlinkat", "mkdir", "mkdirat", "rmdir", "mknod", "mknodat", "chmod",
    "fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown", "fchownat", "setxattr",
    "lsetxattr", "fsetxattr", "removexattr", "mount", "umount2", "move_mount", "open_tree",
    "name_to_handle_at", "open_by_handle_at", "chroot", "pivot_root", "unshare", "setns"};

/// Flags of open() that let a file change.
constexpr std::array<std::uint64_t, 4> kWriteFlags{O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};

int refuse_opening_for_writing(void* filter, const char* name, unsigned flags_argument) {
  const int number = seccomp_syscall_resolve_name(name);
  if (number < 0) return 0;
  for (const std::uint64_t flag : kWriteFlags) {
    const scmp_arg_cmp has_flag{flags_argument, SCMP_CMP_MASKED_EQ, flag, flag};
    const int failed = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), number, 1, &has_flag);
    if (failed != 0) return failed;
  }
  return 0;
}

}  // namespace

Status drop_privileges() {
  TRY(forbid_core_dumps());
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return confinement_error(errno);
  return {};
}

Status refuse_system_calls() {
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) return confinement_error(ENOMEM);
  // The runtime's own threads exist already and must be bound as well.
  int failed = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  for (const char* name : kRefused) {
    const int number = seccomp_syscall_resolve_name(name);
    if (failed == 0 && number >= 0) {
      failed = seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(EPERM), number, 0, nullptr);
    }
  }
  if (failed == 0) failed = refuse_opening_for_writing(filter.get(), "open", 1);
  if (failed == 0) failed = refuse_opening_for_writing(filter.get(), "openat", 2);
  if (failed == 0) failed = seccomp_load(filter.get());
  if (failed != 0) return confinement_error(-failed);
  return {};
}

}  // namespace saerok
