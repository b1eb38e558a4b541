#include <string>

#include "base/unicode.h"
#include "base/unicode_category.h"
#include "models/encoder_tokenizer.h"

namespace saerok {
namespace {

/// GGUF marks the piece that begins a word, where BERT's own files mark those that go on ("##").
constexpr std::string_view kWordBegin = "\u2581";

/// The ideographs that are words of their own. Source: BERT's reference tokenizer.
bool is_ideograph(char32_t c) {
  return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
         (c >= 0x20000 && c <= 0x2a6df) || (c >= 0x2a700 && c <= 0x2b73f) ||
         (c >= 0x2b740 && c <= 0x2b81f) || (c >= 0x2b920 && c <= 0x2ceaf) ||
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0x2f800 && c <= 0x2fa1f);
}

/// Words, then the longest pieces that make each up; a word that no pieces make up is unknown.
class WordPieceTokenizer final : public EncoderTokenizer {
 public:
  WordPieceTokenizer(std::vector<std::string_view> pieces, SpecialPieces special, bool lowers,
                     bool strips_accents)
      : pieces_(std::move(pieces)),
        table_(pieces_, pieces_.size()),
        special_(special),
        lowers_(lowers),
        strips_accents_(strips_accents) {
    for (std::uint32_t id = 0; id < pieces_.size(); ++id) table_.insert(id);
  }

  std::optional<std::uint32_t> end() const override { return special_.end; }

  std::vector<std::uint32_t> read(std::string_view text) override {
    std::vector<std::uint32_t> ids;
    if (special_.begin) ids.push_back(*special_.begin);
    for (const std::string& word : words(text)) append_pieces(word, ids);
    if (special_.end) ids.push_back(*special_.end);
    return ids;
  }

 private:
  /// With kWordBegin before each.
  std::vector<std::string> words(std::string_view text) const {
    std::vector<std::string> words;
    std::string word(kWordBegin);
    const auto finish = [&] {
      if (word.size() > kWordBegin.size()) words.push_back(word);
      word = kWordBegin;
    };
    for (std::size_t at = 0; at < text.size();) {
      const DecodedChar decoded = decode_utf8(text, at);
      at += decoded.size;
      char32_t c = decoded.code_point;
      if (strips_accents_) c = decomposition_first(c);
      if (is_white_space(c)) {
        finish();
        continue;
      }
      const CharCategory category = category_of(c);
      if (c == 0 || c == kReplacementCharacter || category == CharCategory::control ||
          (strips_accents_ && category == CharCategory::mark)) {
        continue;
      }
      const bool stands_alone = category == CharCategory::punctuation || is_ideograph(c) ||
                                (c < 0x7f && category == CharCategory::symbol);
      if (stands_alone) finish();
      append_utf8(word, lowers_ ? to_lower(c) : c);
      if (stands_alone) finish();
    }
    finish();
    return words;
  }

  void append_pieces(std::string_view word, std::vector<std::uint32_t>& ids) const {
    const std::size_t before = ids.size();
    for (std::size_t at = 0; at < word.size();) {
      std::optional<std::uint32_t> longest;
      std::size_t longest_end = at;
      std::uint64_t hash = PieceTable::kEmptyHash;
      for (std::size_t end = at; end < word.size();) {
        hash = PieceTable::extend(hash, word[end++]);
        if (end < word.size() && continues_character(word[end])) continue;
        if (!table_.may_begin(hash)) break;
        if (const auto id = table_.find(word.substr(at, end - at), hash)) {
          longest = id;
          longest_end = end;
        }
      }
      if (!longest) {
        ids.resize(before);
        ids.push_back(special_.unknown);
        return;
      }
      ids.push_back(*longest);
      at = longest_end;
    }
  }

  std::vector<std::string_view> pieces_;
  PieceTable table_;
  SpecialPieces special_;
  bool lowers_;
  bool strips_accents_;
};

Error unknown(const std::string& what) { return {ErrorCode::failed_precondition, what}; }

}  // namespace

Result<std::unique_ptr<EncoderTokenizer>> make_wordpiece_tokenizer(const GgufReader& gguf) {
  constexpr std::int32_t kUserDefined = 4;
  std::vector<std::string_view> pieces = gguf.texts("tokenizer.ggml.tokens");
  for (const std::int32_t type : gguf.integers("tokenizer.ggml.token_type")) {
    if (type == kUserDefined) return unknown("its vocabulary has pieces of its user's");
  }
  const auto id = [&](std::string_view name, std::uint64_t fallback) {
    return gguf.number("tokenizer.ggml." + std::string(name)).value_or(fallback);
  };
  const auto begin = id("bos_token_id", 101);
  const auto end = id("seperator_token_id", 102);  // Spelt so in the format.
  const auto unknown_id = id("unknown_token_id", 100);
  if (begin >= pieces.size() || end >= pieces.size() || unknown_id >= pieces.size()) {
    return unknown("its vocabulary has not the pieces that begin and end a text");
  }
  const bool lowers = gguf.flag("tokenizer.ggml.normalizer.lowercase").value_or(true);
  const bool strips = gguf.flag("tokenizer.ggml.normalizer.strip_accents").value_or(lowers);
  SpecialPieces special;
  special.begin = static_cast<std::uint32_t>(begin);
  special.end = static_cast<std::uint32_t>(end);
  special.unknown = static_cast<std::uint32_t>(unknown_id);
  return std::unique_ptr<EncoderTokenizer>(
      std::make_unique<WordPieceTokenizer>(std::move(pieces), special, lowers, strips));
}

}  // namespace saerok
