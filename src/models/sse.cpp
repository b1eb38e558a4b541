#include "models/sse.h"

#include <utility>

namespace saerok {

Result<std::vector<SseEvent>> SseParser::feed(std::string_view piece) {
  std::vector<SseEvent> events;
  line_ += piece;
  std::size_t begin = 0;
  for (auto end = line_.find('\n'); end != std::string::npos; end = line_.find('\n', begin)) {
    std::string_view line = std::string_view(line_).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    take_line(line, events);
    begin = end + 1;
  }
  line_.erase(0, begin);
  if (line_.size() + event_.data.size() > kSseEventBytesMax) {
    return Error{ErrorCode::unavailable, "the service sent an event of more than 4 MiB"};
  }
  return events;
}

void SseParser::take_line(std::string_view line, std::vector<SseEvent>& events) {
  if (line.empty()) {
    if (has_data_) events.push_back(std::move(event_));
    event_ = {};
    has_data_ = false;
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_.name = value;
  if (field != "data") return;
  if (has_data_) event_.data += '\n';
  event_.data += value;
  has_data_ = true;
}

std::string SseParser::finish() {
  std::vector<SseEvent> events;
  take_line(std::exchange(line_, {}), events);
  has_data_ = false;
  return std::exchange(event_, {}).data;
}

}  // namespace saerok
