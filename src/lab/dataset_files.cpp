#include "lab/dataset_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "base/compress.h"
#include "base/json.h"
#include "base/posix_env.h"
#include "lab/table_reader.h"

namespace saerok::lab {
namespace {

namespace fs = std::filesystem;

constexpr std::array kTableExtensions =
    std::to_array<std::string_view>({"jsonl", "ndjson", "csv", "tsv"});
constexpr std::array kTrecExtensions =
    std::to_array<std::string_view>({"trec", "txt", "sgml", "xml", "topics"});
constexpr std::array kQrelsExtensions =
    std::to_array<std::string_view>({"tsv", "csv", "txt", "jsonl", "qrels", "trec", ""});
constexpr std::array kCorpusNames =
    std::to_array<std::string_view>({"corpus", "documents", "docs", "collection"});
constexpr std::array kQueriesNames =
    std::to_array<std::string_view>({"queries", "topics", "questions"});
constexpr std::array kQrelsNames = std::to_array<std::string_view>({"qrels"});
constexpr std::array kConversationNames =
    std::to_array<std::string_view>({"eval", "conversations"});
/// Of several splits, the one that is scored unless another is asked for.
constexpr std::array kUsualSplits =
    std::to_array<std::string_view>({"test", "dev", "val", "validation", "valid", "eval"});

constexpr std::uint64_t kDescriptionBytesMax = 1 << 20;

bool exists(const std::string& path) {
  std::error_code failed;
  return fs::exists(path, failed);
}
bool is_folder(const std::string& path) {
  std::error_code failed;
  return fs::is_directory(path, failed);
}

/// A file's name without its extensions: "queries_val" of "queries_val.jsonl.zst".
std::string stem_of(std::string_view path) {
  std::string_view name = without_compression(path);
  name = name.substr(name.find_last_of('/') + 1);
  const std::string extension = extension_of(path);
  return std::string(name.substr(0, name.size() - (extension.empty() ? 0 : extension.size() + 1)));
}

/// "val" of "queries_val" where `names` holds "queries"; empty of "queries"; nothing else.
template <std::size_t n>
std::optional<std::string> split_of(std::string_view stem,
                                    const std::array<std::string_view, n>& names) {
  for (const std::string_view name : names) {
    if (stem == name) return std::string();
    if (stem.size() > name.size() + 1 && stem.starts_with(name) &&
        std::string_view("_-.").find(stem[name.size()]) != std::string_view::npos) {
      return std::string(stem.substr(name.size() + 1));
    }
  }
  return std::nullopt;
}

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words) {
  return std::ranges::find(words, word) != words.end();
}

/// Files of the folder by split. Of two files for one thing (plain and compressed) the first
/// stands.
class FolderScan {
 public:
  explicit FolderScan(std::string folder) : folder_(std::move(folder)) {}

  Status run() {
    const std::vector<std::string> names = TRY(posix_env().list(folder_));
    for (const std::string& name : names) add(name);
    if (is_folder(folder_ + "/qrels")) {
      const std::vector<std::string> inner = TRY(posix_env().list(folder_ + "/qrels"));
      for (const std::string& name : inner) {
        if (!is_one_of(extension_of(name), kQrelsExtensions)) continue;
        take(splits[stem_of(name)].qrels, folder_ + "/qrels/" + name);
      }
    }
    for (const std::string_view name : kCorpusNames) {
      if (const auto found = corpora_.find(name); found != corpora_.end()) {
        corpus = found->second;
        break;
      }
    }
    return {};
  }

  std::string corpus;
  std::map<std::string, SplitFiles> splits;

 private:
  static void take(std::string& place, const std::string& path) {
    if (place.empty() && !is_folder(path)) place = path;
  }

