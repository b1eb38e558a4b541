#include "engine/store_check.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "ingest/damaged_segments.h"
#include "storage/page_checksums.h"
#include "storage/store_reserve.h"

namespace saerok {
namespace {

constexpr std::size_t kGroup = 500;

/// What was given to be indexed, for a command that a person can copy.
std::string index_command(const Truth& truth, const CollectionRecord& collection) {
  const auto roots = truth.named_roots(collection.id);
  const std::string path = roots && !roots->empty() ? roots->front() : "PATH";
  const std::string name = collection.name == "default" ? "" : " --collection " + collection.name;
  return "`saerok index " + path + name + "`";
}

/// Every chunk reads back with the hashes that the truth keeps of it and its document.
Status check_chunks(const Truth& truth, std::span<const ChunkId> chunks, CheckReport& report,
                    const CallContext& call) {
  for (std::size_t at = 0; at < chunks.size(); at += kGroup) {
    TRY(call.check());
    const auto part = chunks.subspan(at, std::min(kGroup, chunks.size() - at));
    report.chunks_checked += part.size();
    const auto stored = truth.fetch(part);
    if (stored && stored->size() == part.size()) continue;
    // One by one: each damaged file is to be named.
    for (const ChunkId chunk : part) {
      const auto one = truth.fetch(std::span(&chunk, 1));
      std::string problem;
      if (!one) problem = one.error().message;
      else if (one->empty()) {
        problem =
            "chunk " + std::to_string(static_cast<std::uint64_t>(chunk)) +
            " is missing from the truth; `saerok index --rebuild` on its folder reads it anew";
      } else continue;
      if (std::ranges::find(report.problems, problem) == report.problems.end()) {
        report.problems.push_back(std::move(problem));
      }
    }
  }
  return {};
}

Status check_pending(const Truth& truth, CollectionId collection, CheckReport& report,
                     const CallContext& call) {
  for (ChunkId after{};;) {
    const auto chunks = TRY(truth.pending(collection, SegmentKind::lexical, after, kGroup));
    if (chunks.empty()) return {};
    TRY(check_chunks(truth, chunks, report, call));
    after = chunks.back();
  }
}

void check_database(const Truth& truth, const std::string& folder, CheckReport& report) {
  const auto problems = truth.check();
  if (!problems) {
    report.problems.push_back(problems.error().message);
    return;
  }
  for (const std::string& problem : *problems) {
    report.problems.push_back("the database " + folder + "/truth.db is damaged (" + problem +
                              "); " + std::string(kDamagedTruthCure));
  }
}

Status check_collection(const Storage& storage, const CollectionRecord& collection,
                        CheckReport& report, const CallContext& call) {
  const Truth& truth = *storage.truth;
  const Manifest manifest = TRY(truth.manifest(collection.id));
  for (const SegmentRecord& segment : manifest.segments) {
    TRY(call.check());
    ++report.segments_checked;
    const auto damage = damage_of(*storage.segments, segment, Look::everything);
    const std::string which =
        "segment " + segment.file + " of collection " + collection.name + ": ";
    if (!damage) {
      report.problems.push_back(which + damage.error().message);
    } else if (*damage) {
      report.problems.push_back(
          which + **damage + "; `saerok doctor --repair` sets it aside, then " +
          index_command(truth, collection) + " makes it again from the stored text");
    }
    if (segment.kind == SegmentKind::lexical) {
      const auto live = TRY(truth.chunks_of(segment.id));
      TRY(check_chunks(truth, live, report, call));
    }
  }
  return check_pending(truth, collection.id, report, call);
}

}  // namespace

Result<CheckReport> check_store(Env& env, const Storage& storage, const CallContext& call) {
  CheckReport report;
  report.reserve_bytes = reserve_size(env, storage.folder);
  report.has_page_checksums = has_page_checksums(env, storage.folder + "/truth.db");
  check_database(*storage.truth, storage.folder, report);
  const auto collections = TRY(storage.truth->collections());
  for (const CollectionRecord& collection : collections) {
    TRY(check_collection(storage, collection, report, call));
  }
  return report;
}

Result<CheckReport> repair_store(Env& env, Storage& storage, const CallContext& call) {
  std::vector<std::string> set_aside;
  const auto collections = TRY(storage.truth->collections());
  for (const CollectionRecord& collection : collections) {
    for (std::string& line : TRY(set_aside_damaged(*storage.truth, *storage.segments, collection.id,
                                                   Look::everything, call))) {
      set_aside.push_back(std::move(line) + "; " + index_command(*storage.truth, collection) +
                          " makes it again from the stored text");
    }
  }
  CheckReport report = TRY(check_store(env, storage, call));
  report.set_aside = std::move(set_aside);
  return report;
}

}  // namespace saerok
