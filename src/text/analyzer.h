/// "What terms does this text have?" Runs by script in one field, no locale setting: Korean stems
/// and stem bigrams without a dictionary, Snowball stems beside exact forms for English, bigrams
/// for Han and kana, digits and identifiers as people type them.
///
/// The same object serves documents and queries, and its fingerprint is part of the index's: an
/// index opens only with the analyser that built it. What this is not: a query parser (search/).
/// Source: lexical design measured on two Korean sets; docs/quality.md has our own figures.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/word_lists.h"

namespace saerok {

/// The two sub-fields, scored on their own and summed: stems carry precision, grams are the floor
/// that keeps every word findable.
enum class TermField : std::uint8_t { stem, gram };

/// A normalised token. `text` lives in the TermList that holds the term.
struct Term {
  TermField field = TermField::stem;
  std::uint32_t position = 0;  ///< Counts the stems of a text; a gram has its stem's.
  std::uint32_t begin = 0;     ///< Bytes of the analysed text that the term came from.
  std::uint32_t end = 0;
  std::string_view text;
  bool is_beside = false;  ///< Beside the words that the text has: no part of its length.
};

/// Terms in order of appearance, with the storage of their text. Reuse one for many texts.
class TermList {
 public:
  TermList() = default;
  TermList(TermList&&) = default;
  TermList& operator=(TermList&&) = default;
  TermList(const TermList&) = delete;
  TermList& operator=(const TermList&) = delete;

  void clear() {
    entries_.clear();
    text_.clear();
  }
  /// Copies `text`; it may not be longer than kTermBytesMax.
  void add(TermField field, std::uint32_t position, std::uint32_t begin, std::uint32_t end,
           std::string_view text) {
    add_stored(field, position, begin, end, store(text), static_cast<std::uint32_t>(text.size()));
  }
  /// Copies `text` for terms to share, which most grams do, and returns its place in the storage.
  std::uint32_t store(std::string_view text) {
    const auto stored = static_cast<std::uint32_t>(text_.size());
    text_.append(text);
    return stored;
  }
  /// A term whose text is the `size` bytes from `stored` on; they need not begin a stored text.
  void add_stored(TermField field, std::uint32_t position, std::uint32_t begin, std::uint32_t end,
                  std::uint32_t stored, std::uint32_t size) {
    entries_.push_back({field, false, position, begin, end, stored, stored + size});
  }
  /// A gram that says again, in another way, what words before it say; see Term::is_beside.
  void add_beside(std::uint32_t position, std::uint32_t begin, std::uint32_t end,
                  std::string_view text) {
    add(TermField::gram, position, begin, end, text);
    entries_.back().is_beside = true;
  }
  std::size_t size() const { return entries_.size(); }
  Term operator[](std::size_t index) const {
    const Entry& entry = entries_[index];
    return {entry.field,
            entry.position,
            entry.begin,
            entry.end,
            std::string_view(text_).substr(entry.text_begin, entry.text_end - entry.text_begin),
            entry.is_beside};
  }

 private:
  struct Entry {
    TermField field;
    bool is_beside = false;
    std::uint32_t position, begin, end, text_begin, text_end;
  };
  std::vector<Entry> entries_;
  std::string text_;
};

/// Longer runs are cut into terms of at most this many bytes, at a character.
constexpr std::size_t kTermBytesMax = 64;

enum class KoreanAnalysis : std::uint8_t { compact, robust };

/// What a user's lists make of an analyser: words that no rule cuts, and synonyms by stem.
class UserWords;

struct AnalyzerSettings {
  /// compact: bigrams of stems and over bare word borders. robust: bigrams over the whole run of
  /// Hangul without its spaces; 1.6 times the postings, better where spacing is bad.
  KoreanAnalysis korean = KoreanAnalysis::compact;
  std::shared_ptr<const WordLists> words{};  ///< Null: none. Equal if they are the same object.
  bool operator==(const AnalyzerSettings&) const = default;
};

/// Immutable, safe from several threads.
class Analyzer {
 public:
  explicit Analyzer(AnalyzerSettings settings);
  ~Analyzer();
  Analyzer(const Analyzer&) = delete;
  Analyzer& operator=(const Analyzer&) = delete;

  const AnalyzerSettings& settings() const { return settings_; }

  /// Changes with anything that changes a term: rules, tables, settings, library versions.
  const std::string& fingerprint() const { return fingerprint_; }

  /// Appends the terms of `text` (UTF-8; invalid bytes separate words). Empties `terms` first.
  /// Offsets are of `text` as given, whatever normalisation did to it.
  void analyze(std::string_view text, TermList& terms) const;

  /// What a word of a query, or a name of several, is searched for along with, by the user's lists:
  /// what else stands in the groups of `stems` (a single blank between them), one a line. Empty:
  /// none.
  std::string synonyms_of(std::string_view stems) const;
  /// Most stems of anything that has synonyms; 0: nothing has.
  std::size_t synonym_stems_max() const;

 private:
  AnalyzerSettings settings_;
  std::unique_ptr<const UserWords> words_;
  std::string fingerprint_;
};

/// How often a stem occurs in the index: what cutting an unknown Hangul run needs to know.
class Vocabulary {
 public:
  virtual ~Vocabulary() = default;
  /// Chunks whose body holds `term` in `field`.
  virtual std::uint64_t document_frequency(TermField field, std::string_view term) const = 0;
};

/// Terms of a query. Like analyze(), but a Hangul run of three or more syllables whose stem the
/// vocabulary does not know is cut into known ones (Viterbi over unigram costs), in the stem
/// sub-field only.
void analyze_query(const Analyzer& analyzer, const Vocabulary& vocabulary, std::string_view text,
                   TermList& terms);

}  // namespace saerok
