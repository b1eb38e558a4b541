/// Words of a query beside those it says: what a prefix or initials stand for, the user's synonyms,
/// and near words for those that the notes do not hold. What this is not: scoring, or the query's
/// own analysis (text/analyzer.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "search/backend.h"
#include "text/analyzer.h"

namespace saerok {

/// Most words that a prefix or initials are searched for as: the most frequent.
constexpr std::size_t kExpandedWordsMax = 64;

/// Words of the index that stand for one word of the query, and are scored as if they were one.
struct WordGroup {
  struct Word {
    TermField field = TermField::stem;
    std::string text;
  };
  std::vector<Word> words;               ///< Most frequent first.
  std::uint64_t document_frequency = 0;  ///< Of all words that fit, summed; at most chunk_count().
};

/// What an unfinished word can grow into, or what its initials (ㄱㅅ) stand for. Takes time linear
/// in the words of the index that begin alike.
WordGroup words_of_prefix(std::string_view prefix, const Backend& backend);

constexpr std::size_t kCorrectedWordsMax = 8;

/// A word of the query that was taken for another one.
struct Correction {
  std::size_t begin = 0, end = 0;  ///< Bytes of the query.
  std::string text;                ///< What was searched for instead.
};

/// Words of the query that no note holds, with what they were meant as: typed with the keyboard in
/// the wrong language (rjator, 검색), or one or two keys beside a word that notes hold (검섹,
/// 검색). Only where the query as it stands finds little: of at most three words one is unknown, of
/// more at least half; and of at most kCorrectedWordsMax unknown ones, because each reads all words
/// of the index once. Initials (ㄱㅅ) are words, and so are those of asking and talk
/// (text/everyday_words.h). A word is meant only if enough chunks hold it: the shorter the word and
/// the larger the collection, the more.
std::vector<Correction> correct_words(std::string_view query, const Analyzer& analyzer,
                                      const Backend& backend);

/// `text` with the corrections, which are in order, in place.
std::string corrected(const std::vector<Correction>& corrections, std::string_view text);

/// The user's synonyms of the words of a query, and of names of several words in it.
std::vector<std::string> synonyms_of(const TermList& query, const Analyzer& analyzer);

}  // namespace saerok
