#include "answer/support.h"

#include <algorithm>
#include <string>

#include "answer/citations.h"
#include "answer/question_words.h"
#include "base/code_points.h"
#include "text/sentences.h"

namespace saerok {
namespace {

using namespace chars;

/// Least similarity of an answer's sentence and the nearest sentence of a source at which they mean
/// the same, with multilingual-e5-small.
constexpr float kSimilarityMin = 0.88f;
/// Shorter quotations are single words, which paraphrases put in quotation marks too.
constexpr std::size_t kQuotationBytesMin = 12;
constexpr std::size_t kSentencesComparedMax = kEmbedBatchMax - 1;

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

/// The similarity of the sentence and the nearest sentence of the cited sources.
Result<float> nearest(std::string_view sentence, std::span<const Hit> sources,
                      const CitedClaim& claim, const Embedder& embedder, const CallContext& call) {
  std::vector<std::string_view> texts = {sentence};
  for (const std::uint32_t marker : claim.markers) {
    const std::string_view text = sources[marker - 1].text;
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

Result<SupportReport> check_support(std::string_view answer, std::span<const Hit> sources,
                                    double support_min, const SupportNeeds& needs,
                                    const CallContext& call) {
  SupportReport report;
  for (const CitedClaim& claim : cited_claims(answer, sources.size())) {
    const ByteSpan span = cited_sentence(answer, claim);
    if (span.size() == 0) continue;
    ++report.checked;
    const std::string_view sentence = answer.substr(span.begin, span.size());
    std::string cited;
    for (const std::uint32_t marker : claim.markers) cited += source_text(sources[marker - 1]) + "\n";
    const QuestionWords words(sentence, needs.analyzer, needs.backend.vocabulary(),
                              needs.backend.chunk_count());
    double support = words.coverage(terms_of(needs.analyzer, cited));
    if (support < support_min && needs.embedder != nullptr) {
      const float similarity = TRY(nearest(sentence, sources, claim, *needs.embedder, call));
      if (similarity >= kSimilarityMin) support = support_min;
    }
    if (!holds_quotations(sentence, cited)) support = 0;
    if (support < support_min) report.unsupported.push_back({span, support});
  }
  return report;
}

}  // namespace saerok
