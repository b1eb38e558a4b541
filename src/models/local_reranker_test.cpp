// Local cross-encoders: what they score is held against a slow, plain computation of the same file.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>

#include "models/gguf_reader.h"
#include "models/llama_models.h"
#include "models/scratch_folder.h"
#include "models/tiny_encoder.h"
#include "models/worker_protocol.h"

namespace saerok {
namespace {

TEST(LocalReranker, AFileOfAnotherKindIsRefusedWithWhatItIs) {
  const ScratchFolder folder;
  const auto why = [&](const char* name) {
    const auto made = make_llama_reranker({.path = folder.path(name), .worker_program = "saerok"});
    EXPECT_FALSE(made);
    if (made) return std::string();
    EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
    return made.error().message;
  };
  ASSERT_TRUE(write_tiny_encoder(folder.path("embedder.gguf"), 1));
  EXPECT_NE(why("embedder.gguf").find("is an embedder, not a reranker"), std::string::npos);
  ASSERT_TRUE(write_tiny_encoder(folder.path("classifier.gguf"), 1, {}, 3));
  EXPECT_NE(why("classifier.gguf").find("tells 3 classes apart"), std::string::npos);
  GgufWriter writer;
  writer.put_text("general.architecture", "qwen3");
  const std::vector<float> weights(16);
  const std::uint64_t shape[] = {8, 2};
  writer.add_tensor("cls.output.weight", shape, GgufTensorType::f32,
                    std::as_bytes(std::span(weights)));
  ASSERT_TRUE(writer.write(folder.path("decoder.gguf")));
  EXPECT_NE(why("decoder.gguf").find("search.rerank_by to chat"), std::string::npos);
}

TEST(LocalReranker, ARerankerIsNeitherAnEmbedderNorAChatModel) {
  const ScratchFolder folder;
  const std::string path = folder.path("reranker.gguf");
  ASSERT_TRUE(write_tiny_encoder(path, 1, {}, 1));
  const auto embedder = make_llama_embedder({.path = path, .worker_program = "saerok"});
  ASSERT_FALSE(embedder);
  EXPECT_NE(embedder.error().message.find("is a reranker"), std::string::npos);
  const auto chat = make_llama_language_model({.path = path, .worker_program = "saerok"});
  ASSERT_FALSE(chat);
  EXPECT_NE(chat.error().message.find("is a reranker"), std::string::npos);
}

/// A worker that says these things to the first request whatever that is, and then nothing more.
std::string worker_that_says(const ScratchFolder& folder, std::span<const ScoredPassage> scores) {
  constexpr std::uint32_t kLoad = 1, kFirst = 2;
  const std::string said = folder.path("said"), path = folder.path("worker");
  std::ofstream out(said, std::ios::binary);
  const auto say = [&](const std::vector<std::byte>& frame) {
    out.write(reinterpret_cast<const char*>(frame.data()),
              static_cast<std::streamsize>(frame.size()));
  };
  say(encode_frame(FrameType::loaded, kLoad, encode(LoadedModel{.dimension = 1})));
  for (const ScoredPassage& scored : scores) {
    say(encode_frame(FrameType::delta, kFirst, encode(scored)));
  }
  std::ofstream(path) << "#!/bin/sh\ncat " << said << "\nexec sleep 60\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

const std::vector<std::string_view> kFour = {"one", "two", "three", "four"};

TEST(LocalReranker, WhatWasFinishedInTimeIsKeptAndTheOthersFollowInTheirOrder) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_tiny_encoder(folder.path("tiny.gguf"), 1, {}, 1));
  const ScoredPassage scores[] = {{0, -4.0f, false}, {2, -1.0f, true}};
  const auto reranker = make_llama_reranker(
      {.path = folder.path("tiny.gguf"), .worker_program = worker_that_says(folder, scores)});
  ASSERT_TRUE(reranker) << reranker.error().message;
  const auto begin = std::chrono::steady_clock::now();
  const auto scored = (*reranker)->score(
      "q", kFour, {.stop = {}, .deadline = begin + std::chrono::milliseconds(400)});
  ASSERT_TRUE(scored) << scored.error().message;
  ASSERT_EQ(scored->size(), 4u);
  EXPECT_GT((*scored)[2], (*scored)[0]);
  EXPECT_GT((*scored)[0], (*scored)[1]);
  EXPECT_GT((*scored)[1], (*scored)[3]);
  EXPECT_EQ(
      (*reranker)->remark(),
      "tiny reranked 2 of 4 passages, the others stand behind them in their order: the time was "
      "up; tiny read only the beginning of 1 of 4 passages: it reads 48 tokens of question and "
      "passage together");
}

TEST(LocalReranker, ScoresOfNoPassageAreAFailure) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_tiny_encoder(folder.path("tiny.gguf"), 1, {}, 1));
  for (const std::uint32_t passage : {4u, 0u}) {  // Beyond the last; the same twice.
    const ScoredPassage scores[] = {{0, 1.0f, false}, {passage, 1.0f, false}};
    const auto reranker = make_llama_reranker(
        {.path = folder.path("tiny.gguf"), .worker_program = worker_that_says(folder, scores)});
    ASSERT_TRUE(reranker) << reranker.error().message;
    const auto scored = (*reranker)->score("q", kFour, {});
    ASSERT_FALSE(scored);
    EXPECT_EQ(scored.error().code, ErrorCode::unavailable);
  }
}

