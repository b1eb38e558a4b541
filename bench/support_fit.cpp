/// Fits what says whether a cited sentence is borne out (src/answer/support.cpp) to labelled pairs
/// of a sentence and a source, and prints the weights that stand there, with both kinds of error.
///
///   support_fit DATA [PROGRAM EMBEDDER.gguf] [--pairs N] [--min SUPPORT] [--examples]
///
/// A right pair is a claim, a question with its answer, or a summary's sentence, with the passage
/// that says so; a wrong one is the same sentence with the passage of another document that is
/// nearest to it by words, and the same sentence with a number changed in it. From
/// examples/questions (ours), and from SciFact, KorQuAD, dialogsum and KLUE-STS in the folder DATA
/// where they are there. Sentences whose hashed id is even are fitted to, the others are held out.
/// With PROGRAM (saerok) and EMBEDDER, meaning is weighed as well.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "answer/support.h"
#include "base/hash.h"
#include "base/json.h"
#include "lab/dataset.h"
#include "models/llama_models.h"
#include "saerok/engine.h"
#include "text/sentences.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string data, program, embedder;
  std::size_t pairs = 200;  ///< Sentences of a set, at most.
  double support_min = 0.5;
  bool shows_examples = false;
};

struct Pair {
  std::string set, id, sentence;
  std::string kind;  ///< "own", "other", "number".
  Hit source;
  SupportEvidence evidence;
  bool is_right() const { return kind == "own"; }
  bool is_fitted() const { return hash64(id) % 2 == 0; }
};

/// How many of the passages seen hold a term.
class SeenWords final : public Vocabulary {
 public:
  void add(const Analyzer& analyzer, std::string_view text) {
    std::set<std::pair<TermField, std::string>> once;
    TermList terms;
    analyzer.analyze(text, terms);
    for (std::size_t i = 0; i < terms.size(); ++i) once.emplace(terms[i].field, terms[i].text);
    for (const auto& [field, term] : once) ++counts_[key(field, term)];
    ++passages;
  }
  std::uint64_t document_frequency(TermField field, std::string_view term) const override {
    const auto found = counts_.find(key(field, term));
    return found == counts_.end() ? 0 : found->second;
  }
  std::uint64_t passages = 0;

 private:
  static std::string key(TermField field, std::string_view term) {
    return std::to_string(static_cast<int>(field)) + std::string(term);
  }
  std::unordered_map<std::string, std::uint64_t> counts_;
};

/// The sentence with its first number changed to one that the source does not have; empty if it has
/// no number.
std::string with_another_number(std::string sentence, std::string_view source) {
  const std::size_t at = sentence.find_first_of("123456789");
  if (at == std::string::npos) return {};
  const std::size_t end = std::min(sentence.find_first_not_of("0123456789", at), sentence.size());
  std::string number = sentence.substr(at, end - at);
  for (int i = 0; i < 9 && source.find(number) != std::string_view::npos; ++i) {
    number[0] = number[0] == '9' ? '1' : static_cast<char>(number[0] + 1);
  }
  while (source.find(number) != std::string_view::npos) number += '7';
  return sentence.replace(at, end - at, number);
}

struct Sentence {
  std::string id, text;
  std::set<std::string> documents;  ///< That bear it out.
};

/// The best hit of a right document and the best of any other.
void add_pairs(const std::string& set, const Engine& engine, const Sentence& sentence,
               std::vector<Pair>& pairs) {
  SearchRequest request;
  request.query = sentence.text;
  request.limit = 100;
  request.syntax = QuerySyntax::plain;
  const auto found = engine.search(request, {});
  if (!found) return;
  for (const bool is_right : {true, false}) {
    const auto hit = std::find_if(found->hits.begin(), found->hits.end(), [&](const Hit& one) {
      return sentence.documents.contains(one.document_id) == is_right;
    });
    if (hit == found->hits.end()) continue;
    pairs.push_back({set, sentence.id, sentence.text, is_right ? "own" : "other", *hit, {}});
  }
}

