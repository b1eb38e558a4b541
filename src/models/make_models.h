/// models/: from settings to the ports of include/saerok/models.h. Each adapter knows one runtime
/// or one wire: llama_models.h (GGUF files, in a worker process), openai_models.h (services). Which
/// model files there are is model_catalogue.h's affair. Making a model reads a file's header at
/// most: nothing is loaded, fetched or asked before the first use.
#pragma once

#include <memory>
#include <string>

#include "saerok/models.h"
#include "saerok/result.h"
#include "saerok/settings.h"

namespace saerok {

/// `models_directory` is model_catalogue.h's folder; `worker_program` runs local models, as
/// `worker_program model-worker`.
///
/// A service if models.embed_base_url is set, else the installed model or GGUF file that
/// models.embed names. Errors: failed_precondition (not installed: the message says how to get it),
/// not_found, corrupt, invalid_argument.
Result<std::unique_ptr<Embedder>> make_embedder(const ModelSettings& settings,
                                                const std::string& models_directory,
                                                const std::string& worker_program);

/// The same with models.chat. Errors: not_found where no chat model is configured, and as above.
Result<std::unique_ptr<LanguageModel>> make_language_model(const ModelSettings& settings,
                                                           const std::string& models_directory,
                                                           const std::string& worker_program);

/// The same with models.rerank. Errors: as make_language_model().
Result<std::unique_ptr<Reranker>> make_reranker(const ModelSettings& settings,
                                                const std::string& models_directory,
                                                const std::string& worker_program);

}  // namespace saerok
