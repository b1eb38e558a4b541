#include <algorithm>
#include <bitset>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "models/charsmap.h"
#include "models/encoder_tokenizer.h"

namespace saerok {
namespace {

constexpr std::string_view kBlank = "\u2581";  // Stands for a blank inside pieces.
/// How much less likely than the least likely piece an unknown character is, as in SentencePiece.
constexpr float kUnknownPenalty = 10.0f;
/// Of a first text that is read without the table of all pieces: a long one takes longer so.
constexpr std::size_t kFirstTextBytes = 1'000;
constexpr std::size_t kBeginnings = 1 << 16;

enum PieceType : std::int32_t { kNormal = 1, kUserDefined = 4, kUnused = 5 };

/// The likeliest sequence of pieces, by dynamic programming over the places where a character
/// begins. Source: Kudo 2018, subword regularization; ties go to the piece met first.
class UnigramTokenizer final : public EncoderTokenizer {
 public:
  UnigramTokenizer(const GgufReader& gguf, std::vector<std::string_view> pieces,
                   std::vector<float> scores, const std::vector<std::int32_t>& types,
                   SpecialPieces special, Charsmap charsmap)
      : pieces_(std::move(pieces)),
        scores_(std::move(scores)),
        special_(special),
        charsmap_(charsmap),
        has_space_prefix_(gguf.flag("tokenizer.ggml.add_space_prefix").value_or(false)),
        merges_spaces_(gguf.flag("tokenizer.ggml.remove_extra_whitespaces").value_or(false)) {
    float least = std::numeric_limits<float>::max();
    for (std::uint32_t id = 0; id < pieces_.size(); ++id) {
      if (types[id] == kNormal) least = std::min(least, scores_[id]);
      // Not of a text: the empty one matches nothing.
      if (types[id] != kNormal && types[id] != kUnused) pieces_[id] = {};
    }
    unknown_score_ = least - kUnknownPenalty;
  }

  std::optional<std::uint32_t> end() const override { return special_.end; }

  std::vector<std::uint32_t> read(std::string_view text) override {
    std::vector<std::uint32_t> ids;
    if (special_.begin) ids.push_back(*special_.begin);
    const std::string spelt = spelled(text);
    if (!table_ && !std::exchange(has_read_, true) && spelt.size() <= kFirstTextBytes) {
      append_pieces(spelt, pieces_within(spelt), ids);
    } else {
      if (!table_) table_ = all_pieces();
      append_pieces(spelt, *table_, ids);
    }
    if (special_.end) ids.push_back(*special_.end);
    return ids;
  }

 private:
  /// The best way to have read the text up to some place.
  struct Step {
    double score = std::numeric_limits<double>::lowest();
    std::uint32_t from = 0;
    std::uint32_t id = 0;
  };

  PieceTable all_pieces() const {
    PieceTable table(pieces_, pieces_.size());
    for (std::uint32_t id = 0; id < pieces_.size(); ++id) {
      if (!pieces_[id].empty()) table.insert(id);
    }
    return table;
  }

  /// Those that `text` holds: enough to read it by, and found in one walk over the vocabulary,
  /// where the table of all takes ten times as long.
  PieceTable pieces_within(std::string_view text) const {
    std::bitset<kBeginnings> begins;  // Of four bytes each; most pieces are told by them.
    for (std::size_t at = 0; at + 4 <= text.size(); ++at) begins.set(beginning(text.substr(at)));
    std::vector<std::uint32_t> within;
    for (std::uint32_t id = 0; id < pieces_.size(); ++id) {
      const std::string_view piece = pieces_[id];
      if (piece.empty() || piece.size() > text.size()) continue;
      if (piece.size() >= 4 && !begins.test(beginning(piece))) continue;
      if (text.find(piece) != std::string_view::npos) within.push_back(id);
    }
    PieceTable table(pieces_, within.size());
    for (const std::uint32_t id : within) table.insert(id);
    return table;
  }

  /// Requires text.size() >= 4.
  static std::size_t beginning(std::string_view text) {
    std::uint32_t bytes = 0;
    std::memcpy(&bytes, text.data(), sizeof bytes);
    return bytes * 0x9e3779b1u >> 16;
  }

  /// The text as the vocabulary spells it: normalised by its own table, words after a blank.
  std::string spelled(std::string_view text) const {
    std::string result;
    result.reserve(text.size() + text.size() / 2);
    bool is_in_word = false;
    bool has_prefix = false;
    const auto append = [&](std::string_view bytes) {
      for (const char byte : bytes) {
        if (byte == ' ') {
          is_in_word = false;
          if (!merges_spaces_) result += kBlank;
          continue;
        }
        if (!is_in_word && (merges_spaces_ || (has_space_prefix_ && !has_prefix))) {
          result += kBlank;
          has_prefix = true;
        }
        is_in_word = true;
        result += byte;
      }
    };
    while (!text.empty()) {
      const Charsmap::Match match = charsmap_.match(text);
      std::size_t length = match.length;
      if (length == 0) {  // A character that stays as it is.
        for (++length; length < text.size() && continues_character(text[length]);) ++length;
      }
      append(match.length > 0 ? match.replacement : text.substr(0, length));
      text.remove_prefix(length);
    }
    return result;
  }

