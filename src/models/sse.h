/// Server-sent events: the `event:` and `data:` of each. Comments and other fields are passed over.
/// Source: WHATWG HTML, "Server-sent events".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "saerok/result.h"

namespace saerok {

constexpr std::size_t kSseEventBytesMax = 4u << 20;

struct SseEvent {
  std::string name;  ///< Empty where the stream gives none.
  std::string data;
  bool operator==(const SseEvent&) const = default;
};

class SseParser {
 public:
  /// The events that are complete now. Errors: unavailable (an event beyond the limit).
  Result<std::vector<SseEvent>> feed(std::string_view piece);
  /// The data of an event that the end of the stream completes, or empty.
  std::string finish();

 private:
  void take_line(std::string_view line, std::vector<SseEvent>& events);

  std::string line_;
  SseEvent event_;
  bool has_data_ = false;
};

}  // namespace saerok
