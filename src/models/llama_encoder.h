/// An encoder computed by ggml straight from the mapped file. Slower than OpenVINO's graph, but
/// ready at once: it answers the first question of a process while that graph would still be
/// compiled.
#pragma once

#include <cstdint>
#include <memory>

#include "models/encoder_file.h"
#include "models/encoder_graph.h"

namespace saerok {

/// Nothing where saerok is built without llama.cpp, or the processor or the file is not one for it.
/// Views `file`, which must outlive it. A batch holds one text of at most kStarterTokensMax.
std::unique_ptr<EncoderLane> make_llama_encoder(const EncoderFile& file);

constexpr std::uint32_t kStarterTokensMax = 64;

}  // namespace saerok
