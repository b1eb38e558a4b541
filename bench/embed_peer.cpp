// saerok's side of bench/embed_peers: an embedder as a process that race.py talks to.
//
//   embed_peer MODEL.gguf WORKER RUNTIME THREADS QUESTION
//
// RUNTIME is a value of models.embed_with. Embeds QUESTION, says "ready NAME", then answers each
// line, its words parted by tabs: "embed TEXTS" (a file with a text a line) with "seconds S", "save
// TEXTS FILE" the same with the vectors written as f32, "count TEXTS" with "tokens N", "end" by
// ending.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "models/llama_models.h"
#include "saerok/settings_fields.h"

namespace saerok {
namespace {

constexpr std::size_t kTokensMax = 512;

std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == '\t') words.emplace_back();
    else words.back() += c;
  }
  return words;
}

std::vector<float> embed_all(const Embedder& embedder, const std::vector<std::string>& texts) {
  std::vector<float> rows;
  for (std::size_t begin = 0; begin < texts.size(); begin += kEmbedBatchMax) {
    const std::size_t end = std::min(texts.size(), begin + kEmbedBatchMax);
    const std::vector<std::string_view> batch(texts.begin() + static_cast<std::ptrdiff_t>(begin),
                                              texts.begin() + static_cast<std::ptrdiff_t>(end));
    const auto vectors = embedder.embed(batch, TextRole::passage, {});
    if (!vectors) {
      std::fprintf(stderr, "%s\n", vectors.error().message.c_str());
      std::exit(1);
    }
    rows.insert(rows.end(), vectors->begin(), vectors->end());
  }
  return rows;
}

int run(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: embed_peer MODEL WORKER RUNTIME THREADS QUESTION\n", stderr);
    return 2;
  }
  const auto* with =
      std::find(std::begin(kEmbedWithNames), std::end(kEmbedWithNames), std::string_view(argv[3]));
  if (with == std::end(kEmbedWithNames)) return 2;
  const auto made = make_llama_embedder(
      {.path = argv[1],
       .worker_program = argv[2],
       .threads = static_cast<std::uint32_t>(std::atoi(argv[4])),
       .embed_with = static_cast<EmbedWith>(with - std::begin(kEmbedWithNames))});
  if (!made) return std::fprintf(stderr, "%s\n", made.error().message.c_str()), 1;
  const Embedder& embedder = **made;
  embed_all(embedder, {argv[5]});
  std::cout << "ready " << argv[3] << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const std::vector<std::string> words = split(line);
    if (words.size() < 2) break;
    const std::vector<std::string> texts = read_lines(words[1]);
    if (words[0] == "count") {
      std::size_t tokens = 0;
      for (const std::string& text : texts) {
        tokens += std::min(embedder.count_tokens("passage: " + text, {}).value_or(0), kTokensMax);
      }
      std::cout << "tokens " << tokens << std::endl;
      continue;
    }
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<float> rows = embed_all(embedder, texts);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    if (words[0] == "save" && words.size() > 2) {
      std::ofstream(words[2], std::ios::binary)
          .write(reinterpret_cast<const char*>(rows.data()),
                 static_cast<std::streamsize>(rows.size() * sizeof(float)));
    }
    std::cout << "seconds " << seconds.count() << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace saerok

int main(int argc, char** argv) { return saerok::run(argc, argv); }
