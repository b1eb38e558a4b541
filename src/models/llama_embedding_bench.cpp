// Tokens embedded in a second: through the port and its worker process, and by llama.cpp called
// directly in this process, alternating, since other work on the machine comes and goes. Tokens a
// second of processor time are the better measure on a machine that is shared.
//
//   llama_embedding_bench MODEL.gguf WORKER TEXTS [ROUNDS [THREADS]]
//
// TEXTS holds a text a line. Prints tokens/s of each round, both ratios, and the worker's memory.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "models/gguf.h"
#include "models/llama_models.h"
#include "models/llama_runtime.h"

namespace saerok {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double own_processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Of children that have ended.
rusage children_usage() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return usage;
}
double children_processor_seconds() {
  const rusage usage = children_usage();
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// The plainest correct loop over llama.h: a text, an encode, a vector.
class Direct {
 public:
  Direct(const std::string& path, std::int32_t threads) {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    llama_backend_init();
    model_.reset(llama_model_load_from_file(path.c_str(), llama_model_default_params()));
    llama_context_params parameters = llama_context_default_params();
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = 512;
    parameters.n_threads = parameters.n_threads_batch = threads;
    parameters.embeddings = true;
    context_.reset(llama_init_from_model(model_.get(), parameters));
  }
  std::size_t embed(const std::vector<std::string>& texts) {
    std::size_t sum = 0;
    for (const std::string& text : texts) {
      auto tokens =
          tokenize(*llama_model_get_vocab(model_.get()), "passage: " + text, SpecialTokens::add);
      tokens->resize(std::min<std::size_t>(tokens->size(), 512));
      LlamaBatch batch(512);
      for (std::size_t i = 0; i < tokens->size(); ++i) {
        batch.add((*tokens)[i], static_cast<std::int32_t>(i), 0, true);
      }
      if (llama_encode(context_.get(), batch.get()) != 0) std::abort();
      if (llama_get_embeddings_seq(context_.get(), 0) == nullptr) std::abort();
      sum += tokens->size();
    }
    return sum;
  }

 private:
  LlamaModel model_;
  LlamaContext context_;
};

void embed_through_port(const Embedder& embedder, const std::vector<std::string>& texts) {
  for (std::size_t begin = 0; begin < texts.size(); begin += kEmbedBatchMax) {
    std::vector<std::string_view> batch;
    for (std::size_t i = begin; i < std::min(texts.size(), begin + kEmbedBatchMax); ++i) {
      batch.push_back(texts[i]);
    }
    const auto vectors = embedder.embed(batch, TextRole::passage, {});
    if (!vectors) std::fprintf(stderr, "%s\n", vectors.error().message.c_str()), std::abort();
  }
}

int run(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: llama_embedding_bench MODEL WORKER TEXTS [ROUNDS [THREADS]]\n", stderr);
    return 2;
  }
  std::vector<std::string> texts;
  std::ifstream file(argv[3]);
  for (std::string line; std::getline(file, line);) texts.push_back(line);
  if (texts.empty()) {
    std::fprintf(stderr, "%s holds no text\n", argv[3]);
    return 2;
  }
  const int rounds = argc > 4 ? std::atoi(argv[4]) : 5;
  const auto threads = static_cast<std::uint32_t>(argc > 5 ? std::atoi(argv[5]) : 2);
  Direct direct(argv[1], static_cast<std::int32_t>(threads));
  const LocalModelOptions options{.path = argv[1],
                                  .worker_program = argv[2],
                                  .threads = threads,
                                  .embed_with = EmbedWith::llama};
  auto embedder = make_llama_embedder(options);
  if (!embedder) {
    std::fprintf(stderr, "%s\n", embedder.error().message.c_str());
    return 1;
  }
  embed_through_port(**embedder, {texts.front()});  // Loads the model.
  embedder->reset();
  const double loading = children_processor_seconds();
  embedder = make_llama_embedder(options);
  embed_through_port(**embedder, {texts.front()});
  double direct_seconds = 0;
  std::vector<double> direct_rates;
  std::vector<double> port_rates;
  for (int round = 0; round < rounds; ++round) {
    const double processor_begin = own_processor_seconds();
    auto begin = Clock::now();
    const auto tokens = static_cast<double>(direct.embed(texts));
    direct_rates.push_back(tokens / seconds_since(begin));
    direct_seconds += own_processor_seconds() - processor_begin;
    begin = Clock::now();
    embed_through_port(**embedder, texts);
    port_rates.push_back(tokens / seconds_since(begin));
    std::printf("%zu texts, %.0f tokens: direct %.0f tokens/s, port %.0f tokens/s\n", texts.size(),
                tokens, direct_rates.back(), port_rates.back());
  }
  const auto median = [](std::vector<double> rates) {
    std::sort(rates.begin(), rates.end());
    return rates[rates.size() / 2];
  };
  embedder->reset();
  const double port_seconds = children_processor_seconds() - 2 * loading;
  std::printf("port / direct: %.3f by the clock, %.3f by processor time; worker %.0f MB\n",
              median(port_rates) / median(direct_rates), direct_seconds / port_seconds,
              static_cast<double>(children_usage().ru_maxrss) / 1024);
  return 0;
}

}  // namespace
}  // namespace saerok

int main(int argc, char** argv) { return saerok::run(argc, argv); }
