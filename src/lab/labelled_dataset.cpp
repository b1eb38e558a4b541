#include "lab/labelled_dataset.h"

#include <map>
#include <tuple>

#include "base/bytes.h"
#include "base/env.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/posix_env.h"
#include "lab/make_folders.h"

namespace saerok::lab {
namespace {

constexpr std::string_view kDescription = "labels collected with saerok lab label";
constexpr std::uint64_t kDescriptionBytesMax = 1'000'000;
constexpr std::size_t kIdDigits = 12;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string id_of_question(std::string_view question) {
  return "q" + to_hex(hash128(question)).substr(0, kIdDigits);
}

/// One judgement of one passage for one question.
using Key = std::tuple<std::string, std::string, ByteSpan>;

/// The last label of each passage, in the order in which the passages were first labelled.
std::vector<const LabelRecord*> last_words(const std::vector<LabelRecord>& labels) {
  std::map<Key, std::size_t> places;
  std::vector<const LabelRecord*> last;
  for (const LabelRecord& label : labels) {
    const Key key(trim(label.question), label.document_id, label.bytes);
    const auto [place, is_new] = places.try_emplace(key, last.size());
    if (is_new) last.push_back(&label);
    else last[place->second] = &label;
  }
  return last;
}

/// What a line of tab-separated columns cannot hold, or a reader would take for something else.
bool fits_a_column(const std::string& id) {
  return !id.empty() && id.find_first_of("\t\r\n") == std::string::npos && trim(id) == id;
}

struct Files {
  std::string queries;
  std::string qrels = "query-id\tcorpus-id\tscore\tbegin\tend\n";
};

Files write_lines(const std::vector<const LabelRecord*>& labels, LabelledDatasetReport& report) {
  Files files;
  std::map<std::string_view, bool> has_right;  // By question.
  for (const LabelRecord* label : labels) {
    const std::string_view question = trim(label->question);
    if (question.empty() || !fits_a_column(label->document_id)) {
      report.warnings.push_back(
          "label " + std::to_string(static_cast<std::uint64_t>(label->id)) + " is left out: " +
          (question.empty() ? "it has no question"
                            : "the name of its document, \"" + label->document_id +
                                  "\", has a tab, a line break or a blank at an end"));
      continue;
    }
    const std::string id = id_of_question(question);
    const auto [known, is_new] = has_right.try_emplace(question, false);
    if (is_new) files.queries += print_json({{"_id", id}, {"text", question}}) + "\n";
    known->second = known->second || label->grade > 0;
    files.qrels += id + "\t" + label->document_id + "\t" + std::to_string(label->grade) + "\t";
    if (label->bytes.size() > 0) {
      files.qrels +=
          std::to_string(label->bytes.begin) + "\t" + std::to_string(label->bytes.end) + "\n";
    } else {
      files.qrels += "\t\n";
    }
    ++report.labels;
  }
  report.questions = has_right.size();
  for (const auto& [question, is_right] : has_right) report.without_right += is_right ? 0 : 1;
  return files;
}

/// Only an empty folder, or one that this wrote, is written into: a dataset of someone else's has
/// files of the same names.
Status check_may_write(const std::string& folder) {
  Env& env = posix_env();
  const auto names = env.list(folder);
  if (!names && names.error().code == ErrorCode::not_found) return {};
  if (!names) return names.error();
  if (names->empty()) return {};
  const auto text = read_whole_file(env, folder + "/dataset.json", kDescriptionBytesMax);
  const auto json = text ? parse_json(*text, folder) : Result<Json>(text.error());
  if (json && find_text(*json, "description") == kDescription) return {};
  return Error{ErrorCode::failed_precondition,
               folder +
                   " holds files that `saerok lab label export` did not write; name another "
                   "folder, or an empty one"};
}

Status write_file(const std::string& path, std::string_view text) {
  return write_file_durably(posix_env(), path, path + ".new", as_byte_span(text));
}

}  // namespace

Result<LabelledDatasetReport> write_labelled_dataset(const std::string& folder,
                                                     const LabelledDataset& dataset) {
  LabelledDatasetReport report;
  const auto labels = last_words(dataset.labels);
  report.superseded = dataset.labels.size() - labels.size();
  const Files files = write_lines(labels, report);
  if (report.labels == 0) {
    return Error{ErrorCode::failed_precondition,
                 "there are no labels to export; collect some with `saerok lab label QUESTION`"};
  }
  const std::string place = posix_env().absolute_path(folder);
  TRY(check_may_write(place));
  TRY(make_folders(place));
  TRY(write_file(place + "/queries.jsonl", files.queries));
  TRY(write_file(place + "/qrels.tsv", files.qrels));
  const Json description = {{"name", dataset.name},
                            {"description", kDescription},
                            {"corpus", dataset.corpus},
                            {"queries", "queries.jsonl"},
                            {"qrels", "qrels.tsv"}};
  TRY(write_file(place + "/dataset.json", print_json_pretty(description) + "\n"));
  TRY(posix_env().sync_directory(place));
  return report;
}

}  // namespace saerok::lab
