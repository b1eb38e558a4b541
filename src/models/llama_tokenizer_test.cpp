// Our tokenizers of encoders give llama.cpp's pieces, id by id. llama_tokenizer_bench does the same
// for as many texts as one likes.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "models/encoder_tokenizer.h"
#include "models/hostile_texts.h"
#include "models/import_e5.h"
#include "models/scratch_folder.h"
#include "models/tiny_charsmap.h"
#include "models/tiny_encoder.h"

#ifdef SAEROK_TEST_LLAMA
#include "models/llama_runtime.h"

namespace saerok {
namespace {

enum class Texts : std::uint8_t { nfkc, as_they_are };

/// The lines of the sample vault, and made-up texts.
std::vector<std::string> sample_texts(Texts form) {
  std::vector<std::string> texts{"", " ", "  두  칸  ", "a"};
  const auto add = [&](const std::string& text) {
    texts.push_back(form == Texts::nfkc ? to_nfkc(text) : text);
  };
  const std::filesystem::path root(SAEROK_SOURCE_DIR);
  for (const auto& file : std::filesystem::recursive_directory_iterator(root / "examples")) {
    if (file.path().extension() != ".md") continue;
    std::ifstream lines(file.path());
    for (std::string line; std::getline(lines, line);) {
      if (is_valid_utf8(line)) add(line);
    }
  }
  std::mt19937_64 random(11);
  for (int i = 0; i < 3'000; ++i) add(hostile_text(random));
  return texts;
}

void expect_same_pieces(const std::string& path, Texts form = Texts::nfkc) {
  const auto gguf = GgufReader::open(path);
  ASSERT_TRUE(gguf) << gguf.error().message;
  const auto ours = make_encoder_tokenizer(*gguf);
  ASSERT_TRUE(ours) << ours.error().message;
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  llama_model_params parameters = llama_model_default_params();
  parameters.vocab_only = true;
  const LlamaModel model(llama_model_load_from_file(path.c_str(), parameters));
  ASSERT_TRUE(model);
  const auto texts = sample_texts(form);
  EXPECT_GT(texts.size(), 3'500u);
  for (const std::string& text : texts) {
    const auto theirs = tokenize(*llama_model_get_vocab(model.get()), text, SpecialTokens::add);
    ASSERT_TRUE(theirs) << text;
    const auto pieces = (*ours)->read(text);
    EXPECT_EQ(Tokens(pieces.begin(), pieces.end()), *theirs) << text;
  }
}

void expect_first_text_is_read_alike(const std::string& path) {
  const auto gguf = GgufReader::open(path);
  ASSERT_TRUE(gguf) << gguf.error().message;
  const auto used = make_encoder_tokenizer(*gguf);
  ASSERT_TRUE(used) << used.error().message;
  (*used)->read("a first one");
  const auto texts = sample_texts(Texts::nfkc);
  for (std::size_t i = 0; i < texts.size(); i += 40) {
    const auto fresh = make_encoder_tokenizer(*gguf);
    ASSERT_TRUE(fresh);
    EXPECT_EQ((*fresh)->read(texts[i]), (*used)->read(texts[i])) << texts[i];
  }
}

TEST(EncoderTokenizer, UnigramPiecesAreLlamas) {
  const ScratchFolder folder;
  ASSERT_TRUE(import_e5(SAEROK_TEST_E5, folder.path("e5.gguf")));
  expect_same_pieces(folder.path("e5.gguf"));
}

TEST(EncoderTokenizer, TheFirstTextIsReadAsTheOthersAre) {
  const ScratchFolder folder;
  ASSERT_TRUE(import_e5(SAEROK_TEST_E5, folder.path("e5.gguf")));
  expect_first_text_is_read_alike(folder.path("e5.gguf"));
}

/// What SentencePiece's tables hold: every character that NFKC changes, blanks of all kinds as
/// blanks, invisible ones as nothing, and sequences that become one character.
std::vector<std::byte> nfkc_charsmap() {
  std::map<std::string, std::string> replacements;
  const auto add = [&](const std::string& text) {
    if (const std::string normal = to_nfkc(text); normal != text) replacements[text] = normal;
  };
  for (char32_t code = 0xa0; code < 0x10000; ++code) {
    if (code >= 0xac00 && code < 0xe000) continue;  // Syllables stay, surrogates are no characters.
    std::string text;
    append_utf8(text, code);
    add(text);
  }
  for (const char* letter : {"a", "e", "i", "o", "u", "A", "E", "I", "O", "U", "n", "c"}) {
    for (const char* mark : {"\u0300", "\u0301", "\u0302", "\u0303", "\u0308", "\u0327"}) {
      add(std::string(letter) + mark);
    }
  }
  for (const char* syllable : {"\u1112\u1161", "\u1112\u1161\u11ab", "\u1100\u1161"}) add(syllable);
  for (const char* blank : {"\t", "\n", "\r", "\u0085"}) replacements[blank] = " ";
  for (const char* nothing : {"\u0001", "\u007f", "\u200b", "\ufe0f"}) replacements[nothing] = "";
  return CharsmapBuilder::build(replacements);
}

/// The vocabulary of `path` with a table of its own for normalising, and no weights.
Status write_with_charsmap(const std::string& path, const std::string& target) {
  const auto source = TRY(GgufReader::open(path));
  GgufWriter writer;
  for (const char* key : {"general.architecture", "tokenizer.ggml.model", "tokenizer.ggml.pre"}) {
    writer.put_text(key, source.text(key).value_or(""));
  }
  for (const char* key :
       {"bert.context_length", "bert.embedding_length", "bert.feed_forward_length",
        "bert.block_count", "bert.attention.head_count", "bert.pooling_type",
        "tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id",
        "tokenizer.ggml.unknown_token_id", "tokenizer.ggml.padding_token_id"}) {
    writer.put_count(key, static_cast<std::uint32_t>(source.number(key).value_or(0)));
  }
  writer.put_real("bert.attention.layer_norm_epsilon", 1e-12f);
  for (const char* key :
       {"bert.attention.causal", "tokenizer.ggml.add_bos_token", "tokenizer.ggml.add_eos_token",
        "tokenizer.ggml.add_space_prefix", "tokenizer.ggml.remove_extra_whitespaces"}) {
    writer.put_flag(key, source.flag(key).value_or(false));
  }
  std::vector<std::string> pieces;
  for (const auto piece : source.texts("tokenizer.ggml.tokens")) pieces.emplace_back(piece);
  writer.put_texts("tokenizer.ggml.tokens", pieces);
  writer.put_reals("tokenizer.ggml.scores", source.reals("tokenizer.ggml.scores"));
  writer.put_integers("tokenizer.ggml.token_type", source.integers("tokenizer.ggml.token_type"));
  writer.put_bytes("tokenizer.ggml.precompiled_charsmap", nfkc_charsmap());
  return writer.write(target);
}

TEST(EncoderTokenizer, UnigramPiecesAreLlamasWithTheVocabularysOwnNormalising) {
  const ScratchFolder folder;
  ASSERT_TRUE(import_e5(SAEROK_TEST_E5, folder.path("e5.gguf")));
  const Status written = write_with_charsmap(folder.path("e5.gguf"), folder.path("xlmr.gguf"));
  ASSERT_TRUE(written) << written.error().message;
  expect_same_pieces(folder.path("xlmr.gguf"), Texts::as_they_are);
  const auto gguf = GgufReader::open(folder.path("xlmr.gguf"));
  ASSERT_TRUE(gguf);
  const auto tokenizer = make_encoder_tokenizer(*gguf);
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ((*tokenizer)->read("e\u0301 \u1112\u1161\u11ab\t①"), (*tokenizer)->read("é 한 1"));
}

TEST(EncoderTokenizer, WordPiecesAreLlamas) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_tiny_encoder(folder.path("tiny.gguf"), 1));
  expect_same_pieces(folder.path("tiny.gguf"));
}

}  // namespace
}  // namespace saerok
#endif
