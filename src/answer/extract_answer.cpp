#include "answer/extract_answer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "answer/question_words.h"
#include "search/snippet.h"
#include "text/sentences.h"

namespace saerok {
namespace {

/// Least part of the question's weight that one source has to say. Measured over the best 6 BM25
/// hits, a collection's own questions / questions of two other collections in its language that are
/// taken as answerable: KorQuAD .98 / .06, science .98 / .06, SciFact .86 / .01, sample vault .74 /
/// .25 (18 of its 96 questions are in the other language than their note, which words cannot see).
/// At .35: .99 / .27, 1.0 / .17, .97 / .03, .89 / .50. At .55: .94 / .03, .94 / .01, .67 / 0,
/// .56 / .11.
constexpr double kCoverageMin = 0.45;
/// What the title and headings say counts so much for each sentence below them.
constexpr double kTitleWorth = 0.4;
/// A sentence loses so much for each source above its own.
constexpr double kRankDecay = 0.12;
/// The passage that vectors chose is likelier to hold the answer than its surroundings.
constexpr double kPassageWorth = 1.15;
/// A question among the notes seldom is an answer.
constexpr double kQuestionWorth = 0.5;
/// A sentence that adds fewer words than this to the question's own says little.
constexpr double kNewWordsFull = 4;
/// Words of the question that a chosen sentence already says count so much in the next.
constexpr double kSaidBeforeWorth = 0.5;
/// Sentences that share this part of their words are the same to a reader.
constexpr double kDuplicateShare = 0.7;
/// Sentences below this part of the best one's worth are left out.
constexpr double kWorthShareMin = 0.42;
/// The same for sentences of another source than the best one's. With .42,
/// 7 of 39 of them were of a labelled note on the sample vault (docs/quality.md).
constexpr double kOtherSourceWorthShareMin = 0.6;
/// Longer sentences (tables, code, lists without stops) are cut as snippets are.
constexpr std::size_t kSentenceCharactersMax = 320;
/// Most sentences of one source that are looked at.
constexpr std::size_t kSentencesReadMax = 512;

/// An answer by meaning alone needs a sentence this near to the question, and so much nearer than
/// any of another source. With multilingual-e5-small, of the sample vault's questions that words do
/// not answer 12 are answered from a right note and 3 from a wrong one, and none of the 10 that it
/// does not answer; without the lead .02 every second answer would be wrong.
constexpr float kMeaningMin = 0.845f;
constexpr float kMeaningLead = 0.02f;
/// Sentences of the same source that are hardly farther are part of the answer.
constexpr float kMeaningSpread = 0.01f;
/// Most sentences of one source that are embedded for it.
constexpr std::size_t kSentencesEmbeddedMax = 16;

struct Sentence {
  std::uint32_t source = 0;
  ByteSpan span;
  TextTerms terms;
  double factor = 1;            ///< All that does not depend on which sentences were chosen before.
  std::vector<double> matches;  ///< By word of the question; titles included.
  bool is_chosen = false;
};

std::string heading_text(const Hit& hit) {
  std::string text = hit.title;
  for (const std::string& heading : hit.heading_path) text += "\n" + heading;
  return text;
}

std::string_view part_of(const Hit& hit, ByteSpan span) {
  return std::string_view(hit.text).substr(span.begin, span.size());
}

/// Words of the sentence beyond the question's.
double news_factor(const QuestionWords& question, const TextTerms& terms) {
  const auto added = std::count_if(terms.stems.begin(), terms.stems.end(),
                                   [&](const auto& stem) { return !question.has_stem(stem); });
  return std::min(1.0, (1 + static_cast<double>(added)) / kNewWordsFull);
}

double factor_of(const QuestionWords& question, const Hit& hit, const Sentence& sentence) {
  double factor = 1 / (1 + kRankDecay * sentence.source) * news_factor(question, sentence.terms);
  const std::string_view text = part_of(hit, sentence.span);
  if (text.ends_with('?') || text.ends_with("？")) factor *= kQuestionWorth;
  const bool has_passage = hit.passage.size() < hit.text.size();
  if (has_passage && sentence.span.begin < hit.passage.end &&
      sentence.span.end > hit.passage.begin) {
    factor *= kPassageWorth;
  }
  return factor;
}

/// Sentences of a source that say any word of the question themselves.
void add_sentences(const QuestionWords& question, const Hit& hit, std::uint32_t source,
                   const Analyzer& analyzer, std::vector<Sentence>& sentences) {
  const TextTerms headings = terms_of(analyzer, heading_text(hit));
  std::vector<ByteSpan> spans = split_sentences(hit.text);
  if (spans.size() > kSentencesReadMax) spans.resize(kSentencesReadMax);
  for (const ByteSpan span : spans) {
    Sentence sentence;
    sentence.source = source;
    sentence.span = span;
    sentence.terms = terms_of(analyzer, part_of(hit, span));
    double own = 0;
    for (std::size_t word = 0; word < question.size(); ++word) {
      const double said = question.match(word, sentence.terms);
      own += said;
      sentence.matches.push_back(std::max(said, kTitleWorth * question.match(word, headings)));
    }
    if (own <= 0) continue;
    sentence.factor = factor_of(question, hit, sentence);
    sentences.push_back(std::move(sentence));
  }
}

double shared_words(const TextTerms& a, const TextTerms& b) {
  const auto both = std::count_if(a.stems.begin(), a.stems.end(),
                                  [&](const auto& stem) { return b.stems.contains(stem); });
  const std::size_t smaller = std::min(a.stems.size(), b.stems.size());
  return smaller == 0 ? 1 : static_cast<double>(both) / static_cast<double>(smaller);
}

/// The worth of a sentence beside those that were chosen before.
double worth_of(const QuestionWords& question, const Sentence& sentence,
                const std::vector<double>& unsaid) {
  double worth = 0;
  for (std::size_t word = 0; word < question.size(); ++word) {
    worth += question.weight(word) * sentence.matches[word] * unsaid[word];
  }
  return worth * sentence.factor;
}

/// Greedy: the best sentence, then the best of what the chosen ones do not say yet.
void choose(const QuestionWords& question, std::size_t count, std::vector<Sentence>& sentences) {
  std::vector<double> unsaid(question.size(), 1.0);
  const Sentence* first = nullptr;
  double first_worth = 0;
  for (; count > 0; --count) {
    Sentence* best = nullptr;
    double best_here = 0;
    for (Sentence& sentence : sentences) {
      if (sentence.is_chosen || sentence.factor <= 0) continue;
      const double worth = worth_of(question, sentence, unsaid);
      const bool is_elsewhere = first != nullptr && sentence.source != first->source;
      const double share_min = is_elsewhere ? kOtherSourceWorthShareMin : kWorthShareMin;
      if (worth > best_here && worth >= share_min * first_worth) {
        best_here = worth;
        best = &sentence;
      }
    }
    if (best == nullptr) return;
    if (first == nullptr) {
      first = best;
      first_worth = best_here;
    }
    best->is_chosen = true;
    for (std::size_t word = 0; word < question.size(); ++word) {
      if (best->matches[word] >= kTitleWorth) unsaid[word] = kSaidBeforeWorth;
    }
    for (Sentence& other : sentences) {
      const bool is_duplicate =
          !other.is_chosen && shared_words(best->terms, other.terms) >= kDuplicateShare;
      if (is_duplicate) other.factor = 0;
    }
  }
}

/// The sentence's text on one line; one that is too long loses its ends, and `span` with it.
std::string quote(const Hit& hit, const TermList& question_terms, const Analyzer& analyzer,
                  ByteSpan& span) {
  const std::string_view sentence = part_of(hit, span);
  Snippet snippet = make_snippet(sentence, {}, find_matches(analyzer, question_terms, sentence),
                                 kSentenceCharactersMax);
  span = {span.begin + snippet.span.begin, span.begin + snippet.span.end};
  return std::move(snippet.text);
}

/// Similarities of the question and each text.
Result<std::vector<float>> compare(std::string_view question,
                                   std::span<const std::string_view> texts,
                                   const Embedder& embedder, const CallContext& call) {
  const std::string_view asked[] = {question};
  const std::vector<float> query = TRY(embedder.embed(asked, TextRole::query, call));
  const std::size_t dimension = embedder.dimension();
  std::vector<float> similarities;
  for (std::size_t first = 0; first < texts.size(); first += kEmbedBatchMax) {
    const auto batch = texts.subspan(first, std::min(kEmbedBatchMax, texts.size() - first));
    const std::vector<float> rows = TRY(embedder.embed(batch, TextRole::passage, call));
    if (query.size() != dimension || rows.size() != batch.size() * dimension) {
      return Error{ErrorCode::unavailable, "the embedder returned vectors of another length"};
    }
    for (std::size_t row = 0; row < batch.size(); ++row) {
      float similarity = 0;
      for (std::size_t d = 0; d < dimension; ++d)
        similarity += query[d] * rows[row * dimension + d];
      similarities.push_back(similarity);
    }
  }
  return similarities;
}

/// Numbers in brackets would read as our own markers, and point at sources that they never meant.
std::string without_markers(std::string text) {
  for (std::size_t open = text.find('['); open != std::string::npos;
       open = text.find('[', open + 1)) {
    std::size_t close = open + 1;
    while (close < text.size() && (text[close] == ',' || text[close] == ' ' ||
                                   (text[close] >= '0' && text[close] <= '9'))) {
      ++close;
    }
    if (close == open + 1 || close >= text.size() || text[close] != ']') continue;
    text[open] = '(';
    text[close] = ')';
  }
  return text;
}

/// The sentences, in order, as one text with markers.
ExtractedAnswer make_answer(std::string_view question, std::span<const Hit> hits,
                            std::span<const ExtractedSentence> chosen, const Analyzer& analyzer) {
  TermList question_terms;
  analyzer.analyze(question, question_terms);
  ExtractedAnswer answer;
  for (ExtractedSentence sentence : chosen) {
    const std::string text =
        without_markers(quote(hits[sentence.source], question_terms, analyzer, sentence.span));
    if (!answer.sentences.empty()) {
      answer.text += answer.sentences.back().source == sentence.source ? ' ' : '\n';
    }
    answer.text += text + " [" + std::to_string(sentence.source + 1) + "]";
    answer.sentences.push_back(sentence);
  }
  answer.found = !answer.sentences.empty();
  return answer;
}

}  // namespace

ExtractedAnswer extract_answer(std::string_view question, std::span<const Hit> hits,
                               const ExtractNeeds& needs) {
  const Analyzer& analyzer = needs.analyzer;
  const QuestionWords words(question, analyzer, needs.vocabulary, needs.chunk_count);
  double coverage = 0;
  std::vector<Sentence> sentences;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const std::string whole = heading_text(hits[i]) + "\n" + hits[i].text;
    coverage = std::max(coverage, words.coverage(terms_of(analyzer, whole)));
    add_sentences(words, hits[i], static_cast<std::uint32_t>(i), analyzer, sentences);
  }
  if (coverage < kCoverageMin) return {};
  choose(words, needs.sentences_max, sentences);
  std::vector<ExtractedSentence> chosen;
  for (const Sentence& sentence : sentences) {  // Already in the order of the sources.
    if (sentence.is_chosen) chosen.push_back({sentence.source, sentence.span});
  }
  return make_answer(question, hits, chosen, analyzer);
}

