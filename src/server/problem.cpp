#include "server/problem.h"

namespace saerok::server {
namespace {

struct Kind {
  int status;
  std::string_view code;
  std::string_view title;
};

constexpr Kind kRefusals[] = {
    {401, "unauthenticated", "A token is needed"},
    {403, "forbidden", "Not allowed"},
    {405, "method_not_allowed", "No such method here"},
    {421, "wrong_host", "Addressed to another host"},
};

std::string_view title_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return "The request cannot succeed as it stands";
    case ErrorCode::not_found: return "There is no such thing";
    case ErrorCode::failed_precondition: return "Not in this state";
    case ErrorCode::corrupt: return "Stored data is damaged";
    case ErrorCode::unavailable: return "Something needed does not answer";
    case ErrorCode::deadline_exceeded: return "Out of time";
    case ErrorCode::cancelled: return "Stopped";
    case ErrorCode::out_of_space: return "The disk is full";
    case ErrorCode::too_many: return "Too much at once";
  }
  return "Error";
}

Json document(int status, std::string_view code, std::string_view title, std::string_view detail) {
  return {{"type", "about:blank"},
          {"title", title},
          {"status", status},
          {"code", code},
          {"detail", detail}};
}

Response response_of(const Json& document) {
  return {.status = document["status"].get<int>(),
          .content_type = "application/problem+json",
          .body = print_json(document) + "\n",
          .headers = {}};
}

}  // namespace

Json problem_document(const Error& error) {
  return document(http_status(error.code), name_of(error.code), title_of(error.code),
                  error.message);
}

Response problem(const Error& error) { return response_of(problem_document(error)); }

Response problem(Refusal refusal, std::string_view detail) {
  const Kind& kind = kRefusals[static_cast<std::size_t>(refusal)];
  Response response = response_of(document(kind.status, kind.code, kind.title, detail));
  if (refusal == Refusal::unauthenticated) {
    response.headers.push_back({"WWW-Authenticate", "Bearer realm=\"saerok\""});
  }
  return response;
}

Response problem_of_status(int status, std::string_view detail) {
  const auto [code, title] = [&]() -> std::pair<std::string_view, std::string_view> {
    switch (status) {
      case 415: return {"unsupported", "Not in this form"};
      case 413: return {"too_large", "Too large"};
      case 431: return {"too_large", "Headers too large"};
      case 500: return {"internal", "Internal error"};
      case 503: return {"too_many", "Too much at once"};
      default: return {"invalid_argument", "Not understood"};
    }
  }();
  Response response = response_of(document(status, code, title, detail));
  if (status == 503) response.headers.push_back({"Retry-After", "1"});
  return response;
}

}  // namespace saerok::server
