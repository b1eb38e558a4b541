#include "models/worker_confinement.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <thread>

#include "models/scratch_folder.h"
#include "models/tiny_encoder.h"
#include "models/worker_client.h"
#include "models/worker_files.h"

namespace saerok {
namespace {

constexpr int kHeld = 0;

bool can_read(const std::string& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  char byte = 0;
  const bool is_read = fd >= 0 && read(fd, &byte, 1) == 1;
  if (fd >= 0) close(fd);
  return is_read;
}

/// Which promise a confined process breaks, as an exit status; kHeld if none.
int broken_promise(const std::string& model, const std::string& note) {
  if (!confine_worker(model)) return 1;
  if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM) return 2;
  if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EPERM) return 3;
  if (open(model.c_str(), O_WRONLY | O_CLOEXEC) >= 0) return 4;
  if (open((model + ".new").c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600) >= 0) return 5;
  if (execl("/bin/true", "true", nullptr) != -1 || errno != EPERM) return 6;
  if (unlink(model.c_str()) == 0 || truncate(note.c_str(), 0) == 0) return 7;
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0) return 8;
  if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 9;
  if (const pid_t child = fork(); child >= 0) {
    if (child == 0) _exit(0);
    return 10;
  }
  if (kill(getppid(), 0) == 0) return 11;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max > 256) return 12;
  if (landlock_version() > 0) {
    if (can_read(note) || errno != EACCES) return 13;
    if (can_read("/etc/passwd") || can_read("/proc/1/cmdline")) return 14;
    if (open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0) return 15;
  }
  // What a model needs is still there: its file, memory, threads, what the system says of itself.
  if (!can_read(model)) return 20;
  for (const char* file : {"/proc/self/maps", "/proc/cpuinfo", "/proc/meminfo", "/dev/urandom",
                           "/sys/devices/system/cpu/online"}) {
    if (access(file, F_OK) == 0 && !can_read(file)) return 21;
  }
  int later = 22;
  std::thread([&] { later = socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? kHeld : 23; }).join();
  return later;
}

TEST(WorkerConfinement, LeavesTheModelToReadAndNothingElse) {
  const ScratchFolder folder;
  const std::string model = folder.path("model.gguf");
  const std::string note = folder.path("note.md");
  std::ofstream(model) << "x";
  std::ofstream(note) << "a secret";
  EXPECT_EXIT(_exit(broken_promise(model, note)), testing::ExitedWithCode(kHeld), "");
  EXPECT_TRUE(can_read(note));
  EXPECT_TRUE(std::filesystem::exists(model));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(WorkerConfinement, MemoryBeyondTheMachinesIsNotToBeHad) {
  const ScratchFolder folder;
  const auto takes_too_much = [&] {
    if (!confine_worker(folder.path("model.gguf"))) return 1;
    rlimit memory{};
    if (getrlimit(RLIMIT_DATA, &memory) != 0 || memory.rlim_max == RLIM_INFINITY) return 2;
    void* const taken = std::malloc(memory.rlim_max);  // NOLINT(*-no-malloc)
    return taken == nullptr ? kHeld : 3;
  };
  EXPECT_EXIT(_exit(takes_too_much()), testing::ExitedWithCode(kHeld), "");
}
#endif

TEST(WorkerConfinement, SaysWhatTheKernelCanDo) {
  const auto described = describe_confinement();
  ASSERT_TRUE(described) << described.error().message;
  EXPECT_NE(described->find("no sockets"), std::string::npos) << *described;
  EXPECT_EQ(described->find("Landlock " + std::to_string(landlock_version())) != std::string::npos,
            landlock_version() > 0)
      << *described;
}

TEST(WorkerConfinement, AModelInPartsIsAllOfThem) {
  EXPECT_EQ(parts_of_model("/m/a.gguf"), (std::vector<std::string>{"/m/a.gguf"}));
  EXPECT_EQ(parts_of_model("/m/a-00001-of-00003.gguf"),
            (std::vector<std::string>{"/m/a-00001-of-00003.gguf", "/m/a-00002-of-00003.gguf",
                                      "/m/a-00003-of-00003.gguf"}));
  EXPECT_EQ(parts_of_model("/m/a-0001x-of-00003.gguf").size(), 1u);
}

#ifdef SAEROK_TEST_LLAMA
std::string line_of(const std::filesystem::path& file, std::string_view name) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(name)) return line.substr(line.find_last_of(" \t") + 1);
  }
  return {};
}

/// Every thread of a worker that has loaded a model, of either runtime.
TEST(WorkerConfinement, EveryThreadOfAWorkerIsConfined) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_tiny_encoder(folder.path("tiny.gguf"), 1));
  for (const WorkerTask task : {WorkerTask::chat, WorkerTask::embed}) {
    const bool is_chat = task == WorkerTask::chat;
    WorkerClient client(
        {.program = SAEROK_TEST_WORKER,
         .load = {.path = is_chat ? SAEROK_TEST_CHAT_MODEL : folder.path("tiny.gguf"),
                  .task = task,
                  .threads = 2,
                  .context_tokens = 64}});
    const std::string_view texts[] = {"a"};
    const auto payload = encode(std::span<const std::string_view>(texts));
    const auto answer =
        client.exchange(is_chat ? FrameType::count : FrameType::embed, payload, nullptr, {});
    ASSERT_TRUE(answer) << answer.error().message;
    const std::filesystem::path threads = "/proc/" + std::to_string(*client.process()) + "/task";
    int count = 0;
    for (const auto& thread : std::filesystem::directory_iterator(threads)) {
      EXPECT_EQ(line_of(thread.path() / "status", "Seccomp:"), "2") << is_chat;
      EXPECT_EQ(line_of(thread.path() / "status", "NoNewPrivs:"), "1") << is_chat;
      ++count;
    }
    EXPECT_GE(count, 2);
  }
}
#endif

}  // namespace
}  // namespace saerok
