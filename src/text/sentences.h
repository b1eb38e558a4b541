/// Where sentences begin and end: what windows, snippets and extractive answers are cut at.
/// Rules, no model: Korean, English, Chinese and Japanese notes in one text. What this is not: a
/// tokenizer (analyzer.h).
#pragma once

#include <string_view>
#include <vector>

#include "saerok/types.h"

namespace saerok {

/// Sentences of a text as byte spans, in order, white space around them left out; everything else
/// is in exactly one of them. Right for Korean (다. 요. 죠? … with closing quotes), English
/// (abbreviations, initials, decimals), Chinese and Japanese stops, Korean dates (2024. 3. 1.), and
/// numbered items. A line break ends a sentence, unless the line looks wrapped: the next one goes
/// on in lower case, or it ends with a comma or is as wide as a page. Takes linear time.
std::vector<ByteSpan> split_sentences(std::string_view text);

}  // namespace saerok
