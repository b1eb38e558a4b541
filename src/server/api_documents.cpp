// Documents that come with the request instead of lying in one of the user's folders. They are kept
// as plain files in the store's own `documents` folder and indexed like any other, so that a
// rebuild reads them again and a person can look at them. No path of the machine is ever taken from
// a request: names are checked segment by segment and stay below that folder.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/bytes.h"
#include "base/env.h"
#include "base/posix_env.h"
#include "server/context.h"
#include "server/daemon_files.h"
#include "server/reply.h"

namespace saerok::server {
namespace {

constexpr std::size_t kSegmentBytesMax = 200;
constexpr std::size_t kNameBytesMax = 1'000;

/// A plain name: nothing hidden, nothing that leads elsewhere.
bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= kSegmentBytesMax && name.front() != '.' &&
         name.find('/') == std::string_view::npos && name.find('\\') == std::string_view::npos &&
         std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

struct Place {
  std::string root;  ///< Of the collection's documents.
  std::string path;  ///< Below it.
  std::string file() const { return root + "/" + path; }
};

Result<Place> place_of(const Context& context, const Request& request, const PathValues& values) {
  const std::string collection = collection_of(request);
  const std::string& path = values.at("path");
  bool is_good = is_plain(collection) && path.size() <= kNameBytesMax;
  for (std::string_view rest = path; is_good;) {
    const std::string_view segment = rest.substr(0, rest.find('/'));
    is_good = is_plain(segment);
    if (segment.size() == rest.size()) break;
    rest.remove_prefix(segment.size() + 1);
  }
  if (is_good) return Place{context.store + "/documents/" + collection, path};
  return Error{
      ErrorCode::invalid_argument,
      "a document's name is made of plain names with / between, none beginning with a dot"};
}

/// Whole or not at all.
Status store(const Place& place, std::string_view bytes) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(place.file()).parent_path(), error);
  if (error) {
    return Error{ErrorCode::unavailable, "cannot store " + place.path + ": " + error.message()};
  }
  // Beside the collections' folders, so that the watcher never sees half a file.
  const std::string scratch =
      std::filesystem::path(place.root).parent_path().string() + "/.new-" + random_hex(8);
  return write_file_durably(posix_env(), place.file(), scratch, as_byte_span(bytes));
}

Result<Response> index(Context& context, const Request& request, const Place& place) {
  IndexJob job;
  job.collection = collection_of(request);
  job.request.roots = {place.root};
  const std::uint64_t id = TRY(context.jobs.submit(std::move(job)));
  return reply({{"root", place.root}, {"path", place.path}, {"job", id}}, 202);
}

Result<Response> put(Context& context, const Request& request, const PathValues& values) {
  const Place place = TRY(place_of(context, request, values));
  TRY(store(place, request.body));
  return index(context, request, place);
}

Result<Response> get(Context& context, const Request& request, const PathValues& values) {
  const Place place = TRY(place_of(context, request, values));
  std::ifstream stream(place.file(), std::ios::binary);
  std::error_code error;
  if (!stream || !std::filesystem::is_regular_file(place.file(), error)) {
    return Error{ErrorCode::not_found, "no document " + place.path + " was put here"};
  }
  // Only ever as a download: a browser is not to take somebody's HTML for a page of ours.
  return Response{
      .status = 200,
      .content_type = "application/octet-stream",
      .body = std::string(std::istreambuf_iterator<char>(stream), {}),
      .headers = {{"Content-Disposition", "attachment"}, {"Cache-Control", "no-store"}}};
}

Result<Response> remove(Context& context, const Request& request, const PathValues& values) {
  const Place place = TRY(place_of(context, request, values));
  std::error_code error;
  if (!std::filesystem::is_regular_file(place.file(), error) ||
      !std::filesystem::remove(place.file(), error)) {
    return Error{ErrorCode::not_found, "no document " + place.path + " was put here"};
  }
  return index(context, request, place);
}

}  // namespace

void add_document_routes(Router& router, Context& context) {
  const auto add = [&](const char* method, auto handler) {
    router.add(method, "/v1/saerok/documents/{path*}",
               [&context, handler](Exchange& exchange, const PathValues& values) {
                 return handler(context, exchange.request(), values);
               });
  };
  add("PUT", put);
  add("GET", get);
  add("DELETE", remove);
}

}  // namespace saerok::server
