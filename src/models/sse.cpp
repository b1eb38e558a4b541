#include "models/sse.h"

#include <utility>

namespace saerok {

Result<std::vector<std::string>> SseParser::feed(std::string_view piece) {
  std::vector<std::string> events;
  line_ += piece;
  std::size_t begin = 0;
  for (auto end = line_.find('\n'); end != std::string::npos; end = line_.find('\n', begin)) {
    std::string_view line = std::string_view(line_).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    take_line(line, events);
    begin = end + 1;
  }
  line_.erase(0, begin);
  if (line_.size() + data_.size() > kSseEventBytesMax) {
    return Error{ErrorCode::unavailable, "the service sent an event of more than 4 MiB"};
  }
  return events;
}

void SseParser::take_line(std::string_view line, std::vector<std::string>& events) {
  if (line.empty()) {
    if (has_data_) events.push_back(std::exchange(data_, {}));
    has_data_ = false;
    return;
  }
  if (!line.starts_with("data:")) return;
  line.remove_prefix(5);
  if (line.starts_with(' ')) line.remove_prefix(1);
  if (has_data_) data_ += '\n';
  data_ += line;
  has_data_ = true;
}

std::string SseParser::finish() {
  std::vector<std::string> events;
  take_line(std::exchange(line_, {}), events);
  has_data_ = false;
  return std::exchange(data_, {});
}

}  // namespace saerok
