#include "models/sha256.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace saerok {
namespace {

std::string sha256(std::string_view text) {
  Sha256 hash;
  hash.feed(as_byte_span(text));
  return hash.finish();
}

TEST(Sha256, GivesThePublishedValues) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveWhatTheWholeGives) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i);
  for (std::size_t size = 1; size < 140; size += 13) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += size) {
      hash.feed(as_byte_span(std::string_view(text).substr(at, size)));
    }
    EXPECT_EQ(hash.finish(), sha256(text)) << size;
  }
}

TEST(Sha256, AMissingFileIsNotFound) {
  EXPECT_EQ(sha256_of_file("/no/such/file", {}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace saerok
