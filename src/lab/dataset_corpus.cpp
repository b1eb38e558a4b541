#include "lab/dataset_corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/posix_env.h"
#include "base/random.h"
#include "base/unicode.h"
#include "lab/dataset_documents.h"
#include "lab/dataset_language.h"
#include "lab/dataset_problems.h"
#include "lab/table_reader.h"
#include "lab/trec.h"

namespace saerok::lab {
namespace {

namespace fs = std::filesystem;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}
bool is_folder(const std::string& path) {
  std::error_code failed;
  return fs::is_directory(path, failed);
}

struct Low {
  std::size_t operator()(const Hash128& hash) const { return hash.low; }
};

/// Counts documents; of two with one id the last one counts.
class FactCounter {
 public:
  explicit FactCounter(DatasetProblems& problems) : problems_(problems) {}

  void add(const CorpusDocument& document, const std::string& file, std::uint64_t line) {
    Facts facts{.bytes = document.title.size() + document.text.size(),
                .text = hash128(document.title + '\0' + document.text),
                .language = {},
                .is_empty = is_blank(document.title) && is_blank(document.text)};
    facts.language = language_of(document.text.empty() ? document.title : document.text);
    const auto [place, is_new] = place_of_.try_emplace(hash128(document.id), documents_.size());
    if (is_new) {
      documents_.push_back(facts);
      return;
    }
    documents_[place->second] = facts;
    ++problems_.duplicate_documents;
    list_problem(problems_, {.file = file,
                             .line = line,
                             .reason = "the document \"" + document.id +
                                       "\" stands again; the last one counts"});
  }

  CorpusFacts total() const {
    CorpusFacts total;
    std::vector<Hash128> texts;
    for (const Facts& facts : documents_) {
      ++total.documents;
      total.text_bytes += facts.bytes;
      ++total.languages[std::string(facts.language)];
      if (facts.is_empty) ++total.empty_documents;
      else texts.push_back(facts.text);
    }
    std::ranges::sort(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const bool is_repeated =
          (i > 0 && texts[i] == texts[i - 1]) || (i + 1 < texts.size() && texts[i] == texts[i + 1]);
      if (is_repeated) ++total.repeated_texts;
    }
    return total;
  }

 private:
  struct Facts {
    std::uint64_t bytes = 0;
    Hash128 text;
    std::string_view language;
    bool is_empty = false;
  };
  DatasetProblems& problems_;
  std::vector<Facts> documents_;
  std::unordered_map<Hash128, std::size_t, Low> place_of_;
};

/// The JSONL file that a corpus becomes; named by its content once that is known.
class ConvertedFile {
 public:
  static Result<ConvertedFile> create(const std::string& folder) {
    if (folder.empty()) {
      return Error{ErrorCode::invalid_argument,
                   "the corpus must be converted to JSONL, and no folder for it was named"};
    }
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) {
      return Error{ErrorCode::unavailable,
                   "cannot make the folder " + folder + ": " + failed.message()};
    }
    ConvertedFile file;
    file.folder_ = folder;
    file.temporary_ = folder + "/converting-" + std::to_string(random_seed()) + ".tmp";
    file.stream_.open(file.temporary_, std::ios::binary);
    return file;
  }
  ~ConvertedFile() {
    if (temporary_.empty()) return;
    stream_.close();
    std::error_code ignored;
    fs::remove(temporary_, ignored);
  }
  ConvertedFile(ConvertedFile&& other) noexcept
      : folder_(std::move(other.folder_)),
        temporary_(std::exchange(other.temporary_, {})),
        stream_(std::move(other.stream_)) {}
  ConvertedFile& operator=(ConvertedFile&&) = delete;

  void write(const std::string& line) { stream_ << line << '\n'; }

