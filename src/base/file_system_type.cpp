#include "base/file_system_type.h"

#include <algorithm>
#include <array>
#include <utility>

namespace saerok {
namespace {

/// Cuts the first word off; the rest stays in `line`.
std::string_view next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

}  // namespace

std::string file_system_type(std::uint32_t number) {
  // From linux/magic.h, and the modules that are not in it.
  static constexpr std::array<std::pair<std::uint32_t, std::string_view>, 12> kKnown = {{
      {0x6969, "nfs"},
      {0x517b, "smbfs"},
      {0xff534d42, "cifs"},
      {0xfe534d42, "smb3"},
      {0x564c, "ncpfs"},
      {0x5346414f, "afs"},
      {0x6b414653, "afs"},
      {0x73757245, "coda"},
      {0x00c36400, "ceph"},
      {0x0bd00bd0, "lustre"},
      {0x47504653, "gpfs"},
      {0x65735546, kFuseType},
  }};
  for (const auto& [known, name] : kKnown) {
    if (known == number) return std::string(name);
  }
  return "local";
}

std::string fuse_type(std::string_view mounts, unsigned device_major, unsigned device_minor) {
  const std::string device = std::to_string(device_major) + ":" + std::to_string(device_minor);
  while (!mounts.empty()) {
    const std::size_t end = std::min(mounts.find('\n'), mounts.size());
    std::string_view line = mounts.substr(0, end);
    mounts.remove_prefix(std::min(end + 1, mounts.size()));
    // "36 35 0:41 / /mnt rw,noatime shared:1 - fuse.sshfs host:/ rw": any number of words before
    // "-".
    next_word(line);
    next_word(line);
    if (next_word(line) != device) continue;
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    line.remove_prefix(dash + 3);
    return std::string(next_word(line));
  }
  return std::string(kFuseType);
}

}  // namespace saerok
