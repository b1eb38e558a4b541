#include "base/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/assert.h"
#include "base/byte_lanes.h"

namespace saerok {
namespace {

struct Range {
  char32_t first, last;
};

template <std::size_t count>
constexpr bool is_in(const std::array<Range, count>& ranges, char32_t code_point) {
  for (const Range& range : ranges) {
    if (code_point < range.first) return false;
    if (code_point <= range.last) return true;
  }
  return false;
}

// Characters that NFC leaves alone and that never join the character before them.
constexpr auto kStable = std::to_array<Range>({{0, 0x2FF},
                                               {0x400, 0x482},
                                               {0x48A, 0x52F},
                                               {0x2010, 0x2027},
                                               {0x2030, 0x205E},
                                               {0x2190, 0x2328},
                                               {0x3000, 0x3029},
                                               {0x3030, 0x3098},
                                               {0x309B, 0x4DBF},
                                               {0x4E00, 0x9FFF},
                                               {0xAC00, 0xD7A3},
                                               {0xFF01, 0xFFEF},
                                               {0x1F300, 0x1FAFF}});

// Ranges whose characters are another way to write ordinary ones. Fractions are not among them:
// ½ would read as 1 and 2.
constexpr auto kWidthForms = std::to_array<Range>({{0xAA, 0xAA},
                                                   {0xB2, 0xB3},
                                                   {0xB9, 0xBA},
                                                   {0x2070, 0x209F},
                                                   {0x2100, 0x214F},
                                                   {0x2160, 0x217F},
                                                   {0x2460, 0x24FF},
                                                   {0x3200, 0x33FF},
                                                   {0xFB00, 0xFB06},
                                                   {0xFF00, 0xFFEF},
                                                   {0x1D400, 0x1D7FF}});

// Scripts that are written without spaces, beside kana.
constexpr auto kUnspaced = std::to_array<Range>({{0x0E00, 0x0EFF},
                                                 {0x1000, 0x109F},
                                                 {0x1780, 0x17FF},
                                                 {0x3040, 0x30FF},
                                                 {0x31F0, 0x31FF},
                                                 {0xA9E0, 0xA9FF},
                                                 {0xAA60, 0xAA7F},
                                                 {0x1B000, 0x1B16F}});
constexpr auto kHan = std::to_array<Range>({{0x2E80, 0x2FDF},
                                            {0x3005, 0x3007},
                                            {0x3021, 0x3029},
                                            {0x3400, 0x4DBF},
                                            {0x4E00, 0x9FFF},
                                            {0xF900, 0xFAFF},
                                            {0x20000, 0x3FFFD}});
constexpr auto kJamo = std::to_array<Range>({{0x1100, 0x115E},
                                             {0x1161, 0x11FF},
                                             {0x3131, 0x3163},
                                             {0x3165, 0x318E},
                                             {0xA960, 0xA97C},
                                             {0xD7B0, 0xD7FB},
                                             {0xFFA1, 0xFFDC}});
// Vowels and finals that stand inside the cell of their initial.
constexpr auto kJoinsSyllable = std::to_array<Range>({{0x1160, 0x11FF}, {0xD7B0, 0xD7FB}});
constexpr auto kIgnorable = std::to_array<Range>({{0xAD, 0xAD},
                                                  {0x34F, 0x34F},
                                                  {0x61C, 0x61C},
                                                  {0x115F, 0x1160},
                                                  {0x17B4, 0x17B5},
                                                  {0x180B, 0x180F},
                                                  {0x200B, 0x200F},
                                                  {0x202A, 0x202E},
                                                  {0x2060, 0x206F},
                                                  {0x3164, 0x3164},
                                                  {0xFE00, 0xFE0F},
                                                  {0xFEFF, 0xFEFF},
                                                  {0xFFA0, 0xFFA0},
                                                  {0xE0000, 0xE0FFF}});

// Conjoining letters standing alone, as the letters that a keyboard types.
constexpr char32_t kTypedInitials[] = U"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
constexpr char32_t kTypedFinals[] = U"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";

constexpr char32_t kFirstInitial = 0x1100, kLastInitial = 0x1112;
constexpr char32_t kFirstVowel = 0x1161, kLastVowel = 0x1175;
constexpr char32_t kFirstFinal = 0x11A8, kLastFinal = 0x11C2;
constexpr char32_t kTypedFirstVowel = 0x314F;

char32_t typed_jamo(char32_t code_point) {
  if (code_point >= kFirstInitial && code_point <= kLastInitial) {
    return kTypedInitials[code_point - kFirstInitial];
  }
  if (code_point >= kFirstVowel && code_point <= kLastVowel) {
    return kTypedFirstVowel + (code_point - kFirstVowel);
  }
  if (code_point >= kFirstFinal && code_point <= kLastFinal) {
    return kTypedFinals[code_point - kFirstFinal];
  }
  return code_point;
}

utf8proc_int32_t to_utf8proc(char32_t code_point) {
  return static_cast<utf8proc_int32_t>(code_point);
}

const utf8proc_uint8_t* to_utf8proc(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

utf8proc_option_t to_options(int flags) { return static_cast<utf8proc_option_t>(flags); }

constexpr int kCanonical = UTF8PROC_STABLE | UTF8PROC_COMPOSE;

// Appends the normal form of `text`, which is valid UTF-8. Several calls of utf8proc, because its
// one-call form allocates the result and ends it at a NUL.
void append_normalized(std::string_view text, int flags, std::vector<utf8proc_int32_t>& buffer,
                       std::string& out) {
  const auto length = static_cast<utf8proc_ssize_t>(text.size());
  const utf8proc_option_t options = to_options(flags);
  buffer.resize(text.size() * 4 + 32);
  const auto room = static_cast<utf8proc_ssize_t>(buffer.size());
  utf8proc_ssize_t count =
      utf8proc_decompose(to_utf8proc(text), length, buffer.data(), room, options);
  ASSERT(count >= 0);
  if (static_cast<std::size_t>(count) > buffer.size()) {
    buffer.resize(static_cast<std::size_t>(count));
    count = utf8proc_decompose(to_utf8proc(text), length, buffer.data(), count, options);
    ASSERT(count >= 0 && static_cast<std::size_t>(count) <= buffer.size());
  }
  count = utf8proc_normalize_utf32(buffer.data(), count, options);
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    append_utf8(out, static_cast<char32_t>(buffer[static_cast<std::size_t>(i)]));
  }
}

// Copies what `is_plain` says needs nothing and sends the rest through utf8proc, always with the
// plain character before it, which a mark may join. Requires that every plain character is stable.
template <class IsPlain>
std::string normalize_around(std::string_view text, int flags, IsPlain is_plain) {
  std::string out;
  out.reserve(text.size());
  std::vector<utf8proc_int32_t> buffer;
  std::size_t done = 0;        // Up to here the text is in `out`.
  std::size_t last_plain = 0;  // Where the last plain character begins.
  std::size_t position = 0;
  while (position < text.size()) {
    const DecodedChar c = decode_utf8(text, position);
    if (!c.is_valid || is_plain(c.code_point)) {
      last_plain = position;
      position += c.size;
      if (!c.is_valid) last_plain = position;
      continue;
    }
    const std::size_t begin = last_plain;
    while (position < text.size()) {
      const DecodedChar next = decode_utf8(text, position);
      if (!next.is_valid || is_plain(next.code_point)) break;
      position += next.size;
    }
    out.append(text, done, begin - done);
    append_normalized(text.substr(begin, position - begin), flags, buffer, out);
    done = last_plain = position;
  }
  out.append(text, done);
  return out;
}

bool is_ascii_without_capitals(std::string_view text) {
  std::size_t at = 0;
  for (; at + kByteLanes <= text.size(); at += kByteLanes) {
    const ByteLanes bytes = load_bytes(&text[at]);
    if (any(between(bytes, 'A', 'Z') | between(bytes, 0x80, 0xFF))) return false;
  }
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80 && (c < 'A' || c > 'Z');
  });
}

