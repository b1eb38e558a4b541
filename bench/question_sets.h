/// Collections in BEIR's layout, for the measuring tools: CORPUS and QUERIES are JSONL, also as
/// .zst; QRELS is BEIR's TSV. Whatever cannot be read ends the program.
#pragma once

#include <zstd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/unicode.h"

namespace saerok {

[[noreturn]] inline void fail(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(2);
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("cannot read " + path);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!path.ends_with(".zst")) return bytes;
  std::string out;
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_inBuffer source{bytes.data(), bytes.size(), 0};
  std::vector<char> block(ZSTD_DStreamOutSize());
  while (source.pos < source.size) {
    ZSTD_outBuffer target{block.data(), block.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(context, &target, &source))) fail(path + " is damaged");
    out.append(block.data(), target.pos);
  }
  ZSTD_freeDCtx(context);
  return out;
}

/// A document or a question.
struct Item {
  std::string id, text;
};

inline std::vector<Item> read_items(const std::string& path, bool with_title) {
  std::vector<Item> items;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json record = nlohmann::json::parse(line);
    const std::string title = with_title ? record.value("title", std::string()) : std::string();
    const std::string text = record.at("text").get<std::string>();
    items.push_back(
        {record.at("_id").get<std::string>(), title.empty() ? text : title + "\n" + text});
  }
  return items;
}

/// Gain of each judged document, by question.
using Judgements = std::unordered_map<std::string, std::unordered_map<std::string, double>>;

inline Judgements read_judgements(const std::string& path) {
  Judgements judgements;
  std::istringstream lines(read_file(path));
  std::string line;
  std::getline(lines, line);  // The heading.
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string query, document;
    double gain = 0;
    if (!(fields >> query >> document >> gain)) fail("not a line of judgements: " + line);
    if (gain > 0) judgements[query][document] = gain;
  }
  return judgements;
}

/// One letter of a syllable mistaken for another in a fifth of the words that have one.
inline std::string with_typos(const std::string& query, std::mt19937& random) {
  std::string out;
  std::istringstream words(query);
  for (std::string word; words >> word;) {
    std::vector<std::size_t> syllables;
    for (std::size_t at = 0; at < word.size(); at += decode_utf8(word, at).size) {
      if (is_hangul_syllable(decode_utf8(word, at).code_point)) syllables.push_back(at);
    }
    if (!syllables.empty() && random() % 5 == 0) {
      const std::size_t at = syllables[random() % syllables.size()];
      Jamo jamo = decompose_syllable(decode_utf8(word, at).code_point);
      const auto below = [&](std::uint32_t bound) {
        return static_cast<std::uint32_t>(random()) % bound;
      };
      const std::uint32_t letter = below(jamo.final > 0 ? 3 : 2);
      if (letter == 0) jamo.initial = (jamo.initial + 1 + below(18)) % 19;
      if (letter == 1) jamo.vowel = (jamo.vowel + 1 + below(20)) % 21;
      if (letter == 2) jamo.final = below(28);
      std::string syllable;
      append_utf8(syllable, compose_syllable(jamo));
      word.replace(at, 3, syllable);
    }
    out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

}  // namespace saerok