#ifdef SAEROK_TEST_LLAMA

/// BERT with a classification head, as its paper and its file say, one number after the other.
class PlainCrossEncoder {
 public:
  explicit PlainCrossEncoder(const std::string& path) : file_(*GgufReader::open(path)) {}

  double score(const std::vector<std::size_t>& tokens) const {
    Rows x;
    for (std::size_t p = 0; p < tokens.size(); ++p) {
      x.push_back(sum(sum(row("token_embd.weight", tokens[p]), row("position_embd.weight", p)),
                      row("token_types.weight", 0)));
      x.back() = norm(x.back(), "token_embd_norm");
    }
    for (const std::string layer : {"blk.0.", "blk.1."}) {
      const Rows mixed = attend(x, layer);
      for (std::size_t p = 0; p < x.size(); ++p) {
        const Row kept =
            norm(sum(linear(mixed[p], layer + "attn_output"), x[p]), layer + "attn_output_norm");
        Row wide = linear(kept, layer + "ffn_up");
        for (double& v : wide) v = 0.5 * v * (1 + std::erf(v / std::sqrt(2.0)));
        x[p] = norm(sum(linear(wide, layer + "ffn_down"), kept), layer + "layer_output_norm");
      }
    }
    Row head = linear(x.front(), "cls");
    for (double& v : head) v = std::tanh(v);
    return linear(head, "cls.output").front();
  }

 private:
  using Row = std::vector<double>;
  using Rows = std::vector<Row>;
  static constexpr std::size_t kHeads = 4;

