// Tokens embedded in a second by each runtime of the model worker, side by side: round by round the
// runtimes take turns on the same texts, since other work on the machine comes and goes. Prints the
// median rate of each by the clock and by the processor time of its worker, which is the better
// measure on a machine that is shared, with its ratios to the first runtime's in the same round.
//
//   embed_bench MODEL.gguf WORKER TEXTS [ROUNDS [THREADS [RUNTIME…]]]
//
// TEXTS holds a text a line; they are cut and joined to questions (60 bytes), chunks (700 bytes)
// and texts as long as the model reads. RUNTIME is a value of models.embed_with; the first is the
// one that the others are compared with.
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "models/llama_models.h"
#include "saerok/settings_fields.h"

namespace saerok {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// The lines as one stream, cut after about `bytes`, before a character.
std::vector<std::string> cut(const std::vector<std::string>& lines, std::size_t bytes,
                             std::size_t count) {
  std::vector<std::string> texts;
  std::string stream;
  for (const std::string& line : lines) stream += line + " ";
  for (std::size_t at = 0; texts.size() < count && at + bytes < stream.size();) {
    // Lengths vary around the mean as those of real texts do.
    std::size_t end = at + bytes / 2 + (texts.size() * 7919) % bytes;
    end = std::min(end, stream.size());
    while (end < stream.size() && (static_cast<unsigned char>(stream[end]) & 0xc0) == 0x80) ++end;
    texts.push_back(stream.substr(at, end - at));
    at = end;
  }
  return texts;
}

void embed_all(const Embedder& embedder, const std::vector<std::string>& texts) {
  for (std::size_t begin = 0; begin < texts.size(); begin += kEmbedBatchMax) {
    const std::size_t end = std::min(texts.size(), begin + kEmbedBatchMax);
    const std::vector<std::string_view> batch(texts.begin() + static_cast<std::ptrdiff_t>(begin),
                                              texts.begin() + static_cast<std::ptrdiff_t>(end));
    const auto vectors = embedder.embed(batch, TextRole::passage, {});
    if (vectors) continue;
    std::fprintf(stderr, "%s\n", vectors.error().message.c_str());
    std::exit(1);
  }
}

/// The worker started last.
pid_t last_child() {
  std::ifstream file("/proc/self/task/" + std::to_string(getpid()) + "/children");
  pid_t child = 0;
  pid_t last = 0;
  while (file >> child) last = child;
  return last;
}

double processor_seconds(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// The most memory that a process has held, in MB.
double peak_memory(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  for (std::string word; file >> word;) {
    double kilobytes = 0;
    if (word == "VmHWM:" && file >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Contender {
  std::string name;
  std::unique_ptr<Embedder> embedder;
  pid_t worker = 0;
  std::vector<double> rates, processor_rates, ratios, processor_ratios;
};

double count_tokens(const Embedder& embedder, const std::vector<std::string>& texts) {
  double tokens = 0;
  for (const std::string& text : texts) {
    const auto count = embedder.count_tokens("passage: " + text, {});
    tokens += static_cast<double>(std::min<std::size_t>(count.value_or(0), 512));
  }
  return tokens;
}

void race(std::vector<Contender>& contenders, const std::vector<std::string>& texts, int rounds,
          const char* kind) {
  const double tokens = count_tokens(*contenders.back().embedder, texts);
  for (Contender& contender : contenders) {
    for (auto* values : {&contender.rates, &contender.processor_rates, &contender.ratios,
                         &contender.processor_ratios}) {
      values->clear();
    }
    embed_all(*contender.embedder, texts);  // What each new shape costs once is not counted.
  }
  const Contender& first = contenders.front();
  for (int round = 0; round < rounds; ++round) {
    for (Contender& contender : contenders) {
      const auto begin = Clock::now();
      const double processor_begin = processor_seconds(contender.worker);
      embed_all(*contender.embedder, texts);
      contender.rates.push_back(tokens / seconds_since(begin));
      contender.processor_rates.push_back(tokens /
                                          (processor_seconds(contender.worker) - processor_begin));
      contender.ratios.push_back(contender.rates.back() / first.rates.back());
      contender.processor_ratios.push_back(contender.processor_rates.back() /
                                           first.processor_rates.back());
    }
  }
  for (const Contender& contender : contenders) {
    std::printf(
        "%-9s %4zu texts %6.0f tokens  %-9s %6.0f tokens/s %5.2f x  "
        "%6.0f a processor second %5.2f x\n",
        kind, texts.size(), tokens, contender.name.c_str(), median(contender.rates),
        median(contender.ratios), median(contender.processor_rates),
        median(contender.processor_ratios));
    std::fflush(stdout);
  }
}

double milliseconds_of(const Embedder& embedder, const std::string& text) {
  const auto begin = Clock::now();
  embed_all(embedder, {text});
  return 1000 * seconds_since(begin);
}

/// How long a question waits for its vector: the first and the second of a process, which load and
/// prepare, the same one again, and longer ones, each of which may be the first of its length.
void print_waits(const std::string& name, const Embedder& embedder) {
  const std::string question = "보일러 점검은 언제 받았지?";
  const double first = milliseconds_of(embedder, question);
  const double second = milliseconds_of(embedder, question);
  std::vector<double> again, new_length, same_length;
  for (int i = 0; i < 20; ++i) again.push_back(milliseconds_of(embedder, question));
  std::string longer = question;
  for (int i = 0; i < 6; ++i) {
    longer += " 그리고 다음 점검은 또 언제 받지?";
    new_length.push_back(milliseconds_of(embedder, longer));
    same_length.push_back(milliseconds_of(embedder, longer));
  }
  double extra = 0;
  for (std::size_t i = 0; i < new_length.size(); ++i) extra += new_length[i] - same_length[i];
  std::printf(
      "%-9s first vector after %.0f ms, the second %.0f ms, then %.1f ms each (median of "
      "20); the first of a new length %.0f ms more\n",
      name.c_str(), first, second, median(again), extra / static_cast<double>(new_length.size()));
}

int run(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: embed_bench MODEL WORKER TEXTS [ROUNDS [THREADS [RUNTIME...]]]\n", stderr);
    return 2;
  }
  std::vector<std::string> lines;
  std::ifstream file(argv[3]);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  const int rounds = std::max(1, argc > 4 ? std::atoi(argv[4]) : 5);
  const auto threads = static_cast<std::uint32_t>(argc > 5 ? std::atoi(argv[5]) : 2);
  std::vector<std::string> names{"llama", "automatic"};
  if (argc > 6) names.assign(argv + 6, argv + argc);
  std::vector<Contender> contenders;
  for (const std::string& name : names) {
    const auto* at = std::find(std::begin(kEmbedWithNames), std::end(kEmbedWithNames), name);
    if (at == std::end(kEmbedWithNames)) return 2;
    auto made = make_llama_embedder(
        {.path = argv[1],
         .worker_program = argv[2],
         .threads = threads,
         .embed_with = static_cast<EmbedWith>(at - std::begin(kEmbedWithNames))});
    if (!made) {
      std::fprintf(stderr, "%s\n", made.error().message.c_str());
      return 1;
    }
    print_waits(name, **made);
    contenders.push_back({name, std::move(made).value(), last_child(), {}, {}, {}, {}});
  }
  race(contenders, cut(lines, 60, 128), rounds, "question");
  race(contenders, cut(lines, 700, 32), rounds, "chunk");
  race(contenders, cut(lines, 3000, 8), rounds, "full");
  for (const Contender& contender : contenders) {
    std::printf("%-9s peak memory %.0f MB\n", contender.name.c_str(),
                peak_memory(contender.worker));
  }
  return 0;
}

}  // namespace
}  // namespace saerok

int main(int argc, char** argv) { return saerok::run(argc, argv); }
