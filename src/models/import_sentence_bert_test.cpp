// A small encoder written as sentence-transformers keeps one, imported, compared, and damaged.

#include "models/import_sentence_bert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "base/bytes.h"
#include "base/json.h"
#include "models/encoder_file.h"
#include "models/encoder_tokenizer.h"
#include "models/gguf.h"
#include "models/model_runtime.h"
#include "models/safetensors.h"
#include "models/scratch_folder.h"

namespace saerok {
namespace {

constexpr std::uint32_t kHidden = 64, kWide = 128, kLayers = 2, kPositions = 48, kLongest = 20;

std::vector<std::string> vocabulary() {
  std::vector<std::string> pieces{"[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]"};
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    pieces.emplace_back(1, letter);
    pieces.push_back("##" + std::string(1, letter));
  }
  for (const char* piece : {"the", "water", "##ing", "room", "12"}) pieces.emplace_back(piece);
  return pieces;
}

/// A sentence-transformers folder; what is in it can be changed before it is written.
struct SentenceBert {
  Json config = {{"model_type", "bert"},
                 {"hidden_act", "gelu"},
                 {"hidden_size", kHidden},
                 {"num_hidden_layers", kLayers},
                 {"num_attention_heads", 4},
                 {"intermediate_size", kWide},
                 {"vocab_size", vocabulary().size()},
                 {"max_position_embeddings", kPositions},
                 {"type_vocab_size", 2},
                 {"layer_norm_eps", 1e-12}};
  Json pooling = {{"pooling_mode_mean_tokens", true}, {"pooling_mode_cls_token", false}};
  Json tokenizer;
  Json header = {{"__metadata__", {{"format", "pt"}}}};
  std::string weights;

  SentenceBert() {
    Json pieces = Json::object();
    Json added = Json::array();
    const auto all = vocabulary();
    for (std::size_t id = 0; id < all.size(); ++id) {
      pieces[all[id]] = id;
      if (all[id].starts_with("[") && all[id] != "[unused0]") {
        added.push_back({{"id", id}, {"content", all[id]}, {"special", true}});
      }
    }
    tokenizer = {{"normalizer", {{"type", "BertNormalizer"}, {"lowercase", true}}},
                 {"added_tokens", added},
                 {"model", {{"type", "WordPiece"}, {"vocab", pieces}}}};
    const std::uint64_t words = all.size();
    add("embeddings.word_embeddings.weight", {words, kHidden}, 0);
    add("embeddings.position_embeddings.weight", {kPositions, kHidden}, 0);
    add("embeddings.token_type_embeddings.weight", {2, kHidden}, 0);
    add("embeddings.LayerNorm.weight", {kHidden}, 1);
    add("embeddings.LayerNorm.bias", {kHidden}, 0);
    for (std::uint32_t layer = 0; layer < kLayers; ++layer) {
      const std::string prefix = "encoder.layer." + std::to_string(layer) + ".";
      for (const char* name : {"attention.self.query", "attention.self.key", "attention.self.value",
                               "attention.output.dense"}) {
        linear(prefix + name, kHidden, kHidden);
      }
      linear(prefix + "intermediate.dense", kWide, kHidden);
      linear(prefix + "output.dense", kHidden, kWide);
      for (const char* name : {"attention.output.LayerNorm", "output.LayerNorm"}) {
        add(prefix + name + ".weight", {kHidden}, 1);
        add(prefix + name + ".bias", {kHidden}, 0);
      }
    }
  }

  void linear(const std::string& name, std::uint64_t outputs, std::uint64_t inputs) {
    add(name + ".weight", {outputs, inputs}, 0);
    add(name + ".bias", {outputs}, 0);
  }
  void add(const std::string& name, const std::vector<std::uint64_t>& shape, float middle) {
    std::uint64_t count = 1;
    for (const std::uint64_t length : shape) count *= length;
    std::normal_distribution<float> weight(middle, 0.15f);
    const std::size_t begin = weights.size();
    for (std::uint64_t i = 0; i < count; ++i) {
      const float value = weight(random_);
      weights.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    header[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {begin, weights.size()}}};
  }

  std::string safetensors() const {
    const std::string text = header.dump();
    const std::uint64_t size = text.size();
    return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text + weights;
  }

  void write(const std::string& folder) const {
    std::filesystem::create_directories(folder + "/1_Pooling");
    std::ofstream(folder + "/config.json") << config.dump();
    std::ofstream(folder + "/1_Pooling/config.json") << pooling.dump();
    std::ofstream(folder + "/sentence_bert_config.json")
        << Json{{"max_seq_length", kLongest}}.dump();
    std::ofstream(folder + "/tokenizer.json") << tokenizer.dump();
    std::ofstream(folder + "/model.safetensors", std::ios::binary) << safetensors();
  }

  Status import(const ScratchFolder& folder) const {
    write(folder.path("model"));
    return import_sentence_bert(folder.path("model"), "Tiny", "mit", folder.path("tiny.gguf"));
  }

