// Xapian's side of lexical_peers; the arguments and the output are those of ../lexical_peer.cpp.
#include <xapian.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr int kPasses = 5;
constexpr double kWarmUpSeconds = 3;

using Terms = std::vector<std::string>;
using Hits = std::vector<std::pair<unsigned long, double>>;

double now_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

std::vector<Terms> read_terms(const std::string& path) {
  std::ifstream in(path);
  std::vector<Terms> lines;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    lines.emplace_back(std::istream_iterator<std::string>(words),
                       std::istream_iterator<std::string>());
  }
  return lines;
}

void build(const std::string& index, const std::string& tokens, bool positions) {
  const double begin = now_seconds();
  const std::string loose = index + ".loose";
  unsigned long count = 0;
  {
    Xapian::WritableDatabase database(loose, Xapian::DB_CREATE_OR_OVERWRITE | Xapian::DB_NO_SYNC);
    std::ifstream in(tokens);
    for (std::string line; std::getline(in, line); ++count) {
      Xapian::Document document;
      std::istringstream words(line);
      Xapian::termpos position = 0;
      for (std::string word; words >> word;) {
        if (word.size() > 240) continue;  // Xapian's terms end at 245 bytes.
        if (positions) {
          document.add_posting(word, ++position);
        } else {
          document.add_term(word);
        }
      }
      database.add_document(document);
    }
    database.commit();
  }
  Xapian::Database(loose).compact(index, Xapian::DBCOMPACT_NO_RENUMBER);
  std::filesystem::remove_all(loose);
  unsigned long bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(index)) {
    bytes += file.file_size();
  }
  std::printf(
      "{\"engine\": \"xapian\", \"version\": \"%s\", \"documents\": %lu, \"seconds\": %.3f, "
      "\"bytes\": %lu}\n",
      Xapian::version_string(), count, now_seconds() - begin, bytes);
}

Hits run(const Xapian::Database& database, const std::string& kind, unsigned k,
         const Terms& terms) {
  const auto operation = kind == "or"       ? Xapian::Query::OP_OR
                         : kind == "phrase" ? Xapian::Query::OP_PHRASE
                                            : Xapian::Query::OP_AND;
  Xapian::Enquire enquire(database);
  const Xapian::termcount window = kind == "phrase" ? terms.size() : 0;
  const Xapian::Query query(operation, terms.begin(), terms.end(), window);
  if (kind == "count") {
    enquire.set_query(query);
    enquire.set_weighting_scheme(Xapian::BoolWeight());
    const Xapian::MSet found = enquire.get_mset(0, 0, database.get_doccount());
    return {{found.get_matches_lower_bound(), 0}};
  }
  enquire.set_query(query);
  // k3 = 0: a query's terms are distinct; the least length of a normalised document is 0.
  enquire.set_weighting_scheme(Xapian::BM25Weight(1.2, 0, 0, 0.75, 0));
  Hits hits;
  const Xapian::MSet found = enquire.get_mset(0, k);
  for (auto hit = found.begin(); hit != found.end(); ++hit) {
    hits.emplace_back(*hit - 1, hit.get_weight());
  }
  return hits;
}

std::string measure(const Xapian::Database& database, const std::string& task,
                    const std::string& queries, const std::string& results) {
  const std::string kind = task.substr(0, task.find_first_of("0123456789"));
  const unsigned k = kind == task ? 0 : std::stoul(task.substr(kind.size()));
  const std::vector<Terms> lines = read_terms(queries + "." + kind);
  const double begin = now_seconds();
  do {
    for (const Terms& terms : lines) run(database, kind, k, terms);
  } while (now_seconds() - begin < kWarmUpSeconds);
  std::vector<double> us(lines.size(), 1e18);
  std::vector<Hits> found(lines.size());
  for (int pass = 0; pass < kPasses; ++pass) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const double started = now_seconds();
      found[i] = run(database, kind, k, lines[i]);
      us[i] = std::min(us[i], (now_seconds() - started) * 1e6);
    }
  }
  std::ofstream ids(results + "." + task);
  for (const Hits& hits : found) {
    for (const auto& [number, score] : hits) ids << number << ':' << score << ' ';
    ids << '\n';
  }
  std::sort(us.begin(), us.end());
  double sum = 0;
  for (const double one : us) sum += one;
  char text[200];
  std::snprintf(text, sizeof text,
                "\"%s\": {\"queries\": %zu, \"mean\": %.2f, \"p50\": %.2f, \"p99\": %.2f}",
                task.c_str(), us.size(), sum / static_cast<double>(us.size()), us[us.size() / 2],
                us[us.size() * 99 / 100]);
  return text;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 4 && arguments[0] == "build") {
    build(arguments[1], arguments[2], arguments[3] == "positions");
    return 0;
  }
  if (arguments.size() != 5 || arguments[0] != "search") {
    std::cerr << "usage: build INDEX TOKENS MODE | search INDEX QUERIES RESULTS TASKS\n";
    return 2;
  }
  const Xapian::Database database(arguments[1]);
  std::string out;
  std::istringstream names(arguments[4]);
  for (std::string name; std::getline(names, name, ',');) {
    if (name.find("filter") != std::string::npos) continue;
    out += (out.empty() ? "" : ", ") + measure(database, name, arguments[2], arguments[3]);
  }
  std::printf("{\"engine\": \"xapian\", \"tasks\": {%s}}\n", out.c_str());
  return 0;
} catch (const Xapian::Error& error) {
  std::cerr << error.get_description() << '\n';
  return 1;
}
