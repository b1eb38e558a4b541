#include <algorithm>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "ingest/document_writer.h"
#include "ingest/extract.h"
#include "ingest/ingester.h"
#include "ingest/source.h"

namespace saerok {
namespace {

/// Most bytes that a compressed file may become.
constexpr std::uint64_t kDecodedBytesMax = std::uint64_t{4} << 30;

std::string join(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) text += (text.empty() ? "" : "; ") + note;
  return text;
}

bool is_below(std::string_view folder, std::string_view outer) {
  if (outer == "/") return folder != "/";
  return folder.size() > outer.size() && folder.starts_with(outer) && folder[outer.size()] == '/';
}

bool is_same_file(const SourceRecord& known, const SourceFile& file) {
  return known.size == file.size && known.modified_ns == file.modified_ns &&
         known.inode == file.inode;
}

/// One root of one run.
class RootIngestion {
 public:
  RootIngestion(IngestContext& context, ReadMode mode, IngestReport& report)
      : context_(context), mode_(mode), report_(report), writer_(context, report) {}

  Status run(const std::string& root) {
    show_progress("scan", 0, 0, "files");
    ScanResult scan = TRY(scan_root(root, context_.call));
    TRY(load_known(scan));
    for (const ScanIssue& issue : scan.issues) {
      report_.failed.push_back({scan.root, issue.path, issue.reason});
    }
    std::vector<const SourceFile*> changed;
    for (const SourceFile& file : scan.files) {
      ++report_.files_seen;
      const auto at = known_.find(file.path);
      const bool is_unchanged = mode_ == ReadMode::changed_files && at != known_.end() &&
                                at->second.state != SourceState::partial &&
                                is_same_file(at->second, file);
      if (is_unchanged) ++report_.files_unchanged;
      else changed.push_back(&file);
    }
    find_vanished(scan);
    for (const SourceFile* file : changed) bytes_total_ += file->size;
    for (const SourceFile* file : changed) {
      TRY(context_.call.check());
      show_progress("index", bytes_done_ / 1'000, bytes_total_ / 1'000, "kB");
      TRY(ingest_file(scan.root, *file));
      bytes_done_ += file->size;
    }
    TRY(delete_vanished());
    return writer_.finish();
  }

 private:
  /// A file belongs to one root. A folder inside one that was indexed before is part of that; one
  /// around it takes its files over, as files that moved.
  Status load_known(ScanResult& scan) {
    auto sources = TRY(context_.store.truth.sources(context_.store.collection.id));
    std::string outer;
    for (const SourceRecord& source : sources) {
      if (is_below(scan.root, source.root) && (outer.empty() || source.root.size() < outer.size()))
        outer = source.root;
    }
    if (!outer.empty()) scan.make_part_of(outer);
    for (SourceRecord& source : sources) {
      if (source.root == scan.root && scan.covers(source.path)) {
        known_.emplace(source.path, std::move(source));
      } else if (!scan.is_single_file && scan.subfolder.empty() &&
                 is_below(source.root, scan.root)) {
        vanished_.emplace(source.hash, std::move(source));
      }
    }
    return {};
  }

  /// Sources that the scan did not meet, though it could look where they were.
  void find_vanished(const ScanResult& scan) {
    std::unordered_set<std::string_view> seen;
    for (const SourceFile& file : scan.files) seen.insert(file.path);
    for (const auto& [path, source] : known_) {
      if (seen.contains(path) || scan.is_unreadable(path)) continue;
      vanished_.emplace(source.hash, source);
    }
  }

  Status ingest_file(const std::string& root, const SourceFile& file) {
    SourceRecord record{.id = {},
                        .root = root,
                        .path = file.path,
                        .size = file.size,
                        .modified_ns = file.modified_ns,
                        .inode = file.inode,
                        .hash = {},
                        .state = SourceState::partial,
                        .reason = {}};
    if (file.size > context_.settings.file_bytes_max) {
      return give_up(record, {ErrorCode::invalid_argument,
                              "larger than index.file_bytes_max = " +
                                  std::to_string(context_.settings.file_bytes_max) + " bytes"});
    }
    // What is not read by its name needs no reading to say so, and may be a film.
    if (kind_of(file.path) == FileKind::unknown)
      return ingest_contents(record, {}, find_known(file), mode_);
    const auto contents = read_source(file);
    if (!contents) return give_up(record, contents.error());
    const std::string_view bytes = as_text((*contents)->bytes());
    record.hash = hash128(bytes);

    const SourceRecord* known = find_known(file);
    if (known != nullptr && known->hash == record.hash && known->state != SourceState::partial &&
        mode_ == ReadMode::changed_files) {
      return touch(record, *known);
    }
    const SourceRecord* moved_from = known == nullptr ? find_moved(record.hash) : nullptr;
    if (moved_from != nullptr) {
      TRY(writer_.rename(moved_from->id, record));
      ++report_.files_renamed;
    }
    // Where the path is part of what is searched, a file that moved is read again like a new one;
    // its vectors come from the cache.
    return ingest_contents(record, bytes, moved_from != nullptr ? moved_from : known,
                           moved_from != nullptr ? ReadMode::all_files : mode_);
  }

