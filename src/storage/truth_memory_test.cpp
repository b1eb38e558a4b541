// Labels and conversations: what goes in comes out, an older store gets them, and no fault loses
// one that was acknowledged.

#include <gtest/gtest.h>

#include <map>

#include "base/sim_env.h"
#include "storage/open_storage.h"
#include "storage/sqlite_truth.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

using test::make_collection;
using test::make_source;
using test::why;

LabelRecord make_label(const std::string& question, std::int32_t grade = 1) {
  return {.question = question,
          .root = "/notes",
          .path = "차/녹차.md",
          .document_id = "차/녹차.md",
          .bytes = {.begin = 12, .end = 340},
          .quote = "녹차는 80도에서\n우린다 \"2분\"",
          .grade = grade,
          .created_s = 1'700'000'123};
}

StoredTurn make_turn(std::string role, std::string content, std::int64_t created_s) {
  return {.turn = {.role = std::move(role), .content = std::move(content)},
          .created_s = created_s,
          .standalone_query = {},
          .model = {},
          .prompt_hash = {},
          .citations = {}};
}

StoredTurn make_answer(std::string content, std::int64_t created_s) {
  StoredTurn turn = make_turn("assistant", std::move(content), created_s);
  turn.standalone_query = "녹차 온도";
  turn.model = "a-model";
  turn.prompt_hash = "0123abcd";
  turn.citations = {{.marker = 1,
                     .root = "/notes",
                     .path = "차/녹차.md",
                     .document_id = "id-7",
                     .heading_path = {"차", "끓이기"},
                     .lines = {.first = 4, .last = 9},
                     .bytes = {.begin = 100, .end = 5'000'000'000},
                     .quote = "80도에서 2분"},
                    {.marker = 4'000'000'000,
                     .root = {},
                     .path = {},
                     .document_id = {},
                     .heading_path = {},
                     .lines = {},
                     .bytes = {},
                     .quote = {}}};
  return turn;
}

void expect_equal(const LabelRecord& found, const LabelRecord& expected) {
  EXPECT_EQ(found.question, expected.question);
  EXPECT_EQ(found.root, expected.root);
  EXPECT_EQ(found.path, expected.path);
  EXPECT_EQ(found.document_id, expected.document_id);
  EXPECT_EQ(found.bytes, expected.bytes);
  EXPECT_EQ(found.quote, expected.quote);
  EXPECT_EQ(found.grade, expected.grade);
  EXPECT_EQ(found.created_s, expected.created_s);
}

void expect_equal(const StoredTurn& found, const StoredTurn& expected) {
  EXPECT_EQ(found.turn.role, expected.turn.role);
  EXPECT_EQ(found.turn.content, expected.turn.content);
  EXPECT_EQ(found.created_s, expected.created_s);
  EXPECT_EQ(found.standalone_query, expected.standalone_query);
  EXPECT_EQ(found.model, expected.model);
  EXPECT_EQ(found.prompt_hash, expected.prompt_hash);
  ASSERT_EQ(found.citations.size(), expected.citations.size());
  for (std::size_t i = 0; i < expected.citations.size(); ++i) {
    const Citation& a = found.citations[i];
    const Citation& b = expected.citations[i];
    EXPECT_EQ(a.marker, b.marker);
    EXPECT_EQ(a.root, b.root);
    EXPECT_EQ(a.path, b.path);
    EXPECT_EQ(a.document_id, b.document_id);
    EXPECT_EQ(a.heading_path, b.heading_path);
    EXPECT_EQ(a.lines, b.lines);
    EXPECT_EQ(a.bytes, b.bytes);
    EXPECT_EQ(a.quote, b.quote);
  }
}

std::unique_ptr<SqliteTruth> open_truth(Env& env, SqliteAccess access = SqliteAccess::write) {
  auto truth = SqliteTruth::open(env, "/truth.db", access);
  EXPECT_TRUE(truth) << why(truth);
  return truth ? std::move(truth).value() : nullptr;
}

struct MemoryTest : testing::Test {
  SimEnv env;
  std::unique_ptr<SqliteTruth> truth = open_truth(env);
  CollectionId collection = truth->put_collection(make_collection()).value().id;

  void reopen() {
    truth.reset();
    truth = open_truth(env);
  }
};

TEST_F(MemoryTest, LabelComesBackWhole) {
  const LabelRecord right = make_label("녹차는 몇 도?");
  LabelRecord wrong = make_label("", -2);
  wrong.bytes = {};
  wrong.quote.clear();
  const LabelId first = truth->add_label(collection, right).value();
  const LabelId second = truth->add_label(collection, wrong).value();
  reopen();
  const auto labels = truth->labels(collection).value();
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[0].id, first);
  EXPECT_EQ(labels[1].id, second);
  expect_equal(labels[0], right);
  expect_equal(labels[1], wrong);
}

TEST_F(MemoryTest, NumberOfARemovedLabelIsNeverGivenAgain) {
  const LabelId first = truth->add_label(collection, make_label("a")).value();
  ASSERT_TRUE(truth->remove_label(first));
  reopen();
  EXPECT_GT(truth->add_label(collection, make_label("b")).value(), first);
  const Status gone = truth->remove_label(first);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::not_found);
  EXPECT_EQ(truth->labels(collection).value().size(), 1u);
}

