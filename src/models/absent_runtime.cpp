#include "models/llama_encoder.h"
#include "models/model_runtime.h"

namespace saerok {

Result<std::unique_ptr<ModelRuntime>> load_llama_runtime(const LoadRequest& request, StopQuery) {
  return Error{ErrorCode::failed_precondition,
               "this saerok was built without the runtime for local models, so " + request.path +
                   " cannot be used; build with -DSAEROK_LLAMA=ON or name a remote service"};
}

std::unique_ptr<EncoderLane> make_llama_encoder(const EncoderFile&) { return nullptr; }

}  // namespace saerok
