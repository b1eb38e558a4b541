#include "cli/json_output.h"

#include <cstdio>

namespace saerok {

Result<Json> read_given_json(std::string_view text, std::string_view what) {
  auto json = parse_json(text, what);
  if (!json) return Error{ErrorCode::invalid_argument, json.error().message};
  return json;
}

void print_document(const Json& document) {
  const std::string text = print_json_pretty(document);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

}  // namespace saerok
