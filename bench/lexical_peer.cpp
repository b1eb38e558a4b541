/// saerok's side of lexical_peers: one segment, one field, tokens cut beforehand.
///
///   lexical_peer build INDEX TOKENS plain|positions
///   lexical_peer search INDEX QUERIES RESULTS TASKS
///
/// Every engine's harness takes these arguments and prints one line of JSON. `build` reads one
/// document a line, terms separated by spaces. `search` reads QUERIES.or, .and, .phrase and .count
/// and, for each of TASKS (or10,or100,and10,…), runs every query until kWarmUpSeconds have passed,
/// then kPasses times, and reports each query's fastest; RESULTS.TASK gets "id:score …" a line.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "index/memory_file.h"
#include "index/segment.h"
#include "index/segment_sections.h"
#include "search/condition.h"
#include "search/lexical.h"
#include "search/required_terms.h"

namespace saerok {
namespace {

constexpr int kPasses = 5;
constexpr double kWarmUpSeconds = 3;

using Queries = std::vector<std::vector<std::string>>;
/// One query: the best chunks, or, for a count, one Candidate whose ChunkId is the count.
using Task = std::function<RankedList(const std::vector<std::string>& terms)>;

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "lexical_peer: %s\n", message.c_str());
  std::exit(1);
}

double now_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

void split(std::string_view line, std::vector<FieldTerm>& terms) {
  terms.clear();
  for (std::size_t begin = 0; begin < line.size();) {
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    const auto position = static_cast<std::uint32_t>(terms.size());
    if (end > begin) {
      terms.push_back({IndexField::body_stem, line.substr(begin, end - begin), position});
    }
    begin = end + 1;
  }
}

/// saerok's stems always have positions; without them the file would be smaller by their section.
std::size_t bytes_of_positions(std::span<const std::byte> bytes) {
  const auto file = SegmentFileReader::open(bytes, kLexicalMagic);
  if (!file) fail(file.error().message);
  const auto field = static_cast<std::size_t>(IndexField::body_stem);
  const auto section = file->section(section_of(FieldSection::positions, field));
  return section ? section->size() : 0;
}

int build(const std::string& index, const std::string& tokens, bool with_positions) {
  std::ifstream in(tokens);
  if (!in) fail("cannot read " + tokens);
  std::filesystem::create_directories(index);
  const double begin = now_seconds();
  SegmentBuilder builder;
  std::vector<FieldTerm> terms;
  std::uint32_t chunk = 0;
  for (std::string line; std::getline(in, line); ++chunk) {
    split(line, terms);
    builder.add({static_cast<ChunkId>(chunk), static_cast<DocumentId>(chunk), terms, {}});
  }
  const std::vector<std::byte> bytes = builder.finish("lexical_peer");
  std::ofstream out(index + "/segment", std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) fail("cannot write " + index);
  std::printf(
      "{\"engine\": \"saerok\", \"version\": \"this tree\", \"documents\": %u, "
      "\"seconds\": %.3f, \"bytes\": %zu}\n",
      chunk, now_seconds() - begin,
      bytes.size() - (with_positions ? 0 : bytes_of_positions(bytes)));
  return 0;
}

Queries read_queries(const std::string& path) {
  std::ifstream in(path);
  if (!in) fail("cannot read " + path);
  Queries queries;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    queries.emplace_back(std::istream_iterator<std::string>(words),
                         std::istream_iterator<std::string>());
  }
  return queries;
}

LexicalQuery query_of(const std::vector<std::string>& terms) {
  LexicalQuery query;  // Its settings' defaults are the k1 and b of the comparison.
  for (const std::string& term : terms) query.terms.push_back({IndexField::body_stem, term, 1});
  return query;
}

/// Passes `percent` of the chunks, spread evenly and without a pattern (Fibonacci hashing).
ChunkBits passing(std::uint32_t chunk_count, std::uint32_t percent) {
  ChunkBits bits((chunk_count + 63) / 64);
  for (std::uint32_t chunk = 0; chunk < chunk_count; ++chunk) {
    const std::uint32_t hash = chunk * 2'654'435'769U;
    if ((std::uint64_t{hash} * 100) >> 32 < percent) bits[chunk / 64] |= 1ULL << (chunk % 64);
  }
  return bits;
}

Task or_task(const LexicalSegmentView& view, std::uint32_t k) {
  const std::vector<LexicalSegmentView> views{view};
  return [views, k, statistics = collect_statistics(views)](const std::vector<std::string>& terms) {
    auto found = search_lexical(query_of(terms), views, statistics, k, {});
    if (!found) fail(found.error().message);
    return std::move(found).value();
  };
}

Condition phrase_of(const std::vector<std::string>& terms) {
  Condition condition;
  condition.op = ConditionOp::phrase;
  for (std::uint32_t i = 0; i < terms.size(); ++i) condition.phrase.push_back({terms[i], i});
  return condition;
}

Condition in_a_row(const std::vector<std::string>& terms) { return phrase_of(terms); }

