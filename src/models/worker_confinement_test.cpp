#include "models/worker_confinement.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "models/scratch_folder.h"

namespace saerok {
namespace {

constexpr int kHeld = 0;

/// Which promise a confined process breaks, as an exit status; kHeld if none.
int broken_promise(const std::string& file) {
  if (!drop_privileges()) return 1;
  if (!refuse_system_calls()) return 2;
  if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM) return 3;
  if (open(file.c_str(), O_WRONLY) >= 0 || errno != EPERM) return 4;
  if (open((file + ".new").c_str(), O_RDONLY | O_CREAT, 0600) >= 0) return 5;
  if (execl("/bin/true", "true", nullptr) != -1 || errno != EPERM) return 6;
  if (unlink(file.c_str()) == 0) return 7;
  rlimit core{};
  if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0) return 8;
  if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 12;
  // What a model needs is still there: reading files, memory, threads, its channel.
  const int fd = open(file.c_str(), O_RDONLY);
  char byte = 0;
  if (fd < 0 || read(fd, &byte, 1) != 1 || byte != 'x') return 9;
  int later = 10;
  std::thread([&] { later = socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? kHeld : 11; }).join();
  return later;
}

TEST(WorkerConfinement, RefusesSocketsProgramsAndChangesToFilesButNotReading) {
  const ScratchFolder folder;
  const std::string file = folder.path("notes");
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(write(fd, "x", 1), 1);
  close(fd);
  EXPECT_EXIT(_exit(broken_promise(file)), testing::ExitedWithCode(kHeld), "");
  EXPECT_TRUE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace saerok
