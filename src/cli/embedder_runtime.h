/// Which runtime makes the vectors of a local embedder, in which precision, and who chose that: for
/// commands that show it.
#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "models/model_catalogue.h"

namespace saerok {

/// "OpenVINO 2026.4.1, bf16 (measured on this machine)", or "llama.cpp, because …".
/// Costs a look at the model's file and loading the runtime, some 100 ms.
std::string describe_embedder_runtime(const std::string& model_path, const CommandContext& context);

/// The same of the embedder in the settings. Nothing where a service embeds or the model is not
/// installed.
std::optional<std::string> describe_configured_embedder(const CommandContext& context);

}  // namespace saerok
