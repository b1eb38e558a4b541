#include "models/worker_protocol.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace saerok {
namespace {

TEST(WorkerProtocol, FramesArriveWholeHoweverTheyAreCut) {
  std::vector<std::byte> stream;
  for (std::uint32_t i = 0; i < 50; ++i) {
    const auto frame = encode_frame(FrameType::delta, i, encode_text(std::string(i * 7, 'a')));
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  FrameParser parser;
  std::uint32_t expected = 0;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = std::min<std::size_t>(stream.size() - at, random() % 40);
    parser.feed(std::span(stream).subspan(at, size));
    at += size;
    for (;;) {
      const auto frame = parser.next();
      ASSERT_TRUE(frame);
      if (!*frame) break;
      EXPECT_EQ((*frame)->request, expected);
      EXPECT_EQ((*frame)->payload.size(), expected * 7);
      ++expected;
    }
  }
  EXPECT_EQ(expected, 50u);
}

TEST(WorkerProtocol, AnImpossibleLengthOrTypeIsCorrupt) {
  for (const std::size_t byte : {std::size_t{3}, std::size_t{8}}) {
    auto frame = encode_frame(FrameType::embed, 1, {});
    frame[byte] = std::byte{0xff};
    FrameParser parser;
    parser.feed(frame);
    EXPECT_FALSE(parser.next());
  }
}

TEST(WorkerProtocol, AScoreComesBackAsItWasAndNothingElseIsOne) {
  const auto payload = encode(ScoredPassage{.passage = 3, .score = -1.5f, .is_cut = true});
  const auto read = decode_scored_passage(payload);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->passage, 3u);
  EXPECT_EQ(read->score, -1.5f);
  EXPECT_TRUE(read->is_cut);
  EXPECT_FALSE(decode_scored_passage(std::span(payload).first(payload.size() - 1)));
}

TEST(WorkerProtocol, PayloadsComeBackAsTheyWere) {
  const CompletionRequest request{.messages = {{"system", "짧게"}, {"user", "왜?"}},
                                  .tokens_max = 7,
                                  .temperature = 0.5f,
                                  .seed = 1ull << 40,
                                  .grammar = "root ::= \"a\""};
  const auto read = decode_completion_request(encode(request));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->messages.at(1).content, "왜?");
  EXPECT_EQ(read->tokens_max, 7u);
  EXPECT_EQ(read->temperature, 0.5f);
  EXPECT_EQ(read->seed, 1ull << 40);
  EXPECT_EQ(read->grammar, request.grammar);
  const auto vectors = decode_embedded_texts(encode(EmbeddedTexts{
      .dimension = 2, .tokens = 9, .vectors = {1, 2, 3, 4}, .remark = "천천히", .chosen = "int8"}));
  ASSERT_TRUE(vectors);
  EXPECT_EQ(vectors->remark, "천천히");
  EXPECT_EQ(vectors->chosen, "int8");
  const auto load = decode_load_request(
      encode(LoadRequest{.path = "m.gguf", .chosen = "f32", .may_measure = true}));
  ASSERT_TRUE(load);
  EXPECT_EQ(load->chosen, "f32");
  EXPECT_TRUE(load->may_measure);
  EXPECT_EQ(vectors->vectors, (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(decode_error(encode(Error{ErrorCode::too_many, "zu viel"})).message, "zu viel");
  const auto progress = decode_prompt_progress(encode(PromptProgress{256, 1'667}));
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->read, 256u);
  EXPECT_EQ(progress->total, 1'667u);
}

TEST(WorkerProtocol, CutOrFloodedPayloadsAreCorrupt) {
  const CompletionRequest request{.messages = {{"user", "왜?"}}, .grammar = "g"};
  auto payload = encode(request);
  for (std::size_t size = 0; size < payload.size(); ++size) {
    EXPECT_FALSE(decode_completion_request(std::span(payload).first(size))) << size;
  }
  payload.push_back(std::byte{0});
  EXPECT_FALSE(decode_completion_request(payload));
  EXPECT_FALSE(decode_embedded_texts(encode(EmbeddedTexts{.dimension = 3, .vectors = {1, 2}})));
  EXPECT_EQ(decode_error({}).code, ErrorCode::corrupt);
  auto progress = encode(PromptProgress{1, 2});
  EXPECT_FALSE(decode_prompt_progress(std::span(progress).first(7)));
  progress.push_back(std::byte{0});
  EXPECT_FALSE(decode_prompt_progress(progress));
}

TEST(WorkerProtocol, RandomBytesNeverCrashADecoder) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::byte> bytes(random() % 60);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    static_cast<void>(decode_load_request(bytes));
    static_cast<void>(decode_texts(bytes));
    static_cast<void>(decode_embedded_texts(bytes));
    static_cast<void>(decode_completion_request(bytes));
    static_cast<void>(decode_completion(bytes));
    static_cast<void>(decode_error(bytes));
  }
}

}  // namespace
}  // namespace saerok
