/// Words that are everybody's: of asking, of grammar, and of talk. They say nothing of what is
/// asked about, and are sound whether or not any note has them. What this is not: a list of words
/// to leave out of the index.
#pragma once

#include <string_view>

namespace saerok {

/// Words of asking and of grammar, as text for the analyser.
std::string_view asking_words();

/// Words of talk, and of asking in other forms: "thanks", "please", "얼마나", "고마워". As text for
/// the analyser.
std::string_view talk_words();

}  // namespace saerok
