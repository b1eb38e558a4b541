/// A runtime that another stands behind: where the first fails, at once or in the middle, the other
/// serves from then on, and each answer says so.
#pragma once

#include <functional>
#include <memory>

#include "models/model_runtime.h"

namespace saerok {

using MakeRuntime = std::function<Result<std::unique_ptr<ModelRuntime>>()>;

/// Of embedders. `make_other` is called when it is first needed. An answer that was stopped and a
/// request that is wrong are no failures.
std::unique_ptr<ModelRuntime> make_fallback_runtime(std::unique_ptr<ModelRuntime> first,
                                                    MakeRuntime make_other);

/// The other from the start, with the reason.
Result<std::unique_ptr<ModelRuntime>> make_fallen_back_runtime(const Error& reason,
                                                               const MakeRuntime& make_other);

}  // namespace saerok
