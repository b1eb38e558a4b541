/// The patterns of .gitignore-like files: which paths below a folder are left out.
/// What this is not: finding or reading those files (source.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace saerok {

enum class EntryKind : bool { file, folder };

/// Rules in the order they were added; the last that matches decides, as in Git.
class IgnoreRules {
 public:
  /// Adds the lines of an ignore file that stands in `folder` ("" for the root): blank lines, #
  /// comments, ! to take back, a trailing / for folders only, anchoring by any other /, and * ?
  /// [a-z] and **.
  void add_file(std::string_view folder, std::string_view content);

  /// One of Obsidian's excluded files: a path below `folder` (the vault), or a regular expression
  /// between slashes, which is not supported and returns false.
  bool add_obsidian_filter(std::string_view folder, std::string_view filter);

  /// `path` is relative to the root. Folders above it are not looked at: what lies in an ignored
  /// folder is never asked about.
  bool is_ignored(std::string_view path, EntryKind kind) const;

  std::size_t size() const { return rules_.size(); }
  /// Forgets all but the first `count` rules: what was added inside a folder that is left.
  void truncate(std::size_t count) { rules_.resize(count); }

 private:
  struct Rule {
    std::string folder;  // With a trailing '/', or empty.
    std::string pattern;
    bool takes_back = false;
    bool folders_only = false;
    bool is_anchored = false;  // Matched against the path, else against the last name.
  };
  std::vector<Rule> rules_;
};

/// Whether a glob with * ? [a-z] \x and ** matches all of `path`; * and ? stop at '/'.
/// Cost: pattern.size() × path.size() at most.
bool glob_matches(std::string_view pattern, std::string_view path);

}  // namespace saerok
