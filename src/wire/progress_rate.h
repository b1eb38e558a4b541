/// How fast a stage goes and how long it will take, from what it says of itself. The same in the
/// terminal and over HTTP.
#pragma once

#include <optional>

#include "saerok/requests.h"

namespace saerok {

struct ProgressRate {
  std::optional<double> tokens_per_s;  ///< Of embedding.
  std::optional<double> seconds_left;  ///< Nothing while a guess would be worthless.
};

ProgressRate rate_of(const Progress& progress);

}  // namespace saerok
