/// Measures of ranked results, with trec_eval's definitions wherever it has them, and the one of
/// the AI Stages competition under its own name. Plain values in, plain values out.
///
/// A ranking is judged in trec_eval's order: by score descending, the score taken as a 32-bit
/// float, equal scores by document id descending. Documents without a judgement count as not
/// relevant, and for bpref as not judged.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/result.h"

namespace saerok::lab {

struct ScoredDocument {
  std::string document;
  double score = 0;
};

/// Grades by document; 1 and above is relevant.
using Judgements = std::map<std::string, std::int32_t, std::less<>>;

enum class MetricKind : std::uint8_t {
  ndcg,
  mrr,
  recall,
  precision,
  average_precision,
  r_precision,
  bpref,
  success,
  competition_map,
};

/// One measure: "ndcg@10", "mrr@10", "recall@100", "precision@5", "map", "map@3", "r_precision",
/// "bpref", "success@1", "map@3_competition".
struct Metric {
  MetricKind kind = MetricKind::ndcg;
  std::uint32_t depth = 0;  ///< 0: the whole ranking.
  bool operator==(const Metric&) const = default;
};

/// Errors: invalid_argument, with the nearest name or the list of them.
Result<Metric> parse_metric(std::string_view name);
std::string name_of(const Metric& metric);

/// What a run reports unless asked otherwise.
std::vector<Metric> default_metrics();

/// The value of each metric for one topic, in their order, all finite.
///
/// `is_search` tells map@3_competition whether the topic's conversation needs a search at all: one
/// that does not scores 1 for an empty ranking and 0 otherwise. Repeated documents count at their
/// first place only. Scores must be finite.
std::vector<double> evaluate(std::span<const Metric> metrics,
                             std::span<const ScoredDocument> ranking, const Judgements& judgements,
                             bool is_search = true);

/// The order in which a ranking is judged (see above), without repeats.
std::vector<std::string> judged_order(std::span<const ScoredDocument> ranking);

}  // namespace saerok::lab
