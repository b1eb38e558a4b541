#include "index/occurrences.h"

namespace saerok {

std::size_t Occurrences::memory_size() const {
  return parts_.capacity() * sizeof(Part) +
         (terms_.size() + positions_.size()) * sizeof(std::uint32_t);
}

OccurrencesByTerm::OccurrencesByTerm(const Occurrences& occurrences, std::size_t term_count)
    : begins_(term_count + 1),
      chunks_(occurrences.terms_.size()),
      positions_(occurrences.positions_.size()) {
  const auto& terms = occurrences.terms_;
  for (const std::uint32_t term : terms) ++begins_[term + 1];
  for (std::size_t term = 0; term < term_count; ++term) begins_[term + 1] += begins_[term];
  std::vector<std::size_t> next(begins_.begin(), begins_.end() - 1);
  const auto& parts = occurrences.parts_;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const std::size_t end = part + 1 < parts.size() ? parts[part + 1].begin : terms.size();
    for (std::size_t at = parts[part].begin; at < end; ++at) {
      const std::size_t place = next[terms[at]]++;
      chunks_[place] = parts[part].chunk;
      if (!positions_.empty()) positions_[place] = occurrences.positions_[at];
    }
  }
}

}  // namespace saerok
