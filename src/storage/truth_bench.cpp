// Times the truth's main operations on a real disk: storage_bench [documents] [documents a commit].
// One whole-file document a source, one chunk of about 500 bytes of Korean text each.

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/clock.h"
#include "storage/open_storage.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

double cpu_ms() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

/// Prints wall and processor time of what happens between its construction and report().
class Stopwatch {
 public:
  void report(const char* what) {
    const double wall = static_cast<double>(steady_clock_ns() - wall_ns_) / 1e6;
    std::printf("%-46s %9.2f ms wall %9.2f ms cpu\n", what, wall, cpu_ms() - cpu_ms_);
    wall_ns_ = steady_clock_ns();
    cpu_ms_ = cpu_ms();
  }

 private:
  std::int64_t wall_ns_ = steady_clock_ns();
  double cpu_ms_ = cpu_ms();
};

WriteBatch make_batch(std::size_t first, std::size_t count) {
  std::string filler;
  for (int i = 0; i < 14; ++i) filler += "새록새록 돋아나는 기억들 ";
  WriteBatch batch;
  for (std::size_t i = 0; i < count; ++i) {
    batch.sources.push_back(test::make_source("note" + std::to_string(first + i) + ".md"));
    batch.documents.push_back(test::make_document(i, "", 1, filler + std::to_string(first + i)));
    batch.documents.back().document.title = "note " + std::to_string(first + i);
  }
  return batch;
}

Status run(std::size_t document_count, std::size_t batch_count) {
  test::TemporaryFolder folder;
  const std::string path = folder.path() + "/store";
  CollectionId collection{};
  {
    Storage storage = TRY(open_storage(posix_env(), path, OpenMode::write));
    Truth& truth = *storage.truth;
    collection = TRY(truth.put_collection(test::make_collection())).id;
    std::vector<WriteBatch> batches;
    for (std::size_t i = 0; i < document_count; i += batch_count) {
      batches.push_back(make_batch(i, std::min(batch_count, document_count - i)));
    }
    std::vector<ChunkId> chunks;
    Stopwatch watch;
    for (const WriteBatch& batch : batches) {
      const auto receipt = TRY(truth.commit(collection, batch));
      chunks.insert(chunks.end(), receipt.chunks.begin(), receipt.chunks.end());
    }
    watch.report("commit all");
    TRY(truth.pending(collection, SegmentKind::lexical, {}, document_count));
    watch.report("pending, all");
    const SegmentId id = TRY(truth.reserve_segment_id());
    watch.report("reserve a segment id");
    const auto first = test::make_publication(id, SegmentKind::lexical, chunks);
    TRY(truth.publish(collection, {{first}, {}}));
    watch.report("publish a segment of all chunks");
    const SegmentId merged = TRY(truth.reserve_segment_id());
    watch.report("reserve a segment id");
    TRY(truth.publish(collection,
                      {{test::make_publication(merged, SegmentKind::lexical, chunks)}, {id}}));
    watch.report("publish a merge of all chunks");
    TRY(truth.chunks_of(merged));
    watch.report("chunks of that segment");
    TRY(truth.sources(collection));
    watch.report("sources");
    TRY(truth.fetch(chunks));
    watch.report("fetch all");
    TRY(truth.commit(collection, make_batch(0, 1)));
    watch.report("commit one changed document");
  }
  const double bytes = static_cast<double>(std::filesystem::file_size(path + "/truth.db"));
  std::printf("truth.db: %.0f bytes a chunk\n", bytes / static_cast<double>(document_count));
  Stopwatch watch;
  Storage storage = TRY(open_storage(posix_env(), path, OpenMode::read));
  watch.report("open for reading");
  TRY(storage.truth->manifest(collection));
  watch.report("manifest");
  std::vector<ChunkId> some;
  for (std::uint64_t i = 1; i <= 10; ++i) some.push_back(ChunkId{i * document_count / 11 + 1});
  TRY(storage.truth->fetch(some));
  watch.report("fetch 10");
  TRY(storage.truth->find_document(collection, "note77.md"));
  watch.report("find a document");
  return {};
}

}  // namespace
}  // namespace saerok

int main(int argc, char** argv) {
  const auto number = [&](int index, std::size_t fallback) {
    return argc > index ? static_cast<std::size_t>(std::strtoull(argv[index], nullptr, 10))
                        : fallback;
  };
  const auto done = saerok::run(number(1, 100'000), number(2, 1'000));
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
