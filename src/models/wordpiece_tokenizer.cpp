#include "models/encoder_tokenizer.h"

namespace saerok {

Result<std::unique_ptr<EncoderTokenizer>> make_wordpiece_tokenizer(const GgufReader&) {
  return Error{ErrorCode::failed_precondition, "its vocabulary is of the kind bert"};
}

}  // namespace saerok
