#include "storage/store_format.h"

#include <charconv>
#include <cstdio>

#include "base/bytes.h"
#include "base/hash.h"

namespace saerok {
namespace {

constexpr std::string_view kMagic = "saerok store";
constexpr std::string_view kChecksumLabel = "crc32c ";

std::string checksum_line(std::string_view body) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%08x", crc32c(as_byte_span(body)));
  return std::string(kChecksumLabel) + digits + "\n";
}

/// The rest of the line that begins with `label`.
std::string_view field(std::string_view body, std::string_view label) {
  const std::string start = "\n" + std::string(label) + " ";
  const auto at = body.find(start);
  if (at == std::string_view::npos) return {};
  const auto begin = at + start.size();
  return body.substr(begin, body.find('\n', begin) - begin);
}

bool parse(std::string_view text, std::uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string encode_store_format(const StoreFormat& format) {
  const std::string body = std::string(kMagic) + "\nformat " + std::to_string(format.format) +
                           "\nreader_min " + std::to_string(format.reader_min) + "\nwriter_min " +
                           std::to_string(format.writer_min) + "\nid " + format.id + "\n";
  return body + checksum_line(body);
}

Result<StoreFormat> decode_store_format(std::string_view text, const std::string& path) {
  const Error damaged{ErrorCode::corrupt,
                      path + " is damaged; move the store's folder aside and index again, or " +
                          "restore it from a backup"};
  const auto at = text.rfind(kChecksumLabel);
  if (!text.starts_with(kMagic) || at == std::string_view::npos) return damaged;
  const std::string_view body = text.substr(0, at);
  if (text.substr(at) != checksum_line(body)) return damaged;
  StoreFormat format;
  format.id = field(body, "id");
  if (!parse(field(body, "format"), format.format) ||
      !parse(field(body, "reader_min"), format.reader_min) ||
      !parse(field(body, "writer_min"), format.writer_min)) {
    return damaged;
  }
  return format;
}

StoreFormat draw_store_format(Env& env) {
  Hash128 id;
  env.fill_random(std::as_writable_bytes(std::span(&id, 1)));
  StoreFormat format;
  format.id = to_hex(id);
  return format;
}

}  // namespace saerok
