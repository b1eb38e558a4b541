#include "ingest/chunk_indexer.h"

#include <utility>

namespace saerok {
namespace {

void append_terms(const TermList& from, IndexField stem, IndexField gram,
                  std::vector<FieldTerm>& to) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Term term = from[i];
    to.push_back({term.field == TermField::stem ? stem : gram, term.text, term.position});
  }
}

/// Headings that repeat the title would count its words twice in every chunk.
std::string title_text(const StoredChunk& chunk) {
  std::string text = chunk.title;
  for (const std::string& heading : chunk.chunk.heading_path) {
    if (heading == chunk.title) continue;
    text += '\n';
    text += heading;
  }
  if (chunk.chunk.ordinal == 0 && !chunk.keywords.empty()) {
    text += '\n';
    text += chunk.keywords;
  }
  return text;
}

}  // namespace

void ChunkIndexer::add(const StoredChunk& chunk) {
  analyzer_.analyze(chunk.chunk.text, body_terms_);
  analyzer_.analyze(title_text(chunk), title_terms_);
  terms_.clear();
  append_terms(body_terms_, IndexField::body_stem, IndexField::body_gram, terms_);
  append_terms(title_terms_, IndexField::title_stem, IndexField::title_gram, terms_);

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