Condition every_term(const std::vector<std::string>& terms) {
  std::vector<Condition> each;
  for (const std::string& term : terms) each.push_back(phrase_of({term}));
  return condition_of(ConditionOp::conjunction, std::move(each));
}

ChunkBits meeting(const Condition& condition, const Segment& segment) {
  auto bits = evaluate(condition, segment, {});
  if (!bits) fail(bits.error().message);
  return std::move(bits).value();
}

/// Nothing for what saerok cannot do.
Task task_of(const std::string& name, const std::shared_ptr<const Segment>& segment) {
  const std::uint32_t chunks = segment->chunk_count();
  if (name == "or10") return or_task({segment, {}, {}}, 10);
  if (name == "or100") return or_task({segment, {}, {}}, 100);
  if (name == "or10_filter50") return or_task({segment, {}, passing(chunks, 50)}, 10);
  if (name == "or10_filter1") return or_task({segment, {}, passing(chunks, 1)}, 10);
  // As the product searches a query with operators: what it requires is found and ranked in one
  // walk.
  if (name == "and10" || name == "phrase10") {
    const auto condition = name == "and10" ? &every_term : &in_a_row;
    return [segment, condition](const std::vector<std::string>& terms) {
      std::vector<LexicalSegmentView> views{{segment, {}, {}}};
      LexicalQuery query = query_of(terms);
      const Condition rest = take_groups(condition(terms), views, query);
      if (rest.op != ConditionOp::all) views.front().passes = meeting(rest, *segment);
      auto found = search_lexical(query, views, collect_statistics(views), 10, {});
      if (!found) fail(found.error().message);
      return std::move(found).value();
    };
  }
  if (name == "count") {
    return [segment](const std::vector<std::string>& terms) {
      const auto count = count_meeting(every_term(terms), *segment, {}, {});
      if (!count) fail(count.error().message);
      return RankedList{{static_cast<ChunkId>(count.value()), 0, {}}};
    };
  }
  return nullptr;
}

/// Fills `results` and returns each query's fastest time in microseconds.
std::vector<double> measure(const Task& task, const Queries& queries,
                            std::vector<RankedList>& results) {
  const double begin = now_seconds();
  do {
    for (const auto& query : queries) task(query);
  } while (now_seconds() - begin < kWarmUpSeconds);
  std::vector<double> fastest(queries.size(), 1e18);
  results.resize(queries.size());
  for (int pass = 0; pass < kPasses; ++pass) {
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const double started = now_seconds();
      results[i] = task(queries[i]);
      fastest[i] = std::min(fastest[i], (now_seconds() - started) * 1e6);
    }
  }
  return fastest;
}

std::string summary(std::vector<double> us) {
  std::sort(us.begin(), us.end());
  double sum = 0;
  for (const double one : us) sum += one;
  char text[200];
  std::snprintf(text, sizeof text,
                "{\"queries\": %zu, \"mean\": %.2f, \"p50\": %.2f, \"p99\": %.2f}", us.size(),
                sum / static_cast<double>(us.size()), us[us.size() / 2], us[us.size() * 99 / 100]);
  return text;
}

int search(const std::string& index, const std::string& prefix, const std::string& results_prefix,
           const std::string& tasks) {
  std::ifstream in(index + "/segment", std::ios::binary);
  std::vector<char> read((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::vector<std::byte> bytes(read.size());
  std::transform(read.begin(), read.end(), bytes.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  const auto opened = Segment::open(MemoryFile::of(std::move(bytes)), Segment::Verify::structure);
  if (!opened) fail(opened.error().message);
  std::string out;
  std::istringstream names(tasks);
  for (std::string name; std::getline(names, name, ',');) {
    const Task task = task_of(name, opened.value());
    if (!task) continue;
    std::vector<RankedList> results;
    const std::string kind = name.substr(0, name.find_first_of("0123456789"));
    const std::vector<double> us = measure(task, read_queries(prefix + "." + kind), results);
    std::ofstream ids(results_prefix + "." + name);
    for (const RankedList& list : results) {
      for (const Candidate& hit : list) {
        ids << static_cast<std::uint64_t>(hit.chunk) << ':' << hit.score << ' ';
      }
      ids << '\n';
    }
    out += (out.empty() ? "" : ", ") + ("\"" + name + "\": ") + summary(us);
  }
  std::printf("{\"engine\": \"saerok\", \"tasks\": {%s}}\n", out.c_str());
  return 0;
}

}  // namespace
}  // namespace saerok

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 4 && arguments[0] == "build") {
    return saerok::build(arguments[1], arguments[2], arguments[3] == "positions");
  }
  if (arguments.size() == 5 && arguments[0] == "search") {
    return saerok::search(arguments[1], arguments[2], arguments[3], arguments[4]);
  }
  saerok::fail("usage: lexical_peer build INDEX TOKENS MODE | search INDEX QUERIES RESULTS TASKS");
}
