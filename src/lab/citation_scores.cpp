#include "lab/citation_scores.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/code_points.h"
#include "base/unicode.h"
#include "lab/dataset_corpus.h"
#include "lab/text_metrics.h"

namespace saerok::lab {
namespace {

constexpr std::uint32_t kResamplingRounds = 2'000;

/// Counts of one question after the other.
class ShareCounter {
 public:
  void add(std::uint64_t count, std::uint64_t of) {
    if (of == 0) return;
    share_.count += count;
    share_.of += of;
    values_.push_back(static_cast<double>(count) / static_cast<double>(of));
  }

  Share finish(std::uint64_t seed) {
    share_.topics = values_.size();
    if (values_.empty()) return share_;
    for (const double value : values_) share_.mean += value;
    share_.mean /= static_cast<double>(values_.size());
    share_.interval =
        bootstrap_mean(values_, {.seed = seed, .rounds = kResamplingRounds, .confidence = 0.95});
    return share_;
  }

 private:
  Share share_;
  std::vector<double> values_;
};

/// Composed, as the index has texts, with no blanks.
std::string without_blanks(std::string_view text) {
  std::string kept = to_nfc(text);
  std::erase_if(kept, [](char c) { return chars::is_ascii_space(c); });
  return kept;
}

/// Whether all of `part` occurs in `whole` in its order.
bool is_in_order(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  std::size_t found = 0;
  for (const std::string& token : whole) {
    if (found < part.size() && token == part[found]) ++found;
  }
  return found == part.size();
}

/// What the citation points at; empty if there is no such place.
std::string_view stretch_of(const OutcomeCitation& citation,
                            const std::map<std::string, std::string>& texts) {
  const auto text = texts.find(citation.document);
  if (text == texts.end() || citation.bytes.end > text->second.size()) return {};
  return std::string_view(text->second).substr(citation.bytes.begin, citation.bytes.size());
}

bool is_relevant(const OutcomeCitation& citation, const std::vector<Label>& labels) {
  return std::ranges::any_of(labels, [&](const Label& label) {
    if (label.document != citation.document) return false;
    return !label.span ||
           (label.span->begin < citation.bytes.end && citation.bytes.begin < label.span->end);
  });
}

bool holds(std::string_view answer, std::string_view reference) {
  const auto said = tokens_of(answer, Tokenisation::syllable);
  const auto wanted = tokens_of(reference, Tokenisation::syllable);
  return !std::ranges::search(said, wanted).empty();
}

struct Counters {
  ShareCounter verbatim, verbatim_letters, relevant, any_relevant, answers_holding;
};

void count_citations(const Outcome& outcome, const std::map<std::string, std::string>& texts,
                     Counters& counters) {
  std::uint64_t verbatim = 0, letters = 0;
  for (const OutcomeCitation& citation : outcome.citations) {
    const std::string_view stretch = stretch_of(citation, texts);
    const std::string quote = without_blanks(citation.quote);
    const bool is_verbatim =
        !quote.empty() && without_blanks(stretch).find(quote) != std::string::npos;
    if (is_verbatim) ++verbatim;
    const auto tokens = tokens_of(citation.quote, Tokenisation::syllable);
    const bool has_letters =
        !tokens.empty() && is_in_order(tokens, tokens_of(stretch, Tokenisation::syllable));
    if (is_verbatim || has_letters) ++letters;
  }
  counters.verbatim.add(verbatim, outcome.citations.size());
  counters.verbatim_letters.add(letters, outcome.citations.size());
}

}  // namespace

Result<CitationScores> score_citations(const Dataset& dataset, std::span<const Outcome> outcomes,
                                       std::uint64_t seed, const CallContext& call) {
  std::map<std::string_view, const Topic*> topics;
  for (const Topic& topic : dataset.topics) topics[topic.id] = &topic;
  std::map<std::string_view, std::vector<Label>> labels;
  for (const Label& label : dataset.labels) {
    if (label.grade > 0) labels[label.topic].push_back(label);
  }
  std::set<std::string> cited;
  for (const Outcome& outcome : outcomes) {
    for (const OutcomeCitation& citation : outcome.citations) cited.insert(citation.document);
  }
  if (cited.empty()) return CitationScores{};
  const auto texts = TRY(read_texts(dataset.corpus, cited, call));

  CitationScores scores;
  Counters counters;
  for (const Outcome& outcome : outcomes) {
    const auto topic = topics.find(outcome.topic);
    if (topic == topics.end() || outcome.citations.empty()) continue;
    ++scores.topics;
    count_citations(outcome, texts, counters);
    if (const auto found = labels.find(outcome.topic); found != labels.end()) {
      const auto right = static_cast<std::uint64_t>(std::ranges::count_if(
          outcome.citations,
          [&](const OutcomeCitation& citation) { return is_relevant(citation, found->second); }));
      counters.relevant.add(right, outcome.citations.size());
      counters.any_relevant.add(right > 0 ? 1 : 0, 1);
    }
    const std::string& reference = topic->second->answer;
    if (!tokens_of(reference, Tokenisation::syllable).empty()) {
      counters.answers_holding.add(holds(outcome.answer, reference) ? 1 : 0, 1);
    }
  }
  scores.verbatim = counters.verbatim.finish(seed);
  scores.verbatim_letters = counters.verbatim_letters.finish(seed);
  scores.relevant = counters.relevant.finish(seed);
  scores.any_relevant = counters.any_relevant.finish(seed);
  scores.answers_holding = counters.answers_holding.finish(seed);
  return scores;
}

}  // namespace saerok::lab
