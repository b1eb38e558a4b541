/// XXH3 for identity and CRC32C for checksums of stored blocks.
/// xxHash, because it is fast, stable across versions by promise, and in every distribution;
/// hash.cpp is the only file that includes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "saerok/types.h"

namespace saerok {

Hash128 hash128(std::string_view bytes);
std::uint64_t hash64(std::string_view bytes);

/// Hashes what is fed to it in pieces; equal to hash128 of the pieces joined.
class Hasher128 {
 public:
  Hasher128();
  ~Hasher128();
  Hasher128(const Hasher128&) = delete;
  Hasher128& operator=(const Hasher128&) = delete;
  void feed(std::string_view bytes);
  Hash128 finish() const;

 private:
  void* state_;
};

/// 32 lower-case hexadecimal digits, high half first.
std::string to_hex(const Hash128& hash);

/// Castagnoli's CRC, by instruction where the processor has it. `crc` continues an earlier one.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);

}  // namespace saerok