Result<ExtractedAnswer> extract_by_meaning(std::string_view question, std::span<const Hit> hits,
                                           const ExtractNeeds& needs, const Embedder& embedder,
                                           const CallContext& call) {
  // A sentence of one note against those of the others, batch by batch.
  std::vector<ExtractedSentence> sentences;
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    std::size_t of_hit = 0;
    for (const ByteSpan span : split_sentences(hits[i].text)) {
      const bool is_near = span.begin < hits[i].passage.end && span.end > hits[i].passage.begin;
      if (!is_near || ++of_hit > kSentencesEmbeddedMax) continue;
      sentences.push_back({static_cast<std::uint32_t>(i), span});
      texts.push_back(part_of(hits[i], span));
    }
  }
  if (texts.empty()) return ExtractedAnswer{};
  const std::vector<float> similarities = TRY(compare(question, texts, embedder, call));
  const auto best = static_cast<std::size_t>(
      std::max_element(similarities.begin(), similarities.end()) - similarities.begin());
  float other = 0;  // The nearest of another source.
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (sentences[i].source != sentences[best].source) other = std::max(other, similarities[i]);
  }
  if (similarities[best] < kMeaningMin || similarities[best] - other < kMeaningLead) {
    return ExtractedAnswer{};
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const bool is_near_the_best = similarities[best] - similarities[i] <= kMeaningSpread;
    if (sentences[i].source == sentences[best].source && is_near_the_best) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return similarities[a] > similarities[b]; });
  if (order.size() > needs.sentences_max) order.resize(needs.sentences_max);
  std::sort(order.begin(), order.end());
  std::vector<ExtractedSentence> chosen;
  for (const std::size_t i : order) chosen.push_back(sentences[i]);
  return make_answer(question, hits, chosen, needs.analyzer);
}

}  // namespace saerok
