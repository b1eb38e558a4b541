/// Room on the disk that the store keeps for the day when it is full: deleting writes before it
/// frees, so without it nothing could be deleted any more. The file `reserve` takes the room and
/// holds no byte.
#pragma once

#include <cstdint>
#include <string>

#include "base/env.h"

namespace saerok {

inline constexpr std::uint64_t kReserveSize = std::uint64_t{16} << 20;
/// Room is taken only while at least so much is free: never the last of a disk that is nearly full,
/// and not while it is being used up.
inline constexpr std::uint64_t kReserveFreeMin = 4 * kReserveSize;

/// Takes the room if it is not held and the disk has plenty. No error if it cannot: the store works
/// without.
void keep_reserve(Env& env, const std::string& store_folder);

/// Gives the room back to the disk. False if none was held.
Result<bool> release_reserve(Env& env, const std::string& store_folder);

/// Bytes that are held.
std::uint64_t reserve_size(Env& env, const std::string& store_folder);

}  // namespace saerok
