/// How well does the analyser find what people ask for? Reads a test collection in BEIR's layout,
/// scores every document by BM25 over both sub-fields, in memory and without any short cut, and
/// prints MRR@10, recall, nDCG@10 and the speed of analysis.
///
///   lexical_quality CORPUS QUERIES QRELS [option…]
///
/// CORPUS and QUERIES are JSONL, also as .zst; QRELS is BEIR's TSV. What this is not: a benchmark
/// of the engine (the index has its own), nor of chunking: a document is one text here.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/unicode.h"
#include "question_sets.h"
#include "text/analyzer.h"

namespace saerok {
namespace {

constexpr const char* kUsage =
    "usage: lexical_quality CORPUS QUERIES QRELS [--robust] [--no-title] [--gram-weight W]\n"
    "         [--k1 K] [--b B] [--spaces kept|none|third|wrong] [--typos] [--no-segmentation] "
    "[--failures N]\n";

struct Options {
  std::vector<std::string> files;
  AnalyzerSettings analyzer;
  bool with_title = true;
  bool with_segmentation = true;
  double gram_weight = 0.5;
  double k1 = 1.2;
  double b = 0.75;
  /// Of queries; third: a third of them taken out; wrong: inside words, at 12 % of the borders.
  std::string spaces = "kept";
  bool typos = false;  ///< One wrong key in a fifth of the Korean words of a query.
  std::size_t failures = 0;
};

double number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) fail(text + " is not a number");
  return value;
}

Options parse_options(int argc, char** argv) {
  Options options;
  const auto value = [&](int& i) -> std::string {
    if (i + 1 >= argc) fail(std::string(argv[i]) + " needs a value");
    return argv[++i];
  };
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--robust") {
      options.analyzer.korean = KoreanAnalysis::robust;
    } else if (name == "--no-title") {
      options.with_title = false;
    } else if (name == "--no-segmentation") {
      options.with_segmentation = false;
    } else if (name == "--gram-weight") {
      options.gram_weight = number_of(value(i));
    } else if (name == "--k1") {
      options.k1 = number_of(value(i));
    } else if (name == "--b") {
      options.b = number_of(value(i));
    } else if (name == "--failures") {
      options.failures = static_cast<std::size_t>(number_of(value(i)));
    } else if (name == "--spaces") {
      options.spaces = value(i);
      if (options.spaces != "kept" && options.spaces != "none" && options.spaces != "third" &&
          options.spaces != "wrong") {
        fail("--spaces takes kept, none, third or wrong");
      }
    } else if (name == "--typos") {
      options.typos = true;
    } else if (name.starts_with("--")) {
      fail("unknown option " + name + "\n" + kUsage);
    } else {
      options.files.push_back(name);
    }
  }
  if (options.files.size() != 3) fail(std::string("three files are needed\n") + kUsage);
  return options;
}

struct Posting {
  std::uint32_t document;
  std::uint32_t frequency;
};

// One sub-field: postings and lengths, nothing compressed.
struct FieldIndex {
  std::unordered_map<std::string, std::vector<Posting>> postings;
  std::vector<std::uint32_t> lengths;
  double length_mean = 0;
  std::uint64_t posting_count = 0;
};

class MemoryIndex final : public Vocabulary {
 public:
  MemoryIndex(const Analyzer& analyzer, const std::vector<Item>& documents) {
    TermList terms;
    for (std::uint32_t id = 0; id < documents.size(); ++id) {
      analyzer.analyze(documents[id].text, terms);
      for (FieldIndex& field : fields_) field.lengths.push_back(0);
      for (std::size_t i = 0; i < terms.size(); ++i) {
        const Term term = terms[i];
        FieldIndex& field = fields_[static_cast<std::size_t>(term.field)];
        if (!term.is_beside) ++field.lengths.back();
        std::vector<Posting>& list = field.postings[std::string(term.text)];
        if (list.empty() || list.back().document != id) {
          list.push_back({id, 0});
          ++field.posting_count;
        }
        ++list.back().frequency;
      }
    }
    for (FieldIndex& field : fields_) {
      double sum = 0;
      for (const std::uint32_t length : field.lengths) sum += length;
      field.length_mean = sum / static_cast<double>(documents.size());
    }
  }

  std::uint64_t document_frequency(TermField field, std::string_view term) const override {
    const auto& postings = fields_[static_cast<std::size_t>(field)].postings;
    const auto found = postings.find(std::string(term));
    return found == postings.end() ? 0 : found->second.size();
  }

  const FieldIndex& field(TermField field) const {
    return fields_[static_cast<std::size_t>(field)];
  }
  std::size_t document_count() const { return fields_[0].lengths.size(); }

 private:
  FieldIndex fields_[2];
};

// A query term counts as often as the query says it.
std::vector<double> score(const MemoryIndex& index, const TermList& terms, const Options& options) {
  std::vector<double> scores(index.document_count(), 0);
  const auto count = static_cast<double>(scores.size());
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term term = terms[i];
    const FieldIndex& field = index.field(term.field);
    const auto found = field.postings.find(std::string(term.text));
    if (found == field.postings.end()) continue;
    const auto frequency = static_cast<double>(found->second.size());
    const double idf = std::log(1 + (count - frequency + 0.5) / (frequency + 0.5));
    const double weight = term.field == TermField::stem ? 1.0 : options.gram_weight;
    for (const Posting& posting : found->second) {
      const double length = field.lengths[posting.document] / field.length_mean;
      const double tf = posting.frequency;
      const double norm = options.k1 * (1 - options.b + options.b * length);
      scores[posting.document] += weight * idf * tf / (tf + norm);
    }
  }
  return scores;
}

