#include "models/hash_embedder.h"

#include <cmath>

#include "base/assert.h"
#include "base/hash.h"
#include "base/unicode.h"

namespace saerok {
namespace {

/// The words of a text in lower case: runs between spaces and punctuation.
std::vector<std::string> words_of(std::string_view text) {
  const std::string folded = fold_case(text);
  std::vector<std::string> words;
  bool is_inside = false;
  for (std::size_t at = 0; at < folded.size();) {
    const DecodedChar decoded = decode_utf8(folded, at);
    const CharClass kind = class_of(decoded.code_point);
    const bool is_border = kind == CharClass::space || kind == CharClass::punctuation ||
                           kind == CharClass::symbol || kind == CharClass::invalid;
    if (!is_border) {
      if (!is_inside) words.emplace_back();
      words.back().append(folded, at, decoded.size);
    }
    is_inside = !is_border;
    at += decoded.size;
  }
  return words;
}

/// Adds a feature at two places with signs, so that different features seldom look alike.
void add_feature(std::string_view feature, double weight, std::span<double> row) {
  const std::uint64_t hash = hash64(feature);
  row[hash % row.size()] += (hash >> 62 & 1) != 0 ? weight : -weight;
  row[(hash >> 20) % row.size()] += (hash >> 61 & 1) != 0 ? weight : -weight;
}

void embed_one(std::string_view text, std::span<float> out) {
  std::vector<double> row(out.size());
  for (const std::string& word : words_of(text)) {
    add_feature(word, 1.0, row);
    // Two characters each: a noun with and without its particle shares most of them.
    std::size_t last = 0;
    for (std::size_t at = 0; at < word.size();) {
      const std::size_t next = at + decode_utf8(word, at).size;
      if (at > 0) add_feature(std::string_view(word).substr(last, next - last), 1.0, row);
      last = at;
      at = next;
    }
  }
  double squares = 0;
  for (const double component : row) squares += component * component;
  if (squares <= 0) {
    row[0] = squares = 1;  // A text without words still has a direction.
  }
  for (std::size_t d = 0; d < row.size(); ++d) {
    out[d] = static_cast<float>(row[d] / std::sqrt(squares));
  }
}

}  // namespace

HashEmbedder::HashEmbedder(std::size_t dimension)
    : dimension_(dimension), fingerprint_("hash-embedder-for-tests/" + std::to_string(dimension)) {
  ASSERT(dimension > 0);
}

Result<std::vector<float>> HashEmbedder::embed(std::span<const std::string_view> texts, TextRole,
                                               const CallContext& call) const {
  ASSERT(!texts.empty() && texts.size() <= kEmbedBatchMax);
  TRY(call.check());
  std::vector<float> rows(texts.size() * dimension_);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    embed_one(texts[i], std::span(rows).subspan(i * dimension_, dimension_));
  }
  return rows;
}

Result<std::size_t> HashEmbedder::count_tokens(std::string_view text, const CallContext&) const {
  return words_of(text).size() + 1;
}

}  // namespace saerok
