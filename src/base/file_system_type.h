/// Names of the kinds of file systems that matter to a store: those that another machine may write
/// to. Linux tells a number; what a FUSE is stands in the list of mounts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace saerok {

inline constexpr std::string_view kFuseType = "fuse";

/// "nfs", "cifs", "fuse" and so on for the number that statfs(2) gives; "local" for any that is not
/// known to be of a network.
std::string file_system_type(std::uint32_t number);

/// "fuse.sshfs" and the like from the text of /proc/self/mountinfo, by the numbers of the device;
/// "fuse" if it is not listed.
std::string fuse_type(std::string_view mounts, unsigned device_major, unsigned device_minor);

}  // namespace saerok
