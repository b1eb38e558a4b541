#include "base/compress.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "base/code_points.h"

namespace saerok {
namespace {

using namespace chars;

constexpr std::size_t kStepBytes = 1 << 20;
/// Text shrinks by less; what is said to shrink by more gets its memory as it comes.
constexpr std::uint64_t kLikelyRatioMax = 64;
/// Largest part of the input that zlib's 32-bit counter is given at once.
constexpr std::size_t kInputStepBytes = 1 << 28;

bool ends_with_extension(std::string_view path, std::string_view extension) {
  if (path.size() <= extension.size()) return false;
  const std::string_view end = path.substr(path.size() - extension.size());
  return std::equal(end.begin(), end.end(), extension.begin(),
                    [](char a, char b) { return ascii_lower(a) == b; });
}

Error over_limit(std::uint64_t bytes_max) {
  return {ErrorCode::invalid_argument, "it unpacks to more than " + std::to_string(bytes_max) +
                                           " bytes; raise index.file_bytes_max if that is meant"};
}
Error cut_off() {
  return {ErrorCode::corrupt, "the compressed data is cut off; copy or download the file again"};
}
Error damaged(std::string_view reason) {
  return {ErrorCode::corrupt, "the compressed data is damaged (" + std::string(reason) +
                                  "); copy or download the file again"};
}

/// The output, grown a step at a time and never beyond one byte above the limit.
class Output {
 public:
  explicit Output(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}
  /// Memory for so much, which need not be true, that growing would copy what is there.
  void expect(std::uint64_t bytes) {
    bytes_.reserve(static_cast<std::size_t>(std::min(bytes, bytes_max_) + kStepBytes));
  }
  /// Room for the next step.
  char* room() {
    const std::uint64_t left = bytes_max_ + 1 - size_;
    room_ = static_cast<std::size_t>(std::min<std::uint64_t>(kStepBytes, left));
    if (bytes_.size() < size_ + room_) bytes_.resize(size_ + room_);
    return bytes_.data() + size_;
  }
  std::size_t room_bytes() const { return room_; }
  void add(std::size_t written) { size_ += written; }
  bool is_over() const { return size_ > bytes_max_; }
  std::string take() {
    bytes_.resize(size_);
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
  std::uint64_t bytes_max_;
};

Result<Decompressed> gunzip(std::string_view bytes, std::uint64_t bytes_max,
                            const CallContext& call) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) {
    return Error{ErrorCode::unavailable, "no memory to unpack gzip data"};
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, &inflateEnd);
  Output out(bytes_max);
  std::size_t at = 0;  // Of the input handed to zlib.
  std::size_t member_begin = 0;
  bool is_member_done = false;
  while (true) {
    TRY(call.check());
    if (stream.avail_in == 0 && at < bytes.size()) {
      const std::size_t step = std::min(bytes.size() - at, kInputStepBytes);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + at));
      stream.avail_in = static_cast<uInt>(step);
      at += step;
    }
    if (is_member_done) {
      if (stream.avail_in == 0) return Decompressed{out.take(), 0};
      member_begin = at - stream.avail_in;
      inflateReset(&stream);
      is_member_done = false;
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.room());
    stream.avail_out = static_cast<uInt>(out.room_bytes());
    const int outcome = inflate(&stream, Z_NO_FLUSH);
    const std::size_t made = out.room_bytes() - stream.avail_out;
    out.add(made);
    if (out.is_over()) return over_limit(bytes_max);
    if (outcome == Z_STREAM_END) {
      is_member_done = true;
    } else if (outcome == Z_DATA_ERROR && member_begin > 0 && made == 0 && stream.total_out == 0) {
      return Decompressed{out.take(), bytes.size() - member_begin};
    } else if (outcome == Z_BUF_ERROR || (outcome == Z_OK && stream.avail_in == 0 && made == 0)) {
      if (at == bytes.size() && stream.avail_in == 0) return cut_off();
    } else if (outcome != Z_OK) {
      return damaged(stream.msg != nullptr ? stream.msg : "not gzip data");
    }
  }
}

