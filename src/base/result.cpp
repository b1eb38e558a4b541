#include "saerok/result.h"

#include <cstdio>
#include <cstdlib>

#include "base/assert.h"
#include "saerok/call_context.h"

namespace saerok {
namespace {

struct CodeRow {
  std::string_view name;
  int exit_status;
  int http_status;
};

const CodeRow& row_of(ErrorCode code) {
  static constexpr CodeRow kRows[] = {
      {"invalid_argument", 2, 400}, {"not_found", 3, 404},    {"failed_precondition", 4, 409},
      {"corrupt", 5, 500},          {"unavailable", 6, 503},  {"deadline_exceeded", 7, 504},
      {"cancelled", 130, 499},      {"out_of_space", 8, 507}, {"too_many", 6, 429},
  };
  return kRows[static_cast<std::size_t>(code)];
}

}  // namespace

std::string_view name_of(ErrorCode code) { return row_of(code).name; }
int exit_status(ErrorCode code) { return row_of(code).exit_status; }
int http_status(ErrorCode code) { return row_of(code).http_status; }

Status CallContext::check() const {
  if (stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped on request"};
  if (deadline && std::chrono::steady_clock::now() >= *deadline) {
    return Error{ErrorCode::deadline_exceeded, "the time allowed for this request has passed"};
  }
  return {};
}

void assertion_failed(const char* claim, const char* file, int line) {
  std::fprintf(stderr, "saerok: internal error: %s does not hold (%s:%d)\n", claim, file, line);
  std::abort();
}

}  // namespace saerok
