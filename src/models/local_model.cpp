#include "models/local_model.h"

#include "base/unicode.h"

namespace saerok {
namespace {

/// No vocabulary has longer pieces on average; more of a text than this a model cannot see.
constexpr std::size_t kBytesPerToken = 64;

/// The text's first bytes, cut before a character.
std::string_view first_bytes(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0) == 0x80) --bytes_max;
  return text.substr(0, bytes_max);
}

}  // namespace

WorkerSpec worker_spec(const LocalModelOptions& options, WorkerTask task) {
  return {.program = options.worker_program,
          .load = {.path = options.path,
                   .task = task,
                   .threads = options.threads,
                   .context_tokens = options.context_tokens,
                   .verbose = options.verbose,
                   .embed_with = options.embed_with}};
}

std::string model_text(std::string_view text, std::size_t tokens_max) {
  const std::string_view read = first_bytes(text, tokens_max * kBytesPerToken);
  return to_nfkc(is_valid_utf8(read) ? read : replace_invalid_utf8(read).text);
}

std::string_view kind_of(const GgufInfo& info) {
  if (info.is_reranker()) return "a reranker";
  return info.is_embedder() ? "an embedder" : "a chat model";
}

Status check_worker_program(const LocalModelOptions& options) {
  if (!options.worker_program.empty()) return {};
  return Error{ErrorCode::failed_precondition,
               "local models need the saerok program, which was not found; put it on the PATH"};
}

}  // namespace saerok
