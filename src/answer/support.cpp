#include "answer/support.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "answer/citations.h"
#include "answer/question_words.h"
#include "base/code_points.h"
#include "text/sentences.h"

namespace saerok {
namespace {

using namespace chars;

/// Shorter quotations are single words, which paraphrases put in quotation marks too.
constexpr std::size_t kQuotationBytesMin = 12;
constexpr std::size_t kSentencesComparedMax = kEmbedBatchMax - 1;

/// Of a logistic function; printed by bench/support_fit.cpp, errors in docs/quality.md.
struct Weights {
  double bias, words, lacks_a_number, similarity;
};
constexpr Weights kWordsOnly = {-1.70, 4.92, -3.43, 0};
constexpr Weights kWithMeaning = {-17.36, 3.96, -3.58, 17.74};

std::string source_text(const Hit& source) {
  std::string text = source.title;
  for (const std::string& heading : source.heading_path) text += "\n" + heading;
  return text + "\n" + source.text;
}

/// With single blanks, so that a line break does not spoil a quotation.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_blank = is_ascii_space(c);
    if (is_blank && (out.empty() || out.back() == ' ')) continue;
    out += is_blank ? ' ' : c;
  }
  return out;
}

/// What stands between quotation marks, long enough to be a quotation.
std::vector<std::string> quotations_of(std::string_view sentence) {
  constexpr std::pair<std::string_view, std::string_view> kMarks[] = {
      {"\"", "\""}, {"“", "”"}, {"「", "」"}};
  std::vector<std::string> quotations;
  for (const auto& [open, close] : kMarks) {
    std::size_t at = 0;
    while ((at = sentence.find(open, at)) != std::string_view::npos) {
      const std::size_t begin = at + open.size();
      const std::size_t end = sentence.find(close, begin);
      if (end == std::string_view::npos) break;
      if (end - begin >= kQuotationBytesMin) {
        quotations.push_back(squeezed(sentence.substr(begin, end - begin)));
      }
      at = end + close.size();
    }
  }
  return quotations;
}

bool holds_quotations(std::string_view sentence, const std::string& cited) {
  const std::string text = squeezed(cited);
  const auto quotations = quotations_of(sentence);
  return std::all_of(quotations.begin(), quotations.end(), [&](const std::string& quotation) {
    return text.find(quotation) != std::string::npos;
  });
}

/// Runs of digits without the zeros before them; commas between digits are left out ("1,200"), and
/// any other mark parts two runs, so that dates are the same however they are written.
std::vector<std::string> numbers_of(std::string_view text) {
  const auto is_digit = [&](std::size_t at) {
    return at < text.size() && text[at] >= '0' && text[at] <= '9';
  };
  std::vector<std::string> numbers;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(at)) {
      ++at;
      continue;
    }
    std::string number;
    while (is_digit(at)) {
      if (number == "0") number.clear();
      number += text[at++];
      if (at < text.size() && text[at] == ',' && is_digit(at + 1)) ++at;
    }
    numbers.push_back(std::move(number));
  }
  return numbers;
}

bool lacks_a_number(std::string_view sentence, std::string_view cited) {
  const auto there = numbers_of(cited);
  const auto said = numbers_of(sentence);
  return std::any_of(said.begin(), said.end(), [&](const std::string& number) {
    return std::find(there.begin(), there.end(), number) == there.end();
  });
}

/// The similarity of the sentence and the nearest sentence of the cited sources.
Result<float> nearest(std::string_view sentence, std::span<const Hit* const> cited,
                      const Embedder& embedder, const CallContext& call) {
  std::vector<std::string_view> texts = {sentence};
  for (const Hit* source : cited) {
    const std::string_view text = source->text;
    for (const ByteSpan span : split_sentences(text)) {
      if (texts.size() > kSentencesComparedMax) break;
      texts.push_back(text.substr(span.begin, span.size()));
    }
  }
  const std::size_t dimension = embedder.dimension();
  const std::vector<float> rows = TRY(embedder.embed(texts, TextRole::passage, call));
  if (rows.size() != texts.size() * dimension) {
    return Error{ErrorCode::unavailable, "the embedder returned vectors of another length"};
  }
  float best = 0;
  for (std::size_t row = 1; row < texts.size(); ++row) {
    float similarity = 0;
    for (std::size_t d = 0; d < dimension; ++d) similarity += rows[d] * rows[row * dimension + d];
    best = std::max(best, similarity);
  }
  return best;
}

/// The last sentence of a claim: what a marker behind it stands for.
ByteSpan cited_sentence(std::string_view answer, const CitedClaim& claim) {
  const auto sentences = split_sentences(answer.substr(claim.span.begin, claim.span.size()));
  if (sentences.empty()) return {claim.span.begin, claim.span.begin};
  return {claim.span.begin + sentences.back().begin, claim.span.begin + sentences.back().end};
}

}  // namespace

Result<SupportEvidence> weigh_support(std::string_view sentence, std::span<const Hit* const> cited,
                                      const SupportNeeds& needs, const CallContext& call) {
  std::string text;
  for (const Hit* source : cited) text += source_text(*source) + "\n";
  const QuestionWords words(sentence, needs.analyzer, needs.vocabulary, needs.chunk_count);
  SupportEvidence evidence;
  evidence.words = words.coverage(terms_of(needs.analyzer, text));
  evidence.lacks_a_number = lacks_a_number(sentence, text);
  evidence.lacks_a_quotation = !holds_quotations(sentence, text);
  if (needs.embedder != nullptr) {
    evidence.similarity = TRY(nearest(sentence, cited, *needs.embedder, call));
  }
  return evidence;
}

double support_of(const SupportEvidence& evidence) {
  if (evidence.lacks_a_quotation) return 0;
  const Weights& weights = evidence.similarity ? kWithMeaning : kWordsOnly;
  const double similarity = evidence.similarity ? static_cast<double>(*evidence.similarity) : 0;
  const double sum = weights.bias + weights.words * evidence.words +
                     weights.lacks_a_number * (evidence.lacks_a_number ? 1 : 0) +
                     weights.similarity * similarity;
  return 1 / (1 + std::exp(-sum));
}

Result<SupportReport> check_support(std::string_view answer, std::span<const Hit> sources,
                                    double support_min, const SupportNeeds& needs,
                                    const CallContext& call) {
  SupportReport report;
  SupportNeeds words_only = needs;
  words_only.embedder = nullptr;
  for (const CitedClaim& claim : cited_claims(answer, sources.size())) {
    const ByteSpan span = cited_sentence(answer, claim);
    if (span.size() == 0) continue;
    ++report.checked;
    const std::string_view sentence = answer.substr(span.begin, span.size());
    std::vector<const Hit*> cited;
    for (const std::uint32_t marker : claim.markers) cited.push_back(&sources[marker - 1]);
    double support = support_of(TRY(weigh_support(sentence, cited, words_only, call)));
    if (support > 0 && support < support_min && needs.embedder != nullptr) {
      support = support_of(TRY(weigh_support(sentence, cited, needs, call)));
    }
    if (support < support_min) report.unsupported.push_back({span, support});
  }
  return report;
}

}  // namespace saerok
