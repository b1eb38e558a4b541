/// How well a question is found while it is typed, and when it is mistyped, by words alone and
/// through the public API:
///
///   typing_quality CORPUS QUERIES QRELS [QUESTIONS [FOREIGN_QUERIES]]
///
/// Files as question_sets.h says; of the questions so many are taken, evenly spread (default 500;
/// 0: all). Indexes the corpus into a scratch store. Prints MRR@10, the share of questions with a
/// relevant document among the first ten and the share in which a word was taken for another one,
/// with `search.correct` on and off, as asked and with typos; the same of the longest three
/// neighbouring words of each question, as one searches, of which one is mistyped; of the same of
/// questions to another collection, whose words are sound and mostly in no note here, the share
/// that was changed; then the second share after the first 2, 4, 8 … letters and syllables,
/// searched for as they stand, as an unfinished word, with the last syllable half typed, and with
/// the last word by its initials.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>
#include <utility>

#include "question_sets.h"
#include "saerok/engine.h"

namespace {

using namespace saerok;

struct Question {
  std::string text;
  const std::unordered_map<std::string, double>* gains;
};

/// A folder that is removed with it.
class ScratchFolder {
 public:
  ScratchFolder()
      : path_(std::filesystem::temp_directory_path() /
              ("saerok_typing_quality." + std::to_string(getpid()))) {}
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string store() const { return (path_ / "store").string(); }

 private:
  std::filesystem::path path_;
};

struct Found {
  std::size_t rank = 0;      ///< 0: no relevant document is among the first ten.
  std::string searched_for;  ///< Empty: for the question as it stands.
};

Found find(const Engine& engine, const Question& question, const SearchRequest& request) {
  Result<SearchResponse> response = engine.search(request, {});
  if (!response) fail("\"" + request.query + "\": " + response.error().message);
  for (const Hit& hit : response->hits) {
    if (question.gains->contains(hit.document_id)) return {hit.rank, response->searched_for};
  }
  return {0, response->searched_for};
}

std::size_t rank_of(const Engine& engine, const Question& question, const SearchRequest& request) {
  return find(engine, question, request).rank;
}

/// A fifth of the words of four or more Latin letters with two neighbours swapped, or a letter left
/// out, doubled or mistaken.
std::string with_latin_typos(const std::string& query, std::mt19937& random) {
  constexpr std::size_t kWordMin = 4;
  std::string out;
  std::istringstream words(query);
  for (std::string word; words >> word;) {
    const bool is_latin =
        word.size() >= kWordMin && std::all_of(word.begin(), word.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        });
    if (is_latin && random() % 5 == 0) {
      const std::size_t at = 1 + random() % (word.size() - 2);
      switch (random() % 4) {
        case 0: std::swap(word[at], word[at + 1]); break;
        case 1: word.erase(at, 1); break;
        case 2: word.insert(at, 1, word[at]); break;
        default: word[at] = static_cast<char>('a' + random() % 26);
      }
    }
    out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

SearchRequest request_of(std::string query) {
  SearchRequest request;
  request.query = std::move(query);
  request.mode = SearchMode::lexical;
  request.syntax = QuerySyntax::plain;
  return request;
}

std::vector<char32_t> characters_of(std::string_view text) {
  std::vector<char32_t> characters;
  for (std::size_t at = 0; at < text.size();) {
    const DecodedChar c = decode_utf8(text, at);
    characters.push_back(c.code_point);
    at += c.size;
  }
  return characters;
}
std::string text_of(const std::vector<char32_t>& characters) {
  std::string text;
  for (const char32_t c : characters) append_utf8(text, c);
  return text;
}

/// The first `count` characters, blanks not counted; nothing if the text has no more than that.
std::optional<std::vector<char32_t>> first_of(std::string_view text, std::size_t count) {
  std::vector<char32_t> first;
  for (const char32_t c : characters_of(text)) {
    if (count == 0) return first;
    first.push_back(c);
    if (c != U' ') --count;
  }
  return std::nullopt;
}

char32_t initial_of(char32_t c) {
  constexpr std::u32string_view kInitials = U"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
  return is_hangul_syllable(c) ? kInitials[decompose_syllable(c).initial] : c;
}

/// A last syllable before its final is typed; one without, before its vowel is.
std::vector<char32_t> half_typed(std::vector<char32_t> typed) {
  const char32_t last = typed.back();
  if (is_hangul_syllable(last)) {
    typed.back() = final_of(last) != 0 ? last - final_of(last) : initial_of(last);
  }
  return typed;
}

std::vector<char32_t> with_initials(std::vector<char32_t> typed) {
  for (std::size_t i = typed.size(); i > 0 && typed[i - 1] != U' '; --i) {
    typed[i - 1] = initial_of(typed[i - 1]);
  }
  return typed;
}

struct Score {
  double reciprocal_ranks = 0, found = 0, count = 0;
  void add(std::size_t rank) {
    if (rank > 0) {
      reciprocal_ranks += 1 / static_cast<double>(rank);
      ++found;
    }
    ++count;
  }
};

void measure_corrections(const Engine& engine, const std::vector<Question>& questions) {
  std::printf(
      "| questions | correct | MRR@10 | in the first ten | changed |\n|---|---|---|---|---|\n");
  std::vector<std::string> changes;
  for (const bool mistyped : {false, true}) {
    for (const bool correct : {false, true}) {
      constexpr unsigned kSeed = 20;
      std::mt19937 random(kSeed), random_latin(kSeed);
      Score score;
      double changed = 0;
      for (const Question& question : questions) {
        SearchRequest request =
            request_of(mistyped ? with_latin_typos(with_typos(question.text, random), random_latin)
                                : question.text);
        request.correct = correct;
        const Found found = find(engine, question, request);
        score.add(found.rank);
        if (found.searched_for.empty()) continue;
        ++changed;
        if (!mistyped) changes.push_back(request.query + "\n  for " + found.searched_for);
      }
      std::printf("| %s | %s | %.4f | %.4f | %.4f |\n", mistyped ? "with typos" : "as asked",
                  correct ? "on" : "off", score.reciprocal_ranks / score.count,
                  score.found / score.count, changed / score.count);
    }
  }
  for (const std::string& change : changes) std::printf("- %s\n", change.c_str());
}

/// The three neighbouring words that have most letters.
std::string three_words(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; in >> word;) words.push_back(word);
  std::string best;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string joined;
    for (std::size_t k = i; k < std::min(i + 3, words.size()); ++k) {
      joined += (k == i ? "" : " ") + words[k];
    }
    if (joined.size() > best.size()) best = joined;
  }
  return best;
}

