/// Reading and writing .gz and .zst files; what is read has a limit against bombs.
/// zlib and libzstd, the formats' own libraries; compress.cpp is the only file that includes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok {

enum class Compression : std::uint8_t { none, gzip, zstd };

/// By the last extension: .gz or .zst (any case).
Compression compression_of(std::string_view path);
/// The path without that extension.
std::string_view without_compression(std::string_view path);

struct Decompressed {
  std::string bytes;
  /// Bytes after the last whole member that belong to none; 0: none.
  std::uint64_t trailing_bytes = 0;
};

/// All members (gzip) or frames (zstd), joined. Requires compression != none.
/// Errors: corrupt (damaged or cut off), invalid_argument (more than `bytes_max`), cancelled.
Result<Decompressed> decompress(Compression compression, std::string_view bytes,
                                std::uint64_t bytes_max, const CallContext& call);

/// One member or frame; the same bytes give the same bytes. Compression::none: `bytes` as they are.
/// Errors: unavailable (no memory).
Result<std::string> compress(Compression compression, std::string_view bytes);

}  // namespace saerok