  Row row(const std::string& name, std::size_t at) const {
    const GgufTensor* tensor = file_.find_tensor(name);
    std::vector<float> values(tensor->row_length);
    read_row(*tensor, at, values);
    return {values.begin(), values.end()};
  }
  static Row sum(Row a, const Row& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
  }
  Row linear(const Row& x, const std::string& name) const {
    Row y = row(name + ".bias", 0);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const Row weights = row(name + ".weight", i);
      for (std::size_t d = 0; d < x.size(); ++d) y[i] += weights[d] * x[d];
    }
    return y;
  }
  Row norm(Row x, const std::string& name) const {
    double mean = 0, variance = 0;
    for (const double v : x) mean += v / static_cast<double>(x.size());
    for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
    const Row weight = row(name + ".weight", 0), bias = row(name + ".bias", 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = (x[i] - mean) / std::sqrt(variance) * weight[i] + bias[i];
    }
    return x;
  }
  Rows attend(const Rows& x, const std::string& layer) const {
    Rows query, key, value;
    for (const Row& at : x) {
      query.push_back(linear(at, layer + "attn_q"));
      key.push_back(linear(at, layer + "attn_k"));
      value.push_back(linear(at, layer + "attn_v"));
    }
    const std::size_t size = x.front().size() / kHeads;
    Rows mixed(x.size(), Row(x.front().size()));
    for (std::size_t head = 0; head < kHeads; ++head) {
      for (std::size_t p = 0; p < x.size(); ++p) {
        Row shares;
        double total = 0;
        for (std::size_t o = 0; o < x.size(); ++o) {
          double product = 0;
          for (std::size_t d = head * size; d < (head + 1) * size; ++d) {
            product += query[p][d] * key[o][d];
          }
          shares.push_back(std::exp(product / std::sqrt(static_cast<double>(size))));
          total += shares.back();
        }
        for (std::size_t o = 0; o < x.size(); ++o) {
          for (std::size_t d = head * size; d < (head + 1) * size; ++d) {
            mixed[p][d] += shares[o] / total * value[o][d];
          }
        }
      }
    }
    return mixed;
  }

  GgufReader file_;
};

constexpr std::size_t kCls = 2, kSep = 3;

class LocalRerankerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<ScratchFolder>();
    ASSERT_TRUE(write_tiny_encoder(folder_->path("tiny.gguf"), 1, {}, 1));
    auto made = make_llama_reranker(
        {.path = folder_->path("tiny.gguf"), .worker_program = SAEROK_TEST_WORKER, .threads = 2});
    ASSERT_TRUE(made) << made.error().message;
    reranker_ = std::move(made).value();
    plain_ = std::make_unique<PlainCrossEncoder>(folder_->path("tiny.gguf"));
  }
  static void TearDownTestSuite() {
    reranker_.reset();
    plain_.reset();
    folder_.reset();
  }

  static std::vector<float> score(std::string_view query, std::vector<std::string_view> passages) {
    auto scores = reranker_->score(query, passages, {});
    EXPECT_TRUE(scores) << scores.error().message;
    return scores ? *scores : std::vector<float>(passages.size());
  }

  /// The pieces of words that stand in the vocabulary whole.
  static std::vector<std::size_t> pieces(std::string_view text) {
    const std::vector<std::string> vocabulary = tiny_vocabulary();
    std::vector<std::size_t> found;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      const std::string piece = "\u2581" + std::string(text.substr(at, end - at));
      const auto known = std::find(vocabulary.begin(), vocabulary.end(), piece);
      EXPECT_NE(known, vocabulary.end()) << piece;
      found.push_back(static_cast<std::size_t>(known - vocabulary.begin()));
      at = end + 1;
    }
    return found;
  }
  static double plain_score(std::string_view query, std::string_view passage,
                            std::size_t passage_tokens = 1'000) {
    std::vector<std::size_t> tokens = {kCls};
    for (const std::size_t piece : pieces(query)) tokens.push_back(piece);
    tokens.push_back(kSep);
    auto read = pieces(passage);
    read.resize(std::min(read.size(), passage_tokens));
    tokens.insert(tokens.end(), read.begin(), read.end());
    tokens.push_back(kSep);
    return plain_->score(tokens);
  }

  static std::unique_ptr<ScratchFolder> folder_;
  static std::unique_ptr<Reranker> reranker_;
  static std::unique_ptr<PlainCrossEncoder> plain_;
};
std::unique_ptr<ScratchFolder> LocalRerankerTest::folder_;
std::unique_ptr<Reranker> LocalRerankerTest::reranker_;
std::unique_ptr<PlainCrossEncoder> LocalRerankerTest::plain_;

/// llama.cpp keeps keys and values in half precision.
constexpr double kNear = 0.01;

