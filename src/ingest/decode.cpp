#include "ingest/decode.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/byte_lanes.h"
#include "base/code_points.h"
#include "base/unicode.h"
#include "ingest/charset.h"
#include "ingest/encoding_guess.h"

namespace saerok {
namespace {

using namespace chars;

using Anchors = std::vector<OffsetAnchor>;

/// 16 bytes each. A file that needs more (some 8 MB of UTF-16) is placed by line.
constexpr std::size_t kAnchorsMax = 4'000'000;
/// A starter with more marks than this is not text. Bounds the normaliser's sort, which is
/// quadratic in the length of a run of marks.
constexpr std::size_t kClusterBytesMax = 512;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

enum class Concern : std::uint8_t { none, carriage_return, invalid, maybe_not_nfc };

/// Length of the valid UTF-8 sequence at `at`, else 0 (RFC 3629: no overlong forms, no surrogates).
std::uint32_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return 1;
  const std::uint32_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + size > text.size()) return 0;
  for (std::uint32_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(at + 1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
      (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return size;
}

/// Starters that are their own NFC and that never join with what stands before them. A cautious
/// list: what is not on it is shown to the normaliser.
bool is_settled(char32_t c) {
  return c < 0x300 || (c >= 0x370 && c <= 0x373) || (c >= 0x391 && c <= 0x482) ||
         (c >= 0x1100 && c <= 0x115F) || (c >= 0x2010 && c <= 0x20CF) ||
         (c >= 0x2190 && c <= 0x2328) || (c >= 0x232B && c <= 0x2ADB) ||
         (c >= 0x3000 && c <= 0x3029) || (c >= 0x3030 && c <= 0x3098) ||
         (c >= 0x309B && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xFF01 && c <= 0xFFFD) ||
         (c >= 0x1F000 && c <= 0x2F7FF) || (c >= 0x30000 && c <= 0x3FFFF);
}

struct Found {
  std::size_t at;        ///< Of the first byte of concern; text.size() if there is none.
  std::size_t previous;  ///< Begin of the code point before `at`, or `at`.
  Concern concern;
};

/// Finds what tidying has to look at in one text.
class ConcernFinder {
 public:
  explicit ConcernFinder(std::string_view text)
      : text_(text), is_valid_(simdjson::validate_utf8(text)) {}

  std::string_view text() const { return text_; }
  bool is_valid() const { return is_valid_; }

  /// The first concern from `from` on, where a code point begins.
  Found find(std::size_t from) const {
    std::size_t previous = from;
    std::size_t at = from;
    std::size_t next_try = is_valid_ ? from : text_.size();
    while (at < text_.size()) {
      if (at >= next_try) {
        if (pass_common(at, previous)) continue;
        next_try = at + kByteLanes;
      }
      if (static_cast<unsigned char>(text_[at]) < 0x80) {
        if (text_[at] == '\r') return {at, previous, Concern::carriage_return};
        previous = at++;
        continue;
      }
      const std::uint32_t size = sequence_length(text_, at);
      if (size == 0) return {at, previous, Concern::invalid};
      if (!is_settled(code_point_at(text_, at).value)) {
        return {at, previous, Concern::maybe_not_nfc};
      }
      previous = at;
      at += size;
    }
    return {at, previous, Concern::none};
  }

 private:
  /// Moves both over sixteen bytes of ASCII and of most Hangul and Han, which are most of most
  /// texts, if such stand at `at`. Of a valid text these are settled by their leading bytes.
  bool pass_common(std::size_t& at, std::size_t& previous) const {
    if (at + kByteLanes + 1 > text_.size()) return false;
    const ByteLanes bytes = load_bytes(text_.data() + at);
    const ByteLanes next = load_bytes(text_.data() + at + 1);
    ByteLanes other =
        between(bytes, '\r', '\r') | between(bytes, 0xC0, 0xE4) | between(bytes, 0xEE, 0xFF);
    other |= between(bytes, 0xEA, 0xEA) & between(next, 0x80, 0xAF);  // Below U+AC00.
    other |= between(bytes, 0xED, 0xED) & between(next, 0x9E, 0xBF);  // Around U+D7A3.
    if (any(other)) return false;
    std::size_t end = at + kByteLanes;
    while (is_continuation(end)) --end;
    previous = end - 1;
    while (is_continuation(previous)) --previous;
    at = end;
    return true;
  }
  bool is_continuation(std::size_t at) const {
    return (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80;
  }

  std::string_view text_;
  bool is_valid_;
};

/// Maps text → middle → source in one step.
Anchors compose(const Anchors& outer, const Anchors& inner, std::size_t text_size) {
  Anchors result;
  std::size_t in = 0;
  for (std::size_t i = 0; i < outer.size(); ++i) {
    const bool is_last = i + 1 == outer.size();
    const std::uint64_t length = (is_last ? text_size : outer[i + 1].text) - outer[i].text;
    std::uint64_t middle_end = outer[i].source + length;
    if (!is_last) middle_end = std::min(middle_end, outer[i + 1].source);
    while (in + 1 < inner.size() && inner[in + 1].text <= outer[i].source) ++in;
    std::uint64_t source = inner[in].source + (outer[i].source - inner[in].text);
    if (in + 1 < inner.size()) source = std::min(source, inner[in + 1].source);
    result.push_back({outer[i].text, source});
    for (; in + 1 < inner.size() && inner[in + 1].text < middle_end; ++in) {
      result.push_back(
          {outer[i].text + (inner[in + 1].text - outer[i].source), inner[in + 1].source});
    }
  }
  return result;
}

/// UTF-8 in the making, with the anchors that lead back.
struct Converted {
  std::string text;
  Anchors anchors;
  std::uint64_t invalid_count = 0;
  bool exact = true;

  /// Says that what is appended next came from `source` on.
  void anchor(std::uint64_t source) {
    if (!anchors.empty()) {
      const OffsetAnchor& last = anchors.back();
      if (source == last.source + (text.size() - last.text)) return;
      if (last.text == text.size()) {
        anchors.back().source = source;
        return;
      }
    }
    if (anchors.size() >= kAnchorsMax && !text.empty() && text.back() != '\n') {
      exact = false;
      return;
    }
    anchors.push_back({text.size(), source});
  }
};

Converted from_utf16(std::string_view bytes, std::size_t skip, bool is_big_endian) {
  Converted out;
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<char32_t>(is_big_endian ? first << 8 | second : second << 8 | first);
  };
  std::size_t at = skip;
  while (at + 1 < bytes.size()) {
    out.anchor(at);
    char32_t value = unit(at);
    at += 2;
    if (value >= 0xD800 && value < 0xE000) {
      const char32_t low = at + 1 < bytes.size() ? unit(at) : 0;
      if (value < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
        value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
        at += 2;
      } else {
        value = 0xFFFD;
        ++out.invalid_count;
      }
    }
    append_utf8(out.text, value);
  }
  if (at < bytes.size()) {
    out.anchor(at);
    out.text += kReplacement;
    ++out.invalid_count;
  }
  return out;
}

Result<Converted> from_charset(std::string_view bytes, std::size_t skip, const std::string& name) {
  CharsetConverter converter = TRY(CharsetConverter::open(name));
  const bool has_plain_ascii =
      !name.starts_with("ISO-2022") && !name.starts_with("HZ") && !name.starts_with("UTF-32");
  Converted out;
  std::size_t at = skip;
  while (at < bytes.size()) {
    out.anchor(at);
    if (has_plain_ascii && static_cast<unsigned char>(bytes[at]) < 0x80) {
      out.text.push_back(bytes[at++]);
      continue;
    }
    const auto step = converter.convert_one(bytes.substr(at), out.text);
    if (step.consumed == 0) {
      out.text += kReplacement;
      ++out.invalid_count;
      ++at;
    }
    at += step.consumed;
  }
  return out;
}

/// Line ends, invalid sequences and normalisation; nothing where they change nothing.
std::optional<Converted> tidy_utf8(const ConcernFinder& concerns, std::size_t skip) {
  Converted out;
  const std::string_view text = concerns.text();
  std::size_t done = skip;
  std::size_t copied = skip;  // Up to here it is in `out`.
  const auto replace = [&](std::size_t end, std::string_view by) {
    if (copied == skip) out.text.reserve(text.size());
    if (copied < done) {
      out.anchor(copied);
      out.text.append(text.substr(copied, done - copied));
    }
    out.anchor(done);
    out.text += by;
    done = copied = end;
  };
  while (done < text.size()) {
    const Found found = concerns.find(done);
    done = found.concern == Concern::maybe_not_nfc ? found.previous : found.at;
    if (found.concern == Concern::maybe_not_nfc) {
      std::size_t end = found.at;
      while (end < text.size() && end - done < kClusterBytesMax) {
        const std::uint32_t size = sequence_length(text, end);
        if (size <= 1 || is_settled(code_point_at(text, end).value)) break;
        end += size;
      }
      const std::string_view cluster = text.substr(done, end - done);
      const std::string composed = to_nfc(cluster);
      if (composed == cluster) done = end;
      else replace(end, composed);
    } else if (found.concern == Concern::carriage_return) {
      const bool is_pair = done + 1 < text.size() && text[done + 1] == '\n';
      replace(done + (is_pair ? 2u : 1u), "\n");
    } else if (found.concern == Concern::invalid) {
      replace(done + 1, kReplacement);
      ++out.invalid_count;
    }
  }
  if (copied == skip) return std::nullopt;
  if (copied < done) {
    out.anchor(copied);
    out.text.append(text.substr(copied));
  }
  return out;
}

Error binary_error() {
  return {ErrorCode::invalid_argument,
          "it looks like a binary file, not text; give it an extension that tells its kind, or "
          "leave it out with an ignore file"};
}

}  // namespace

/// Builds a DecodedText: the only code that may set its fields.
class Decoding {
 public:
  explicit Decoding(std::string_view bytes) : bytes_(bytes) { made_.source_size_ = bytes.size(); }

  Result<DecodedText> run() {
    if (bytes_.starts_with("\xEF\xBB\xBF")) return utf8(ConcernFinder(bytes_), 3);
    if (bytes_.starts_with(std::string_view("\xFF\xFE\0\0", 4))) return charset("UTF-32LE", 4);
    if (bytes_.starts_with(std::string_view("\0\0\xFE\xFF", 4))) return charset("UTF-32BE", 4);
    if (bytes_.starts_with("\xFF\xFE")) return utf16(2, false);
    if (bytes_.starts_with("\xFE\xFF")) return utf16(2, true);
    if (bytes_.substr(0, kSniffBytesMax).find('\0') != std::string_view::npos) {
      if (is_plausible_utf16(bytes_, false)) return utf16(0, false);
      if (is_plausible_utf16(bytes_, true)) return utf16(0, true);
      return binary_error();
    }
    const ConcernFinder concerns(bytes_);
    if (concerns.find(0).concern == Concern::none) return as_it_stands(0);
    return by_census(concerns);
  }

 private:
  Result<DecodedText> by_census(const ConcernFinder& concerns) {
    if (count_controls(bytes_) * 20 > bytes_.size()) return binary_error();
    if (concerns.is_valid()) return utf8(concerns, 0);
    const Utf8Census census = take_census(bytes_);
    if (census.valid >= census.invalid * 10) return utf8(concerns, 0);
    if (is_plausible_cp949(bytes_)) return charset("CP949", 0);
    const std::string detected = detect_charset(bytes_);
    if (!detected.empty() && detected != "UTF-8" && detected != "ASCII") {
      return charset(detected, 0);
    }
    if (census.invalid * 10 > bytes_.size()) return binary_error();
    return utf8(concerns, 0);
  }

  Result<DecodedText> utf8(const ConcernFinder& concerns, std::size_t skip) {
    std::optional<Converted> tidy = tidy_utf8(concerns, skip);
    if (!tidy) return as_it_stands(skip);
    keep(std::move(*tidy));
    return std::move(made_);
  }

  Result<DecodedText> as_it_stands(std::size_t skip) {
    made_.view_ = bytes_.substr(skip);
    made_.anchors_ = {{0, skip}};
    return std::move(made_);
  }

  Result<DecodedText> utf16(std::size_t skip, bool is_big_endian) {
    made_.encoding_ = is_big_endian ? "UTF-16BE" : "UTF-16LE";
    return tidied(from_utf16(bytes_, skip, is_big_endian));
  }

  Result<DecodedText> charset(const std::string& name, std::size_t skip) {
    made_.encoding_ = name;
    return tidied(TRY(from_charset(bytes_, skip, name)));
  }

  Result<DecodedText> tidied(Converted raw) {
    if (raw.invalid_count * 4 > raw.text.size()) return binary_error();
    if (std::optional<Converted> tidy = tidy_utf8(ConcernFinder(raw.text), 0)) {
      tidy->anchors = compose(tidy->anchors, raw.anchors, tidy->text.size());
      tidy->exact = tidy->exact && raw.exact;
      tidy->invalid_count = raw.invalid_count;
      raw = std::move(*tidy);
    }
    keep(std::move(raw));
    return std::move(made_);
  }

  void keep(Converted converted) {
    made_.storage_ = std::move(converted.text);
    made_.owned_ = true;
    if (!converted.anchors.empty()) made_.anchors_ = std::move(converted.anchors);
    made_.invalid_count_ = converted.invalid_count;
    made_.exact_ = converted.exact;
  }

  std::string_view bytes_;
  DecodedText made_;
};

Result<DecodedText> decode_text(std::string_view bytes) { return Decoding(bytes).run(); }

}  // namespace saerok
