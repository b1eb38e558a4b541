/// Server-sent events, as far as model services use them: the `data:` of each event. Comments and
/// other fields are passed over.
/// Source: WHATWG HTML, "Server-sent events".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "saerok/result.h"

namespace saerok {

constexpr std::size_t kSseEventBytesMax = 4u << 20;

class SseParser {
 public:
  /// The data of the events that are complete now. Errors: unavailable (an event beyond the limit).
  Result<std::vector<std::string>> feed(std::string_view piece);
  /// Of an event that the end of the stream completes, or empty.
  std::string finish();

 private:
  void take_line(std::string_view line, std::vector<std::string>& events);

  std::string line_;
  std::string data_;
  bool has_data_ = false;
};

}  // namespace saerok
