/// SHA-256, by which packages and downloaded models are recognised. For anything that nobody tries
/// to forge, base/hash.h is some twenty times faster.
/// Source: FIPS 180-4.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok {

class Sha256 {
 public:
  void feed(std::span<const std::byte> bytes);
  /// 64 lower-case hexadecimal digits. The object cannot be fed afterwards.
  std::string finish();

 private:
  void compress(const std::byte* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> pending_{};
  std::size_t pending_size_ = 0;
  std::uint64_t size_ = 0;
};

/// Of a whole file. Errors: not_found, unavailable (reading), cancelled, deadline_exceeded.
Result<std::string> sha256_of_file(const std::string& path, const CallContext& call);

}  // namespace saerok
