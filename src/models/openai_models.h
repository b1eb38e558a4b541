/// Models behind an OpenAI-compatible service as ports: `/embeddings`, `/chat/completions` and the
/// `/rerank` of Jina and Cohere. Which vendor it is, is not known here: only the wire.
#pragma once

#include <memory>

#include "models/openai_client.h"
#include "saerok/models.h"
#include "saerok/result.h"

namespace saerok {

/// Texts are cut at 24,000 bytes: what the usual limit of 8,192 tokens is for Korean. dimension()
/// is 0 until the first answer has shown it.
std::unique_ptr<Embedder> make_openai_embedder(RemoteModelOptions options);

/// Cannot follow a grammar, and says so (invalid_argument). Tokens are estimated on the high side.
std::unique_ptr<LanguageModel> make_openai_language_model(RemoteModelOptions options);

std::unique_ptr<Reranker> make_openai_reranker(RemoteModelOptions options);

}  // namespace saerok
