/// The files by which a daemon is found and trusted: its token and its lock in the store, its Unix
/// socket in the user's runtime folder. All of them are the user's alone (0600, folders 0700).
#pragma once

#include <memory>
#include <string>

#include "base/environment.h"
#include "saerok/result.h"
#include "saerok/secret.h"

namespace saerok::server {

struct DaemonFiles {
  std::string token;   ///< The store's `token`.
  std::string lock;    ///< The store's `daemon.lock`, held for as long as a daemon serves it.
  std::string socket;  ///< Short, as the system wants it: named by a hash of the store's path.
};

/// `store` is absolute. The runtime folder is $XDG_RUNTIME_DIR/saerok, else /tmp/saerok-UID.
DaemonFiles daemon_files(const std::string& store, const Environment& environment);

/// Makes the folder that the socket stands in. Errors: unavailable (it is somebody else's).
Status make_runtime_folder(const DaemonFiles& files);

/// 256 random bits in hexadecimal; made, with the store's folder, where there is none. Errors:
/// unavailable, failed_precondition (others may read the file).
Result<Secret> read_or_make_token(const std::string& file);
/// Errors: not_found.
Result<Secret> read_token(const std::string& file);

/// As many random bytes in hexadecimal, fit for secrets.
std::string random_hex(std::size_t bytes);

/// Taken by one daemon a store; given back by the kernel when the process ends, however it ends.
class DaemonLock {
 public:
  /// Makes the store's folder. Errors: failed_precondition (another daemon serves the store),
  /// unavailable.
  static Result<DaemonLock> take(const std::string& file);
  ~DaemonLock();
  DaemonLock(DaemonLock&& other) noexcept;
  DaemonLock& operator=(DaemonLock&&) = delete;

 private:
  explicit DaemonLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace saerok::server
