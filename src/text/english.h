/// Stems of English words by the Snowball stemmer. libstemmer, because it is the algorithm's own
/// reference code and in every distribution; english.cpp is the only file that includes it.
#pragma once

#include <string_view>

namespace saerok {

/// The stem of a lower-case word; a word in another language mostly comes back as it is. The view
/// lives until the next call on this thread. Safe from several threads.
std::string_view stem_english(std::string_view word);

}  // namespace saerok