Result<Engine> index_corpus(const fs::path& folder, const std::vector<std::string>& corpus) {
  Settings settings;
  settings.index.vectors = VectorTiers::none;
  settings.search.mode = SearchMode::lexical;
  fs::create_directories(folder);
  Engine engine = TRY(Engine::open({.store = (folder / "store").string(),
                                    .models_directory = (folder / "models").string(),
                                    .worker_program = {},
                                    .settings = settings}));
  TRY(engine.ingest("default", {.roots = corpus, .vectors_file = {}}, {}, {}));
  return engine;
}

/// Claims, or questions with their answers, about documents.
Status add_dataset(const std::string& set, const lab::DatasetRequest& request, bool wants_answers,
                   const Options& options, const fs::path& folder, std::vector<Pair>& pairs) {
  const lab::Dataset dataset = TRY(lab::open_dataset(request, {}));
  const Engine engine = TRY(index_corpus(folder / set, dataset.corpus));
  std::map<std::string, std::set<std::string>> documents;
  for (const lab::Label& label : dataset.labels) {
    if (label.grade > 0) documents[label.topic].insert(label.document);
  }
  const std::size_t step = std::max<std::size_t>(1, dataset.topics.size() / options.pairs);
  for (std::size_t i = 0; i < dataset.topics.size(); i += step) {
    const lab::Topic& topic = dataset.topics[i];
    if (wants_answers && topic.answer.empty()) continue;
    const std::string text = wants_answers ? topic.text + " " + topic.answer : topic.text;
    add_pairs(set, engine, {topic.id, text, documents[topic.id]}, pairs);
  }
  return {};
}

std::vector<Json> lines_of(const fs::path& file) {
  std::vector<Json> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
  return lines;
}

/// The first sentence of each summary, about its dialogue.
Status add_summaries(const std::string& set, const Options& options, const fs::path& folder,
                     std::vector<Pair>& pairs) {
  const fs::path corpus = folder / (set + ".jsonl");
  std::vector<Sentence> sentences;
  {
    std::ofstream stream(corpus);
    for (const Json& line : lines_of(fs::path(options.data) / set / "dev.jsonl")) {
      const std::string id = line["fname"], summary = line["summary"];
      stream << Json{{"_id", id}, {"text", line["dialogue"]}}.dump() << '\n';
      const auto spans = split_sentences(summary);
      if (spans.empty() || sentences.size() >= options.pairs) continue;
      sentences.push_back({id, summary.substr(spans[0].begin, spans[0].size()), {id}});
    }
  }
  const Engine engine = TRY(index_corpus(folder / set, {corpus.string()}));
  for (const Sentence& sentence : sentences) add_pairs(set, engine, sentence, pairs);
  return {};
}

/// People's judgement of whether two sentences say the same.
void add_sentence_pairs(const Options& options, std::vector<Pair>& pairs) {
  for (const Json& line : lines_of(fs::path(options.data) / "ko-klue-sts/pairs.jsonl")) {
    Hit source;
    source.text = line["sentence2"];
    source.passage = {0, source.text.size()};
    pairs.push_back({"ko-klue-sts",
                     line["_id"],
                     line["sentence1"],
                     line["binary"] == 1 ? "own" : "other",
                     source,
                     {}});
  }
}