 private:
  std::mt19937_64 random_{5};
};

TEST(ImportSentenceBert, TheFileSaysWhatTheFolderSaid) {
  const ScratchFolder folder;
  const Status imported = SentenceBert().import(folder);
  ASSERT_TRUE(imported) << imported.error().message;
  const auto info = read_gguf_info(folder.path("tiny.gguf"));
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_TRUE(info->is_embedder());
  EXPECT_EQ(info->name, "Tiny");
  EXPECT_EQ(info->license, "mit");
  EXPECT_EQ(info->embedding_length, kHidden);
  EXPECT_EQ(info->context_tokens, kLongest);
  EXPECT_EQ(info->pooling, 1u);
  EXPECT_EQ(info->source_sha256.size(), 64u);
}

TEST(ImportSentenceBert, PiecesAreFoundAsTheyWereNumbered) {
  const ScratchFolder folder;
  ASSERT_TRUE(SentenceBert().import(folder));
  const auto file = EncoderFile::open(folder.path("tiny.gguf"));
  ASSERT_TRUE(file) << file.error().message;
  const auto tokenizer = make_encoder_tokenizer(file->gguf());
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  const auto pieces = vocabulary();
  std::vector<std::string> read;
  for (const std::uint32_t id : (*tokenizer)->read("The watering ROOM 12 é 물")) {
    read.push_back(pieces[id]);
  }
  EXPECT_EQ(read, (std::vector<std::string>{"[CLS]", "the", "water", "##ing", "room", "12", "e",
                                            "[UNK]", "[SEP]"}));
}

TEST(ImportSentenceBert, WeightsStandWhereTheyBelong) {
  const ScratchFolder folder;
  const SentenceBert model;
  ASSERT_TRUE(model.import(folder));
  const auto file = EncoderFile::open(folder.path("tiny.gguf"));
  ASSERT_TRUE(file) << file.error().message;
  const std::string bytes = model.safetensors();
  const auto tensors = read_safetensors(as_byte_span(bytes));
  ASSERT_TRUE(tensors);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"encoder.layer.1.output.dense.weight", "blk.1.ffn_down.weight"},
           {"encoder.layer.0.intermediate.dense.bias", "blk.0.ffn_up.bias"},
           {"encoder.layer.1.attention.self.key.weight", "blk.1.attn_k.weight"},
           {"encoder.layer.0.attention.output.LayerNorm.weight",
            "blk.0.attn_output_norm.weight"}}) {
    const auto data = tensors->at(from).data;
    std::vector<float> copied(data.size() / sizeof(float));
    const Status read = file->read(to, copied);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(std::memcmp(copied.data(), data.data(), data.size()), 0) << to;
  }
}

#ifdef SAEROK_TEST_LLAMA
TEST(ImportSentenceBert, LlamaAndTheFastRuntimeReadTheSameModelInIt) {
  const ScratchFolder folder;
  ASSERT_TRUE(SentenceBert().import(folder));
  const std::vector<std::string> texts{"the water", "room 12 watering the long text of many words"};
  std::vector<std::vector<float>> vectors;
  for (const EmbedWith with : {EmbedWith::llama, EmbedWith::automatic}) {
    auto runtime = load_runtime({.path = folder.path("tiny.gguf"),
                                 .task = WorkerTask::embed,
                                 .threads = 1,
                                 .embed_with = with},
                                [] { return false; });
    ASSERT_TRUE(runtime) << runtime.error().message;
    auto embedded = (*runtime)->embed(texts);
    ASSERT_TRUE(embedded) << embedded.error().message;
    vectors.push_back(std::move(embedded->vectors));
  }
  ASSERT_EQ(vectors[0].size(), 2 * kHidden);
  double dot = 0;
  for (std::size_t i = 0; i < vectors[0].size(); ++i) dot += double{vectors[0][i]} * vectors[1][i];
  EXPECT_GE(dot / 2, .999);
}
#endif

TEST(ImportSentenceBert, AnotherBuildIsRefusedWithTheReason) {
  const auto refusal = [](const std::function<void(SentenceBert&)>& change) {
    const ScratchFolder folder;
    SentenceBert model;
    change(model);
    const Status imported = model.import(folder);
    EXPECT_FALSE(std::filesystem::exists(folder.path("tiny.gguf")));
    return imported ? std::string("none") : imported.error().message;
  };
  const auto says = [&](const std::string& part, const std::function<void(SentenceBert&)>& change) {
    const std::string message = refusal(change);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  says("no BERT", [](SentenceBert& m) { m.config["model_type"] = "mpnet"; });
  says("GELU", [](SentenceBert& m) { m.config["hidden_act"] = "relu"; });
  says("neither the mean", [](SentenceBert& m) { m.pooling["pooling_mode_mean_tokens"] = false; });
  says("upper case", [](SentenceBert& m) { m.tokenizer["normalizer"]["lowercase"] = false; });
  says("word pieces", [](SentenceBert& m) { m.tokenizer["model"]["type"] = "BPE"; });
  says("[SEP] is missing", [](SentenceBert& m) { m.tokenizer["added_tokens"].erase(3); });
  says("F16",
       [](SentenceBert& m) { m.header["encoder.layer.0.output.dense.weight"]["dtype"] = "F16"; });
  says("another shape", [](SentenceBert& m) { m.config["intermediate_size"] = kWide / 2; });
  says("is missing", [](SentenceBert& m) { m.config["num_hidden_layers"] = kLayers + 1; });
}

TEST(ImportSentenceBert, ADamagedHeaderIsAnErrorAndNeverACrash) {
  const std::string good = SentenceBert().safetensors();
  std::mt19937_64 random(7);
  for (int i = 0; i < 2'000; ++i) {
    std::string bad = good.substr(0, i % 3 == 0 ? random() % good.size() : good.size());
    for (int k = 0; k < 3 && !bad.empty(); ++k) {
      bad[random() % std::min<std::size_t>(bad.size(), 4'000)] = static_cast<char>(random());
    }
    const auto tensors = read_safetensors(as_byte_span(bad));
    if (!tensors) continue;
    for (const auto& [name, tensor] : *tensors) {
      EXPECT_LE(tensor.data.size(), bad.size());
    }
  }
}

}  // namespace
}  // namespace saerok