std::vector<std::uint32_t> best(const std::vector<double>& scores, std::size_t count) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > 0) order.push_back(i);
  }
  const std::size_t kept = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
                    });
  order.resize(kept);
  return order;
}

struct Totals {
  double mrr = 0, recall3 = 0, recall10 = 0, ndcg = 0;
  std::size_t queries = 0, without_result = 0;
};

void judge(const std::vector<std::uint32_t>& order, const std::vector<Item>& documents,
           const std::unordered_map<std::string, double>& gains, Totals& totals) {
  double first = 0, found3 = 0, found10 = 0, gained = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const auto gain = gains.find(documents[order[rank]].id);
    if (gain == gains.end()) continue;
    if (first == 0) first = 1.0 / static_cast<double>(rank + 1);
    found3 += rank < 3 ? 1 : 0;
    found10 += 1;
    gained += gain->second / std::log2(static_cast<double>(rank) + 2);
  }
  std::vector<double> ideal;
  for (const auto& [id, gain] : gains) ideal.push_back(gain);
  std::sort(ideal.rbegin(), ideal.rend());
  double possible = 0;
  for (std::size_t rank = 0; rank < ideal.size() && rank < 10; ++rank) {
    possible += ideal[rank] / std::log2(static_cast<double>(rank) + 2);
  }
  const auto relevant = static_cast<double>(gains.size());
  totals.mrr += first;
  totals.recall3 += found3 / relevant;
  totals.recall10 += found10 / relevant;
  totals.ndcg += gained / possible;
  if (order.empty()) ++totals.without_result;
  ++totals.queries;
}

std::string with_spaces(const std::string& query, const std::string& spaces, std::mt19937& random) {
  if (spaces == "kept") return query;
  std::string out;
  if (spaces == "wrong") {
    for (std::size_t at = 0; at < query.size();) {
      const std::uint32_t size = decode_utf8(query, at).size;
      const bool is_inside = at > 0 && query[at] != ' ' && query[at - 1] != ' ';
      if (is_inside && random() % 100 < 12) out.push_back(' ');
      out += query.substr(at, size);
      at += size;
    }
    return out;
  }
  for (const char c : query) {
    if (c == ' ' && (spaces == "none" || random() % 10 < 3)) continue;
    out.push_back(c);
  }
  return out;
}

double megabytes_per_second(const Analyzer& analyzer, const std::vector<Item>& documents) {
  std::size_t bytes = 0;
  for (const Item& document : documents) bytes += document.text.size();
  double fastest = 1e9;
  TermList terms;
  for (int round = 0; round < 5; ++round) {
    const std::clock_t start = std::clock();  // Of the processor: the machine may be busy.
    for (const Item& document : documents) analyzer.analyze(document.text, terms);
    const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    fastest = std::min(fastest, took);
  }
  return static_cast<double>(bytes) / 1e6 / fastest;
}

int run(const Options& options) {
  const Analyzer analyzer(options.analyzer);
  const std::vector<Item> documents = read_items(options.files[0], options.with_title);
  const std::vector<Item> queries = read_items(options.files[1], false);
  const Judgements judgements = read_judgements(options.files[2]);
  const MemoryIndex index(analyzer, documents);
  constexpr unsigned kSeed = 20;
  std::mt19937 random(kSeed);
  Totals totals;
  std::size_t failures_left = options.failures;
  TermList terms;
  for (const Item& query : queries) {
    const auto gains = judgements.find(query.id);
    if (gains == judgements.end()) continue;
    std::string text = with_spaces(query.text, options.spaces, random);
    if (options.typos) text = with_typos(text, random);
    if (options.with_segmentation) {
      analyze_query(analyzer, index, text, terms);
    } else {
      analyzer.analyze(text, terms);
    }
    const std::vector<std::uint32_t> order = best(score(index, terms, options), 10);
    const double found_before = totals.recall10;
    judge(order, documents, gains->second, totals);
    if (totals.recall10 == found_before && failures_left > 0) {
      --failures_left;
      std::printf("not found: %s\n", text.c_str());
    }
  }
  const auto count = static_cast<double>(totals.queries);
  std::printf("MRR@10 %.4f  R@3 %.4f  R@10 %.4f  nDCG@10 %.4f  (%zu queries, %zu empty)\n",
              totals.mrr / count, totals.recall3 / count, totals.recall10 / count,
              totals.ndcg / count, totals.queries, totals.without_result);
  std::printf("postings: stem %llu, gram %llu; analysis %.0f MB/s\n",
              static_cast<unsigned long long>(index.field(TermField::stem).posting_count),
              static_cast<unsigned long long>(index.field(TermField::gram).posting_count),
              megabytes_per_second(analyzer, documents));
  return 0;
}

}  // namespace
}  // namespace saerok

int main(int argc, char** argv) { return saerok::run(saerok::parse_options(argc, argv)); }
