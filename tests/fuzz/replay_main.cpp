// Runs a fuzz target without libFuzzer: over the files of a seed corpus as they are, then over that
// many of their seeded mutations. What it can not do is to look for new ways through the code; it
// tells whether those that were found still end well.
//
//   replay_NAME CORPUS [MUTATIONS [SEED]]
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using saerok::Random;

constexpr std::size_t kInputBytesMax = 4096;

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const std::filesystem::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

std::string_view stretch_of(const std::string& input, Random& random) {
  if (input.empty()) return {};
  const std::size_t begin = random.below(input.size());
  return std::string_view(input).substr(begin, 1 + random.below(16));
}

std::string mutated(const std::vector<std::string>& inputs, Random& random) {
  std::string input = inputs[random.below(inputs.size())];
  for (std::uint64_t changes = 1 + random.below(8); changes > 0; --changes) {
    const std::size_t at = random.below(input.size() + 1);
    switch (random.below(4)) {
      case 0: input.insert(at, 1, static_cast<char>(random.below(256))); break;
      case 1: input.erase(at, 1 + random.below(4)); break;
      case 2: input.insert(at, stretch_of(inputs[random.below(inputs.size())], random)); break;
      default:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << random.below(8)));
    }
  }
  input.resize(std::min(input.size(), kInputBytesMax));
  return input;
}

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "usage: %s CORPUS [MUTATIONS [SEED]]\n", argv[0]);
    return 2;
  }
  const std::vector<std::string> inputs = read_corpus(argv[1]);
  if (inputs.empty()) {
    std::fprintf(stderr, "%s holds no file; a corpus has at least one\n", argv[1]);
    return 2;
  }
  for (const std::string& input : inputs) run(input);
  const unsigned long mutations = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
  const unsigned long seed = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 1;
  // Each mutation has a seed of its own, so that the one at fault can be told and run again alone.
  for (unsigned long i = 0; i < mutations; ++i) {
    Random random(seed + i);
    const std::string input = mutated(inputs, random);
    if (argc > 3 && mutations == 1) {
      std::printf("seed %lu: %zu bytes\n", seed, input.size());
      std::fflush(stdout);
    }
    run(input);
  }
  std::printf("%zu inputs and %lu mutations from seed %lu on\n", inputs.size(), mutations, seed);
  return 0;
}
