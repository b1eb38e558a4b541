#include "base/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <optional>

namespace saerok {
namespace {

constexpr std::size_t kErrorBodyBytesMax = 64u << 10;
constexpr std::size_t kHeaderBytesMax = 256u << 10;
constexpr int kPollMs = 50;  // Half of what send() promises for a stop.

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

/// What curl's callbacks write to.
struct Transfer {
  const HttpRequest* request;
  const HttpBodySink* sink;  // Null: the body is collected.
  CURL* easy;
  HttpResponse response;
  std::uint64_t body_bytes = 0;
  std::size_t header_bytes = 0;
  std::optional<Error> failure;
};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > kHeaderBytesMax) {
    transfer.failure = Error{ErrorCode::unavailable, printable_url(transfer.request->url) +
                                                         " sent more than 256 KiB of headers"};
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    transfer.response.headers.clear();  // A redirect or 100-continue came before.
  } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    transfer.response.headers[lower_case(trimmed(line.substr(0, colon)))] =
        trimmed(line.substr(colon + 1));
  }
  return line.size();
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view piece(data, size * count);
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  if (status >= 300 && status < 400) return piece.size();
  const bool to_sink = transfer.sink != nullptr && status >= 200 && status < 300;
  if (transfer.sink != nullptr && !to_sink) {
    const std::size_t room = kErrorBodyBytesMax - transfer.response.body.size();
    transfer.response.body += piece.substr(0, room);
    return piece.size();
  }
  transfer.body_bytes += piece.size();
  if (transfer.body_bytes > transfer.request->response_bytes_max) {
    transfer.failure = Error{ErrorCode::unavailable,
                             printable_url(transfer.request->url) + " sent more than the allowed " +
                                 std::to_string(transfer.request->response_bytes_max) + " bytes"};
    return 0;
  }
  if (!to_sink) {
    transfer.response.body += piece;
  } else if (Status taken = (*transfer.sink)(transfer.response, piece); !taken) {
    transfer.failure = std::move(taken).error();
    return 0;
  }
  return piece.size();
}

bool has_scheme(std::string_view url, std::string_view scheme) {
  return lower_case(url.substr(0, scheme.size())) == scheme;
}

Status set_options(const HttpRequest& request, Transfer& transfer, curl_slist* headers,
                   char* error_text) {
  const bool secure = has_scheme(request.url, "https://");
  if (!secure && !has_scheme(request.url, "http://")) {
    return Error{ErrorCode::invalid_argument,
                 "\"" + printable_url(request.url) + "\" is not an http:// or https:// address"};
  }
  CURL* easy = transfer.easy;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  // What "%2e%2e" in a path means is the server's to say; newer versions of libcurl cut it out.
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request.redirects_max > 0 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, static_cast<long>(request.redirects_max));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "saerok/" SAEROK_VERSION);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   std::max(1L, static_cast<long>(request.idle_timeout.count() / 1000)));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  return {};
}

/// Runs the transfer that was added to `multi` to its end, looking at `call` in between.
Result<CURLcode> drive(CURLM* multi, const CallContext& call) {
  for (;;) {
    TRY(call.check());
    int running = 0;
    if (curl_multi_perform(multi, &running) != CURLM_OK) {
      return Error{ErrorCode::unavailable, "the HTTP library failed"};
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    if (running == 0) return Error{ErrorCode::unavailable, "the HTTP library lost a request"};
    curl_multi_poll(multi, nullptr, 0, kPollMs, nullptr);
  }
}

Error transport_error(const HttpRequest& request, CURLcode code, std::string_view detail) {
  std::string reason(trimmed(detail));
  // curl's own text is the clearer one, but must not repeat a URL that may hold a secret.
  if (reason.empty() || reason.find("://") != std::string::npos) reason = curl_easy_strerror(code);
  return {ErrorCode::unavailable, "no answer from " + printable_url(request.url) + ": " + reason +
                                      "; check the address and the network"};
}

}  // namespace

std::string_view HttpResponse::header(std::string_view lower_case_name) const {
  const auto found = headers.find(std::string(lower_case_name));
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

/// Idle multi handles: each keeps its connections, and serves one request at a time.
struct HttpClient::Pool {
  std::mutex mutex;
  std::vector<CURLM*> idle;

  ~Pool() {
    for (CURLM* multi : idle) curl_multi_cleanup(multi);
  }
  CURLM* take() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        CURLM* multi = idle.back();
        idle.pop_back();
        return multi;
      }
    }
    return curl_multi_init();
  }
  void give_back(CURLM* multi) {
    const std::lock_guard lock(mutex);
    idle.push_back(multi);
  }
};

HttpClient::HttpClient() : pool_(std::make_unique<Pool>()) {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(kReady);  // A failure shows as a null handle below.
}
HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request, const CallContext& call) const {
  return stream(request, nullptr, call);
}

Result<HttpResponse> HttpClient::stream(const HttpRequest& request, const HttpBodySink& sink,
                                        const CallContext& call) const {
  TRY(call.check());
  const Easy easy(curl_easy_init());
  CURLM* multi = pool_->take();
  if (!easy || multi == nullptr) {
    if (multi != nullptr) pool_->give_back(multi);
    return Error{ErrorCode::unavailable, "the HTTP library could not start"};
  }
  Transfer transfer{.request = &request,
                    .sink = sink ? &sink : nullptr,
                    .easy = easy.get(),
                    .response = {},
                    .failure = {}};
  List headers;
  // "Expect: 100-continue" costs a second with servers that do not know it.
  headers.reset(curl_slist_append(nullptr, "Expect:"));
  for (const std::string& header : request.headers) {
    curl_slist_append(headers.get(), header.c_str());
  }
  char error_text[CURL_ERROR_SIZE] = {};
  if (Status ready = set_options(request, transfer, headers.get(), error_text); !ready) {
    pool_->give_back(multi);
    return std::move(ready).error();
  }
  curl_multi_add_handle(multi, easy.get());
  const Result<CURLcode> code = drive(multi, call);
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_multi_remove_handle(multi, easy.get());
  pool_->give_back(multi);
  if (!code) return code.error();
  if (transfer.failure) return *std::move(transfer.failure);
  if (*code != CURLE_OK) return transport_error(request, *code, error_text);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

std::string printable_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const auto scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto host_end = std::min(url.find('/', host), url.size());
  const auto at = url.substr(host, host_end - host).rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return std::string(url.substr(0, host)) + std::string(url.substr(host + at + 1));
}

}  // namespace saerok
