// Latency of searches in one process, through the public API:
//
//   search_bench STORE QUERIES.jsonl lexical|vector|hybrid [ROUNDS]
//
// Queries are lines of {"text", "vector"}; vectors take the place of an embedder, which would be
// measured instead. Prints mean, p50 and p99 of the second and later rounds.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "saerok/engine.h"

namespace {

using namespace saerok;

std::vector<SearchRequest> read_queries(const char* file, SearchMode mode) {
  std::vector<SearchRequest> requests;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    const auto json = parse_json(line, file);
    if (!json) continue;
    SearchRequest request;
    request.query = json->at("text").get<std::string>();
    request.mode = mode;
    if (mode != SearchMode::lexical)
      request.query_vector = json->at("vector").get<std::vector<float>>();
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr,
                 "usage: search_bench STORE QUERIES.jsonl lexical|vector|hybrid [ROUNDS]\n");
    return 2;
  }
  const std::string name = argv[3];
  const SearchMode mode = name == "lexical"  ? SearchMode::lexical
                          : name == "vector" ? SearchMode::vector
                                             : SearchMode::hybrid;
  const int rounds = argc > 4 ? std::atoi(argv[4]) : 3;
  EngineOptions options;
  options.store = argv[1];
  const auto engine = Engine::open(std::move(options));
  if (!engine) {
    std::fprintf(stderr, "%s\n", engine.error().message.c_str());
    return 1;
  }
  const auto requests = read_queries(argv[2], mode);
  std::vector<double> times;
  std::size_t hits = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const SearchRequest& request : requests) {
      const auto began = std::chrono::steady_clock::now();
      const auto response = engine->search(request, {});
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - began;
      if (!response) {
        std::fprintf(stderr, "%s\n", response.error().message.c_str());
        return 1;
      }
      hits += response->hits.size();
      if (round > 0) times.push_back(took.count());
    }
  }
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (const double time : times) sum += time;
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  std::printf("%s: %zu searches, mean %.2f ms, p50 %.2f ms, p99 %.2f ms, %zu hits\n", name.c_str(),
              times.size(), sum / static_cast<double>(times.size()), at(0.5), at(0.99), hits);
  return 0;
}
