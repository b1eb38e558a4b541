/// The user's file of synonyms and protected words (setting index.words), read anew when it
/// has changed. What this is not: its grammar (text/word_lists.h).
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/env.h"
#include "saerok/result.h"
#include "text/word_lists.h"

namespace saerok {

constexpr std::uint64_t kWordListBytesMax = 1'048'576;

/// Safe from several threads.
class WordListFile {
 public:
  /// `path` as in the settings: empty for none; one that is not absolute lies in `store`.
  WordListFile(Env& env, const std::string& store, const std::string& path);

  /// The lists as the file has them now; null without a file in the settings. Errors: not_found,
  /// invalid_argument with file and line, unavailable.
  Result<std::shared_ptr<const WordLists>> get();

 private:
  Env& env_;
  std::string path_;
  std::mutex mutex_;
  std::string text_;  // What lists_ was made of.
  std::shared_ptr<const WordLists> lists_;
};

}  // namespace saerok
