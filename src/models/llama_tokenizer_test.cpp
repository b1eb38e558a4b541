// Our tokenizers of encoders give llama.cpp's pieces, id by id. llama_tokenizer_bench does the same
// for as many texts as one likes.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "models/encoder_tokenizer.h"
#include "models/hostile_texts.h"
#include "models/import_e5.h"
#include "models/scratch_folder.h"
#include "models/tiny_encoder.h"

#ifdef SAEROK_TEST_LLAMA
#include "models/llama_runtime.h"

namespace saerok {
namespace {

/// The lines of the sample vault, and made-up texts.
std::vector<std::string> sample_texts() {
  std::vector<std::string> texts{"", " ", "  두  칸  ", "a"};
  const std::filesystem::path root(SAEROK_SOURCE_DIR);
  for (const auto& file : std::filesystem::recursive_directory_iterator(root / "examples")) {
    if (file.path().extension() != ".md") continue;
    std::ifstream lines(file.path());
    for (std::string line; std::getline(lines, line);) {
      if (is_valid_utf8(line)) texts.push_back(to_nfkc(line));
    }
  }
  std::mt19937_64 random(11);
  for (int i = 0; i < 3'000; ++i) texts.push_back(to_nfkc(hostile_text(random)));
  return texts;
}

void expect_same_pieces(const std::string& path) {
  const auto gguf = GgufReader::open(path);
  ASSERT_TRUE(gguf) << gguf.error().message;
  const auto ours = make_encoder_tokenizer(*gguf);
  ASSERT_TRUE(ours) << ours.error().message;
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  llama_model_params parameters = llama_model_default_params();
  parameters.vocab_only = true;
  const LlamaModel model(llama_model_load_from_file(path.c_str(), parameters));
  ASSERT_TRUE(model);
  const auto texts = sample_texts();
  EXPECT_GT(texts.size(), 3'500u);
  for (const std::string& text : texts) {
    const auto theirs = tokenize(*llama_model_get_vocab(model.get()), text, SpecialTokens::add);
    ASSERT_TRUE(theirs) << text;
    const auto pieces = (*ours)->read(text);
    EXPECT_EQ(Tokens(pieces.begin(), pieces.end()), *theirs) << text;
  }
}

TEST(EncoderTokenizer, UnigramPiecesAreLlamas) {
  const ScratchFolder folder;
  ASSERT_TRUE(import_e5(SAEROK_TEST_E5, folder.path("e5.gguf")));
  expect_same_pieces(folder.path("e5.gguf"));
}

TEST(EncoderTokenizer, WordPiecesAreLlamas) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_tiny_encoder(folder.path("tiny.gguf"), 1));
  expect_same_pieces(folder.path("tiny.gguf"));
}

}  // namespace
}  // namespace saerok
#endif
