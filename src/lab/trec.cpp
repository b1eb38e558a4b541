#include "lab/trec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "base/code_points.h"
#include "base/json.h"
#include "base/plural.h"
#include "lab/dataset_columns.h"

namespace saerok::lab {
namespace {

bool is_white(char c) { return chars::is_ascii_space(c); }

std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  if (line.find('\t') != std::string_view::npos) {
    for (std::size_t from = 0;;) {
      const std::size_t tab = std::min(line.find('\t', from), line.size());
      columns.push_back(chars::trim(line.substr(from, tab - from)));
      if (tab == line.size()) return columns;
      from = tab + 1;
    }
  }
  for (std::size_t at = 0; at < line.size();) {
    if (is_white(line[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < line.size() && !is_white(line[at])) ++at;
    columns.push_back(line.substr(begin, at - begin));
  }
  return columns;
}

bool is_blank(std::string_view line) { return std::ranges::all_of(line, is_white); }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string print_score(double score) {
  std::array<char, 32> digits{};
  const auto printed = std::to_chars(digits.data(), digits.data() + digits.size(), score);
  return {digits.data(), printed.ptr};
}

struct RunLine {
  std::string_view topic;
  std::string_view document;
  double score = 0;
};

/// The error's message is the reason alone.
Result<RunLine> read_run_line(std::string_view line) {
  const auto columns = columns_of(line);
  if (columns.size() != 5 && columns.size() != 6) {
    return Error{ErrorCode::corrupt,
                 std::to_string(columns.size()) +
                     " columns; expected are topic, Q0, document, rank, score and a tag"};
  }
  std::string_view digits = columns[4];
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double score = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), score);
  const bool is_number = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
  if (!is_number || !std::isfinite(score)) {
    return Error{ErrorCode::corrupt,
                 "the score \"" + std::string(columns[4]) + "\" is not a finite number"};
  }
  return RunLine{.topic = columns[0], .document = columns[2], .score = score};
}

/// trec_eval keeps scores as 32-bit floats, and of equal ones puts the larger id first.
bool stands_before(const ScoredDocument& a, const ScoredDocument& b) {
  const auto a_score = static_cast<float>(a.score);
  const auto b_score = static_cast<float>(b.score);
  return a_score != b_score ? a_score > b_score : a.document > b.document;
}

/// Best first, each document once.
/// Returns how many lines repeated a document: its highest score stands.
std::size_t put_in_order(std::vector<ScoredDocument>& documents) {
  std::ranges::sort(documents, [](const ScoredDocument& a, const ScoredDocument& b) {
    return a.document != b.document ? a.document < b.document : a.score > b.score;
  });
  const auto again = std::ranges::unique(documents, {}, &ScoredDocument::document);
  const std::size_t repeated = again.size();
  documents.erase(again.begin(), again.end());
  std::ranges::sort(documents, stands_before);
  return repeated;
}

}  // namespace

Result<TrecJudgement> read_trec_judgement(std::string_view line) {
  const auto columns = columns_of(line);
  if (columns.size() != 4 && columns.size() != 6) {
    return Error{ErrorCode::corrupt, std::to_string(columns.size()) +
                                         " columns; expected are topic, iteration, document and "
                                         "grade, and begin and end of a span if it has one"};
  }
  const auto value = [&](std::size_t i) { return Json(std::string(columns[i])); };
  TrecJudgement judgement{.topic = std::string(columns[0]),
                          .document = std::string(columns[2]),
                          .grade = TRY(grade_from(value(3))),
                          .span = std::nullopt};
  if (columns.size() == 4) return judgement;
  const Json begin = value(4);
  const Json end = value(5);
  judgement.span = TRY(span_from(&begin, &end));
  return judgement;
}

std::string print_trec_judgement(const TrecJudgement& judgement) {
  std::string line = encode_trec_id(judgement.topic) + " 0 " + encode_trec_id(judgement.document) +
                     " " + std::to_string(judgement.grade);
  if (judgement.span) {
    line += " " + std::to_string(judgement.span->begin) + " " + std::to_string(judgement.span->end);
  }
  return line;
}

Result<std::vector<TrecRanking>> read_trec_run(std::string_view text, TrecIds ids,
                                               const BadLineSink& bad_line,
                                               const CallContext& call) {
  std::vector<TrecRanking> run;
  std::vector<std::uint64_t> first_lines;  // Of each topic.
  std::unordered_map<std::string, std::size_t> place_of;
  const auto id = [&](std::string_view column) {
    return ids == TrecIds::percent_encoded ? decode_trec_id(column) : std::string(column);
  };
  const auto add = [&](const Line& line) -> Status {
    if (is_blank(line.text)) return {};
    const auto read = read_run_line(line.text);
    if (!read) {
      bad_line(line.number, read.error().message);
      return {};
    }
    std::string topic = id(read->topic);
    const auto [place, is_new] = place_of.try_emplace(topic, run.size());
    if (is_new) {
      run.push_back({.topic = std::move(topic), .documents = {}});
      first_lines.push_back(line.number);
    }
    run[place->second].documents.push_back({.document = id(read->document), .score = read->score});
    return {};
  };
  TRY(for_each_line(text, add, call));
  for (std::size_t i = 0; i < run.size(); ++i) {
    const std::size_t repeated = put_in_order(run[i].documents);
    if (repeated == 0) continue;
    bad_line(first_lines[i], counted(repeated, "line") + (repeated == 1 ? " repeats" : " repeat") +
                                 " a document of the topic \"" + run[i].topic +
                                 "\" with a score that is no higher");
  }
  return run;
}

std::string print_trec_run(const std::vector<TrecRanking>& run, std::string_view tag) {
  std::string text;
  for (const TrecRanking& ranking : run) {
    const std::string topic = encode_trec_id(ranking.topic);
    std::size_t rank = 0;
    for (const ScoredDocument& entry : ranking.documents) {
      text += topic + " Q0 " + encode_trec_id(entry.document) + " " + std::to_string(++rank) + " " +
              print_score(entry.score) + " " + encode_trec_id(tag) + "\n";
    }
  }
  return text;
}

std::string encode_trec_id(std::string_view id) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && c != '%') {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 0xF]};
    }
  }
  return encoded;
}

std::string decode_trec_id(std::string_view id) {
  std::string decoded;
  for (std::size_t at = 0; at < id.size(); ++at) {
    const int high = id[at] == '%' && at + 2 < id.size() ? hex_value(id[at + 1]) : -1;
    const int low = high >= 0 ? hex_value(id[at + 2]) : -1;
    if (low < 0) {
      decoded += id[at];
      continue;
    }
    decoded += static_cast<char>(static_cast<unsigned char>(high * 16 + low));
    at += 2;
  }
  return decoded;
}

}  // namespace saerok::lab
