#include "models/model_download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>

#include "base/http_client.h"
#include "models/model_registry.h"

namespace saerok {
namespace {

constexpr std::uint64_t kModelBytesMax = std::uint64_t{1} << 40;

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The partial file as it grows.
class Part {
 public:
  Part(FileDescriptor file, std::string path, const ModelProgress& progress)
      : file_(std::move(file)), path_(std::move(path)), progress_(progress) {
    struct stat facts{};
    if (fstat(file_.get(), &facts) == 0) size_ = static_cast<std::uint64_t>(facts.st_size);
    std::ifstream(etag_path()) >> etag_;
  }

  std::uint64_t size() const { return size_; }
  const std::string& etag() const { return etag_; }

  Status begin_anew() {
    if (ftruncate(file_.get(), 0) != 0) return file_error("could not write", path_, errno);
    size_ = 0;
    etag_.clear();
    unlink(etag_path().c_str());
    return {};
  }

  /// Where in the file the answer's body goes, decided when its first piece comes.
  Status begin(const HttpResponse& head) {
    const std::string_view range = head.header("content-range");  // bytes 100-199/200
    const std::string expected = "bytes " + std::to_string(size_) + "-";
    if (head.status != 206) {
      TRY(begin_anew());
    } else if (!range.starts_with(expected)) {
      return Error{ErrorCode::unavailable, "the server sent another part than was asked for"};
    }
    const auto length = number_in(head.header("content-length"));
    total_ = length == 0 ? 0 : size_ + length;
    // Only a strong ETag says that bytes are the same.
    if (const auto etag = head.header("etag"); etag.starts_with('"')) {
      etag_ = etag;
      std::ofstream(etag_path()) << etag_;
    }
    return {};
  }

  Status append(std::string_view piece) {
    while (!piece.empty()) {
      const ssize_t put =
          pwrite(file_.get(), piece.data(), piece.size(), static_cast<off_t>(size_));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return file_error("could not write", path_, errno);
      size_ += static_cast<std::uint64_t>(put);
      piece.remove_prefix(static_cast<std::size_t>(put));
    }
    if (progress_) progress_("download", size_, total_);
    return {};
  }

  Status finish() {
    if (total_ != 0 && size_ != total_) {
      return Error{ErrorCode::unavailable, "the download ended early; run it again to go on"};
    }
    if (fsync(file_.get()) != 0) return file_error("could not write", path_, errno);
    unlink(etag_path().c_str());
    return {};
  }

 private:
  std::string etag_path() const { return path_ + ".etag"; }

  FileDescriptor file_;
  std::string path_;
  const ModelProgress& progress_;
  std::string etag_;
  std::uint64_t size_ = 0;
  std::uint64_t total_ = 0;
};

Error refusal(const std::string& url, int status) {
  const std::string said = printable_url(url) + " answered " + std::to_string(status);
  if (status == 404 || status == 410) {
    return {ErrorCode::not_found, said + ": there is no such file; check the address"};
  }
  if (status == 401 || status == 403) {
    return {ErrorCode::failed_precondition,
            said + ": it wants a login; download it with a browser and add the file"};
  }
  return {ErrorCode::unavailable, said + "; try again later"};
}

}  // namespace

Status download(const std::string& url, const std::string& part_path, const ModelProgress& progress,
                const CallContext& call) {
  FileDescriptor file(open(part_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (file.get() < 0) return file_error("could not write", part_path, errno);
  Part part(std::move(file), part_path, progress);
  const HttpClient http;
  for (int attempt = 0; attempt < 2; ++attempt) {
    HttpRequest request{.url = url,
                        .headers = {"Accept-Encoding: identity"},
                        .body = {},
                        .response_bytes_max = kModelBytesMax,
                        .redirects_max = 5};
    // Without an ETag nobody can say that the rest belongs to what is here.
    if (part.size() > 0 && part.etag().empty()) TRY(part.begin_anew());
    if (part.size() > 0) {
      request.headers.push_back("Range: bytes=" + std::to_string(part.size()) + "-");
      request.headers.push_back("If-Range: " + part.etag());
    }
    bool has_begun = false;
    const HttpBodySink sink = [&](const HttpResponse& head, std::string_view piece) -> Status {
      if (!has_begun) TRY(part.begin(head));
      has_begun = true;
      return part.append(piece);
    };
    const HttpResponse response = TRY(http.stream(request, sink, call));
    if (response.status == 416) {  // More is here than there: it was another file.
      TRY(part.begin_anew());
      continue;
    }
    if (response.status < 200 || response.status >= 300) return refusal(url, response.status);
    return part.finish();
  }
  return Error{ErrorCode::unavailable, printable_url(url) + " does not send the file; try later"};
}

}  // namespace saerok
