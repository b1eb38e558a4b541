// kill -9 at random moments: a child writes and says over a pipe what it begins and what was
// acknowledged; after each kill the store is opened, for reading and for writing, and compared.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/clock.h"
#include "storage/open_storage.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

using test::make_collection;
using test::make_document;
using test::make_publication;
using test::make_source;
using test::why;

constexpr int kCycles = 250;
constexpr std::size_t kChunksPerNote = 3;

using Notes = std::map<std::string, std::string>;  ///< Content by file name.

/// One operation: contents to store, "-" to delete.
std::string encode(const Notes& changes) {
  std::string line = "B";
  for (const auto& [name, content] : changes) line += " " + name + "=" + content;
  return line + "\n";
}

void say(int pipe_end, const std::string& line) {
  if (write(pipe_end, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(1);
}

/// The writing process. Every failure ends it with a status that the parent reports.
class Writer {
 public:
  Writer(const std::string& folder, std::uint64_t seed, int pipe_end)
      : random_(seed), pipe_(pipe_end) {
    auto opened = open_storage(posix_env(), folder, OpenMode::write);
    if (!opened) _exit(2);
    storage_ = std::move(opened).value();
    const auto collection = storage_.truth->put_collection(make_collection());
    if (!collection) _exit(3);
    collection_ = collection->id;
  }

  [[noreturn]] void run() {
    for (;;) {
      const std::uint64_t draw = random_.below(10);
      const Status done = draw < 6 ? change() : draw < 9 ? publish() : merge();
      if (!done) {
        std::fprintf(stderr, "%s\n", done.error().message.c_str());
        _exit(4);
      }
      say(pipe_, "A\n");
    }
  }

 private:
  Status change() {
    WriteBatch batch;
    Notes changes;
    const auto sources = TRY(storage_.truth->sources(collection_));
    for (std::uint64_t i = random_.below(4) + 1; i > 0; --i) {
      const std::string name = "note" + std::to_string(random_.below(30)) + ".md";
      if (changes.contains(name)) continue;
      const auto old = std::ranges::find(sources, name, &SourceRecord::path);
      if (old != sources.end() && random_.chance(0.3)) {
        batch.deleted_sources.push_back(old->id);
        changes[name] = "-";
        continue;
      }
      changes[name] = std::to_string(random_.next());
      batch.documents.push_back(
          make_document(batch.sources.size(), "", kChunksPerNote, changes[name]));
      batch.sources.push_back(make_source(name));
    }
    say(pipe_, encode(changes));
    TRY(storage_.truth->commit(collection_, batch));
    return {};
  }

  Status publish() {
    const SegmentKind kind = static_cast<SegmentKind>(random_.below(3));
    say(pipe_, encode({}));
    return publish_chunks(kind, TRY(storage_.truth->pending(collection_, kind, {}, 10'000)), {});
  }

  Status merge() {
    const SegmentKind kind = static_cast<SegmentKind>(random_.below(3));
    say(pipe_, encode({}));
    auto chunks = TRY(storage_.truth->pending(collection_, kind, {}, 10'000));
    const Manifest manifest = TRY(storage_.truth->manifest(collection_));
    std::vector<SegmentRecord> removed;
    for (const SegmentRecord& segment : manifest.segments) {
      if (segment.kind != kind) continue;
      const auto live = TRY(storage_.truth->chunks_of(segment.id));
      chunks.insert(chunks.end(), live.begin(), live.end());
      removed.push_back(segment);
    }
    std::ranges::sort(chunks);
    TRY(publish_chunks(kind, std::move(chunks), removed));
    for (const SegmentRecord& segment : removed) TRY(storage_.segments->remove(segment.file));
    return {};
  }

  Status publish_chunks(SegmentKind kind, std::vector<ChunkId> chunks,
                        const std::vector<SegmentRecord>& removed) {
    const SegmentId id = TRY(storage_.truth->reserve_segment_id());
    ManifestChange change{{make_publication(id, kind, std::move(chunks))}, {}};
    for (const SegmentRecord& segment : removed) change.removed.push_back(segment.id);
    TRY(storage_.segments->write(change.added[0].segment.file, as_byte_span("segment bytes")));
    return storage_.truth->publish(collection_, change);
  }

  Random random_;
  int pipe_;
  Storage storage_;
  CollectionId collection_{};
};

/// What the parent knows, from the pipe alone.
struct Oracle {
  Notes acknowledged;
  std::optional<Notes> in_flight;
  std::uint64_t operations = 0;

  static Notes apply(Notes notes, const Notes& changes) {
    for (const auto& [name, content] : changes) {
      if (content == "-") {
        notes.erase(name);
      } else {
        notes[name] = content;
      }
    }
    return notes;
  }

  void hear(const std::string& line) {
    if (line == "A") {
      acknowledged = apply(std::move(acknowledged), in_flight.value());
      in_flight.reset();
      ++operations;
      return;
    }
    Notes changes;
    std::istringstream words(line.substr(1));
    for (std::string word; words >> word;) {
      const auto equals = word.find('=');
      changes[word.substr(0, equals)] = word.substr(equals + 1);
    }
    in_flight = std::move(changes);
  }
};

/// The notes in the store, each checked to be whole.
Notes notes_in(const Storage& storage, CollectionId collection) {
  Notes notes;
  const auto sources = storage.truth->sources(collection).value();
  for (const SourceRecord& source : sources) {
    const auto chunks = storage.truth->find_document(collection, source.path).value();
    const auto stored = storage.truth->fetch(chunks);
    EXPECT_TRUE(stored) << why(stored);
    EXPECT_EQ(chunks.size(), kChunksPerNote) << source.path;
    for (const StoredChunk& chunk : *stored) {
      const std::string content = chunk.chunk.text.substr(0, chunk.chunk.text.find(' '));
      EXPECT_TRUE(!notes.contains(source.path) || notes[source.path] == content);
      notes[source.path] = content;
    }
  }
  return notes;
}

/// Every chunk of every kind is either pending or live in exactly one segment, whose file is there.
void check_manifest(const Storage& storage, CollectionId collection) {
  const Manifest manifest = storage.truth->manifest(collection).value();
  const std::uint64_t pending[] = {manifest.pending_lexical, manifest.pending_chunk_vectors,
                                   manifest.pending_window_vectors};
  for (int kind = 0; kind < 3; ++kind) {
    const auto listed =
        storage.truth->pending(collection, static_cast<SegmentKind>(kind), {}, 1'000'000);
    std::set<ChunkId> chunks(listed->begin(), listed->end());
    EXPECT_EQ(chunks.size(), pending[kind]);
    for (const SegmentRecord& segment : manifest.segments) {
      if (static_cast<int>(segment.kind) != kind) continue;
      const auto file = storage.segments->open(segment.file);
      ASSERT_TRUE(file) << why(file);
      EXPECT_EQ(as_text((*file)->bytes()), "segment bytes");
      const auto live = storage.truth->chunks_of(segment.id).value();
      for (const ChunkId chunk : live) EXPECT_TRUE(chunks.insert(chunk).second);
    }
    EXPECT_EQ(chunks.size(), manifest.chunk_count);
  }
}

void check(const std::string& folder, OpenMode mode, Oracle& oracle) {
  const auto storage = open_storage(posix_env(), folder, mode);
  if (!storage && storage.error().code == ErrorCode::not_found && oracle.operations == 0) return;
  ASSERT_TRUE(storage) << why(storage);
  const auto collection = storage->truth->find_collection("default").value();
  if (!collection) {
    EXPECT_EQ(oracle.operations, 0u);
    return;
  }
  const Notes found = notes_in(*storage, collection->id);
  if (found != oracle.acknowledged) {
    ASSERT_TRUE(oracle.in_flight.has_value());
    ASSERT_EQ(found, Oracle::apply(oracle.acknowledged, *oracle.in_flight));
    oracle.acknowledged = found;
    oracle.in_flight.reset();
  }
  check_manifest(*storage, collection->id);
  if (mode == OpenMode::write) {
    oracle.in_flight.reset();  // Its fate is known from here on.
    EXPECT_EQ(storage->segments->list().value(), storage->truth->segment_files().value());
    EXPECT_TRUE(std::filesystem::is_empty(folder + "/tmp"));
  }
}

/// Feeds the oracle until the child's end of the pipe is closed; kills the child after `life_us`.
void listen(int pipe_end, pid_t child, std::int64_t life_us, Oracle& oracle) {
  const std::int64_t deadline = steady_clock_ns() + life_us * 1'000;
  std::string text;
  bool is_alive = true;
  for (;;) {
    const std::int64_t left_ms = (deadline - steady_clock_ns()) / 1'000'000;
    pollfd waiting{pipe_end, POLLIN, 0};
    const int timeout = is_alive ? static_cast<int>(std::max<std::int64_t>(left_ms, 0)) : -1;
    const int ready = poll(&waiting, 1, timeout);
    if (is_alive && steady_clock_ns() >= deadline) {
      kill(child, SIGKILL);
      is_alive = false;
    }
    if (ready <= 0) continue;
    char buffer[4096];
    const ssize_t count = read(pipe_end, buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos;) {
      oracle.hear(text.substr(0, end));
      text.erase(0, end + 1);
    }
  }
}

TEST(Crash, KilledAtAnyMomentTheStoreHoldsWhatItAcknowledged) {
  const std::uint64_t seed = random_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  test::TemporaryFolder folder;
  const std::string store = folder.path() + "/store";
  Oracle oracle;
  const std::int64_t begun = steady_clock_ns();
  for (int cycle = 0; cycle < kCycles && !testing::Test::HasFailure(); ++cycle) {
    SCOPED_TRACE("cycle " + std::to_string(cycle));
    int ends[2] = {-1, -1};
    ASSERT_EQ(pipe(ends), 0);
    const std::uint64_t child_seed = random.next();
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      Writer(store, child_seed, ends[1]).run();
    }
    close(ends[1]);
    // From 0.3 ms, which hits the opening, to 300 ms, as many lives of each order of magnitude.
    const auto life_us = static_cast<std::int64_t>(300.0 * std::pow(1'000.0, random.unit()));
    listen(ends[0], child, life_us, oracle);
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer failed with " << WEXITSTATUS(status);
    check(store, OpenMode::read, oracle);
    if (random.chance(0.5)) check(store, OpenMode::write, oracle);
  }
  const double seconds = static_cast<double>(steady_clock_ns() - begun) / 1e9;
  std::printf("%d kills in %.1f s (%.1f a second), %llu acknowledged operations\n", kCycles,
              seconds, kCycles / seconds, static_cast<unsigned long long>(oracle.operations));
  EXPECT_GT(oracle.operations, 100u);
}

}  // namespace
}  // namespace saerok