  void add(const std::string& name) {
    const std::string path = folder_ + "/" + name;
    const std::string extension = extension_of(name);
    const std::string stem = stem_of(name);
    const bool is_table = is_one_of(extension, kTableExtensions);
    const bool is_readable = is_table || is_one_of(extension, kTrecExtensions);
    if (is_readable && is_one_of(stem, kCorpusNames)) take(corpora_[stem], path);
    if (const auto split = split_of(stem, kQueriesNames); split && is_readable) {
      take(splits[*split].queries, path);
    }
    if (const auto split = split_of(stem, kQrelsNames);
        split && is_one_of(extension, kQrelsExtensions) && !is_folder(path)) {
      take(splits[*split].qrels, path);
    }
    if (split_of(stem, kConversationNames) && (extension == "jsonl" || extension == "ndjson")) {
      // "eval" and "eval_en" are splits of these names; a file of questions may have one of them.
      SplitFiles& split = splits[stem];
      take(split.queries.empty() ? split.conversations
                                 : splits[stem + "-conversations"].conversations,
           path);
    }
  }

  std::string folder_;
  std::map<std::string, std::string, std::less<>> corpora_;
};

/// A queries file without a split serves the splits that have labels only, and the other way about.
void share_files(std::map<std::string, SplitFiles>& splits) {
  const auto unnamed = splits.find(std::string());
  if (unnamed == splits.end()) return;
  const SplitFiles shared = unnamed->second;
  bool has_shared_queries = false;
  bool has_shared_qrels = false;
  for (auto& [name, split] : splits) {
    if (name.empty() || !split.conversations.empty()) continue;
    if (split.queries.empty() && !shared.queries.empty()) {
      split.queries = shared.queries;
      split.shares_queries = has_shared_queries = true;
    } else if (split.qrels.empty() && !shared.qrels.empty()) {
      split.qrels = shared.qrels;
      split.shares_qrels = has_shared_qrels = true;
    }
  }
  const bool is_only_shared =
      (has_shared_queries && shared.qrels.empty()) || (has_shared_qrels && shared.queries.empty());
  if (is_only_shared && shared.conversations.empty()) splits.erase(unnamed);
}

Error bad_description(const std::string& file, const std::string& reason) {
  return {ErrorCode::invalid_argument, file + ": " + reason};
}

/// Reads dataset.json into `files` and `splits`, over what was found by name.
class Description {
 public:
  Description(std::string folder, std::string file)
      : folder_(std::move(folder)), file_(std::move(file)) {}

  Status apply(const Json& json, DatasetFiles& files, std::map<std::string, SplitFiles>& splits) {
    if (!json.is_object()) return bad_description(file_, "it is not a JSON object");
    for (const auto& [key, value] : json.items()) {
      if (key == "corpus") {
        TRY(read_corpus(value, files));
      } else if (key == "splits") {
        TRY(read_splits(value, splits));
      } else if (key == "name" && value.is_string()) {
        files.name = value.get<std::string>();
      } else if (key != "description") {
        TRY(read_file(key, value, splits[""]));
      }
    }
    return {};
  }

 private:
  Result<std::string> path_of(const std::string& key, const Json& value) const {
    if (!value.is_string()) return bad_description(file_, "\"" + key + "\" is not a path");
    const fs::path path = fs::path(folder_) / value.get<std::string>();
    const std::string normal = path.lexically_normal().string();
    if (!exists(normal))
      return bad_description(file_, "\"" + key + "\" names " + normal + ", which is not there");
    return normal;
  }

  Status read_corpus(const Json& value, DatasetFiles& files) const {
    files.corpus.clear();
    const Json paths = value.is_array() ? value : Json::array({value});
    for (const Json& path : paths) files.corpus.push_back(TRY(path_of("corpus", path)));
    return {};
  }

  Status read_file(const std::string& key, const Json& value, SplitFiles& split) const {
    std::string* const place = key == "queries"         ? &split.queries
                               : key == "qrels"         ? &split.qrels
                               : key == "conversations" ? &split.conversations
                                                        : nullptr;
    if (place == nullptr) {
      return bad_description(file_, "it has \"" + key +
                                        "\"; known are name, description, corpus, "
                                        "queries, qrels, conversations and splits");
    }
    *place = TRY(path_of(key, value));
    return {};
  }

  Status read_splits(const Json& value, std::map<std::string, SplitFiles>& splits) const {
    if (!value.is_object()) return bad_description(file_, "\"splits\" is not an object");
    for (const auto& [name, split] : value.items()) {
      if (!split.is_object())
        return bad_description(file_, "the split \"" + name + "\" is not an object");
      for (const auto& [key, path] : split.items()) TRY(read_file(key, path, splits[name]));
    }
    return {};
  }

