/// Days, weeks, months and years that the words of a question name, as a first and a last day.
///
/// What this is not: the filter that is made of them (question_filter.h), or dates as notes write
/// them (text/dates.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "search/question_reader.h"

namespace saerok {

/// Both days inclusive.
struct Period {
  std::chrono::sys_days first;
  std::chrono::sys_days last;
};

Period month_period(std::chrono::year y, std::chrono::month m);
Period year_period(std::chrono::year y);

struct FoundPeriod {
  std::size_t end = 0;  ///< Of its words, in bytes of the question.
  Period period;
};
/// The period whose words begin at `begin`, where a word of the question begins: "지난주", "작년
/// 3월", "2024-03", "in March". Nothing if none does.
std::optional<FoundPeriod> period_at(const QuestionReader& reader, std::size_t begin,
                                     std::chrono::sys_days today);

}  // namespace saerok
