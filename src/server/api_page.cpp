// The page's shell: files only, without a note in them, so they need no token.

#include "base/compress.h"
#include "server/context.h"
#include "server/page.h"
#include "server/reply.h"

namespace saerok::server {
namespace {

constexpr std::string_view kNoPage =
    "<!doctype html><meta charset=\"utf-8\"><title>saerok</title>"
    "<h1>saerok</h1><p>This build has no page: it was made without Node 20.19 or newer. "
    "The command line and the HTTP interface work.</p>";

bool takes_gzip(const Request& request) {
  return request.header("accept-encoding").find("gzip") != std::string_view::npos;
}

Result<Response> file(const Request& request, const PageFile& file) {
  Response response{
      .status = 200,
      .content_type = std::string(file.content_type),
      .body = {},
      .headers = {{"Vary", "Accept-Encoding"},
                  {"Cache-Control",
                   file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache"}}};
  if (takes_gzip(request)) {
    response.body = std::string(file.gzip);
    response.headers.push_back({"Content-Encoding", "gzip"});
  } else {
    constexpr std::uint64_t kUnpackedBytesMax = std::uint64_t{16} << 20;
    response.body =
        TRY(decompress(Compression::gzip, file.gzip, kUnpackedBytesMax, CallContext{})).bytes;
  }
  return response;
}

}  // namespace

void add_page_routes(Router& router, Context&) {
  for (const PageFile& one : page_files()) {
    router.add(
        "GET", std::string(one.path), Access::open,
        [&one](Exchange& exchange, const PathValues&) { return file(exchange.request(), one); });
  }
  if (!page_files().empty()) return;
  router.add("GET", "/", Access::open, [](Exchange&, const PathValues&) -> Result<Response> {
    return Response{.status = 200,
                    .content_type = "text/html; charset=utf-8",
                    .body = std::string(kNoPage),
                    .headers = {}};
  });
}

}  // namespace saerok::server