TEST_F(LocalRerankerTest, ScoresAreThoseOfThePlainComputation) {
  const char* const pairs[][2] = {{"water", "the room"},
                                  {"the room", "water"},
                                  {"empty room", "the water room empty"},
                                  {"empty the water room", "room"},
                                  {"12", "漢 字 漢 water water water the empty"}};
  double least = 1e9, most = -1e9;
  for (const auto& [query, passage] : pairs) {
    const double expected = plain_score(query, passage);
    EXPECT_NEAR(score(query, {passage}).front(), expected, kNear) << query << " / " << passage;
    least = std::min(least, expected);
    most = std::max(most, expected);
  }
  // Else any construction of the pair would pass.
  EXPECT_GT(most - least, 20 * kNear);
  EXPECT_GT(std::abs(plain_score("water", "the room") - plain_score("the room", "water")),
            5 * kNear);
  EXPECT_EQ(reranker_->remark(), "");
  EXPECT_EQ(reranker_->name(), "tiny");
}

TEST_F(LocalRerankerTest, APassageHasTheSameScoreInAnyCompany) {
  std::vector<std::string_view> passages;
  const std::string_view few[] = {"room", "the water", "empty room the water room the water",
                                  "water water water water water water water water water", ""};
  for (int i = 0; i < 60; ++i) passages.push_back(few[i % 5]);
  const auto together = score("the room", passages);
  ASSERT_EQ(together.size(), 60u);
  for (std::size_t i = 0; i < 5; ++i) {
    const float alone = score("the room", {few[i]}).front();
    for (std::size_t k = i; k < 60; k += 5) EXPECT_NEAR(together[k], alone, kNear) << few[i];
  }
}

TEST_F(LocalRerankerTest, ALongPassageIsCutAndTheQuestionIsNot) {
  std::string shorter = "water";
  for (int i = 0; i < 42; ++i) shorter += i % 3 == 0 ? " the" : " room";
  const std::string longer = shorter + " empty empty empty empty empty";
  const auto scores = score("empty", {shorter, longer, "room"});
  // Of 48 tokens [CLS], the question and two [SEP] leave 44.
  EXPECT_NEAR(scores[0], plain_score("empty", shorter), kNear);
  EXPECT_NEAR(scores[1], plain_score("empty", longer, 44), kNear);
  EXPECT_EQ(reranker_->remark(),
            "tiny read only the beginning of 1 of 3 passages: it reads 48 tokens "
            "of question and passage together");
  const auto asked = score("empty water empty water empty water", {longer});
  EXPECT_NEAR(asked[0], plain_score("empty water empty water empty water", longer, 39), kNear);
}

TEST_F(LocalRerankerTest, AQuestionThatLeavesNoRoomIsAnError) {
  std::string question = "room";
  for (int i = 0; i < 40; ++i) question += " water";
  const std::vector<std::string_view> passages = {"the room"};
  const auto scores = reranker_->score(question, passages, {});
  ASSERT_FALSE(scores);
  EXPECT_EQ(scores.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(scores.error().message.find("the question has 41 tokens"), std::string::npos)
      << scores.error().message;
  EXPECT_EQ(score("room", {"the room"}).size(), 1u) << "and the next one is answered";
}

TEST_F(LocalRerankerTest, WhatLooksLikeASpecialTokenIsOnlyText) {
  EXPECT_GT(std::abs(score("room", {"water [SEP] the"}).front() - plain_score("room", "water the")),
            kNear);
  EXPECT_NE(score("room", {"water [SEP] the"}).front(), score("room", {"water"}).front());
}

TEST_F(LocalRerankerTest, AStopIsObeyed) {
  std::stop_source stop;
  stop.request_stop();
  const std::vector<std::string_view> passages = {"the room"};
  const auto scores =
      reranker_->score("room", passages, {.stop = stop.get_token(), .deadline = {}});
  ASSERT_FALSE(scores);
  EXPECT_EQ(scores.error().code, ErrorCode::cancelled);
}

#endif

}  // namespace
}  // namespace saerok