std::vector<Pair> read_pairs(const Options& options, const fs::path& folder) {
  std::vector<Pair> pairs;
  const auto add = [&](const std::string& set, const std::string& where, const char* split,
                       std::map<std::string, std::string> columns, bool wants_answers) {
    lab::DatasetRequest request;
    request.folder = where;
    request.split = split;
    request.columns = std::move(columns);
    request.work_folder = (folder / "corpora").string();
    const Status added = add_dataset(set, request, wants_answers, options, folder, pairs);
    if (!added) std::fprintf(stderr, "support_fit: %s\n", added.error().message.c_str());
  };
  add("examples", (fs::path(SAEROK_SOURCE_DIR) / "examples/questions").string(), "",
      {{"answer", "expect"}}, true);
  add("en-scifact", options.data + "/en-scifact", "train", {}, false);
  add("ko-korquad1", options.data + "/ko-korquad1", "", {}, true);
  for (const char* set : {"en-dialogsum", "ko-dialogsum"}) {
    const Status added = add_summaries(set, options, folder, pairs);
    if (!added) std::fprintf(stderr, "support_fit: %s\n", added.error().message.c_str());
  }
  add_sentence_pairs(options, pairs);
  const std::size_t count = pairs.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (!pairs[i].is_right()) continue;
    Pair changed = pairs[i];
    changed.kind = "number";
    changed.sentence = with_another_number(changed.sentence, changed.source.text);
    if (!changed.sentence.empty()) pairs.push_back(std::move(changed));
  }
  return pairs;
}

Status weigh(const Embedder* embedder, std::vector<Pair>& pairs) {
  const Analyzer analyzer{AnalyzerSettings{}};
  std::map<std::string, SeenWords> seen;
  for (const Pair& pair : pairs) {
    if (pair.kind != "number") seen[pair.set].add(analyzer, pair.source.text);
  }
  for (Pair& pair : pairs) {
    const SeenWords& words = seen[pair.set];
    const Hit* cited[] = {&pair.source};
    pair.evidence =
        TRY(weigh_support(pair.sentence, cited, {analyzer, words, words.passages, embedder}, {}));
  }
  return {};
}

using Row = std::vector<double>;

Row row_of(const SupportEvidence& evidence) {
  Row row = {1, evidence.words, evidence.lacks_a_number ? 1.0 : 0.0};
  // Brought near the others' scale for the descent; undone in print().
  if (evidence.similarity) row.push_back((static_cast<double>(*evidence.similarity) - .85) * 10);
  return row;
}

double probability(const Row& weights, const Row& row) {
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) sum += weights[i] * row[i];
  return 1 / (1 + std::exp(-sum));
}

/// Logistic regression by plain gradient descent. Each set counts the same, and in it right and
/// wrong pairs do.
Row fit(const std::vector<Pair>& pairs) {
  std::map<std::string, double> counts;
  const auto group = [](const Pair& pair) { return pair.set + (pair.is_right() ? "+" : "-"); };
  for (const Pair& pair : pairs) {
    if (pair.is_fitted()) ++counts[group(pair)];
  }
  Row weights(row_of(pairs.front().evidence).size(), 0.0);
  for (int step = 0; step < 20'000; ++step) {
    Row gradient(weights.size(), 0.0);
    for (const Pair& pair : pairs) {
      if (!pair.is_fitted()) continue;
      const Row row = row_of(pair.evidence);
      const double error =
          (probability(weights, row) - (pair.is_right() ? 1 : 0)) / counts[group(pair)];
      for (std::size_t i = 0; i < row.size(); ++i) gradient[i] += error * row[i];
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i] -= 2 * gradient[i] / static_cast<double>(counts.size());
    }
  }
  return weights;
}

void print(const char* name, Row weights) {
  double similarity = 0;
  if (weights.size() > 3) {
    similarity = weights[3] * 10;
    weights[0] -= weights[3] * 8.5;
  }
  std::printf("%s = {%.2f, %.2f, %.2f, %.2f}\n", name, weights[0], weights[1], weights[2],
              similarity);
}

struct Counts {
  int right = 0, missed = 0, wrong = 0, passed = 0, numbers = 0, numbers_passed = 0;
};

