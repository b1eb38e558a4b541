/// A Backend over a few chunks in memory, and an embedder of hashed words, for tests: every score
/// is computed in the slow, obvious way. What this is not: something
/// that reads segments (backend/).
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/unicode.h"
#include "saerok/models.h"
#include "search/backend.h"

namespace saerok {

/// Words hashed onto the axes of a small space: texts that share words are near.
class HashedWordsEmbedder : public Embedder {
 public:
  explicit HashedWordsEmbedder(const Analyzer& analyzer, std::string fingerprint = "hashed-words")
      : analyzer_(analyzer), fingerprint_(std::move(fingerprint)) {}

  std::string_view fingerprint() const override { return fingerprint_; }
  std::size_t dimension() const override { return kDimension; }

  Result<std::vector<float>> embed(std::span<const std::string_view> texts, TextRole,
                                   const CallContext& call) const override {
    ++calls;
    if (failure) return *failure;
    TRY(call.check());
    std::vector<float> rows;
    for (const std::string_view text : texts) {
      std::vector<float> row(kDimension, 1e-3f);
      TermList terms;
      analyzer_.analyze(text, terms);
      for (std::size_t i = 0; i < terms.size(); ++i) row[hash64(terms[i].text) % kDimension] += 1;
      float square = 0;
      for (const float x : row) square += x * x;
      for (float& x : row) x /= std::sqrt(square);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return rows;
  }
  Result<std::size_t> count_tokens(std::string_view text, const CallContext&) const override {
    return text.size();
  }

  std::optional<Error> failure;  ///< Returned by embed(), if set.
  mutable int calls = 0;

 private:
  static constexpr std::size_t kDimension = 64;
  const Analyzer& analyzer_;
  std::string fingerprint_;
};

class MemoryBackend : public Backend, private Vocabulary {
 public:
  explicit MemoryBackend(const Analyzer& analyzer) : analyzer_(analyzer) {}

  struct Note {
    std::string path;
    std::string text;
    std::string title;
    std::vector<Attribute> attributes;
    std::vector<Window> windows;
  };
  /// Each note is a document of one chunk; `document` joins chunks of one document.
  ChunkId add(const Note& note, std::optional<std::uint64_t> document = {}) {
    StoredChunk stored;
    const std::uint64_t id = chunks_.size() + 1;
    stored.chunk.id = ChunkId{id};
    stored.chunk.document = DocumentId{document.value_or(id)};
    stored.chunk.text = note.text;
    stored.chunk.source_bytes = {100, 100 + note.text.size()};
    stored.chunk.source_lines = {
        5, 5 + static_cast<std::uint32_t>(std::count(note.text.begin(), note.text.end(), '\n'))};
    stored.chunk.anchors = {{0, 100, 5}};
    stored.root = "/notes";
    stored.path = note.path;
    stored.title = note.title;
    stored.attributes = note.attributes;
    chunks_.push_back(stored);
    windows_.push_back(note.windows);
    bodies_.push_back(counts(note.text));
    titles_.push_back(counts(note.title));
    return stored.chunk.id;
  }
  /// Gives the first `count` chunks vectors, and windows to those that have any.
  void embed(const Embedder& embedder, std::size_t count) {
    fingerprint = embedder.fingerprint();
    dimension_ = static_cast<std::uint32_t>(embedder.dimension());
    rows_.clear();
    for (std::size_t i = 0; i < std::min(count, chunks_.size()); ++i) {
      std::vector<std::vector<float>> rows = {row(embedder, chunks_[i].chunk.text)};
      for (const Window& window : windows_[i]) {
        rows.push_back(row(embedder, std::string_view(chunks_[i].chunk.text)
                                         .substr(window.begin, window.end - window.begin)));
      }
      rows_.push_back(std::move(rows));
    }
  }

  const Vocabulary& vocabulary() const override { return *this; }
  void visit_terms(
      TermField field, std::string_view first, std::string_view last,
      const std::function<void(std::string_view, std::uint64_t)>& visit) const override {
    for (const std::vector<Counts>* texts : {&bodies_, &titles_}) {
      for (const Counts& counts : *texts) {
        for (const auto& [key, count] : counts) {
          if (key.first != field || key.second < first) continue;
          if (last.empty() || key.second < last) visit(key.second, 1);
        }
      }
    }
  }
  bool has_attribute(std::string_view name) const override {
    return std::any_of(chunks_.begin(), chunks_.end(), [&](const StoredChunk& chunk) {
      return std::any_of(chunk.attributes.begin(), chunk.attributes.end(),
                         [&](const Attribute& a) { return fold_case(a.name) == name; });
    });
  }
  std::uint64_t chunk_count() const override { return chunks_.size(); }
  std::uint64_t chunks_with_vectors() const override { return rows_.size(); }
  std::uint64_t chunks_with_windows() const override { return rows_.size(); }
  std::string embedder_fingerprint() const override { return fingerprint; }
  std::uint32_t dimension() const override { return dimension_; }

