/// Writing and reading of little-endian numbers, varints and strings. The reader checks every bound
/// and never throws: after a bad read it stays failed and returns zeros, so a parser checks once.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saerok {

static_assert(std::endian::native == std::endian::little, "stored formats are little-endian");

class ByteWriter {
 public:
  void reserve(std::size_t size) { bytes_.reserve(size); }
  template <class T>
    requires(std::integral<T> || std::floating_point<T>)
  void put(T value) {
    append(&value, sizeof value);
  }
  void put_varint(std::uint64_t value) {
    while (value >= 0x80) {
      bytes_.push_back(static_cast<std::byte>(value | 0x80));
      value >>= 7;
    }
    bytes_.push_back(static_cast<std::byte>(value));
  }
  /// A varint length, then the bytes.
  void put_string(std::string_view text) {
    put_varint(text.size());
    append(text.data(), text.size());
  }
  void append(const void* data, std::size_t size) {
    const auto* at = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), at, at + size);
  }
  void align(std::size_t alignment) {
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
  }
  std::size_t size() const { return bytes_.size(); }
  const std::vector<std::byte>& bytes() const { return bytes_; }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class T>
    requires(std::integral<T> || std::floating_point<T>)
  T get() {
    T value{};
    if (const auto part = get_bytes(sizeof(T)); !part.empty())
      std::memcpy(&value, part.data(), sizeof(T));
    return value;
  }
  std::uint64_t get_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ >= bytes_.size()) break;
      const auto byte = static_cast<std::uint64_t>(bytes_[at_++]);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }
  /// Views the reader's bytes.
  std::string_view get_string() {
    const auto part = get_bytes(get_varint());
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }
  std::span<const std::byte> get_bytes(std::uint64_t size) {
    if (failed_ || size > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    const auto part = bytes_.subspan(at_, static_cast<std::size_t>(size));
    at_ += static_cast<std::size_t>(size);
    return part;
  }
  bool failed() const { return failed_; }
  bool at_end() const { return at_ == bytes_.size(); }
  std::size_t position() const { return at_; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

inline std::span<const std::byte> as_byte_span(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace saerok
