#include "cli/daemon_use.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "wire/response_from_json.h"
#include "wire/response_json.h"

namespace saerok {
namespace {

std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

/// Its stop is the job's.
struct Followed {
  std::uint64_t id = 0;
  Json last;
};

Status follow(const server::DaemonClient& daemon, Followed& job, const ProgressSink& progress,
              const CallContext& call) {
  const auto take = [&](std::string_view, const Json& now) -> Status {
    job.last = now;
    const std::string stage = find_text(now, "stage").value_or("");
    const std::string unit = find_text(now, "unit").value_or("");
    if (progress && find_text(now, "state") == "running") {
      progress({.stage = stage,
                .done = find_count(now, "done").value_or(0),
                .total = find_count(now, "total").value_or(0),
                .unit = unit,
                .tokens = find_count(now, "tokens").value_or(0),
                .seconds = static_cast<double>(find_count(now, "stage_ms").value_or(0)) / 1'000});
    }
    return {};
  };
  const std::string target = "/v1/saerok/jobs/" + std::to_string(job.id);
  Status outcome = daemon.stream("GET", target + "/events", nullptr, take, call);
  if (call.stop.stop_requested()) {
    // The user stopped the command: it is the job that was meant, if it has not ended meanwhile.
    static_cast<void>(daemon.call("DELETE", target, nullptr, CallContext{}));
    outcome = daemon.stream("GET", target + "/events", nullptr, take, CallContext{});
  }
  return outcome;
}

/// As a URL's path or the value in its query has it.
std::string encoded(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string result;
  for (const char letter : text) {
    const bool is_plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                          (letter >= '0' && letter <= '9') ||
                          std::string_view("-._~/").find(letter) != std::string_view::npos;
    if (is_plain) {
      result += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    result += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return result;
}

std::string target_of(std::string_view list, std::uint64_t id, const std::string& collection) {
  return "/v1/saerok/" + std::string(list) + "/" + std::to_string(id) +
         "?collection=" + encoded(collection);
}

/// Unlike a job, what has been asked for here cannot be taken back.
Result<Json> change(const server::DaemonClient& daemon, std::string_view method,
                    const std::string& target, const Json& body, const CallContext& call) {
  auto changed = daemon.call(method, target, body, call);
  if (!changed && changed.error().code == ErrorCode::cancelled) {
    return Error{ErrorCode::cancelled, "stopped waiting; the daemon may still do it"};
  }
  return changed;
}

}  // namespace

std::optional<server::DaemonClient> find_daemon(const CommandContext& context) {
  if (!context.options.set.empty() || !context.options.config_file.empty()) return std::nullopt;
  const bool has_own = std::ranges::any_of(
      context.setting_sources, [](const auto& source) { return source.second.starts_with('$'); });
  if (has_own) return std::nullopt;
  return find_daemon_of_store(context);
}

std::optional<server::DaemonClient> find_daemon_of_store(const CommandContext& context) {
  return server::DaemonClient::find(absolute(context.store()), context.environment);
}

Result<SearchResponse> search_with(const server::DaemonClient& daemon, const SearchRequest& request,
                                   const CallContext& call) {
  return search_response_from(
      TRY(daemon.call("POST", "/v1/saerok/search", to_json(request), call)));
}

Result<DaemonAnswer> ask_with(const server::DaemonClient& daemon, const DaemonQuestion& question,
                              const AnswerSink& sink, const CallContext& call) {
  Json body = to_json(question.request);
  body["remember"] = question.remembers;
  body["search"] = name_of(question.search);
  if (question.conversation) {
    body["conversation_id"] = static_cast<std::uint64_t>(*question.conversation);
  }
  Json answer;
  const auto take = [&](std::string_view name, const Json& data) -> Status {
    if (name == "answer") answer = data;
    if (!sink) return {};
    if (name == "sources") {
      const std::vector<Hit> sources = hits_from(data["sources"]);
      sink({.kind = AnswerEvent::Kind::sources, .text = {}, .sources = &sources});
    } else if (name == "reading") {
      const auto count = [&](const char* of) {
        return static_cast<std::uint32_t>(find_count(data, of).value_or(0));
      };
      sink({.kind = AnswerEvent::Kind::reading,
            .text = {},
            .read = count("read"),
            .total = count("total")});
    } else if (name == "text") {
      const std::string text = find_text(data, "text").value_or("");
      sink({.kind = AnswerEvent::Kind::text, .text = text, .sources = nullptr});
    }
    return {};
  };
  TRY(daemon.stream("POST", "/v1/saerok/ask", body, take, call));
  if (answer.is_null()) return Error{ErrorCode::unavailable, "the daemon broke off its answer"};
  DaemonAnswer answered{
      .response = ask_response_from(answer), .conversation = std::nullopt, .remembered = {}};
  if (const auto id = find_count(answer, "conversation_id"))
    answered.conversation = ConversationId{*id};
  if (const Json* problem = find_member(answer, "not_remembered")) {
    answered.remembered = server::error_from_problem(*problem);
    answered.response.report.warnings.pop_back();  // For others it says the same.
  }
  return answered;
}

Result<IngestReport> ingest_with(const server::DaemonClient& daemon, const std::string& collection,
                                 const IngestRequest& request, const ProgressSink& progress,
                                 const CallContext& call) {
  Json roots = Json::array();
  for (const std::string& root : request.roots) roots.push_back(absolute(root));
  Json body = {{"kind", "index"},
               {"collection", collection},
               {"roots", std::move(roots)},
               {"rebuild", request.rebuild},
               {"embed", request.embed}};
  if (!request.vectors_file.empty()) body["vectors_file"] = absolute(request.vectors_file);
  const Json submitted = TRY(daemon.call("POST", "/v1/saerok/jobs", body, call));
  Followed job{.id = find_count(submitted, "id").value_or(0), .last = submitted};
  TRY(follow(daemon, job, progress, call));
  if (const Json* error = find_member(job.last, "error"); error != nullptr && error->is_object()) {
    return server::error_from_problem(*error);
  }
  const Json* report = find_member(job.last, "report");
  if (report == nullptr || !report->is_object()) {
    return Error{ErrorCode::cancelled, "stopped before anything was read"};
  }
  return ingest_report_from(*report);
}

Result<ForgetReport> forget_with(const server::DaemonClient& daemon, const std::string& collection,
                                 const std::string& absolute_path, const CallContext& call) {
  const Json body = {{"collection", collection}, {"path", absolute_path}};
  const Json report = TRY(change(daemon, "POST", "/v1/saerok/sources/forget", body, call));
  return ForgetReport{.files = find_count(report, "files").value_or(0),
                      .documents = find_count(report, "documents").value_or(0)};
}

Status forget_collection_with(const server::DaemonClient& daemon, const std::string& collection,
                              const CallContext& call) {
  TRY(change(daemon, "DELETE", "/v1/saerok/collections/" + encoded(collection), nullptr, call));
  return {};
}

Status forget_conversation_with(const server::DaemonClient& daemon, const std::string& collection,
                                ConversationId conversation, const CallContext& call) {
  const std::string target =
      target_of("conversations", static_cast<std::uint64_t>(conversation), collection);
  TRY(change(daemon, "DELETE", target, nullptr, call));
  return {};
}

Result<LabelId> add_label_with(const server::DaemonClient& daemon, const std::string& collection,
                               const LabelRecord& label, const CallContext& call) {
  Json body = to_json(label);
  body["collection"] = collection;
  const Json added = TRY(change(daemon, "POST", "/v1/saerok/labels", body, call));
  return LabelId{find_count(added, "id").value_or(0)};
}

Status remove_label_with(const server::DaemonClient& daemon, const std::string& collection,
                         LabelId label, const CallContext& call) {
  const std::string target = target_of("labels", static_cast<std::uint64_t>(label), collection);
  TRY(change(daemon, "DELETE", target, nullptr, call));
  return {};
}

}  // namespace saerok