CharClass class_by_category(char32_t code_point) {
  switch (utf8proc_category(to_utf8proc(code_point))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return CharClass::letter;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return CharClass::mark;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return CharClass::digit;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC: return CharClass::space;
    case UTF8PROC_CATEGORY_CF: return CharClass::ignorable;
    case UTF8PROC_CATEGORY_CS: return CharClass::invalid;
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SO:
    // Unassigned: most likely an emoji newer than the tables.
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO: return CharClass::symbol;
    default: return CharClass::punctuation;
  }
}

}  // namespace

std::string to_nfc(std::string_view text) {
  return normalize_around(text, kCanonical, [](char32_t c) { return is_in(kStable, c); });
}

std::string fold_width(std::string_view text) {
  return normalize_around(text, kCanonical | UTF8PROC_COMPAT, [](char32_t c) {
    return c < 0x80 || (is_in(kStable, c) && !is_in(kWidthForms, c));
  });
}

std::string to_nfkc(std::string_view text) {
  return normalize_around(text, kCanonical | UTF8PROC_COMPAT, [](char32_t c) {
    const bool is_han = c >= 0x4E00 && c <= 0x9FFF;
    return c < 0x80 || is_hangul_syllable(c) || is_han;
  });
}

std::string fold_case(std::string_view text) {
  if (is_ascii_without_capitals(text)) return std::string(text);  // As names and paths often are.
  return normalize_around(text, kCanonical | UTF8PROC_CASEFOLD, [](char32_t c) {
    if (c < 0x80) return c < 'A' || c > 'Z';
    return c >= 0x2010 && c < 0x1F300 && c != 0xFF9E && is_in(kStable, c) && !is_in(kWidthForms, c);
  });
}

