/// A user's word lists (word_lists.h), ready to be asked for every word of a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "text/analyzer.h"

namespace saerok {

/// Immutable, safe from several threads.
class UserWords {
 public:
  /// `analyzer` says what the stems of the lists' words are; its own words may be missing yet.
  UserWords(const WordLists& lists, const Analyzer& analyzer);

  /// Whether a folded word of letters is to be its own stem.
  bool is_protected(std::string_view word) const { return protected_.contains(std::string(word)); }

  /// Syllables of the longest protected word that a run of precomposed Hangul begins with; 0: none.
  std::size_t protected_syllables(std::string_view run) const;

  /// Of the protected words; 0 if there are none. Part of the analyser's fingerprint.
  std::uint64_t protected_hash() const { return protected_hash_; }

  /// Analyzer::synonyms_of() and synonym_stems_max().
  std::string synonyms_of(std::string_view stems) const;
  std::size_t synonym_stems_max() const { return longest_synonym_; }

 private:
  void add_synonym(const std::string& word, const std::string& synonym, const Analyzer& analyzer);

  std::unordered_set<std::string> protected_;
  std::size_t longest_hangul_ = 0;  // Bytes.
  std::uint64_t protected_hash_ = 0;
  std::unordered_map<std::string, std::string> synonyms_;  // By stems; one synonym a line.
  std::size_t longest_synonym_ = 0;                        // Stems.
};

}  // namespace saerok
