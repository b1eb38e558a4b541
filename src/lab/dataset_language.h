/// Which language a text is in, by its letters: enough to say what a dataset is made of. What this
/// is not: telling languages of one script apart.
#pragma once

#include <string_view>

namespace saerok::lab {

/// "ko" where at least 70 % of the Hangul and Latin letters are Hangul, "en" where at most 10 %
/// are, "mixed" between; "other" where most letters are of neither script, or there are none. A
/// Hangul syllable counts as two letters, because it holds two or three: a Korean sentence about
/// "the HTTP header" is still Korean.
std::string_view language_of(std::string_view text);

}  // namespace saerok::lab
