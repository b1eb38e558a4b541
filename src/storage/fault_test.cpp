// Every call that can fail, failing; and power cuts, many of them: what was acknowledged stays,
// nothing is half done.

#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "base/sim_env.h"
#include "storage/open_storage.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

using test::make_collection;
using test::make_document;
using test::make_publication;
using test::make_source;
using test::why;

/// What the script was told had worked, kept outside the store.
struct Journal {
  std::set<std::string> present;    ///< Texts of acknowledged chunks.
  std::set<std::string> deleted;    ///< Texts whose deletion was acknowledged.
  std::set<std::string> uncertain;  ///< Texts of the operation that failed.
  std::set<std::string> segments;   ///< Files of acknowledged publications.
};

std::vector<std::string> texts_of(const WriteBatch& batch) {
  std::vector<std::string> texts;
  for (const auto& document : batch.documents) {
    for (const auto& chunk : document.chunks) texts.push_back(chunk.text);
  }
  return texts;
}

/// Writes `name` with a new content in place of `old`.
Result<CommitReceipt> write_note(Truth& truth, CollectionId collection, const std::string& name,
                                 const std::string& content, Journal& journal) {
  const WriteBatch batch{.sources = {make_source(name)},
                         .documents = {make_document(0, "", 2, name + " " + content)}};
  std::vector<std::string> old;
  for (const std::string& text : journal.present) {
    if (text.starts_with(name + " ")) old.push_back(text);
  }
  const auto texts = texts_of(batch);
  journal.uncertain.insert(old.begin(), old.end());
  journal.uncertain.insert(texts.begin(), texts.end());
  const auto receipt = TRY(truth.commit(collection, batch));
  for (const auto& text : old) {
    journal.present.erase(text);
    journal.deleted.insert(text);
  }
  journal.present.insert(texts.begin(), texts.end());
  journal.uncertain.clear();
  return receipt;
}

Status publish_pending(Storage& storage, CollectionId collection, Journal& journal) {
  Truth& truth = *storage.truth;
  const auto pending = TRY(truth.pending(collection, SegmentKind::lexical, {}, 100));
  const SegmentId id = TRY(truth.reserve_segment_id());
  const auto publication = make_publication(id, SegmentKind::lexical, pending);
  TRY(storage.segments->write(publication.segment.file, as_byte_span("segment bytes")));
  TRY(truth.publish(collection, {{publication}, {}}));
  journal.segments.insert(publication.segment.file);
  return {};
}

/// Create, commit, publish, replace, delete, reopen, commit, publish. Stops at the first error.
Status run_script(Env& env, Journal& journal) {
  for (int round = 0; round < 2; ++round) {
    Storage storage = TRY(open_storage(env, "/store", OpenMode::write));
    Truth& truth = *storage.truth;
    const auto collection = TRY(truth.put_collection(make_collection())).id;
    const std::string version = std::to_string(round);
    TRY(write_note(truth, collection, "a.md", "first " + version, journal));
    TRY(write_note(truth, collection, "b.md", "second " + version, journal));
    TRY(publish_pending(storage, collection, journal));
    TRY(write_note(truth, collection, "a.md", "third " + version, journal));
    TRY(write_note(truth, collection, "c.md", "fourth " + version, journal));
    TRY(publish_pending(storage, collection, journal));
  }
  return {};
}