  const SourceRecord* find_known(const SourceFile& file) const {
    const auto at = known_.find(file.path);
    return at == known_.end() ? nullptr : &at->second;
  }

  /// Same bytes under a new time or inode.
  Status touch(SourceRecord record, const SourceRecord& known) {
    record.state = known.state;
    record.reason = known.reason;
    ++report_.files_unchanged;
    (void)TRY(writer_.begin_source(std::move(record)));
    return {};
  }

  /// A source with these bytes that is no longer where it was; each is found once.
  const SourceRecord* find_moved(const Hash128& hash) {
    const auto at = vanished_.find(hash);
    if (at == vanished_.end() || at->second.state != SourceState::indexed) return nullptr;
    moved_.push_back(std::move(vanished_.extract(at).mapped()));
    return &moved_.back();
  }

  Status ingest_contents(SourceRecord record, std::string_view bytes, const SourceRecord* known,
                         ReadMode mode) {
    std::unordered_map<std::string, DocumentKey> before;
    if (known != nullptr) {
      auto keys = TRY(context_.store.truth.documents_of(known->id));
      for (DocumentKey& key : keys) before.emplace(key.record_id, std::move(key));
    }
    (void)TRY(writer_.begin_source(record));
    std::unordered_set<std::string> seen;
    std::uint64_t text_bytes = 0;
    ExtractNotes notes;
    const auto sink = [&](Document&& document) -> Status {
      TRY(context_.call.check());
      text_bytes += document.text.size();
      show_progress("index", (bytes_done_ + std::min(text_bytes, record.size)) / 1'000,
                    bytes_total_ / 1'000, "kB");
      document.root = record.root;
      document.content_hash = content_hash_of(document);
      seen.insert(document.record_id);
      const auto old = before.find(document.record_id);
      const bool is_same = mode == ReadMode::changed_files && old != before.end() &&
                           old->second.content_hash == document.content_hash;
      return is_same ? Status{} : writer_.add(std::move(document));
    };
    const Status extracted =
        extract(record.path, bytes, kDecodedBytesMax, sink, notes, context_.call);
    if (!extracted) return end_failed(record, extracted.error(), !before.empty());
    std::vector<DocumentId> gone;
    for (const auto& [record_id, key] : before) {
      if (!seen.contains(record_id)) gone.push_back(key.id);
    }
    record.state = SourceState::indexed;
    record.reason = join(notes.notes);
    if (!record.reason.empty()) report_.notes.push_back({record.root, record.path, record.reason});
    ++report_.files_indexed;
    return writer_.end_source(record, gone);
  }

  /// The file could not be read at all.
  Status give_up(SourceRecord record, const Error& error) {
    (void)TRY(writer_.begin_source(record));
    return end_failed(record, error, known_.contains(record.path));
  }

  /// What was stored of a file before it became unreadable stays: bad input loses nothing.
  Status end_failed(SourceRecord record, const Error& error, bool had_documents) {
    const bool is_of_the_file =
        error.code == ErrorCode::invalid_argument || error.code == ErrorCode::corrupt ||
        error.code == ErrorCode::unavailable || error.code == ErrorCode::not_found;
    if (!is_of_the_file) return error;
    const bool is_unread_kind = error.code == ErrorCode::invalid_argument;
    record.state = is_unread_kind ? SourceState::skipped : SourceState::failed;
    record.reason = error.message;
    if (had_documents) record.reason += " (its earlier text is kept)";
    (is_unread_kind ? report_.skipped : report_.failed)
        .push_back({record.root, record.path, record.reason});
    return writer_.end_source(record, {});
  }

  Status delete_vanished() {
    std::vector<SourceId> gone;
    for (const auto& [hash, source] : vanished_) {
      const auto documents = TRY(context_.store.truth.documents_of(source.id));
      report_.documents_removed += documents.size();
      gone.push_back(source.id);
    }
    report_.files_removed += gone.size();
    return writer_.delete_sources(gone);
  }

  void show_progress(std::string_view stage, std::uint64_t done, std::uint64_t total,
                     std::string_view unit) const {
    if (!context_.progress) return;
    context_.progress({.stage = stage, .done = done, .total = total, .unit = unit});
  }

  IngestContext& context_;
  ReadMode mode_;
  IngestReport& report_;
  DocumentWriter writer_;
  std::map<std::string, SourceRecord, std::less<>> known_;
  std::multimap<Hash128, SourceRecord> vanished_;
  std::list<SourceRecord> moved_;
  std::uint64_t bytes_total_ = 0;
  std::uint64_t bytes_done_ = 0;
};

}  // namespace

Status ingest_files(IngestContext& context, std::span<const std::string> roots, ReadMode mode,
                    IngestReport& report) {
  std::unordered_set<std::string> done;
  for (const std::string& root : roots) {
    if (!done.insert(root).second) continue;
    TRY(RootIngestion(context, mode, report).run(root));
  }
  return {};
}

}  // namespace saerok