std::size_t fold_sequence(std::span<const char32_t> in, std::span<char32_t, kFoldedCharsMax> out) {
  DASSERT(!in.empty() && in.size() <= kSequenceCharsMax);
  char utf8[kSequenceCharsMax * kUtf8BytesMax];
  std::size_t size = 0;
  for (const char32_t c : in) size += encode_utf8(c, utf8 + size);
  const int width = is_in(kWidthForms, in[0]) ? UTF8PROC_COMPAT : 0;
  const utf8proc_option_t options = to_options(kCanonical | UTF8PROC_CASEFOLD | width);
  // A character decomposes into at most four, but for a few squared words, which come alone.
  std::array<utf8proc_int32_t, kFoldedCharsMax> buffer;
  const auto length = static_cast<utf8proc_ssize_t>(size);
  const auto room = static_cast<utf8proc_ssize_t>(buffer.size());
  utf8proc_ssize_t count =
      utf8proc_decompose(to_utf8proc({utf8, size}), length, buffer.data(), room, options);
  if (count < 0 || static_cast<std::size_t>(count) > buffer.size()) {
    out[0] = kReplacementCharacter;
    return 1;
  }
  count = utf8proc_normalize_utf32(buffer.data(), count, options);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    out[i] = typed_jamo(static_cast<char32_t>(buffer[i]));
  }
  return static_cast<std::size_t>(count);
}

char32_t base_letter(char32_t code_point) {
  const bool is_latin =
      (code_point >= 0xC0 && code_point <= 0x24F) || (code_point >= 0x1E00 && code_point <= 0x1EFF);
  if (!is_latin) return code_point;
  utf8proc_int32_t buffer[8];
  int boundary = 0;
  const utf8proc_ssize_t count = utf8proc_decompose_char(to_utf8proc(code_point), buffer, 8,
                                                         to_options(UTF8PROC_DECOMPOSE), &boundary);
  return count > 0 ? static_cast<char32_t>(buffer[0]) : code_point;
}

CharClass class_of(char32_t code_point) {
  if (code_point < 128) return ascii_class(code_point);
  if (is_hangul_syllable(code_point)) return CharClass::hangul;
  if (code_point == kReplacementCharacter) return CharClass::invalid;
  if (is_in(kIgnorable, code_point)) return CharClass::ignorable;
  if (is_in(kHan, code_point)) return CharClass::han;
  if (is_in(kJamo, code_point)) return CharClass::jamo;
  const CharClass by_category = class_by_category(code_point);
  if (by_category == CharClass::letter && is_in(kUnspaced, code_point)) return CharClass::kana;
  return by_category;
}

bool is_upper_case(char32_t code_point) {
  if (code_point < 0x80) return code_point >= 'A' && code_point <= 'Z';
  return utf8proc_category(to_utf8proc(code_point)) == UTF8PROC_CATEGORY_LU;
}

SpeltSyllable spelt_syllable(std::string_view text, std::size_t position) {
  const DecodedChar first = decode_utf8(text, position);
  std::uint32_t size = first.size;
  Jamo jamo{};
  if (is_hangul_syllable(first.code_point)) {
    jamo = decompose_syllable(first.code_point);
    if (jamo.final != 0) return {};
  } else {
    if (first.code_point < kFirstInitial || first.code_point > kLastInitial) return {};
    if (position + size >= text.size()) return {};
    const DecodedChar vowel = decode_utf8(text, position + size);
    if (vowel.code_point < kFirstVowel || vowel.code_point > kLastVowel) return {};
    jamo.initial = first.code_point - kFirstInitial;
    jamo.vowel = vowel.code_point - kFirstVowel;
    size += vowel.size;
  }
  if (position + size < text.size()) {
    const DecodedChar final = decode_utf8(text, position + size);
    if (final.code_point >= kFirstFinal && final.code_point <= kLastFinal) {
      jamo.final = final.code_point - kFirstFinal + 1;
      size += final.size;
    }
  }
  return {compose_syllable(jamo), size};
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  std::size_t position = 0;
  while (position < text.size()) {
    const DecodedChar c = decode_utf8(text, position);
    position += c.size;
    if (is_in(kIgnorable, c.code_point) || is_in(kJoinsSyllable, c.code_point)) continue;
    const int width = utf8proc_charwidth(to_utf8proc(c.code_point));
    columns += width > 0 ? static_cast<std::size_t>(width) : 0;
  }
  return columns;
}

std::string unicode_version() {
  return std::string("utf8proc ") + utf8proc_version() + " unicode " + utf8proc_unicode_version();
}

}  // namespace saerok
