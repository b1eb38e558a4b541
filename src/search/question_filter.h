/// Restrictions that a question's own words name: days, weeks, months and years ("지난주", "작년
/// 3월", "in March", "since 2023") and tags ("#정원"). They are proposals, because a note without a
/// date passes no test on one. What this is not: the grammar of filters (filter.h), or their
/// evaluation.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/requests.h"
#include "saerok/types.h"

namespace saerok {

struct QuestionFilter {
  /// Several periods of one question are alternatives; everything else narrows further.
  enum class Kind : std::uint8_t { tag, period, bound } kind = Kind::tag;
  ProposedFilter proposed;
};

constexpr std::size_t kQuestionFiltersMax = 8;  ///< Found in one question.

/// In the order of the question. A month without a year is the last one that has begun; a week
/// begins on Monday. Requires valid UTF-8.
std::vector<QuestionFilter> propose_filters(std::string_view question, Date today);

/// One filter of `own`, which may be empty, and all that was found.
std::string combine_filters(std::string_view own, std::span<const QuestionFilter> found);

}  // namespace saerok
