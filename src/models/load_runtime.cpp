#include "models/encoder_runtime.h"
#include "models/fallback_runtime.h"
#include "models/model_runtime.h"
#include "saerok/settings_fields.h"

namespace saerok {

Result<std::unique_ptr<ModelRuntime>> load_runtime(const LoadRequest& request, StopQuery stop,
                                                   const EncoderModule* module) {
  if (request.task != WorkerTask::embed || request.embed_with == EmbedWith::llama) {
    return load_llama_runtime(request, std::move(stop));
  }
  auto encoder = load_encoder_runtime(request, stop, module);
  const bool is_automatic = request.embed_with == EmbedWith::automatic;
  const auto load_other = [request, stop] { return load_llama_runtime(request, stop); };
  if (encoder && is_automatic) return make_fallback_runtime(std::move(*encoder), load_other);
  if (encoder) return encoder;
  if (!is_automatic) {
    return Error{ErrorCode::failed_precondition,
                 "models.embed_with asks for " +
                     std::string(kEmbedWithNames[static_cast<std::size_t>(request.embed_with)]) +
                     ", which cannot serve " + request.path + ": " + encoder.error().message +
                     "; set it to automatic"};
  }
  // Not to be there, or not for this model, is as it should be; to be there and fail is not.
  if (encoder.error().code != ErrorCode::unavailable) return load_other();
  return make_fallen_back_runtime(encoder.error(), load_other);
}

}  // namespace saerok
