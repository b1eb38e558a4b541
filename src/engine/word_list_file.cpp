#include "engine/word_list_file.h"

#include <utility>

namespace saerok {

WordListFile::WordListFile(Env& env, const std::string& store, const std::string& path)
    : env_(env), path_(path) {
  if (!path.empty() && !path.starts_with('/')) path_ = store + "/" + path;
}

Result<std::shared_ptr<const WordLists>> WordListFile::get() {
  if (path_.empty()) return std::shared_ptr<const WordLists>();
  const std::lock_guard lock(mutex_);
  if (!TRY(env_.stat(path_))) {
    return Error{ErrorCode::not_found, "there is no file " + path_ +
                                           ", which the setting index.words names; make it, or "
                                           "empty the setting"};
  }
  // Reading the few kilobytes again for each search is cheaper than a view that is out of date.
  std::string text = TRY(read_whole_file(env_, path_, kWordListBytesMax));
  if (lists_ && text == text_) return lists_;
  auto lists = parse_word_lists(text);
  if (!lists) return Error{lists.error().code, path_ + ": " + lists.error().message};
  text_ = std::move(text);
  lists_ = std::make_shared<const WordLists>(std::move(lists).value());
  return lists_;
}

}  // namespace saerok
