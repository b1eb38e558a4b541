// The windows of a query of groups: a hit holds at least one term of each. What ranks a chunk is
// added up on the way of finding it, while the blocks are still decoded.
#include <algorithm>
#include <limits>

#include "search/window_search.h"

namespace saerok {
namespace {

/// Postings that are tested in the time of looking one chunk up.
constexpr float kLookUpCost = 12;

}  // namespace

/// No chunk below it holds a term of every group. At the end, no chunk's number.
std::uint32_t WindowSearch::next_of_groups() const {
  std::uint32_t latest = end_;
  for (const Group& group : groups_) {
    std::uint32_t chunk = std::numeric_limits<std::uint32_t>::max();
    for (const std::size_t at : group.walks) {
      if (!walks_[at].at_end()) chunk = std::min(chunk, walks_[at].next_chunk());
    }
    latest = std::max(latest, chunk);
  }
  return latest;
}

/// False if some group has no term in the window.
bool WindowSearch::bound_groups() {
  for (Group& group : groups_) {
    group.bound = 0;
    for (const std::size_t at : group.walks) group.bound += walks_[at].bound(first_, end_);
    if (!(group.bound > 0)) return false;
  }
  return true;
}

void WindowSearch::search_groups() {
  if (!bound_groups()) return;
  order_by_bound();
  float rest = bound_sums_.empty() ? 0 : bound_sums_.back();
  for (const Group& group : groups_) rest += group.bound;
  if (rest < top_.threshold()) return;
  read_first(groups_.front());
  rest -= groups_.front().bound;
  for (std::size_t i = 1; i < groups_.size() && !collected_.empty(); ++i) {
    read_next(groups_[i]);
    rest -= groups_[i].bound;
    keep_held(rest);
  }
  const std::vector<std::uint32_t> found(collected_.begin(), collected_.end());
  ask(bounded_.size());
  for (const std::uint32_t place : found) {
    sums_[place] = 0;
    marks_[place] = 0;
  }
}

/// Calls visit(chunk, score) for the postings of the window that may be hits.
template <class Visit>
void WindowSearch::visit_possible(TermWalk& walk, const Visit& visit) {
  if (!is_filtered_) return walk.visit(first_, end_, visit);
  const auto is_wanted = [first = first_, &wanted = wanted_](std::uint32_t chunk) {
    return has(wanted, chunk - first);
  };
  walk.visit_wanted(first_, end_, is_wanted, visit);
}

void WindowSearch::read_first(const Group& group) {
  if (group.walks.size() == 1) return read_only(walks_[group.walks.front()]);
  const std::uint32_t first = first_;
  float* const sums = sums_.data();
  for (const std::size_t at : group.walks) {
    visit_possible(walks_[at],
                   [first, sums, &touched = touched_](std::uint32_t chunk, float score) {
                     sums[chunk - first] += score;
                     set(touched, chunk - first);
                   });
  }
  collected_.clear();
  for_each(touched_, [this](std::uint32_t place) {
    collected_.push_back(place);
    marks_[place] = 1;
  });
  touched_.fill(0);
}

/// The same for a group of one term, which gives its chunks in order.
void WindowSearch::read_only(TermWalk& walk) {
  collected_.clear();
  const std::uint32_t first = first_;
  float* const sums = sums_.data();
  visit_possible(walk, [first, sums, this](std::uint32_t chunk, float score) {
    const std::uint32_t place = chunk - first;
    sums[place] = score;
    marks_[place] = 1;
    collected_.push_back(place);
  });
}

/// Of the collected chunks, which are those marked.
void WindowSearch::read_next(const Group& group) {
  const std::uint32_t first = first_;
  float* const sums = sums_.data();
  const auto add = [sums, held = held_.data()](std::uint32_t place, float score) {
    sums[place] += score;
    held[place] = 1;
  };
  const auto is_marked = [first, marks = marks_.data()](std::uint32_t chunk) {
    return marks[chunk - first] != 0;
  };
  for (const std::size_t at : group.walks) {
    TermWalk& walk = walks_[at];
    if (static_cast<float>(collected_.size()) * kLookUpCost < walk.expected(kWindow)) {
      walk.visit_places(first_, collected_, add);
    } else {
      walk.visit_wanted(first_, end_, is_marked, [first, &add](std::uint32_t chunk, float score) {
        add(chunk - first, score);
      });
    }
  }
}

/// Keeps the collected chunks that are held and that `rest` more could lift to the threshold.
/// Without a branch on either, which nobody could predict.
void WindowSearch::keep_held(float rest) {
  const float threshold = top_.threshold();
  float* const sums = sums_.data();
  std::uint8_t* const marks = marks_.data();
  std::uint8_t* const held = held_.data();
  std::uint32_t kept = 0;
  for (const std::uint32_t place : collected_) {
    const bool stays = (held[place] != 0) & (sums[place] + rest >= threshold);
    collected_[kept] = place;
    kept += stays ? 1u : 0u;
    marks[place] = stays ? 1 : 0;
    held[place] = 0;
    sums[place] = stays ? sums[place] : 0;
  }
  collected_.cut(kept);
}

}  // namespace saerok
