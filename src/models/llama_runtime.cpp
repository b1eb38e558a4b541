#include "models/llama_runtime.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <limits>
#include <thread>

#include "models/memory_fit.h"

// llama.cpp reserves room for a score of every word at every token, 250,000 × 4 bytes × 512 tokens
// for multilingual-e5-small, also where only vectors are asked for, and clears it with memset,
// which makes it resident: 260 MB more a thread. The linker sends its calls here (--wrap in
// CMakeLists.txt): dropped pages read as zeros just the same, and cost memory only once they are
// written to.
extern "C" {
void __real_ggml_backend_buffer_clear(ggml_backend_buffer_t buffer, std::uint8_t value);
void __wrap_ggml_backend_buffer_clear(ggml_backend_buffer_t buffer, std::uint8_t value);

void __wrap_ggml_backend_buffer_clear(ggml_backend_buffer_t buffer, std::uint8_t value) {
  constexpr std::size_t kLarge = 1 << 20;
  const std::size_t size = ggml_backend_buffer_get_size(buffer);
  if (value != 0 || size < kLarge || !ggml_backend_buffer_is_host(buffer)) {
    return __real_ggml_backend_buffer_clear(buffer, value);
  }
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  auto* base = static_cast<std::byte*>(ggml_backend_buffer_get_base(buffer));
  const std::size_t head = (page - reinterpret_cast<std::uintptr_t>(base) % page) % page;
  const std::size_t whole = (size - head) / page * page;
  if (madvise(base + head, whole, MADV_DONTNEED) != 0) {  // Locked memory cannot be dropped.
    return __real_ggml_backend_buffer_clear(buffer, value);
  }
  std::memset(base, 0, head);
  std::memset(base + head + whole, 0, size - head - whole);
}
}

namespace saerok {
namespace {

/// llama.cpp's own words about why it refuses a model, for the Error; all of them if verbose.
struct Log {
  bool is_verbose = false;
  std::string last_error;
};

void take_log(ggml_log_level level, const char* text, void* user) {
  auto& log = *static_cast<Log*>(user);
  if (log.is_verbose) std::fputs(text, stderr);
  if (level == GGML_LOG_LEVEL_ERROR && log.last_error.size() < 2000) log.last_error += text;
}

Log& process_log() {
  static Log log;
  return log;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

Status check_processor() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool has_all = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                       __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("f16c");
  if (!has_all) {
    return Error{ErrorCode::failed_precondition,
                 "local models need a processor with AVX2, FMA, BMI2 and F16C, which this one "
                 "lacks; name a remote service instead (models.embed_base_url)"};
  }
#endif
  return {};
}

Result<Tokens> tokenize(const llama_vocab& vocabulary, std::string_view text,
                        SpecialTokens special) {
  constexpr std::size_t kTextMax = std::numeric_limits<std::int32_t>::max() / 2;
  if (text.size() > kTextMax) {
    return Error{ErrorCode::invalid_argument, "the text is too long for any model"};
  }
  const bool add = special == SpecialTokens::add || special == SpecialTokens::add_and_parse;
  const bool parse = special == SpecialTokens::parse || special == SpecialTokens::add_and_parse;
  const auto size = static_cast<std::int32_t>(text.size());
  // Room for the usual case; a negative answer says how much is really needed.
  Tokens tokens(text.size() / 2 + 16);
  std::int32_t count = llama_tokenize(&vocabulary, text.data(), size, tokens.data(),
                                      static_cast<std::int32_t>(tokens.size()), add, parse);
  if (count < 0 && count != std::numeric_limits<std::int32_t>::min()) {
    tokens.resize(static_cast<std::size_t>(-count));
    count = llama_tokenize(&vocabulary, text.data(), size, tokens.data(), -count, add, parse);
  }
  if (count < 0) return Error{ErrorCode::unavailable, "the model could not read the text"};
  tokens.resize(static_cast<std::size_t>(count));
  return tokens;
}

void LlamaBatch::add(llama_token token, std::int32_t position, std::int32_t sequence,
                     bool is_output) {
  const std::int32_t i = batch_.n_tokens++;
  batch_.token[i] = token;
  batch_.pos[i] = position;
  batch_.n_seq_id[i] = 1;
  batch_.seq_id[i][0] = sequence;
  batch_.logits[i] = is_output ? 1 : 0;
}

std::int32_t thread_count(const LoadRequest& request) {
  const std::uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::uint32_t wanted = request.threads == 0 ? cores : std::min(request.threads, cores);
  return static_cast<std::int32_t>(wanted);
}

llama_context_params context_parameters(const LoadRequest& request, StopQuery& stop) {
  llama_context_params parameters = llama_context_default_params();
  parameters.n_threads = thread_count(request);
  parameters.n_threads_batch = parameters.n_threads;
  parameters.no_perf = true;
  parameters.abort_callback = [](void* user) { return (*static_cast<StopQuery*>(user))(); };
  parameters.abort_callback_data = &stop;
  return parameters;
}

Result<std::unique_ptr<ModelRuntime>> load_llama_runtime(const LoadRequest& request,
                                                         StopQuery stop) {
  TRY(check_processor());
  TRY(check_weights(request.path, read_machine_memory()));
  Log& log = process_log();
  log.is_verbose = request.verbose;
  llama_log_set(take_log, &log);
  llama_backend_init();
  llama_model_params parameters = llama_model_default_params();
  parameters.load_mode = LLAMA_LOAD_MODE_MMAP;
  parameters.n_gpu_layers = 0;
  try {
    LlamaModel model(llama_model_load_from_file(request.path.c_str(), parameters));
    if (!model) {
      const std::string reason = first_line(log.last_error);
      return Error{ErrorCode::unavailable, "the model " + request.path + " could not be loaded" +
                                               (reason.empty() ? "" : ": " + reason)};
    }
    if (request.task == WorkerTask::embed) {
      return make_llama_embedding(std::move(model), request, std::move(stop));
    }
    if (request.task == WorkerTask::rerank) {
      return make_llama_rank(std::move(model), request, std::move(stop));
    }
    return make_llama_chat(std::move(model), request, std::move(stop));
  } catch (const std::exception& exception) {
    return Error{ErrorCode::unavailable,
                 "the model " + request.path + " could not be loaded: " + exception.what()};
  }
}

}  // namespace saerok