  /// Closes the file and returns its path.
  Result<std::string> name(const std::string& hash) {
    stream_.close();
    if (!stream_) {
      return Error{ErrorCode::unavailable,
                   "cannot write " + temporary_ + "; is there room on the disk?"};
    }
    const std::string path = folder_ + "/" + hash + ".jsonl";
    std::error_code failed;
    fs::rename(temporary_, path, failed);
    if (failed)
      return Error{ErrorCode::unavailable, "cannot write " + path + ": " + failed.message()};
    temporary_.clear();
    return path;
  }

 private:
  ConvertedFile() = default;
  std::string folder_;
  std::string temporary_;
  std::ofstream stream_;
};

/// One pass over all the corpus.
class CorpusReader {
 public:
  CorpusReader(const Columns& columns, const std::string& work_folder, DatasetProblems& problems,
               const CallContext& call)
      : columns_(columns),
        work_folder_(work_folder),
        problems_(problems),
        call_(call),
        counter_(problems) {}

  Status read(const std::string& given) {
    const std::string path = fs::path(posix_env().absolute_path(given)).lexically_normal().string();
    if (is_folder(path)) return read_folder(path);
    const std::string bytes = TRY(read_dataset_file(path, call_));
    switch (corpus_format_of(path, bytes, columns_)) {
      case CorpusFormat::indexable_jsonl: return read_jsonl(path, bytes);
      case CorpusFormat::table:
      case CorpusFormat::trec: return convert(path, bytes);
      case CorpusFormat::note: break;
    }
    corpus_.paths.push_back(path);
    return read_note(path, fs::path(path).filename().string(), bytes);
  }

  Corpus finish() && {
    corpus_.facts = counter_.total();
    corpus_.hash = to_hex(hasher_.finish());
    return std::move(corpus_);
  }

 private:
  void count(const CorpusDocument& document, const std::string& file, std::uint64_t line) {
    corpus_.ids.add(document.id);
    counter_.add(document, file, line);
  }

  Status read_jsonl(const std::string& path, std::string_view text) {
    corpus_.paths.push_back(path);
    const BadLineSink bad_line = bad_lines_of(path, problems_);
    // Line by line: the index names records without an id by their lines, so blank ones count too.
    TRY(for_each_line(
        text,
        [&](const Line& line) -> Status {
          hasher_.feed(line.text);
          hasher_.feed("\n");
          return {};
        },
        call_));
    return for_each_row(
        text, {.format = TableFormat::jsonl},
        [&](TableRow&& row) -> Status {
          count(indexed_document(row.fields, row.line), path, row.line);
          return {};
        },
        bad_line, call_);
  }

  Status convert(const std::string& path, std::string_view text) {
    ConvertedFile file = TRY(ConvertedFile::create(work_folder_));
    Hasher128 content;
    const auto take = [&](TableRow&& row) -> Status {
      const Json record = indexable_record(std::move(row.fields), columns_, row.line);
      const std::string line = print_json(record);
      for (Hasher128* hasher : {&content, &hasher_}) {
        hasher->feed(line);
        hasher->feed("\n");
      }
      file.write(line);
      count(indexed_document(record, row.line), path, row.line);
      return {};
    };
    const BadLineSink bad_line = bad_lines_of(path, problems_);
    if (corpus_format_of(path, text, columns_) == CorpusFormat::trec) {
      TRY(for_each_trec_document(
          text, [&](const TrecElement& element) { return take(row_of(element)); }, bad_line,
          call_));
    } else {
      TRY(for_each_row(text, columns_.document_layout(table_format_of(path)), take, bad_line,
                       call_));
    }
    corpus_.paths.push_back(TRY(file.name(to_hex(content.finish()))));
    return {};
  }

