/// Which files there are under what the user named, and their bytes.
///
/// Ignore files (.gitignore, .ignore, .saerokignore), Obsidian's excluded files, hidden names and
/// node_modules are respected; symbolic links are followed, but no folder is entered twice. What
/// this is not: what a file means (extract.h), what has changed (ingester.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/call_context.h"
#include "saerok/result.h"
#include "saerok/storage.h"

namespace saerok {

struct SourceFile {
  std::string path;      ///< Relative to the root, '/'-separated, NFC: for display and identity.
  std::string absolute;  ///< As the file system spells it (macOS: NFD): for opening.
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< Since 1970-01-01.
  std::uint64_t device = 0;
  std::uint64_t inode = 0;  ///< With the device, the same file under another name.
};

struct ScanIssue {
  std::string path;          ///< Relative to the root; empty: the root itself.
  std::string reason;        ///< A sentence.
  bool hides_files = false;  ///< What is at or below the path could not be looked at.
};

struct ScanResult {
  std::string root;                 ///< Absolute folder; of a single file, the folder it is in.
  std::vector<SourceFile> files;    ///< Sorted by path; no path twice.
  std::vector<ScanIssue> issues;    ///< Unreadable folders, broken links, names that clash.
  std::uint64_t ignored_count = 0;  ///< Files and folders left out by ignore rules.
  bool is_single_file = false;      ///< The user named a file, not a folder.
  std::string subfolder;            ///< Of the root, if only that was looked at; else empty.

  /// Whether a file at `path` would have been met, had it been there and readable.
  bool covers(std::string_view path) const;
  /// Makes this a scan of a part of `outer`, a folder above the root.
  void make_part_of(const std::string& outer);
  /// Whether `path` may be there though the scan did not meet it.
  bool is_unreadable(std::string_view path) const;
};

/// `root` is a folder or a file. A file named by the user is read whatever the ignore rules say.
/// Errors: not_found (no such root), invalid_argument (neither file nor folder), unavailable (the
/// root cannot be read), cancelled.
Result<ScanResult> scan_root(const std::string& root, const CallContext& call);

/// The file's bytes: copied if it is small, else mapped. A mapped file that another program
/// shortens meanwhile would end the process, so only files of more than a few megabytes are.
/// Errors: not_found (gone since the scan), invalid_argument (not a regular file any more),
/// unavailable (no permission, a failing disk).
Result<std::unique_ptr<FileBytes>> read_source(const SourceFile& file);

}  // namespace saerok