/// The store as found must hold what the journal says, and be consistent in itself.
void check(Env& env, const Journal& journal) {
  auto opened = open_storage(env, "/store", OpenMode::write);
  ASSERT_TRUE(opened) << why(opened);
  Truth& truth = *opened->truth;
  const auto collection = truth.find_collection("default").value();
  if (!collection) {
    ASSERT_TRUE(journal.present.empty());
    return;
  }
  const Manifest manifest = truth.manifest(collection->id).value();
  std::vector<ChunkId> ids = truth.pending(collection->id, SegmentKind::lexical, {}, 1000).value();
  EXPECT_EQ(ids.size(), manifest.pending_lexical);
  std::set<std::string> files;
  for (const SegmentRecord& segment : manifest.segments) {
    files.insert(segment.file);
    const auto bytes = opened->segments->open(segment.file);
    ASSERT_TRUE(bytes) << why(bytes);
    EXPECT_EQ(as_text((*bytes)->bytes()), "segment bytes");
    const auto live = truth.chunks_of(segment.id).value();
    ids.insert(ids.end(), live.begin(), live.end());
  }
  for (const std::string& file : journal.segments) EXPECT_TRUE(files.contains(file)) << file;
  EXPECT_EQ(ids.size(), manifest.chunk_count);
  const auto stored = truth.fetch(ids);
  ASSERT_TRUE(stored) << why(stored);
  std::set<std::string> texts;
  for (const StoredChunk& chunk : *stored) texts.insert(chunk.chunk.text);
  EXPECT_EQ(texts.size(), manifest.chunk_count);
  for (const auto& text : journal.deleted) {
    EXPECT_TRUE(!texts.contains(text) || journal.uncertain.contains(text)) << text;
  }
  std::size_t uncertain_present = 0;
  for (const auto& text : journal.uncertain) {
    if (texts.contains(text)) ++uncertain_present;
  }
  for (const auto& text : journal.present) {
    EXPECT_TRUE(texts.contains(text) || journal.uncertain.contains(text)) << text;
  }
  // All or nothing: a note has the two chunks of before or the two of after, if there was a before.
  const bool had_old = journal.uncertain.size() > 2;
  EXPECT_TRUE(uncertain_present == 2 || (uncertain_present == 0 && !had_old)) << uncertain_present;
}

void check_after(Env& env, Journal journal) {
  if (journal.uncertain.empty()) {
    // Nothing was in flight: let check() see a finished operation of no chunks.
    auto opened = open_storage(env, "/store", OpenMode::write);
    ASSERT_TRUE(opened) << why(opened);
    *opened = Storage{};
    const WriteBatch marker{.documents = {make_document(0, "", 2, "marker")}};
    for (const auto& text : texts_of(marker)) journal.uncertain.insert(text);
  }
  check(env, journal);
}

TEST(Faults, EveryCallFailingOnceOrForGoodLeavesEveryAcknowledgedWrite) {
  SimEnv counting;
  Journal ignored;
  ASSERT_TRUE(run_script(counting, ignored));
  const std::uint64_t calls = counting.calls();
  ASSERT_GT(calls, 300u);
  std::uint64_t survived = 0;
  for (const bool is_sticky : {false, true}) {
    for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::out_of_space}) {
      // Every call with one kind of fault, every eleventh with the others: the time is short.
      const bool is_thorough = !is_sticky && code == ErrorCode::unavailable;
      for (std::uint64_t call = 1; call <= calls; call += is_thorough ? 1 : 11) {
        SimEnv env;
        env.inject({.call = call, .code = code, .is_sticky = is_sticky});
        Journal journal;
        const Status ran = run_script(env, journal);
        const std::string failed = env.log().size() >= call ? env.log()[call - 1] : "";
        SCOPED_TRACE("call " + std::to_string(call) + " (" + failed + ")");
        if (ran) ++survived;
        env.inject({});
        check_after(env, journal);
        if (testing::Test::HasFailure()) return;
      }
    }
  }
  std::printf("%llu calls in the script, %llu runs met a fault that cost nothing\n",
              static_cast<unsigned long long>(calls), static_cast<unsigned long long>(survived));
}

TEST(Faults, PowerCutsLoseNothingAcknowledged) {
  const std::uint64_t seed = random_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Random random(seed);
  SimEnv counting;
  Journal ignored;
  ASSERT_TRUE(run_script(counting, ignored));
  const std::uint64_t calls = counting.calls();
  for (int i = 0; i < 400 && !testing::Test::HasFailure(); ++i) {
    SimEnv env;
    const std::uint64_t call = random.below(calls) + 1;
    // All calls fail from the moment on: the cut comes before whatever the program does next.
    env.inject({.call = call, .code = ErrorCode::unavailable, .is_sticky = true});
    Journal journal;
    static_cast<void>(run_script(env, journal));
    const auto model = random.chance(0.5) ? PowerLoss::ordered : PowerLoss::any;
    SCOPED_TRACE("seed " + std::to_string(seed) + " state " + std::to_string(i) + " call " +
                 std::to_string(call) + " (" + env.log()[call - 1] + ")");
    const auto found = env.after_power_loss(model, random);
    check_after(*found, journal);
  }
}

}  // namespace
}  // namespace saerok
