/// Hits and sources for people.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"
#include "saerok/types.h"

namespace saerok {

/// "일기/2024-03-01.md:12-18 · 봄 > 산책".
std::string describe_place(const Hit& hit);
/// The same without lines, for a source whose citations name theirs.
std::string describe_source(const Hit& hit);

/// Number, place, score, snippet with highlights and, if there, the explanation as an indented
/// tree.
void print_hit(const Hit& hit, const Style& style);

/// The stages with their times and counts, on standard error.
void print_stages(const Report& report);
void print_warnings(const Report& report);

}  // namespace saerok
