// Our own tokenizer of encoders (encoder_tokenizer.h) beside llama.cpp's: whether every text gives
// the same pieces, and how long loading and reading take.
//
//   llama_tokenizer_bench MODEL.gguf [TEXTS…]
//
// Each line of the files is a text, and so are parts of it, and ten thousand made-up hostile ones.
// Ends with 1 if any differs.
#include <chrono>
#include <cstdio>
#include <fstream>

#include "models/encoder_tokenizer.h"
#include "models/hostile_texts.h"
#include "models/llama_runtime.h"

namespace saerok {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

void add_lines(const char* path, std::vector<std::string>& texts) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    line = to_nfkc(is_valid_utf8(line) ? line : replace_invalid_utf8(line).text);
    texts.push_back(line);
    for (std::size_t at = 0; at + 300 < line.size(); at += 150) {  // Begins inside words as well.
      std::size_t begin = at;
      std::size_t end = at + 300;
      while (continues_character(line[begin])) ++begin;
      while (continues_character(line[end])) --end;
      texts.push_back(line.substr(begin, end - begin));
    }
  }
}

bool is_same(const llama_vocab& vocabulary, EncoderTokenizer& tokenizer, const std::string& text) {
  const auto theirs = tokenize(vocabulary, text, SpecialTokens::add);
  const auto pieces = tokenizer.read(text);
  const Tokens ours(pieces.begin(), pieces.end());
  if (theirs && *theirs == ours) return true;
  std::printf("different: %s\n  ours  ", text.c_str());
  for (const llama_token id : ours) std::printf(" %d", id);
  std::printf("\n  theirs");
  for (const llama_token id : theirs.value_or(Tokens{})) std::printf(" %d", id);
  std::printf("\n");
  return false;
}

int run(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: llama_tokenizer_bench MODEL [TEXTS...]\n", stderr);
    return 2;
  }
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  auto begin = Clock::now();
  const auto gguf = GgufReader::open(argv[1]);
  if (!gguf) return std::fprintf(stderr, "%s\n", gguf.error().message.c_str()), 1;
  const auto ours = make_encoder_tokenizer(*gguf);
  if (!ours) return std::fprintf(stderr, "%s\n", ours.error().message.c_str()), 1;
  (*ours)->read("보일러 점검은 언제 받았지?");
  std::printf("a first text is read after %.1f ms, ", ms_since(begin));
  (*ours)->read("보일러 점검은 언제 받았지?");
  std::printf("a second after %.1f ms; ", ms_since(begin));
  begin = Clock::now();
  llama_model_params parameters = llama_model_default_params();
  parameters.vocab_only = true;
  const LlamaModel model(llama_model_load_from_file(argv[1], parameters));
  if (!model) return 1;
  const llama_vocab& vocabulary = *llama_model_get_vocab(model.get());
  std::printf("llama.cpp's vocabulary in %.1f ms\n", ms_since(begin));

  std::vector<std::string> texts{""};
  for (int i = 2; i < argc; ++i) add_lines(argv[i], texts);
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) texts.push_back(to_nfkc(hostile_text(random)));
  std::size_t different = 0;
  for (const std::string& text : texts) {
    if (!is_same(vocabulary, **ours, text) && ++different == 5) return 1;
  }
  std::size_t pieces = 0;
  begin = Clock::now();
  for (const std::string& text : texts) pieces += (*ours)->read(text).size();
  const double own_ms = ms_since(begin);
  begin = Clock::now();
  std::size_t their_pieces = 0;
  for (const std::string& text : texts) {
    their_pieces += tokenize(vocabulary, text, SpecialTokens::add).value_or(Tokens{}).size();
  }
  std::printf("%zu texts, %zu different, %zu pieces: ours %.0f ms, llama.cpp's %.0f ms\n",
              texts.size(), different, pieces, own_ms, ms_since(begin));
  return different == 0 && pieces == their_pieces ? 0 : 1;
}

}  // namespace
}  // namespace saerok

int main(int argc, char** argv) { return saerok::run(argc, argv); }