  Result<RankedList> lexical(const QueryPlan& plan, const CallContext& call) const override {
    TRY(call.check());
    if (lexical_failure) return *lexical_failure;
    RankedList list;
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      const auto score = static_cast<float>(explain_at(plan, i).value);
      if (score > 0 && may_be_hit(plan, i)) {
        list.push_back({chunks_[i].chunk.id, score, {}});
      }
    }
    return best_of(std::move(list), plan.lexical_depth);
  }

  Result<RankedList> vector(const QueryPlan& plan, const CallContext& call) const override {
    TRY(call.check());
    if (vector_failure) return *vector_failure;
    RankedList list;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!may_be_hit(plan, i)) continue;
      const auto [parts, window] = compare(plan, i);
      list.push_back(
          {chunks_[i].chunk.id, parts.chunk_similarity + parts.window_similarity, window});
    }
    return best_of(std::move(list), plan.vector_depth);
  }

  Result<RankedList> newest(const QueryPlan& plan, const CallContext& call) const override {
    TRY(call.check());
    std::vector<std::pair<std::int32_t, ChunkId>> found;
    std::map<std::uint64_t, bool> seen;
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      if (!passes(plan.filter, chunks_[i]) || !meets(plan.condition, i)) continue;
      if (!seen.emplace(static_cast<std::uint64_t>(chunks_[i].chunk.document), true).second)
        continue;
      std::int32_t days = INT32_MIN;
      for (const Attribute& attribute : chunks_[i].attributes) {
        const auto* date = std::get_if<Date>(&attribute.value);
        if (attribute.name == "date" && date != nullptr) days = std::max(days, date->days);
      }
      found.emplace_back(days, chunks_[i].chunk.id);
    }
    std::sort(found.rbegin(), found.rend());
    RankedList list;
    for (const auto& [days, chunk] : found) {
      if (list.size() < plan.lexical_depth) list.push_back({chunk, 0, {}});
    }
    return list;
  }

  Result<Explanation> explain_lexical(const QueryPlan& plan, ChunkId chunk) const override {
    return explain_at(plan, static_cast<std::size_t>(chunk) - 1);
  }
  Result<VectorScoreParts> explain_vector(const QueryPlan& plan, ChunkId chunk) const override {
    return compare(plan, static_cast<std::size_t>(chunk) - 1).first;
  }
  Result<std::vector<StoredChunk>> fetch(std::span<const ChunkId> chunks) const override {
    std::vector<StoredChunk> found;
    for (const ChunkId chunk : chunks) {
      if (chunk != vanished) found.push_back(chunks_.at(static_cast<std::size_t>(chunk) - 1));
    }
    return found;
  }

  std::optional<Error> lexical_failure, vector_failure;
  std::string fingerprint;  ///< Of the embedder; embed() sets it.
  ChunkId vanished{0};      ///< Left out by fetch().

 private:
  using Counts = std::map<std::pair<TermField, std::string>, float>;

  Counts counts(std::string_view text) const {
    Counts counts;
    TermList terms;
    analyzer_.analyze(text, terms);
    for (std::size_t i = 0; i < terms.size(); ++i) {
      counts[{terms[i].field, std::string(terms[i].text)}] += 1;
    }
    return counts;
  }
  static std::vector<float> row(const Embedder& embedder, std::string_view text) {
    const std::string_view texts[] = {text};
    return embedder.embed(texts, TextRole::passage, CallContext{}).value();
  }
  static RankedList best_of(RankedList list, std::size_t count) {
    std::sort(list.begin(), list.end(), [](const Candidate& a, const Candidate& b) {
      return a.score != b.score ? a.score > b.score : a.chunk < b.chunk;
    });
    if (list.size() > count) list.resize(count);
    return list;
  }

  std::uint64_t document_frequency(TermField field, std::string_view term) const override {
    const std::pair key(field, std::string(term));
    return static_cast<std::uint64_t>(std::count_if(
        bodies_.begin(), bodies_.end(), [&](const Counts& body) { return body.contains(key); }));
  }

  /// Frequency times idf, without lengths: enough to rank by.
  Explanation explain_at(const QueryPlan& plan, std::size_t i) const {
    Explanation sum{"sum of", 0, {}};
    float total = 0;
    for (const LexicalTerm& term : plan.lexical.terms) {
      const bool is_title = term.field >= IndexField::title_stem;  // There are no headings here.
      if (term.field > IndexField::own_title_gram) continue;
      const bool is_stem = static_cast<std::size_t>(term.field) % 2 == 0;
      const TermField field = is_stem ? TermField::stem : TermField::gram;
      const Counts& counts = is_title ? titles_[i] : bodies_[i];
      const auto found = counts.find({field, term.text});
      if (found == counts.end()) continue;
      const auto df = static_cast<float>(document_frequency(field, term.text));
      const float idf = std::log(1.5f + static_cast<float>(chunks_.size()) / (df + 1));
      const float value = term.weight * idf * found->second / (found->second + 1);
      total += value;
      sum.children.push_back({term.text, static_cast<double>(value), {}});
    }
    sum.value = static_cast<double>(total);
    return sum;
  }

  std::pair<VectorScoreParts, Window> compare(const QueryPlan& plan, std::size_t i) const {
    VectorScoreParts parts;
    Window best;
    for (std::size_t r = 0; r < rows_[i].size(); ++r) {
      float similarity = 0;
      for (std::size_t d = 0; d < dimension_; ++d) {
        similarity += rows_[i][r][d] * plan.vector.vector[d];
      }
      if (r == 0) {
        parts = {similarity, similarity, false};
      } else if (!parts.has_window || similarity > parts.window_similarity) {
        parts.window_similarity = similarity;
        parts.has_window = true;
        best = windows_[i][r - 1];
      }
    }
    return {parts, best};
  }

  bool holds_phrase(const Condition& condition, std::string_view text) const {
    TermList terms;
    analyzer_.analyze(text, terms);
    const auto has = [&](const std::string& stem, std::uint32_t position) {
      for (std::size_t i = 0; i < terms.size(); ++i) {
        const Term term = terms[i];
        if (term.field == TermField::stem && term.position == position && term.text == stem) {
          return true;
        }
      }
      return false;
    };
    for (std::uint32_t at = 0; at < terms.size(); ++at) {
      if (std::all_of(condition.phrase.begin(), condition.phrase.end(),
                      [&](const PhraseWord& word) { return has(word.stem, at + word.offset); })) {
        return true;
      }
    }
    return false;
  }
  bool may_be_hit(const QueryPlan& plan, std::size_t i) const {
    const bool is_among = !plan.among || std::find(plan.among->begin(), plan.among->end(),
                                                   chunks_[i].chunk.id) != plan.among->end();
    return is_among && passes(plan.filter, chunks_[i]) && meets(plan.condition, i);
  }
  bool meets(const Condition& condition, std::size_t i) const {
    const auto child_meets = [&](const Condition& child) { return meets(child, i); };
    const std::vector<Condition>& children = condition.children;
    const auto in_a_text = [&](auto&& holds) {
      return holds(bodies_[i], chunks_[i].chunk.text) || holds(titles_[i], chunks_[i].title);
    };
    switch (condition.op) {
      case ConditionOp::all: return true;
      case ConditionOp::conjunction:
        return std::all_of(children.begin(), children.end(), child_meets);
      case ConditionOp::disjunction:
        return std::any_of(children.begin(), children.end(), child_meets);
      case ConditionOp::negation: return !child_meets(children.front());
      case ConditionOp::attributes: return passes(condition.attributes, chunks_[i]);
      case ConditionOp::phrase:
        return in_a_text(
            [&](const Counts&, std::string_view text) { return holds_phrase(condition, text); });
      case ConditionOp::grams:
        return in_a_text([&](const Counts& counts, std::string_view) {
          return std::all_of(
              condition.grams.begin(), condition.grams.end(),
              [&](const std::string& gram) { return counts.contains({TermField::gram, gram}); });
        });
      case ConditionOp::prefix: break;
    }
    return in_a_text([&](const Counts& counts, std::string_view) {
      return std::any_of(counts.begin(), counts.end(), [&](const auto& entry) {
        return std::any_of(
            condition.ranges.begin(), condition.ranges.end(), [&](const TermRange& range) {
              const std::string& term = entry.first.second;
              return term >= range.first && (range.last.empty() || term < range.last);
            });
      });
    });
  }

  /// Texts and prefixes only.
  static bool passes(const AttributeFilter& filter, const StoredChunk& chunk) {
    const auto child_passes = [&](const AttributeFilter& child) { return passes(child, chunk); };
    const std::vector<AttributeFilter>& children = filter.children;
    switch (filter.op) {
      case FilterOp::all: return true;
      case FilterOp::conjunction:
        return std::all_of(children.begin(), children.end(), child_passes);
      case FilterOp::disjunction:
        return std::any_of(children.begin(), children.end(), child_passes);
      case FilterOp::negation: return !child_passes(children.front());
      case FilterOp::test: break;
    }
    const auto value_passes = [&](const std::string& value) {
      const std::string folded = fold_case(value);
      return std::any_of(filter.alternatives.begin(), filter.alternatives.end(),
                         [&](const AttributeValue& alternative) {
                           const auto* text = std::get_if<std::string>(&alternative);
                           if (text == nullptr) return false;
                           return filter.comparison == Comparison::prefix
                                      ? folded.starts_with(*text)
                                      : folded == *text;
                         });
    };
    if (filter.name == "path") return value_passes(chunk.path);
    return std::any_of(chunk.attributes.begin(), chunk.attributes.end(), [&](const Attribute& a) {
      const auto* text = std::get_if<std::string>(&a.value);
      return a.name == filter.name && text != nullptr && value_passes(*text);
    });
  }

  const Analyzer& analyzer_;
  std::vector<StoredChunk> chunks_;
  std::vector<std::vector<Window>> windows_;
  std::vector<Counts> bodies_, titles_;
  std::vector<std::vector<std::vector<float>>> rows_;  ///< By chunk: its own row, then windows'.
  std::uint32_t dimension_ = 0;
};

}  // namespace saerok
