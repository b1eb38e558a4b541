#include "lab/ensemble.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace saerok::lab {
namespace {

constexpr std::array kMethods =
    std::to_array<std::string_view>({"vote", "rrf", "min_max", "z_score"});

/// One run's documents for a topic, best first, and what its word weighs.
struct WeightedList {
  std::vector<ScoredDocument> documents;
  double weight = 1;
};

/// What the lists say of one document.
struct Tally {
  double score = 0;
  double votes = 0;
  double rank_sum = 0;
  double voters = 0;
};
using Tallies = std::map<std::string, Tally>;

void vote(const WeightedList& list, std::uint32_t vote_depth, Tallies& tallies) {
  const std::size_t count = std::min<std::size_t>(list.documents.size(), vote_depth);
  for (std::size_t i = 0; i < count; ++i) {
    Tally& tally = tallies[list.documents[i].document];
    tally.votes += list.weight;
    tally.rank_sum += static_cast<double>(i + 1);
    tally.voters += 1;
  }
}

/// The score is the votes, and less than half the smallest difference between two counts of votes
/// more for a better mean rank, so that the one number sorts by both.
void score_votes(Tallies& tallies) {
  std::vector<double> votes;
  for (const auto& [document, tally] : tallies) votes.push_back(tally.votes);
  std::ranges::sort(votes);
  double gap = 1;
  for (std::size_t i = 1; i < votes.size(); ++i) {
    // Below that it is the rounding of sums of weights.
    if (votes[i] - votes[i - 1] > 1e-9) gap = std::min(gap, votes[i] - votes[i - 1]);
  }
  for (auto& [document, tally] : tallies) {
    tally.score = tally.votes + gap / 2 / (1 + tally.rank_sum / tally.voters);
  }
}

void add_reciprocal_ranks(const WeightedList& list, double rrf_k, Tallies& tallies) {
  for (std::size_t i = 0; i < list.documents.size(); ++i) {
    tallies[list.documents[i].document].score += list.weight / (rrf_k + static_cast<double>(i + 1));
  }
}

/// Maps a list's scores to one scale: of every document it has, and of one that it lacks.
class Scale {
 public:
  Scale(const std::vector<ScoredDocument>& documents, EnsembleMethod method) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    double sum = 0;
    for (const ScoredDocument& entry : documents) {
      low = std::min(low, entry.score);
      high = std::max(high, entry.score);
      sum += entry.score;
    }
    if (method == EnsembleMethod::min_max) {
      // Where all are equal, each is the best.
      offset_ = high > low ? low : high - 1;
      width_ = high > low ? high - low : 1;
      return;
    }
    const auto count = static_cast<double>(documents.size());
    offset_ = sum / count;
    double squares = 0;
    for (const ScoredDocument& entry : documents) squares += std::pow(entry.score - offset_, 2);
    width_ = squares > 0 ? std::sqrt(squares / count) : 1;
    lacking_ = (low - offset_) / width_;
  }
  double of(double score) const { return (score - offset_) / width_; }
  double lacking() const { return lacking_; }

 private:
  double offset_ = 0;
  double width_ = 1;
  double lacking_ = 0;
};

void add_scaled_scores(const WeightedList& list, EnsembleMethod method, Tallies& tallies) {
  if (list.documents.empty()) return;
  const Scale scale(list.documents, method);
  std::unordered_map<std::string_view, double> score_of;
  for (const ScoredDocument& entry : list.documents) {
    score_of.emplace(entry.document, scale.of(entry.score));
  }
  for (auto& [document, tally] : tallies) {
    const auto found = score_of.find(document);
    tally.score += list.weight * (found == score_of.end() ? scale.lacking() : found->second);
  }
}

std::vector<ScoredDocument> fuse(const std::vector<WeightedList>& lists,
                                 const EnsembleSettings& settings) {
  Tallies tallies;
  for (const WeightedList& list : lists) {
    switch (settings.method) {
      case EnsembleMethod::vote: vote(list, settings.vote_depth, tallies); break;
      case EnsembleMethod::rrf: add_reciprocal_ranks(list, settings.rrf_k, tallies); break;
      case EnsembleMethod::min_max:
      case EnsembleMethod::z_score:
        for (const ScoredDocument& entry : list.documents) tallies[entry.document];
        break;
    }
  }
  if (settings.method == EnsembleMethod::vote) score_votes(tallies);
  const bool is_scaled =
      settings.method == EnsembleMethod::min_max || settings.method == EnsembleMethod::z_score;
  for (const WeightedList& list : lists) {
    if (is_scaled) add_scaled_scores(list, settings.method, tallies);
  }
  std::vector<ScoredDocument> fused;
  for (const auto& [document, tally] : tallies) {
    fused.push_back({.document = document, .score = tally.score});
  }
  std::ranges::sort(fused, [](const ScoredDocument& a, const ScoredDocument& b) {
    return a.score != b.score ? a.score > b.score : a.document > b.document;
  });
  if (fused.size() > settings.depth) fused.resize(settings.depth);
  return fused;
}

