#include "ingest/chunk_indexer.h"

#include <algorithm>
#include <utility>

namespace saerok {
namespace {

struct FieldPair {
  IndexField stem, gram;
};
constexpr FieldPair kBody{IndexField::body_stem, IndexField::body_gram};
constexpr FieldPair kTitle{IndexField::title_stem, IndexField::title_gram};
constexpr FieldPair kOwnTitle{IndexField::own_title_stem, IndexField::own_title_gram};
constexpr FieldPair kHeadings{IndexField::heading_stem, IndexField::heading_gram};
constexpr FieldPair kKeywords{IndexField::keyword_stem, IndexField::keyword_gram};

/// Positions between texts in one field, so that no phrase reaches from one into the other.
constexpr std::uint32_t kGap = 100;

/// Appends terms from `position` on, and moves it to where the next text may begin.
void append_terms(const TermList& from, FieldPair fields, std::uint32_t& position,
                  std::vector<FieldTerm>& to) {
  std::uint32_t end = position;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Term term = from[i];
    to.push_back({term.field == TermField::stem ? fields.stem : fields.gram, term.text,
                  position + term.position, term.is_beside});
    end = std::max(end, position + term.position + 1);
  }
  position = end + kGap;
}

/// Appends the terms of a part of the analysed text, `begin` to `end`, to fields without positions.
void append_part(const TermList& from, std::size_t begin, std::size_t end, FieldPair fields,
                 std::vector<FieldTerm>& to) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Term term = from[i];
    if (term.begin < begin || term.end > end) continue;
    to.push_back(
        {term.field == TermField::stem ? fields.stem : fields.gram, term.text, 0, term.is_beside});
  }
}

/// The title and, on lines of their own, the headings. Those that repeat the title would count its
/// words twice in every chunk.
std::string title_text(const StoredChunk& chunk) {
  std::string text = chunk.title;
  for (const std::string& heading : chunk.chunk.heading_path) {
    if (heading == chunk.title) continue;
    text += '\n';
    text += heading;
  }
  return text;
}

}  // namespace

void ChunkIndexer::add(const StoredChunk& chunk) {
  const std::string titles = title_text(chunk);
  analyzer_.analyze(chunk.chunk.text, body_terms_);
  analyzer_.analyze(titles, title_terms_);
  terms_.clear();
  std::uint32_t body = 0, title = 0;  // Positions.
  append_terms(body_terms_, kBody, body, terms_);
  append_terms(title_terms_, kBody, body, terms_);
  append_terms(title_terms_, kTitle, title, terms_);
  append_part(title_terms_, 0, chunk.title.size(), kOwnTitle, terms_);
  append_part(title_terms_, chunk.title.size(), titles.size(), kHeadings, terms_);
  if (chunk.chunk.ordinal == 0 && !chunk.keywords.empty()) {
    analyzer_.analyze(chunk.keywords, keyword_terms_);
    append_terms(keyword_terms_, kTitle, title, terms_);
    append_part(keyword_terms_, 0, chunk.keywords.size(), kKeywords, terms_);
  }

  if (chunks_.empty() || document_ != chunk.chunk.document) {
    document_ = chunk.chunk.document;
    attributes_ = chunk.attributes;
    attributes_.push_back({"path", chunk.path});
    attributes_.push_back({"root", chunk.root});
    attributes_.push_back({"title", chunk.title});
    attributes_.push_back({"id", chunk.record_id.empty() ? chunk.path : chunk.record_id});
  }
  builder_.add({.chunk = chunk.chunk.id,
                .document = chunk.chunk.document,
                .terms = terms_,
                .attributes = attributes_});
  chunks_.push_back(chunk.chunk.id);
}

std::vector<std::byte> ChunkIndexer::finish() {
  chunks_.clear();
  return std::exchange(builder_, SegmentBuilder()).finish(analyzer_.fingerprint());
}

}  // namespace saerok
