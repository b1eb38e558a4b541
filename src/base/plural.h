/// Nouns beside a count: "1 question", "2 questions".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace saerok {

/// The noun, with an s unless there is one of it.
inline std::string plural(std::string_view noun, std::uint64_t count) {
  return std::string(noun) + (count == 1 ? "" : "s");
}

/// "1 question".
inline std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + plural(noun, count);
}

}  // namespace saerok
