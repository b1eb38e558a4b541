// Source: M. Porter, "An algorithm for suffix stripping", Program 14 (1980), and the extensions
// that NLTK documents in nltk/stem/porter.py.

#include "lab/porter.h"

#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace saerok::lab {
namespace {

bool is_vowel_letter(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

/// Tells letter by letter which are consonants: a y is one at the beginning and behind a vowel.
class ConsonantScan {
 public:
  bool next(char c) {
    is_consonant_ = c == 'y' ? is_first_ || !is_consonant_ : !is_vowel_letter(c);
    is_first_ = false;
    return is_consonant_;
  }

 private:
  bool is_first_ = true;
  bool is_consonant_ = false;
};

bool is_consonant(std::string_view word, std::size_t at) {
  ConsonantScan scan;
  bool is_one = false;
  for (const char c : word.substr(0, at + 1)) is_one = scan.next(c);
  return is_one;
}

/// How often a consonant follows a vowel: the paper's m.
std::size_t measure(std::string_view stem) {
  ConsonantScan scan;
  std::size_t count = 0;
  bool was_vowel = false;
  for (const char c : stem) {
    const bool is_one = scan.next(c);
    if (is_one && was_vowel) ++count;
    was_vowel = !is_one;
  }
  return count;
}

bool has_vowel(std::string_view stem) {
  ConsonantScan scan;
  for (const char c : stem) {
    if (!scan.next(c)) return true;
  }
  return false;
}

bool ends_double_consonant(std::string_view word) {
  const std::size_t size = word.size();
  return size >= 2 && word[size - 1] == word[size - 2] && is_consonant(word, size - 1);
}

/// Consonant, vowel, consonant that is not w, x or y. NLTK: or no more than a vowel and a
/// consonant.
bool ends_cvc(std::string_view word) {
  const std::size_t size = word.size();
  if (size == 2) return !is_consonant(word, 0) && is_consonant(word, 1);
  return size >= 3 && is_consonant(word, size - 3) && !is_consonant(word, size - 2) &&
         is_consonant(word, size - 1) && word.back() != 'w' && word.back() != 'x' &&
         word.back() != 'y';
}

struct Rule {
  std::string_view suffix;
  std::string_view replacement;
};

/// Applies the first rule whose suffix the word has, if what stands before it measures more than
/// `least`; no other rule is tried.
void apply(std::string& word, std::span<const Rule> rules, std::size_t least) {
  for (const Rule& rule : rules) {
    if (!word.ends_with(rule.suffix)) continue;
    const std::string_view stem(word.data(), word.size() - rule.suffix.size());
    std::size_t m = measure(stem);
    // NLTK measures what "log" leaves of these, not what stands before it.
    if (rule.suffix == "logi") m = measure(std::string_view(word).substr(0, word.size() - 3));
    const bool is_ion = rule.suffix == "ion";
    if (m <= least || (is_ion && stem.back() != 's' && stem.back() != 't')) return;
    word.replace(stem.size(), std::string::npos, rule.replacement);
    return;
  }
}

constexpr std::array<Rule, 22> kStep2 = {{
    {"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"},
    {"bli", "ble"},     {"alli", "al"},     {"entli", "ent"}, {"eli", "e"},     {"ousli", "ous"},
    {"ization", "ize"}, {"ation", "ate"},   {"ator", "ate"},  {"alism", "al"},  {"iveness", "ive"},
    {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"},  {"iviti", "ive"}, {"biliti", "ble"},
    {"fulli", "ful"},   {"logi", "log"},
}};
constexpr std::array<Rule, 7> kStep3 = {{
    {"icate", "ic"},
    {"ative", ""},
    {"alize", "al"},
    {"iciti", "ic"},
    {"ical", "ic"},
    {"ful", ""},
    {"ness", ""},
}};
constexpr std::array<Rule, 19> kStep4 = {{
    {"al", ""},  {"ance", ""},  {"ence", ""}, {"er", ""},  {"ic", ""},  {"able", ""}, {"ible", ""},
    {"ant", ""}, {"ement", ""}, {"ment", ""}, {"ent", ""}, {"ion", ""}, {"ou", ""},   {"ism", ""},
    {"ate", ""}, {"iti", ""},   {"ous", ""},  {"ive", ""}, {"ize", ""},
}};

/// Plurals.
void step_1a(std::string& word) {
  if (word.ends_with("ies")) word.resize(word.size() - (word.size() == 4 ? 1 : 2));
  else if (word.ends_with("sses")) word.resize(word.size() - 2);
  else if (word.ends_with("s") && !word.ends_with("ss")) word.pop_back();
}

/// Past tenses and participles.
void step_1b(std::string& word) {
  if (word.ends_with("ied")) {
    word.resize(word.size() - (word.size() == 4 ? 1 : 2));
    return;
  }
  if (word.ends_with("eed")) {
    if (measure(std::string_view(word).substr(0, word.size() - 3)) > 0) word.pop_back();
    return;
  }
  const std::size_t suffix = word.ends_with("ed") ? 2 : word.ends_with("ing") ? 3 : 0;
  if (suffix == 0 || !has_vowel(std::string_view(word).substr(0, word.size() - suffix))) return;
  word.resize(word.size() - suffix);
  if (word.ends_with("at") || word.ends_with("bl") || word.ends_with("iz")) {
    word += 'e';
  } else if (ends_double_consonant(word)) {
    if (word.back() != 'l' && word.back() != 's' && word.back() != 'z') word.pop_back();
  } else if (measure(word) == 1 && ends_cvc(word)) {
    word += 'e';
  }
}

/// NLTK: behind a consonant that is not the whole stem, so that "enjoy" stays and "fly" does not.
void step_1c(std::string& word) {
  const std::size_t before = word.size() - 1;
  if (word.back() == 'y' && before > 1 && is_consonant(word, before - 1)) word.back() = 'i';
}

void step_2(std::string& word) {
  // NLTK: "radically" loses two endings.
  while (word.ends_with("alli") && measure(std::string_view(word).substr(0, word.size() - 4)) > 0) {
    word.resize(word.size() - 2);
  }
  apply(word, kStep2, 0);
}

/// A last e, and one of two last l.
void step_5(std::string& word) {
  if (word.ends_with("e")) {
    const std::string_view stem(word.data(), word.size() - 1);
    const std::size_t m = measure(stem);
    if (m > 1 || (m == 1 && !ends_cvc(stem))) word.pop_back();
  }
  if (word.ends_with("ll") && measure(std::string_view(word).substr(0, word.size() - 1)) > 1) {
    word.pop_back();
  }
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kIrregular = {{
    {"sky", "sky"},
    {"skies", "sky"},
    {"dying", "die"},
    {"lying", "lie"},
    {"tying", "tie"},
    {"news", "news"},
    {"innings", "inning"},
    {"inning", "inning"},
    {"outings", "outing"},
    {"outing", "outing"},
    {"cannings", "canning"},
    {"canning", "canning"},
    {"howe", "howe"},
    {"proceed", "proceed"},
    {"exceed", "exceed"},
    {"succeed", "succeed"},
}};

}  // namespace

std::string porter_stem(std::string_view word) {
  for (const auto& [form, stem] : kIrregular) {
    if (word == form) return std::string(stem);
  }
  std::string stem(word);
  if (stem.size() <= 2) return stem;
  step_1a(stem);
  step_1b(stem);
  step_1c(stem);
  step_2(stem);
  apply(stem, kStep3, 0);
  apply(stem, kStep4, 1);
  step_5(stem);
  return stem;
}

}  // namespace saerok::lab
