/// Finds and loads the module that computes encoders (encoder_graph.h), if there is one. It stands
/// beside the program in a build folder and in the program's own folder of libraries once
/// installed.
#pragma once

#include "models/encoder_graph.h"
#include "saerok/result.h"

namespace saerok {

/// Loaded once in a process and never unloaded. Errors: failed_precondition (built without, not
/// found or not loadable, and why).
Result<const EncoderModule*> load_encoder_module();

}  // namespace saerok