void print_line(const std::string& name, const Counts& c) {
  const auto share = [](int part, int whole) { return whole == 0 ? 0 : 100.0 * part / whole; };
  std::printf(
      "  %-14s borne out, but marked %3d of %3d (%4.1f %%); not borne out, but passed "
      "%3d of %3d (%4.1f %%); number changed, but passed %3d of %3d (%4.1f %%)\n",
      name.c_str(), c.missed, c.right, share(c.missed, c.right), c.passed, c.wrong,
      share(c.passed, c.wrong), c.numbers_passed, c.numbers, share(c.numbers_passed, c.numbers));
}

/// Both errors of the half that was not fitted to, as support.cpp judges.
void print_errors(const std::vector<Pair>& pairs, const Options& options) {
  std::map<std::string, Counts> sets;
  for (const Pair& pair : pairs) {
    if (pair.is_fitted()) continue;
    SupportEvidence words = pair.evidence;
    words.similarity.reset();
    double support = support_of(words);
    if (support < options.support_min) support = support_of(pair.evidence);
    const bool passes = support >= options.support_min;
    for (const std::string& set : {pair.set, std::string("all")}) {
      Counts& c = sets[set];
      (pair.kind == "own" ? c.right : pair.kind == "other" ? c.wrong : c.numbers) += 1;
      if (pair.is_right()) c.missed += passes ? 0 : 1;
      else (pair.kind == "other" ? c.passed : c.numbers_passed) += passes ? 1 : 0;
    }
    if (options.shows_examples && passes != pair.is_right()) {
      std::printf("%s %s %.2f (%.2f %d %.3f): %s | %s\n", pair.set.c_str(), pair.kind.c_str(),
                  support, pair.evidence.words, pair.evidence.lacks_a_number,
                  static_cast<double>(pair.evidence.similarity.value_or(0)), pair.sentence.c_str(),
                  pair.source.text.substr(0, 300).c_str());
    }
  }
  for (const auto& [set, counts] : sets) print_line(set, counts);
}

int run(const Options& options) {
  std::string pattern = (fs::temp_directory_path() / "saerok-support-XXXXXX").string();
  const fs::path folder = mkdtemp(pattern.data());
  std::vector<Pair> pairs = read_pairs(options, folder);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  std::unique_ptr<Embedder> embedder;
  if (!options.embedder.empty()) {
    auto made = make_llama_embedder({.path = options.embedder, .worker_program = options.program});
    if (!made) return std::fprintf(stderr, "support_fit: %s\n", made.error().message.c_str()), 1;
    embedder = std::move(*made);
  }
  const Status weighed = weigh(embedder.get(), pairs);
  if (!weighed)
    return std::fprintf(stderr, "support_fit: %s\n", weighed.error().message.c_str()), 1;
  std::vector<Pair> by_words = pairs;
  for (Pair& pair : by_words) pair.evidence.similarity.reset();
  print("kWordsOnly", fit(by_words));
  if (embedder) print("kWithMeaning", fit(pairs));
  std::printf("held out, support_min %.2f, words alone\n", options.support_min);
  print_errors(by_words, options);
  if (!embedder) return 0;
  std::printf("held out, words, and meaning where they fall short\n");
  print_errors(pairs, options);
  return 0;
}

}  // namespace
}  // namespace saerok

int main(int argc, char** argv) {
  saerok::Options options;
  std::vector<std::string> plain;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--pairs" && i + 1 < argc) options.pairs = std::strtoul(argv[++i], nullptr, 10);
    else if (name == "--min" && i + 1 < argc) options.support_min = std::atof(argv[++i]);
    else if (name == "--examples") options.shows_examples = true;
    else plain.push_back(name);
  }
  const bool is_whole = (plain.size() == 1 || plain.size() == 3) && options.pairs > 0;
  if (!is_whole) {
    std::fprintf(stderr,
                 "support_fit DATA [PROGRAM EMBEDDER.gguf] [--pairs N] [--min SUPPORT] "
                 "[--examples]\n");
    return 2;
  }
  options.data = plain[0];
  if (plain.size() == 3) {
    options.program = plain[1];
    options.embedder = plain[2];
  }
  return saerok::run(options);
}
