/// Porter's stemmer of 1980 with the changes that NLTK made to it, because rouge-score measures
/// English with that one. For comparing texts only: an index uses text/english.h, whose stems are
/// Snowball's.
#pragma once

#include <string>
#include <string_view>

namespace saerok::lab {

/// The stem of a word of lower-case ASCII letters and digits, as `nltk.stem.porter.PorterStemmer()`
/// gives it.
std::string porter_stem(std::string_view word);

}  // namespace saerok::lab
