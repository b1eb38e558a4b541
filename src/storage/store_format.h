/// The file FORMAT: which versions of saerok may read and write a store.
#pragma once

#include <string>
#include <string_view>

#include "base/env.h"

namespace saerok {

/// The newest store that this saerok reads and writes.
inline constexpr std::uint32_t kStoreFormat = 2;
/// The first whose truth has checksums of pages: an older saerok can read it, but would break them.
inline constexpr std::uint32_t kChecksumsStoreFormat = 2;

struct StoreFormat {
  std::uint32_t format = kStoreFormat;
  std::uint32_t reader_min = 1;  ///< The oldest kStoreFormat that may read it.
  /// The oldest kStoreFormat that may write to it.
  std::uint32_t writer_min = kChecksumsStoreFormat;
  std::string id;  ///< Of the store, 32 hexadecimal digits, drawn when it was made.
};

std::string encode_store_format(const StoreFormat& format);
/// Errors: corrupt, naming `path`.
Result<StoreFormat> decode_store_format(std::string_view text, const std::string& path);
/// A new store's.
StoreFormat draw_store_format(Env& env);

}  // namespace saerok