  /// Title and number have their own columns; every other element is text.
  TableRow row_of(const TrecElement& element) const {
    TableRow row{.line = element.line, .fields = Json::object()};
    const std::string& text_name = columns_.names(Role::text).front();
    std::string text;
    std::string storage;
    for (const auto& [tag, content] : element.fields) {
      const auto is = [&](Role role) {
        return std::ranges::find(columns_.names(role), tag) != columns_.names(role).end();
      };
      if (is(Role::id) || is(Role::title)) {
        row.fields[tag] = clean_line(content, storage);
      } else if (!columns_.is_given(Role::text) || tag == text_name) {
        text += (text.empty() ? "" : "\n\n") + std::string(clean_line(content, storage));
      }
    }
    row.fields[text_name] = text;
    return row;
  }

  Status read_note(const std::string& file, const std::string& path, std::string_view bytes) {
    hasher_.feed(path + '\0' + std::to_string(bytes.size()) + '\0');
    hasher_.feed(bytes);
    return for_each_document_of_note(
        path, bytes,
        [&](const CorpusDocument& document) -> Status {
          count(document, file, 0);
          return {};
        },
        bad_lines_of(file, problems_), call_);
  }

  Status read_folder(const std::string& folder) {
    corpus_.paths.push_back(folder);
    return for_each_note(
        folder,
        [&](const std::string& file, const std::string& path) -> Status {
          auto bytes = read_dataset_file(file, call_);
          if (bytes) return read_note(file, path, *bytes);
          if (bytes.error().code == ErrorCode::cancelled) return bytes.error();
          list_problem(problems_, {.file = file, .line = 0, .reason = bytes.error().message});
          // An index may be able to read it: what bears its name is not unknown.
          corpus_.ids.add(to_nfc(path));
          return {};
        },
        call_);
  }

  const Columns& columns_;
  const std::string& work_folder_;
  DatasetProblems& problems_;
  const CallContext& call_;
  FactCounter counter_;
  Hasher128 hasher_;
  Corpus corpus_;
};

}  // namespace

void DocumentIds::add(std::string_view id) {
  hashes_.insert(hash128(id));
  std::string composed = to_nfc(id);
  if (composed != id) by_composed_.emplace(std::move(composed), id);
}
std::optional<std::string> DocumentIds::find_composed(const std::string& id) const {
  const auto found = by_composed_.find(id);
  if (found == by_composed_.end()) return std::nullopt;
  return found->second;
}
bool DocumentIds::contains(std::string_view id) const { return hashes_.contains(hash128(id)); }

Result<Corpus> open_corpus(const std::vector<std::string>& paths, const Columns& columns,
                           const std::string& work_folder, DatasetProblems& problems,
                           const CallContext& call) {
  CorpusReader reader(columns, work_folder, problems, call);
  for (const std::string& path : paths) TRY(reader.read(path));
  return std::move(reader).finish();
}

Result<std::map<std::string, std::string>> read_texts(const std::vector<std::string>& corpus,
                                                      const std::set<std::string>& ids,
                                                      const CallContext& call) {
  std::map<std::string, std::string> texts;
  const auto take = [&](const CorpusDocument& document) -> Status {
    if (!ids.contains(document.id)) return {};
    texts[document.id] = document.text.empty() ? document.title : document.text;
    return {};
  };
  const BadLineSink ignore = [](std::uint64_t, const std::string&) {};
  for (const std::string& path : corpus) {
    if (!is_folder(path)) {
      const std::string bytes = TRY(read_dataset_file(path, call));
      const std::string name = fs::path(path).filename().string();
      TRY(for_each_document_of_note(name, bytes, take, ignore, call));
      continue;
    }
    const auto read = [&](const std::string& file, const std::string& name) -> Status {
      const std::string extension = extension_of(name);
      if (extension != "jsonl" && extension != "ndjson" && !ids.contains(to_nfc(name))) return {};
      const auto bytes = read_dataset_file(file, call);
      if (!bytes) return bytes.error().code == ErrorCode::cancelled ? bytes.error() : Status();
      return for_each_document_of_note(name, *bytes, take, ignore, call);
    };
    TRY(for_each_note(path, read, call));
  }
  return texts;
}

}  // namespace saerok::lab