/// With typos until there is one.
std::string mistyped_words(const std::string& words, std::mt19937& random,
                           std::mt19937& random_latin) {
  constexpr int kTriesMax = 100;
  for (int i = 0; i < kTriesMax; ++i) {
    std::string typed = with_latin_typos(with_typos(words, random), random_latin);
    if (typed != words) return typed;
  }
  return words;
}

void measure_short(const Engine& engine, const std::vector<Question>& questions) {
  std::printf(
      "| three words | correct | MRR@10 | in the first ten | changed |\n|---|---|---|---|---|\n");
  for (const bool mistyped : {false, true}) {
    for (const bool correct : {false, true}) {
      constexpr unsigned kSeed = 20;
      std::mt19937 random(kSeed), random_latin(kSeed);
      Score score;
      double changed = 0;
      for (const Question& question : questions) {
        const std::string words = three_words(question.text);
        SearchRequest request =
            request_of(mistyped ? mistyped_words(words, random, random_latin) : words);
        request.correct = correct;
        const Found found = find(engine, question, request);
        score.add(found.rank);
        if (!found.searched_for.empty()) ++changed;
      }
      std::printf("| %s | %s | %.4f | %.4f | %.4f |\n", mistyped ? "one mistyped" : "as asked",
                  correct ? "on" : "off", score.reciprocal_ranks / score.count,
                  score.found / score.count, changed / score.count);
    }
  }
}

void measure_foreign(const Engine& engine, const std::string& path) {
  constexpr std::size_t kQuestionsMax = 500;
  const std::vector<Item> items = read_items(path, false);
  const std::size_t step = std::max<std::size_t>(1, items.size() / kQuestionsMax);
  double count = 0, changed = 0;
  std::vector<std::string> changes;
  for (std::size_t i = 0; i < items.size(); i += step) {
    const SearchRequest request = request_of(three_words(items[i].text));
    const Result<SearchResponse> response = engine.search(request, {});
    if (!response) fail(response.error().message);
    ++count;
    if (response->searched_for.empty()) continue;
    ++changed;
    changes.push_back(request.query + "\n  for " + response->searched_for);
  }
  std::printf("three words of %.0f foreign questions: %.4f changed\n", count, changed / count);
  constexpr std::size_t kShown = 20;
  for (std::size_t i = 0; i < std::min(kShown, changes.size()); ++i) {
    std::printf("- %s\n", changes[i].c_str());
  }
}

void measure_typing(const Engine& engine, const std::vector<Question>& questions) {
  std::printf(
      "| typed | questions | as it stands | unfinished | half a syllable less | initials |\n"
      "|---|---|---|---|---|---|\n");
  for (const std::size_t count : {2u, 4u, 6u, 8u, 12u, 16u}) {
    Score plain, unfinished, half, initials;
    for (const Question& question : questions) {
      const auto typed = first_of(question.text, count);
      if (!typed) continue;
      SearchRequest request = request_of(text_of(*typed));
      plain.add(rank_of(engine, question, request));
      request.as_you_type = true;
      unfinished.add(rank_of(engine, question, request));
      request.query = text_of(half_typed(*typed));
      half.add(rank_of(engine, question, request));
      request.query = text_of(with_initials(*typed));
      initials.add(rank_of(engine, question, request));
    }
    std::printf("| %zu | %.0f | %.3f | %.3f | %.3f | %.3f |\n", count, plain.count,
                plain.found / plain.count, unfinished.found / unfinished.count,
                half.found / half.count, initials.found / initials.count);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 6) {
    fail("usage: typing_quality CORPUS QUERIES QRELS [QUESTIONS [FOREIGN_QUERIES]]");
  }
  const std::size_t wanted = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 500;
  const Judgements judgements = read_judgements(argv[3]);
  const std::vector<Item> items = read_items(argv[2], false);
  const std::size_t step = wanted == 0 ? 1 : std::max<std::size_t>(1, items.size() / wanted);
  std::vector<Question> questions;
  for (std::size_t i = 0; i < items.size(); i += step) {
    const auto gains = judgements.find(items[i].id);
    if (gains != judgements.end()) questions.push_back({items[i].text, &gains->second});
  }
  const ScratchFolder scratch;
  EngineOptions options;
  options.store = scratch.store();
  options.settings.index.vectors = VectorTiers::none;
  options.settings.search.document_hits_max = 1;
  Result<Engine> engine = Engine::open(std::move(options));
  if (!engine) fail(engine.error().message);
  IngestRequest request;
  request.roots = {argv[1]};
  const auto report = engine->ingest("default", request, {}, {});
  if (!report) fail(report.error().message);
  std::printf("%zu questions of %zu\n", questions.size(), items.size());
  measure_corrections(*engine, questions);
  measure_short(*engine, questions);
  if (argc > 5) measure_foreign(*engine, argv[5]);
  measure_typing(*engine, questions);
  return 0;
}