Result<Decompressed> unzstd(std::string_view bytes, std::uint64_t bytes_max,
                            const CallContext& call) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        &ZSTD_freeDCtx);
  if (!context) return Error{ErrorCode::unavailable, "no memory to unpack zstd data"};
  Output out(bytes_max);
  // The first frame's own word, which nothing but memory depends on; -1 and -2 where it has none.
  const unsigned long long said = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (said / kLikelyRatioMax <= bytes.size()) out.expect(said);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::size_t frame_begin = 0;
  std::size_t made_in_frame = 0;
  while (true) {
    TRY(call.check());
    char* const room = out.room();
    ZSTD_outBuffer to{room, out.room_bytes(), 0};
    const std::size_t outcome = ZSTD_decompressStream(context.get(), &to, &in);
    out.add(to.pos);
    made_in_frame += to.pos;
    if (out.is_over()) return over_limit(bytes_max);
    if (ZSTD_isError(outcome) != 0) {
      if (frame_begin > 0 && made_in_frame == 0) {
        return Decompressed{out.take(), bytes.size() - frame_begin};
      }
      return damaged(ZSTD_getErrorName(outcome));
    }
    if (outcome == 0) {
      if (in.pos == in.size) return Decompressed{out.take(), 0};
      frame_begin = in.pos;
      made_in_frame = 0;
    } else if (in.pos == in.size && to.pos < to.size) {
      const bool is_short_garbage =
          frame_begin > 0 && made_in_frame == 0 && in.size - frame_begin < 4;
      if (is_short_garbage) return Decompressed{out.take(), bytes.size() - frame_begin};
      return cut_off();
    }
  }
}

Result<std::string> gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kWindowBitsOfGzip = 15 + 16;
  constexpr int kMemoryLevel = 8;  // zlib's default.
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kWindowBitsOfGzip, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return Error{ErrorCode::unavailable, "no memory to pack gzip data"};
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, &deflateEnd);
  std::string packed;
  std::size_t at = 0;
  for (int outcome = Z_OK; outcome != Z_STREAM_END;) {
    if (stream.avail_in == 0 && at < bytes.size()) {
      const std::size_t step = std::min(bytes.size() - at, kInputStepBytes);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + at));
      stream.avail_in = static_cast<uInt>(step);
      at += step;
    }
    const std::size_t done = packed.size();
    packed.resize(done + kStepBytes);
    stream.next_out = reinterpret_cast<Bytef*>(packed.data() + done);
    stream.avail_out = static_cast<uInt>(kStepBytes);
    outcome = deflate(&stream, at == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    packed.resize(done + kStepBytes - stream.avail_out);
  }
  return packed;
}

Result<std::string> zstd(std::string_view bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(size) != 0) {
    return Error{ErrorCode::unavailable,
                 std::string("could not pack zstd data: ") + ZSTD_getErrorName(size)};
  }
  packed.resize(size);
  return packed;
}

}  // namespace

Compression compression_of(std::string_view path) {
  if (ends_with_extension(path, ".gz")) return Compression::gzip;
  if (ends_with_extension(path, ".zst")) return Compression::zstd;
  return Compression::none;
}

std::string_view without_compression(std::string_view path) {
  switch (compression_of(path)) {
    case Compression::gzip: return path.substr(0, path.size() - 3);
    case Compression::zstd: return path.substr(0, path.size() - 4);
    case Compression::none: break;
  }
  return path;
}

Result<Decompressed> decompress(Compression compression, std::string_view bytes,
                                std::uint64_t bytes_max, const CallContext& call) {
  if (bytes.empty()) return cut_off();
  return compression == Compression::gzip ? gunzip(bytes, bytes_max, call)
                                          : unzstd(bytes, bytes_max, call);
}

Result<std::string> compress(Compression compression, std::string_view bytes) {
  switch (compression) {
    case Compression::gzip: return gzip(bytes);
    case Compression::zstd: return zstd(bytes);
    case Compression::none: break;
  }
  return std::string(bytes);
}

}  // namespace saerok
