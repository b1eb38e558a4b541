/// Puts whole UTF-8 characters together from pieces that a language model cuts anywhere. Bytes that
/// cannot be part of one become U+FFFD, so what comes out is always valid.
#pragma once

#include <string>
#include <string_view>

namespace saerok {

class Utf8Joiner {
 public:
  /// The characters that are complete now.
  std::string feed(std::string_view piece);
  /// What is left: U+FFFD if a character was never completed.
  std::string finish();

 private:
  std::string pending_;
};

}  // namespace saerok