  std::string folder_;
  std::string file_;
};

std::string names_of(const std::vector<SplitFiles>& splits) {
  std::string names;
  for (const SplitFiles& split : splits) {
    if (!split.name.empty()) names += (names.empty() ? "" : ", ") + split.name;
  }
  return names;
}

Result<SplitFiles> split_of_request(const DatasetFiles& files, const DatasetRequest& request) {
  const auto find = [&](std::string_view name) {
    return std::ranges::find(files.splits, name, &SplitFiles::name);
  };
  if (!request.split.empty()) {
    if (const auto split = find(request.split); split != files.splits.end()) return *split;
    const std::string names = names_of(files.splits);
    return Error{ErrorCode::not_found,
                 request.folder + " has no split \"" + request.split + "\"" +
                     (names.empty() ? "; it has none" : "; there are: " + names)};
  }
  if (const auto unnamed = find(""); unnamed != files.splits.end()) return *unnamed;
  if (files.splits.size() == 1) return files.splits.front();
  for (const std::string_view usual : kUsualSplits) {
    if (const auto split = find(usual); split != files.splits.end()) return *split;
  }
  if (files.splits.empty() || !request.queries.empty() || !request.conversations.empty()) {
    return SplitFiles{};
  }
  return Error{ErrorCode::invalid_argument, request.folder +
                                                " has several splits; choose one with "
                                                "--split: " +
                                                names_of(files.splits)};
}

}  // namespace

Result<std::string> find_named_file(const std::string& folder, const std::string& name) {
  if (exists(name)) return name;
  const std::string inner = folder + "/" + name;
  if (!name.starts_with('/') && exists(inner)) return inner;
  return Error{ErrorCode::not_found, "there is no " + name + ", nor in " + folder};
}

Result<DatasetFiles> find_dataset_files(const std::string& path) {
  if (!exists(path)) return Error{ErrorCode::not_found, "there is no " + path};
  DatasetFiles files;
  std::string bare = path;
  while (bare.size() > 1 && bare.ends_with('/')) bare.pop_back();
  files.name = fs::path(posix_env().absolute_path(bare)).lexically_normal().filename().string();
  if (!is_folder(bare)) {
    files.name = stem_of(bare);
    files.splits.push_back({.name = {}, .queries = bare, .qrels = {}, .conversations = {}});
    return files;
  }
  FolderScan scan(bare);
  TRY(scan.run());
  if (!scan.corpus.empty()) files.corpus = {scan.corpus};
  if (const std::string file = bare + "/dataset.json"; exists(file)) {
    const std::string text = TRY(read_whole_file(posix_env(), file, kDescriptionBytesMax));
    const auto json = parse_json(text, file);
    if (!json) return Error{ErrorCode::invalid_argument, json.error().message};
    TRY(Description(bare, file).apply(*json, files, scan.splits));
  }
  share_files(scan.splits);
  for (auto& [name, split] : scan.splits) {
    split.name = name;
    if (!split.queries.empty() || !split.conversations.empty() || !split.qrels.empty()) {
      files.splits.push_back(split);
    }
  }
  return files;
}

Result<SplitFiles> choose_split(const DatasetFiles& files, const DatasetRequest& request) {
  SplitFiles split = TRY(split_of_request(files, request));
  const auto find = [&](const std::string& name) { return find_named_file(request.folder, name); };
  if (!request.queries.empty()) {
    split.queries = TRY(find(request.queries));
    split.conversations.clear();
    split.shares_queries = false;
  }
  if (!request.conversations.empty()) {
    split.conversations = TRY(find(request.conversations));
    split.queries.clear();
    split.qrels.clear();
    split.shares_queries = split.shares_qrels = false;
  }
  if (!request.qrels.empty()) {
    split.qrels = TRY(find(request.qrels));
    split.shares_qrels = false;
  }
  if (split.queries.empty() && split.conversations.empty()) {
    return Error{ErrorCode::invalid_argument,
                 request.folder +
                     " holds no questions: looked for dataset.json, queries, topics, questions, "
                     "eval and conversations (.jsonl, .csv, .tsv, TREC; also .gz and .zst), with "
                     "qrels beside them; or name a file with --queries"};
  }
  return split;
}

}  // namespace saerok::lab
