#include "models/encoder_runtime.h"
#include "models/model_runtime.h"

namespace saerok {

Result<std::unique_ptr<ModelRuntime>> load_runtime(const LoadRequest& request, StopQuery stop) {
  if (request.task != WorkerTask::embed || request.embed_with == EmbedWith::llama) {
    return load_llama_runtime(request, std::move(stop));
  }
  auto encoder = load_encoder_runtime(request, stop);
  if (encoder) return encoder;
  if (request.embed_with != EmbedWith::automatic) {
    return Error{ErrorCode::failed_precondition,
                 "models.embed_with asks for " +
                     std::string(kEmbedWithNames[static_cast<std::size_t>(request.embed_with)]) +
                     ", which cannot serve " + request.path + ": " + encoder.error().message +
                     "; set it to automatic"};
  }
  return load_llama_runtime(request, std::move(stop));
}

}  // namespace saerok
