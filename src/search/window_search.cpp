#include "search/window_search.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/assert.h"
#include "base/bits.h"
#include "base/float_lanes.h"

namespace saerok {
namespace {

// Costs in units of adding up one posting, measured by bench/lexical_peers on Korean questions and
// short English texts.
constexpr double kAskCost = 3;         // One chunk's score of one term that was put off.
constexpr double kAskWantedCost = 10;  // The same for each chunk that a filter passes.
constexpr float kPutOffMin = 12;   // Postings put off for each added up, to be worth the asking.
constexpr float kSparseMax = 100;  // Postings of a window for which its sums are not swept.

/// Words of sums that are looked at together first.
constexpr std::uint32_t kStrideWords = 4;
constexpr std::uint32_t kStride = kStrideWords * 64;

/// One bit for each kStride of the `count` sums: whether some reach the threshold. At most 64 bits.
std::uint64_t strides_reaching(const float* sums, std::uint32_t count, float threshold) {
  const FloatLanes bar = lanes_of(threshold);
  std::uint64_t reaching = 0;
  for (std::uint32_t begin = 0; begin < count; begin += kStride) {
    MaskLanes a = {}, b = {}, c = {}, d = {};  // Several, which need not wait for each other.
    for (std::uint32_t i = begin; i < begin + kStride; i += 16) {
      a |= load_lanes(sums + i) >= bar;
      b |= load_lanes(sums + i + 4) >= bar;
      c |= load_lanes(sums + i + 8) >= bar;
      d |= load_lanes(sums + i + 12) >= bar;
    }
    const bool any = bits_of((a | b) | (c | d)) != 0;
    reaching |= std::uint64_t{any} << begin / kStride;
  }
  return reaching;
}

}  // namespace

WindowSearch::WindowSearch(const LexicalSegmentView& view, const LexicalQuery& query,
                           TopChunks& top)
    : view_(view),
      chunk_count_(view.segment->chunk_count()),
      ids_(view.segment->chunk_ids()),
      top_(top),
      groups_(query.group_count) {
  for (const auto& phrase : query.phrases) phrases_.emplace_back(*view.segment, phrase);
  const std::size_t words = (chunk_count_ + kWordBits - 1) / kWordBits;
  ASSERT(view.live.empty() || view.live.size() == words);
  ASSERT(view.passes.empty() || view.passes.size() == words);
  is_filtered_ = !view.live.empty() || !view.passes.empty();
  sums_.fill(0);
  touched_.fill(0);
  marks_.fill(0);
  held_.fill(0);
}

void WindowSearch::add(const ScoredTerm& term, const ScoreTable& scores,
                       const Segment::TermRef& place) {
  if (!place.exists()) return;
  const IndexField field = term.term->field;
  const float density = static_cast<float>(place.document_frequency) /
                        static_cast<float>(std::max(chunk_count_, kWindow));
  walks_.emplace_back(view_.segment->posting_blocks(field, place), scores,
                      view_.segment->length_codes(field).data(), density);
  const float expected = walks_.back().expected(kWindow);
  postings_per_window_ += expected;
  if (term.term->group == 0) {
    ungrouped_.push_back(walks_.size() - 1);
  } else {
    Group& group = groups_[term.term->group - 1];
    group.walks.push_back(walks_.size() - 1);
    group.expected += expected;
  }
}

Status WindowSearch::run(const CallContext& call) {
  std::sort(groups_.begin(), groups_.end(),
            [](const Group& a, const Group& b) { return a.expected < b.expected; });
  for (;;) {
    // Not only by the lists' word, which damage could have made up.
    if (end_ >= chunk_count_) return {};
    first_ = next_window();
    if (first_ >= chunk_count_) return {};
    TRY(call.check());
    end_ = first_ + std::min(kWindow, chunk_count_ - first_);
    if (read_wanted()) {
      if (groups_.empty()) search_window();
      else search_groups();
      top_.tighten();
    }
    for (TermWalk& walk : walks_) walk.pass_to(end_);
  }
}

/// The first chunk of the window of the next posting of any term; at the end, no chunk's number.
std::uint32_t WindowSearch::next_window() const {
  if (!groups_.empty()) return next_of_groups() / kWindow * kWindow;
  std::uint32_t chunk = std::numeric_limits<std::uint32_t>::max();
  for (const TermWalk& walk : walks_) {
    if (!walk.at_end()) chunk = std::min(chunk, std::max(walk.next_chunk(), end_));
  }
  return chunk / kWindow * kWindow;
}

/// False if no chunk of the window may be a hit.
bool WindowSearch::read_wanted() {
  if (!is_filtered_) return true;
  wanted_count_ = 0;
  const std::size_t begin = first_ / kWordBits;
  const std::size_t end = (end_ + kWordBits - 1) / kWordBits;
  wanted_.fill(0);
  for (std::size_t word = begin; word < end; ++word) {
    std::uint64_t bits = view_.passes.empty() ? ~std::uint64_t{0} : view_.passes[word];
    if (!view_.live.empty()) bits &= view_.live[word];
    wanted_[word - begin] = bits;
    wanted_count_ += count_bits(bits);
  }
  return wanted_count_ > 0;
}

void WindowSearch::search_window() {
  order_by_bound();
  const float threshold = top_.threshold();
  if (bounded_.empty() || bound_sums_.back() < threshold) return;
  if (is_filtered_ && wanted_count_ <= kListedMax) return search_listed();
  // Of what was added up only chunks that pass are asked for more.
  const float passing = is_filtered_ ? static_cast<float>(wanted_count_) / kWindow : 1;
  std::size_t off = put_off(threshold, passing);
  float expected = 0;
  for (std::size_t i = off; i < bounded_.size(); ++i)
    expected += bounded_[i].walk->expected(kWindow);
  is_sparse_ = expected * passing <= kSparseMax;
  add_up(std::span(bounded_).subspan(off));
  if (off > 0) {
    collect(threshold - bound_sums_[off - 1]);
    const double asks = static_cast<double>(collected_.size()) * static_cast<double>(off);
    if (asks * kAskCost > postings_per_window_) {
      add_up(std::span(bounded_).first(off));
      off = 0;
    }
  }
  if (off > 0) ask(off);
  else offer_sums();
  if (is_sparse_) clear_touched();
  else std::memset(sums_.data(), 0, sizeof sums_);
  is_sparse_ = false;
}

/// Of few wanted chunks, which are listed once: only theirs are added up, looked at and cleared.
void WindowSearch::search_listed() {
  collected_.clear();
  for_each(wanted_, [this](std::uint32_t place) { collected_.push_back(place); });
  std::array<std::uint32_t, kListedMax> listed;
  std::copy(collected_.begin(), collected_.end(), listed.begin());
  const std::span<const std::uint32_t> wanted(listed.data(), wanted_count_);
  std::size_t off = bounded_.size();
  const double asked = static_cast<double>(wanted_count_) * static_cast<double>(off);
  if (asked * kAskWantedCost >= postings_per_window_) {
    off = put_off(top_.threshold(), static_cast<float>(wanted_count_) / kWindow);
    float* const sums = sums_.data();
    std::uint8_t* const marks = marks_.data();
    for (const std::uint32_t place : wanted) marks[place] = 1;
    for (const Bounded& term : std::span(bounded_).subspan(off)) {
      term.walk->visit_wanted(
          first_, end_,
          [first = first_, marks](std::uint32_t chunk) { return marks[chunk - first] != 0; },
          [first = first_, sums](std::uint32_t chunk, float score) {
            sums[chunk - first] += score;
          });
    }
    for (const std::uint32_t place : wanted) marks[place] = 0;
  }
  ask(off);
  for (const std::uint32_t place : wanted) sums_[place] = 0;
}

void WindowSearch::clear_touched() {
  for_each(touched_, [this](std::uint32_t place) { sums_[place] = 0; });
  touched_.fill(0);
}

void WindowSearch::order_by_bound() {
  bounded_.clear();
  for (const std::size_t at : ungrouped_) {
    const float bound = walks_[at].bound(first_, end_);
    if (bound > 0) bounded_.push_back({&walks_[at], bound});
  }
  std::sort(bounded_.begin(), bounded_.end(),
            [](const Bounded& a, const Bounded& b) { return a.bound < b.bound; });
  bound_sums_.clear();
  float sum = 0;
  for (const Bounded& term : bounded_) bound_sums_.push_back(sum += term.bound);
}

/// How many of the terms with the lowest bounds are put off: they cannot reach the threshold
/// together, and it is worth it where so large a part of the window's chunks pass the filter.
std::size_t WindowSearch::put_off(float threshold, float passing) const {
  const auto at = std::lower_bound(bound_sums_.begin(), bound_sums_.end(), threshold);
  const auto off = static_cast<std::size_t>(at - bound_sums_.begin());
  float expected_off = 0, expected = 0;
  for (std::size_t i = 0; i < bounded_.size(); ++i) {
    (i < off ? expected_off : expected) += bounded_[i].walk->expected(kWindow);
  }
  return expected_off < kPutOffMin * passing * expected ? 0 : off;
}

void WindowSearch::add_up(std::span<const Bounded> walks) {
  if (is_sparse_) return add_up_sparse(walks);
  const std::uint32_t first = first_;
  float* const sums = sums_.data();
  for (const Bounded& term : walks) {
    term.walk->visit(first_, end_, [first, sums](std::uint32_t chunk, float score) {
      sums[chunk - first] += score;
    });
  }
}

void WindowSearch::add_up_sparse(std::span<const Bounded> walks) {
  const std::uint32_t first = first_;
  float* const sums = sums_.data();
  WindowBits& touched = touched_;
  const auto add = [first, sums, &touched](std::uint32_t chunk, float score) {
    const std::uint32_t place = chunk - first;
    sums[place] += score;
    set(touched, place);
  };
  if (!is_filtered_) {
    for (const Bounded& term : walks) term.walk->visit(first_, end_, add);
    return;
  }
  const auto is_wanted = [first, &wanted = wanted_](std::uint32_t chunk) {
    return has(wanted, chunk - first);
  };
  for (const Bounded& term : walks) term.walk->visit_wanted(first_, end_, is_wanted, add);
}

/// Which of 64 sums reach the threshold.
std::uint64_t WindowSearch::reaching(std::uint32_t word, float threshold) const {
  const float* const sums = sums_.data() + word * kWordBits;
  const FloatLanes bar = lanes_of(threshold);
  std::uint64_t bits = 0;
  for (std::uint32_t i = 0; i < kWordBits; i += 4) {
    bits |= std::uint64_t{bits_of(load_lanes(sums + i) >= bar)} << i;
  }
  return bits;
}

/// Calls visit(place) for the wanted chunks of the window whose sums reach threshold(), which is
/// above 0 and may rise from call to call.
template <class Threshold, class Visit>
void WindowSearch::for_each_reaching(const Threshold& threshold, const Visit& visit) const {
  const std::uint64_t strides =
      is_sparse_ ? ~std::uint64_t{0} : strides_reaching(sums_.data(), kWindow, threshold());
  for (std::uint32_t word = 0; word < kWords; ++word) {
    if ((strides >> word / kStrideWords & 1) == 0) {
      word += kStrideWords - 1;
      continue;
    }
    std::uint64_t bits = is_sparse_ ? touched_[word] : reaching(word, threshold());
    if (is_filtered_) bits &= wanted_[word];
    for (; bits != 0; bits &= bits - 1) {
      const std::uint32_t place =
          word * kWordBits + static_cast<std::uint32_t>(std::countr_zero(bits));
      if (sums_[place] >= threshold()) visit(place);
    }
  }
}

void WindowSearch::collect(float threshold) {
  collected_.clear();
  for_each_reaching([threshold] { return threshold; },
                    [this](std::uint32_t place) { collected_.push_back(place); });
}

/// Offers what the sums say: all terms are in them.
void WindowSearch::offer_sums() {
  for_each_reaching([this] { return top_.threshold(); },
                    [this](std::uint32_t place) { offer(place); });
}

/// A chunk whose score is among the best. Called in ascending order of chunks.
void WindowSearch::offer(std::uint32_t place) {
  for (PhraseCheck& phrase : phrases_) {
    if (!phrase.holds(first_ + place)) return;
  }
  top_.offer(static_cast<ChunkId>(ids_[first_ + place]), sums_[place]);
}

/// Asks the `unasked` terms of lowest bounds for the collected chunks, those that may give most
/// first, and offers the chunks that reach the threshold. Who cannot any more is asked no further.
void WindowSearch::ask(std::size_t unasked) {
  const float threshold = top_.threshold();
  float* const sums = sums_.data();
  for (; unasked > 0; --unasked) {
    const float rest = bound_sums_[unasked - 1];
    std::uint32_t kept = 0;
    for (const std::uint32_t place : collected_) {
      collected_[kept] = place;
      kept += sums[place] + rest >= threshold ? 1u : 0u;
    }
    collected_.cut(kept);
    bounded_[unasked - 1].walk->visit_places(
        first_, collected_, [sums](std::uint32_t place, float score) { sums[place] += score; });
  }
  for (const std::uint32_t place : collected_) {
    if (sums[place] >= top_.threshold()) offer(place);
  }
}

}  // namespace saerok
