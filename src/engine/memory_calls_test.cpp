// Labels and conversations as a program reaches them: by the collection's name, under the store's
// lock.

#include "engine/memory_calls.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/sim_env.h"

namespace saerok {
namespace {

StoredTurn make_turn(std::string role, std::string content) {
  StoredTurn turn;
  turn.turn = {.role = std::move(role), .content = std::move(content)};
  return turn;
}

LabelRecord make_label(std::string question) {
  LabelRecord label;
  label.question = std::move(question);
  label.path = "a.md";
  return label;
}

struct MemoryCallsTest : testing::Test {
  SimEnv env;
  Writers writers{env, "/store"};
  MemoryCalls memory{writers};

  void SetUp() override {
    const auto storage = open_storage(env, "/store", OpenMode::write);
    ASSERT_TRUE(storage) << storage.error().message;
    for (const char* name : {"default", "work"}) {
      CollectionRecord record;
      record.name = name;
      record.analyzer_fingerprint = "analyzer/1";
      ASSERT_TRUE(storage->truth->put_collection(record));
    }
  }
};

TEST_F(MemoryCallsTest, ConversationGrowsAndIsForgotten) {
  const auto id = memory.remember("default", std::nullopt, {make_turn("user", "first")});
  ASSERT_TRUE(id) << id.error().message;
  const auto again = memory.remember("default", *id, {make_turn("assistant", "second")});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, *id);
  const auto turns = memory.conversation("default", *id).value();
  ASSERT_EQ(turns.size(), 2u);
  EXPECT_EQ(turns[1].turn.content, "second");
  EXPECT_GT(turns[1].created_s, 0);
  ASSERT_TRUE(memory.forget_conversation("default", *id));
  EXPECT_EQ(memory.conversation("default", *id).error().code, ErrorCode::not_found);
  EXPECT_TRUE(memory.conversations("default").value().empty());
}

TEST_F(MemoryCallsTest, LastTurnsAreReplacedWithTheTimeOfNow) {
  const auto id = memory
                      .remember("default", std::nullopt,
                                {make_turn("user", "first"), make_turn("assistant", "old")})
                      .value();
  const Status replaced =
      memory.replace_turns("default", id, {.begin = 1, .end = 2}, {make_turn("assistant", "new")});
  ASSERT_TRUE(replaced) << replaced.error().message;
  const auto turns = memory.conversation("default", id).value();
  ASSERT_EQ(turns.size(), 2u);
  EXPECT_EQ(turns[1].turn.content, "new");
  EXPECT_GT(turns[1].created_s, 0);
  EXPECT_EQ(memory.replace_turns("default", id, {.begin = 1, .end = 2}, {}).error().code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(memory.replace_turns("work", id, {.begin = 1, .end = 2}, turns).error().code,
            ErrorCode::not_found);
}

TEST_F(MemoryCallsTest, NumbersOfAnotherCollectionAreNotFound) {
  const auto id = memory.remember("work", std::nullopt, {make_turn("user", "?")}).value();
  const auto label = memory.add_label("work", make_label("?")).value();
  EXPECT_EQ(memory.conversation("default", id).error().code, ErrorCode::not_found);
  EXPECT_EQ(memory.remember("default", id, {make_turn("user", "?")}).error().code,
            ErrorCode::not_found);
  EXPECT_EQ(memory.forget_conversation("default", id).error().code, ErrorCode::not_found);
  EXPECT_EQ(memory.remove_label("default", label).error().code, ErrorCode::not_found);
  EXPECT_EQ(memory.labels("nowhere").error().code, ErrorCode::not_found);
  ASSERT_TRUE(memory.remove_label("work", label));
  EXPECT_TRUE(memory.labels("work").value().empty());
}

TEST_F(MemoryCallsTest, WhileAnotherWritesWritingIsRefusedAndReadingIsNot) {
  const auto writer = open_storage(env, "/store", OpenMode::write);
  ASSERT_TRUE(writer);
  const auto refused = memory.add_label("default", make_label("?"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(refused.error().message.find("wait for it to end"), std::string::npos);
  EXPECT_TRUE(memory.labels("default"));
}

TEST_F(MemoryCallsTest, BesideAnIngestOfTheSameEngineConversationsAreStored) {
  const auto ingest = writers.get(Writers::IfMissing::create);
  ASSERT_TRUE(ingest) << ingest.error().message;
  EXPECT_TRUE(memory.remember("default", std::nullopt, {make_turn("user", "?")}));
  EXPECT_FALSE(open_storage(env, "/store", OpenMode::write)) << "the lock was given back too early";
}

TEST_F(MemoryCallsTest, WhenNobodyWritesAnyMoreTheLockIsFree) {
  ASSERT_TRUE(memory.remember("default", std::nullopt, {make_turn("user", "?")}));
  EXPECT_TRUE(open_storage(env, "/store", OpenMode::write));
}

TEST_F(MemoryCallsTest, ThreadsThatRememberAtOnceAllSucceed) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back(
        [&] { EXPECT_TRUE(memory.remember("default", std::nullopt, {make_turn("user", "?")})); });
  }
  threads.clear();
  EXPECT_EQ(memory.conversations("default").value().size(), 4u);
}

TEST(MemoryCalls, AskingMakesNoStore) {
  SimEnv env;
  Writers writers(env, "/nowhere");
  MemoryCalls memory(writers);
  EXPECT_EQ(memory.add_label("default", make_label("?")).error().code, ErrorCode::not_found);
  EXPECT_EQ(memory.labels("default").error().code, ErrorCode::not_found);
  EXPECT_FALSE(env.stat("/nowhere").value().has_value());
}

}  // namespace
}  // namespace saerok
