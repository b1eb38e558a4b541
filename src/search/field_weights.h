/// How much a word counts where it stands: the weights of body, title, headings and keywords, as
/// weights of the fields that segments have.
#pragma once

#include <algorithm>
#include <array>

#include "index/segment.h"
#include "saerok/settings.h"

namespace saerok {

struct FieldWeight {
  IndexField stem, gram;
  float weight;  ///< Of the stem; a gram's is search.gram_weight times as much. 0: not looked up.
};

/// Title, headings and keywords count together in the title fields, at the least of their weights;
/// what one of them weighs more, it gets in fields of its own. So equal weights, the default, look
/// up the title fields alone.
inline std::array<FieldWeight, 5> field_weights(const SearchSettings& settings) {
  const float shared =
      std::min({settings.title_weight, settings.heading_weight, settings.keyword_weight});
  using enum IndexField;
  return {{{body_stem, body_gram, 1},
           {title_stem, title_gram, shared},
           {own_title_stem, own_title_gram, settings.title_weight - shared},
           {heading_stem, heading_gram, settings.heading_weight - shared},
           {keyword_stem, keyword_gram, settings.keyword_weight - shared}}};
}

}  // namespace saerok