TEST_F(MemoryTest, ConversationComesBackWholeAndInOrder) {
  const std::vector<StoredTurn> begun = {make_turn("user", "녹차는 몇 도?", 1'000),
                                         make_answer("80도 [1].", 1'002)};
  const ConversationId id = truth->add_conversation(collection, begun).value();
  const std::vector<StoredTurn> more = {make_turn("user", "And how long?", 900),
                                        make_answer("2분 [1].", 901)};
  ASSERT_TRUE(truth->append_turns(id, more));
  reopen();
  const auto turns = truth->turns(id).value();
  ASSERT_EQ(turns.size(), 4u);
  expect_equal(turns[0], begun[0]);
  expect_equal(turns[1], begun[1]);
  expect_equal(turns[2], more[0]);
  expect_equal(turns[3], more[1]);
  const auto summaries = truth->conversations(collection).value();
  ASSERT_EQ(summaries.size(), 1u);
  EXPECT_EQ(summaries[0].id, id);
  EXPECT_EQ(summaries[0].title, "녹차는 몇 도?");
  EXPECT_EQ(summaries[0].created_s, 1'000);
  EXPECT_EQ(summaries[0].changed_s, 901);
  EXPECT_EQ(summaries[0].turns, 4u);
}

TEST_F(MemoryTest, LastTurnsAreReplacedAndTheOthersStay) {
  const std::vector<StoredTurn> begun = {make_turn("user", "a", 1), make_answer("b", 2),
                                         make_turn("user", "c", 3), make_answer("d", 4)};
  const ConversationId id = truth->add_conversation(collection, begun).value();
  const ConversationId other = truth->add_conversation(collection, begun).value();
  const std::vector<StoredTurn> anew = {make_turn("user", "c", 5), make_answer("e", 6)};
  ASSERT_TRUE(truth->replace_turns(id, {.begin = 2, .end = 4}, anew));
  reopen();
  const auto turns = truth->turns(id).value();
  ASSERT_EQ(turns.size(), 4u);
  expect_equal(turns[1], begun[1]);
  expect_equal(turns[2], anew[0]);
  expect_equal(turns[3], anew[1]);
  EXPECT_EQ(truth->turns(other).value().size(), 4u);
  ASSERT_TRUE(truth->replace_turns(id, {.begin = 0, .end = 4}, anew));
  EXPECT_EQ(truth->turns(id).value().size(), 2u);
}

TEST_F(MemoryTest, TurnsThatCameMeanwhileAreNotReplaced) {
  const std::vector<StoredTurn> begun = {make_turn("user", "a", 1), make_answer("b", 2)};
  const ConversationId id = truth->add_conversation(collection, begun).value();
  ASSERT_TRUE(truth->append_turns(id, begun));
  for (const TurnRange stale : {TurnRange{0, 2}, TurnRange{4, 6}, TurnRange{5, 4}}) {
    const Status refused = truth->replace_turns(id, stale, begun);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
  }
  EXPECT_EQ(truth->turns(id).value().size(), 4u);
}

TEST_F(MemoryTest, ConversationChangedLastComesFirstWhateverTheClockSays) {
  const StoredTurn late[] = {make_turn("user", "late", 5'000)};
  const StoredTurn early[] = {make_turn("user", "early", 10)};
  const ConversationId a = truth->add_conversation(collection, late).value();
  const ConversationId b = truth->add_conversation(collection, early).value();
  auto summaries = truth->conversations(collection).value();
  ASSERT_EQ(summaries.size(), 2u);
  EXPECT_EQ(summaries[0].id, b);
  ASSERT_TRUE(truth->append_turns(a, early));
  EXPECT_EQ(truth->conversations(collection).value()[0].id, a);
}

TEST_F(MemoryTest, WhatDoesNotExistIsNotFound) {
  const StoredTurn turn[] = {make_turn("user", "?", 1)};
  const ConversationId conversation = truth->add_conversation(collection, turn).value();
  ASSERT_TRUE(truth->remove_conversation(conversation));
  EXPECT_EQ(truth->turns(conversation).error().code, ErrorCode::not_found);
  EXPECT_EQ(truth->append_turns(conversation, turn).error().code, ErrorCode::not_found);
  EXPECT_EQ(truth->replace_turns(conversation, {}, turn).error().code, ErrorCode::not_found);
  EXPECT_EQ(truth->remove_conversation(conversation).error().code, ErrorCode::not_found);
  EXPECT_EQ(truth->add_label(CollectionId{77}, make_label("?")).error().code, ErrorCode::not_found);
  EXPECT_EQ(truth->add_conversation(CollectionId{77}, turn).error().code, ErrorCode::not_found);
  EXPECT_TRUE(truth->labels(CollectionId{77}).value().empty());
}

TEST_F(MemoryTest, GoesWithItsCollectionAndWithNoOther) {
  const auto other = truth->put_collection(make_collection("other")).value().id;
  const StoredTurn turn[] = {make_turn("user", "mine", 1)};
  ASSERT_TRUE(truth->add_label(collection, make_label("mine")));
  ASSERT_TRUE(truth->add_label(other, make_label("other's")));
  const auto mine = truth->add_conversation(collection, turn).value();
  const auto others = truth->add_conversation(other, turn).value();
  ASSERT_TRUE(truth->remove_collection(collection));
  EXPECT_TRUE(truth->labels(collection).value().empty());
  EXPECT_TRUE(truth->conversations(collection).value().empty());
  EXPECT_EQ(truth->turns(mine).error().code, ErrorCode::not_found);
  EXPECT_EQ(truth->labels(other).value().size(), 1u);
  EXPECT_EQ(truth->turns(others).value().size(), 1u);
}

TEST_F(MemoryTest, LabelFollowsAFileThatMoves) {
  ASSERT_TRUE(truth->commit(collection, {.sources = {make_source("a.md"), make_source("b.md")}}));
  LabelRecord label = make_label("which file was first?");
  label.path = label.document_id = "a.md";
  ASSERT_TRUE(truth->add_label(collection, label));
  label.path = "b.md";
  label.document_id = "record-3";
  ASSERT_TRUE(truth->add_label(collection, label));
  const auto sources = truth->sources(collection).value();
  // They swap their names.
  ASSERT_TRUE(truth->commit(collection, {.renames = {{sources[0].id, "/notes", "b.md"},
                                                     {sources[1].id, "/notes", "a.md"}}}));
  const auto labels = truth->labels(collection).value();
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[0].path, "b.md");
  EXPECT_EQ(labels[0].document_id, "b.md");
  EXPECT_EQ(labels[1].path, "a.md");
  EXPECT_EQ(labels[1].document_id, "record-3");
}

TEST_F(MemoryTest, ReaderSeesItAndMayNotChangeIt) {
  const auto reader = open_truth(env, SqliteAccess::read);
  ASSERT_TRUE(truth->add_label(collection, make_label("?")));
  const StoredTurn turn[] = {make_turn("user", "?", 1)};
  const auto conversation = truth->add_conversation(collection, turn).value();
  EXPECT_EQ(reader->labels(collection).value().size(), 1u);
  EXPECT_EQ(reader->turns(conversation).value().size(), 1u);
  EXPECT_EQ(reader->add_label(collection, make_label("?")).error().code,
            ErrorCode::failed_precondition);
  EXPECT_EQ(reader->remove_conversation(conversation).error().code, ErrorCode::failed_precondition);
}

TEST_F(MemoryTest, DoesNotCountAsAChangeOfTheIndex) {
  const auto change = truth->manifest(collection).value().change;
  ASSERT_TRUE(truth->add_label(collection, make_label("?")));
  EXPECT_EQ(truth->manifest(collection).value().change, change);
}

TEST_F(MemoryTest, RottenRowIsAnErrorThatNamesIt) {
  ASSERT_TRUE(truth->add_label(collection, make_label("rotten question")));
  const StoredTurn turn[] = {make_turn("user", "rotten turn", 1)};
  const auto conversation = truth->add_conversation(collection, turn).value();
  truth.reset();  // Moves all into the database.
  const auto bytes = env.map("/truth.db").value();
  const std::string_view text(reinterpret_cast<const char*>(bytes->bytes().data()),
                              bytes->bytes().size());
  for (const char* part : {"rotten question", "rotten turn"}) {
    const auto at = text.find(part);
    ASSERT_NE(at, std::string_view::npos);
    test::flip_before_writing(env, "/truth.db", at * 8 + 1);
  }
  truth = open_truth(env, SqliteAccess::read);
  const auto labels = truth->labels(collection);
  ASSERT_FALSE(labels);
  EXPECT_EQ(labels.error().code, ErrorCode::corrupt);
  EXPECT_NE(labels.error().message.find("label 1"), std::string::npos);
  EXPECT_EQ(truth->turns(conversation).error().code, ErrorCode::corrupt);
}

/// Makes the database what a saerok without Memory wrote.
void make_version_1(Env& env, const std::string& path) {
  const SqliteVfs vfs(env, SqliteAccess::write, PageChecksums::kept);
  auto connection = Connection::open(vfs, path);
  ASSERT_TRUE(connection) << why(connection);
  const Status made = (*connection)
                          ->execute(
                              "BEGIN; DROP TABLE label; DROP TABLE conversation;"
                              "DROP TABLE turn; DROP TABLE root; PRAGMA user_version = 1; COMMIT");
  ASSERT_TRUE(made) << made.error().message;
}

TEST_F(MemoryTest, OlderStoreReadsAsOneWithoutAnyAndGetsItsTablesFromAWriter) {
  ASSERT_TRUE(truth->commit(collection, {.sources = {make_source("a.md")}}));
  truth.reset();
  make_version_1(env, "/truth.db");
  const auto reader = open_truth(env, SqliteAccess::read);
  ASSERT_NE(reader, nullptr);
  EXPECT_TRUE(reader->labels(collection).value().empty());
  EXPECT_TRUE(reader->conversations(collection).value().empty());
  EXPECT_EQ(reader->turns(ConversationId{1}).error().code, ErrorCode::not_found);
  truth = open_truth(env);
  ASSERT_NE(truth, nullptr);
  ASSERT_TRUE(truth->add_label(collection, make_label("?")));
  EXPECT_EQ(truth->sources(collection).value().size(), 1u);
  // One source may be a file that was named; its folder was not.
  EXPECT_TRUE(truth->named_roots(collection).value().empty());
  // The reader that was open before sees them too.
  EXPECT_EQ(reader->labels(collection).value().size(), 1u);
}

/// What is known to be in the store, and of one thing that it may be.
struct Journal {
  std::map<std::string, bool> labels;            ///< By question; false: it may be there or not.
  std::map<std::string, std::size_t> turns;      ///< Of conversations, by their first turn.
  std::map<std::string, std::size_t> turns_max;  ///< As many there may be.
};

Status add_all(Memory& memory, CollectionId collection, const std::string& name, Journal& journal) {
  journal.labels[name] = false;
  const LabelId label = TRY(memory.add_label(collection, make_label(name)));
  journal.labels[name] = true;
  const StoredTurn turns[] = {make_turn("user", name, 1), make_answer("80도 [1]", 2)};
  journal.turns_max[name] = 2;
  const ConversationId conversation = TRY(memory.add_conversation(collection, turns));
  journal.turns[name] = 2;
  journal.turns_max[name] = 4;
  TRY(memory.append_turns(conversation, turns));
  journal.turns[name] = 4;
  journal.labels[name] = false;
  TRY(memory.remove_label(label));
  journal.labels.erase(name);
  journal.labels[name + " again"] = false;
  TRY(memory.add_label(collection, make_label(name + " again")));
  journal.labels[name + " again"] = true;
  return {};
}

Status run_script(Env& env, Journal& journal) {
  const Storage storage = TRY(open_storage(env, "/store", OpenMode::write));
  const auto collection = TRY(storage.truth->find_collection("default"));
  return add_all(*storage.memory, collection->id, "first", journal);
}

void check(Env& env, const Journal& journal) {
  const auto storage = open_storage(env, "/store", OpenMode::write);
  ASSERT_TRUE(storage) << why(storage);
  const auto collection = storage->truth->find_collection("default").value();
  ASSERT_TRUE(collection.has_value());
  const auto labels = storage->memory->labels(collection->id);
  ASSERT_TRUE(labels) << why(labels);
  std::map<std::string, std::size_t> found;
  for (const LabelRecord& label : *labels) ++found[label.question];
  for (const auto& [question, is_known] : journal.labels) {
    EXPECT_LE(found[question], 1u) << question;
    EXPECT_TRUE(!is_known || found[question] == 1) << question;
    found.erase(question);
  }
  EXPECT_TRUE(found.empty()) << "a removed label is there";
  std::map<std::string, std::size_t> counts;
  for (const auto& summary : storage->memory->conversations(collection->id).value()) {
    const auto turns = storage->memory->turns(summary.id);
    ASSERT_TRUE(turns) << why(turns);
    EXPECT_EQ(turns->size(), summary.turns);
    counts[summary.title] = turns->size();
  }
  for (const auto& [name, most] : journal.turns_max) {
    const auto known = journal.turns.find(name);
    const std::size_t least = known == journal.turns.end() ? 0 : known->second;
    EXPECT_TRUE(counts[name] == least || counts[name] == most) << name << ' ' << counts[name];
  }
}

/// A store of an older saerok, so that the first opening changes its tables.
void make_older_store(Env& env) {
  {
    auto storage = open_storage(env, "/store", OpenMode::write);
    ASSERT_TRUE(storage) << why(storage);
    ASSERT_TRUE(storage->truth->put_collection(make_collection()));
  }
  make_version_1(env, "/store/truth.db");
}

TEST(MemoryFaults, EveryCallFailingOnceOrForGoodLeavesWhatWasAcknowledged) {
  SimEnv counting;
  make_older_store(counting);
  counting.inject({});
  Journal all;
  const Status ran = run_script(counting, all);
  ASSERT_TRUE(ran) << ran.error().message;
  const std::uint64_t calls = counting.calls();
  check(counting, all);
  ASSERT_GT(calls, 60u);
  for (const bool is_sticky : {false, true}) {
    for (std::uint64_t call = 1; call <= calls; call += is_sticky ? 7 : 1) {
      SimEnv env;
      make_older_store(env);
      const auto code = call % 2 == 0 ? ErrorCode::unavailable : ErrorCode::out_of_space;
      env.inject({.call = call, .code = code, .is_sticky = is_sticky});
      Journal journal;
      static_cast<void>(run_script(env, journal));
      SCOPED_TRACE("call " + std::to_string(call) + (is_sticky ? " and all after" : ""));
      env.inject({});
      check(env, journal);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(MemoryFaults, PowerCutsLoseNothingAcknowledged) {
  const std::uint64_t seed = random_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Random random(seed);
  SimEnv counting;
  make_older_store(counting);
  counting.inject({});
  Journal ignored;
  ASSERT_TRUE(run_script(counting, ignored));
  const std::uint64_t calls = counting.calls();
  for (int i = 0; i < 150 && !testing::Test::HasFailure(); ++i) {
    SimEnv env;
    make_older_store(env);
    const std::uint64_t call = random.below(calls) + 1;
    env.inject({.call = call, .code = ErrorCode::unavailable, .is_sticky = true});
    Journal journal;
    static_cast<void>(run_script(env, journal));
    SCOPED_TRACE("seed " + std::to_string(seed) + " state " + std::to_string(i) + " call " +
                 std::to_string(call));
    const auto found =
        env.after_power_loss(random.chance(0.5) ? PowerLoss::ordered : PowerLoss::any, random);
    check(*found, journal);
  }
}

}  // namespace
}  // namespace saerok