  void append_pieces(std::string_view text, const PieceTable& table,
                     std::vector<std::uint32_t>& ids) const {
    if (text.empty()) return;
    std::vector<Step> steps(text.size() + 1);
    steps[0] = {0.0, 0, special_.unknown};
    std::size_t next = 0;
    for (std::size_t at = 0; at < text.size(); at = next) {
      next = at + 1;
      while (next < text.size() && continues_character(text[next])) ++next;
      take_pieces(text, table, at, next, steps);
    }
    const std::size_t begin = ids.size();
    bool was_unknown = false;
    for (std::size_t at = text.size(); at > 0; at = steps[at].from) {
      const bool is_unknown = steps[at].id == special_.unknown;
      if (!is_unknown || !was_unknown) ids.push_back(steps[at].id);
      was_unknown = is_unknown;
    }
    std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(begin), ids.end());
  }

  /// Tries every piece that begins at `at`, whose character ends at `next`.
  void take_pieces(std::string_view text, const PieceTable& table, std::size_t at, std::size_t next,
                   std::vector<Step>& steps) const {
    const double before = steps[at].score;
    const auto offer = [&](std::size_t end, std::uint32_t id, double score) {
      if (before + score > steps[end].score) {
        steps[end] = {before + score, static_cast<std::uint32_t>(at), id};
      }
    };
    std::uint64_t hash = PieceTable::kEmptyHash;
    bool has_whole_character = false;
    for (std::size_t end = at; end < text.size();) {
      hash = PieceTable::extend(hash, text[end++]);
      if (end < text.size() && continues_character(text[end])) continue;
      if (!table.may_begin(hash)) break;
      const auto id = table.find(text.substr(at, end - at), hash);
      if (!id) continue;
      has_whole_character |= end == next;
      offer(end, *id, double{scores_[*id]});
    }
    if (!has_whole_character) offer(next, special_.unknown, double{unknown_score_});
  }

  std::vector<std::string_view> pieces_;  ///< Empty for those that stand for nothing in a text.
  std::optional<PieceTable> table_;       ///< From the second text on.
  bool has_read_ = false;
  std::vector<float> scores_;
  SpecialPieces special_;
  Charsmap charsmap_;
  bool has_space_prefix_;
  bool merges_spaces_;
  float unknown_score_ = 0;
};

Error unknown(const std::string& what) { return {ErrorCode::failed_precondition, what}; }

}  // namespace

Result<std::unique_ptr<EncoderTokenizer>> make_unigram_tokenizer(const GgufReader& gguf) {
  std::vector<std::string_view> pieces = gguf.texts("tokenizer.ggml.tokens");
  std::vector<float> scores = gguf.reals("tokenizer.ggml.scores");
  const std::vector<std::int32_t> types = gguf.integers("tokenizer.ggml.token_type");
  if (pieces.empty() || scores.size() != pieces.size() || types.size() != pieces.size()) {
    return unknown("its vocabulary has not a score and a type for every piece");
  }
  Charsmap charsmap;
  if (gguf.has("tokenizer.ggml.precompiled_charsmap")) {
    charsmap = TRY(Charsmap::open(gguf.bytes("tokenizer.ggml.precompiled_charsmap")));
  }
  if (std::find(types.begin(), types.end(), kUserDefined) != types.end()) {
    return unknown("its vocabulary has pieces of its user's");
  }
  const auto id = [&](std::string_view name, std::uint64_t fallback) {
    return gguf.number("tokenizer.ggml." + std::string(name)).value_or(fallback);
  };
  const auto begin = id("bos_token_id", pieces.size());
  const auto end = id("eos_token_id", 1);
  const auto unknown_id = id("unknown_token_id", 2);
  const bool adds_begin = gguf.flag("tokenizer.ggml.add_bos_token").value_or(false);
  const bool adds_end = gguf.flag("tokenizer.ggml.add_eos_token").value_or(true);
  if ((adds_begin && begin >= pieces.size()) || end >= pieces.size() ||
      unknown_id >= pieces.size()) {
    return unknown("its vocabulary has not the pieces that begin and end a text");
  }
  SpecialPieces special;
  special.unknown = static_cast<std::uint32_t>(unknown_id);
  if (adds_begin) special.begin = static_cast<std::uint32_t>(begin);
  if (adds_end) special.end = static_cast<std::uint32_t>(end);
  return std::unique_ptr<EncoderTokenizer>(std::make_unique<UnigramTokenizer>(
      gguf, std::move(pieces), std::move(scores), types, special, charsmap));
}

}  // namespace saerok
