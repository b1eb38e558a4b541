/// Several retrievers' lists → one list, with the numbers that explain each score. Plain values in,
/// plain values out; what this is not: retrieval, or scores of one list (bm25.h).
///
/// The weighted sum of normalised scores is the default: on every set we measured on it beats
/// ranks wherever the lexical list is strong.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/settings.h"
#include "saerok/types.h"
#include "search/plan.h"

namespace saerok {

/// A retriever's candidates and how much they count.
struct WeightedList {
  const RankedList* list = nullptr;
  double weight = 1;
};

/// What one list gave to a fused score.
struct FusionPart {
  bool is_present = false;  ///< Whether the list holds the chunk; else everything below is 0.
  std::uint32_t rank = 0;   ///< In the list, from 1.
  double score = 0;         ///< On the list's scale.
  double lowest = 0;        ///< Of the list's scores.
  double highest = 0;
  double deviation = 0;   ///< Standard deviation of the list's scores.
  double normalised = 0;  ///< Score on the common scale, or 1 / (k + rank).
  double value = 0;       ///< weight × normalised: what was added to the fused score.
};

struct FusedCandidate {
  ChunkId chunk{};
  double score = 0;               ///< Sum of the parts' values, in the order of the lists.
  Window window;                  ///< Of the first list that names one.
  std::vector<FusionPart> parts;  ///< One a list.
};

/// A chunk's score is the sum over the lists of weight × (score − lowest) / scale, with lowest and
/// scale those of the list's own candidates: the scale is highest − lowest with min_max, and with
/// z_score the standard deviation. The latter is the sum of z-scores but for a constant, a chunk
/// that a list does not hold counting as its lowest. In a list whose scores are all equal each
/// chunk counts as 1; a chunk that a list does not hold gets 0 of it.
///
/// Returns every chunk of the lists, best first; equal scores go by ChunkId. Requires each list to
/// be in order, without repeats, and its scores to be finite.
std::vector<FusedCandidate> fuse_weighted_sum(std::span<const WeightedList> lists,
                                              Normalisation normalisation = Normalisation::min_max);

/// Reciprocal rank fusion: the sum over the lists that hold the chunk of weight / (k + rank). The
/// lists' own scores are not read. Order and requirements as above; requires k > 0.
///
/// Source: Cormack, Clarke and Büttcher, SIGIR 2009 (k = 60 there).
std::vector<FusedCandidate> fuse_reciprocal_ranks(std::span<const WeightedList> lists, double k);

}  // namespace saerok
