#include "base/compress.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace saerok {
namespace {

std::string gzipped(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string zstandard(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

struct Format {
  Compression kind;
  std::string (*pack)(const std::string&);
};
constexpr Format kFormats[] = {{Compression::gzip, &gzipped}, {Compression::zstd, &zstandard}};
const CallContext kCall;

TEST(Compress, WhatIsPackedUnpacksToTheSame) {
  std::string text = "녹차는 80도";
  for (std::size_t i = 0; i < 400'000; ++i) text += static_cast<char>('a' + i * i % 23);
  for (const Compression kind : {Compression::gzip, Compression::zstd}) {
    for (const std::string& one : {text, std::string()}) {
      const auto packed = compress(kind, one);
      ASSERT_TRUE(packed) << packed.error().message;
      EXPECT_EQ(*packed, *compress(kind, one));
      const auto unpacked = decompress(kind, *packed, 1 << 20, kCall);
      ASSERT_TRUE(unpacked) << unpacked.error().message;
      EXPECT_EQ(unpacked->bytes, one);
      EXPECT_LT(packed->size(), one.size() / 2 + 50);
    }
  }
  EXPECT_EQ(*compress(Compression::none, text), text);
}

TEST(Compress, MembersAreJoined) {
  for (const Format& format : kFormats) {
    const std::string text(3'000'000, 'x');
    const auto made =
        decompress(format.kind, format.pack(text).append(format.pack("end")), 1 << 24, kCall);
    ASSERT_TRUE(made.has_value());
    EXPECT_TRUE(made->bytes.starts_with(text));
    EXPECT_EQ(made->bytes.substr(text.size()), "end");
    EXPECT_EQ(made->trailing_bytes, 0u);
  }
}

TEST(Compress, EveryCutOffLengthIsAnErrorAndNeverShortText) {
  for (const Format& format : kFormats) {
    const std::string whole = format.pack("a note about tea, a note about rice");
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto made = decompress(format.kind, whole.substr(0, size), 1'000, kCall);
      ASSERT_FALSE(made.has_value()) << size;
      EXPECT_EQ(made.error().code, ErrorCode::corrupt);
    }
  }
}

TEST(Compress, WhatFollowsTheDataIsReported) {
  for (const Format& format : kFormats) {
    const auto made = decompress(format.kind, format.pack("text").append("garbage!"), 1'000, kCall);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(made->bytes, "text");
    EXPECT_EQ(made->trailing_bytes, 8u);
  }
}

TEST(Compress, ABombStopsAtTheLimit) {
  for (const Format& format : kFormats) {
    const std::string packed = format.pack(std::string(50'000'000, '\0'));
    const auto made = decompress(format.kind, packed, 1'000'000, kCall);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(decompress(format.kind, format.pack("1234"), 4, kCall).has_value());
  }
}

TEST(Compress, FlippedBitsAreDamage) {
  for (const Format& format : kFormats) {
    std::string packed = format.pack(std::string(1'000, 'a'));
    packed[0] = static_cast<char>(packed[0] ^ 0x40);
    const auto made = decompress(format.kind, packed, 10'000, kCall);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace saerok