/// What most of the weight decided; to search where it is even.
Decision decide(const std::vector<const Outcome*>& outcomes, const std::vector<double>& weights) {
  std::array<double, 3> weight_of{};
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    weight_of[static_cast<std::size_t>(outcomes[i]->decision)] += weights[i];
  }
  const double total = std::accumulate(weight_of.begin(), weight_of.end(), 0.0);
  const double search = weight_of[static_cast<std::size_t>(Decision::search)];
  if (2 * search >= total) return Decision::search;
  const double answer = weight_of[static_cast<std::size_t>(Decision::answer)];
  return answer >= weight_of[static_cast<std::size_t>(Decision::clarify)] ? Decision::answer
                                                                          : Decision::clarify;
}

Outcome fuse_topic(const std::vector<const Outcome*>& outcomes, const std::vector<double>& weights,
                   const EnsembleSettings& settings) {
  Outcome fused;
  fused.decision = decide(outcomes, weights);
  const auto first = std::ranges::find(outcomes, fused.decision, &Outcome::decision);
  const Outcome& speaker = first == outcomes.end() ? *outcomes.front() : **first;
  fused.topic = speaker.topic;
  fused.standalone_query = speaker.standalone_query;
  fused.answer = speaker.answer;
  fused.citations = speaker.citations;
  if (fused.decision != Decision::search) return fused;
  std::vector<WeightedList> lists;
  std::unordered_map<std::string_view, const OutcomeHit*> hit_of;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i]->decision != Decision::search) continue;
    lists.push_back({.documents = ranking_of(*outcomes[i]), .weight = weights[i]});
    for (const OutcomeHit& hit : outcomes[i]->hits) hit_of.emplace(hit.document, &hit);
  }
  for (const ScoredDocument& entry : fuse(lists, settings)) {
    OutcomeHit hit = *hit_of.at(entry.document);
    hit.score = entry.score;
    fused.hits.push_back(std::move(hit));
  }
  return fused;
}

Result<std::vector<double>> weights_for(std::size_t runs, const EnsembleSettings& settings) {
  const auto refuse = [](std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message)};
  };
  if (runs < 2) return refuse("an ensemble needs at least two runs");
  if (settings.weights.empty()) return std::vector<double>(runs, 1.0);
  if (settings.weights.size() != runs) {
    return refuse("there are " + std::to_string(settings.weights.size()) + " weights for " +
                  std::to_string(runs) + " runs");
  }
  for (const double weight : settings.weights) {
    if (!std::isfinite(weight) || weight <= 0) return refuse("every weight must be above 0");
  }
  return settings.weights;
}

}  // namespace

Result<EnsembleMethod> parse_ensemble_method(std::string_view name) {
  const auto found = std::ranges::find(kMethods, name);
  if (found != kMethods.end()) return static_cast<EnsembleMethod>(found - kMethods.begin());
  return Error{ErrorCode::invalid_argument, "there is no way to fuse called \"" +
                                                std::string(name) +
                                                "\"; there are vote, rrf, min_max and z_score"};
}

std::string_view name_of(EnsembleMethod method) {
  return kMethods[static_cast<std::size_t>(method)];
}

Result<std::vector<Outcome>> fuse_outcomes(std::span<const std::vector<Outcome>> runs,
                                           const EnsembleSettings& settings) {
  const std::vector<double> weights = TRY(weights_for(runs.size(), settings));
  std::vector<std::unordered_map<std::string_view, const Outcome*>> by_topic(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (const Outcome& outcome : runs[i]) by_topic[i].emplace(outcome.topic, &outcome);
  }
  std::vector<Outcome> fused;
  for (const Outcome& first : runs.front()) {
    std::vector<const Outcome*> outcomes;
    for (const auto& run : by_topic) {
      const auto found = run.find(first.topic);
      if (found != run.end()) outcomes.push_back(found->second);
    }
    if (outcomes.size() == runs.size()) fused.push_back(fuse_topic(outcomes, weights, settings));
  }
  if (fused.empty()) {
    return Error{ErrorCode::invalid_argument, "the runs have no question in common"};
  }
  return fused;
}

}  // namespace saerok::lab
