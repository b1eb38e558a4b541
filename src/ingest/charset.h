/// Detection and conversion of legacy encodings: uchardet and iconv behind two functions.
/// uchardet, because it knows the Korean encodings and is in every distribution; iconv, because
/// libc has it. charset.cpp is the only file that includes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "saerok/result.h"

namespace saerok {

/// Name of the encoding that the bytes most likely are in, as iconv knows it; empty: no idea.
/// EUC-KR is reported as CP949, which contains it.
std::string detect_charset(std::string_view bytes);

/// Converts piecewise: feed it one character's bytes after another.
class CharsetConverter {
 public:
  /// Errors: corrupt (iconv does not know the encoding).
  static Result<CharsetConverter> open(const std::string& charset);
  ~CharsetConverter();
  CharsetConverter(CharsetConverter&& other) noexcept;
  CharsetConverter& operator=(CharsetConverter&&) = delete;

  struct Step {
    std::uint32_t consumed = 0;  ///< Bytes; 0: what stands there is no character.
  };
  /// Appends what the first character of `bytes` stands for to `out`. An encoding with shifts may
  /// consume bytes that append nothing.
  Step convert_one(std::string_view bytes, std::string& out);

 private:
  explicit CharsetConverter(void* handle) : handle_(handle) {}
  void* handle_;
};

}  // namespace saerok
