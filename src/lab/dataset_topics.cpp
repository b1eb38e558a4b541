#include "lab/dataset_topics.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/code_points.h"
#include "lab/dataset_problems.h"
#include "lab/table_reader.h"
#include "lab/trec.h"

namespace saerok::lab {
namespace {

/// The error's message is the reason alone.
Error unusable(std::string reason) { return {ErrorCode::corrupt, std::move(reason)}; }

Result<Conversation> read_conversation(const Json& turns) {
  if (!turns.is_array() || turns.empty())
    return unusable("the conversation is not a list of turns");
  Conversation conversation;
  for (const Json& turn : turns) {
    const auto role = find_text(turn, "role");
    const auto content = find_text(turn, "content");
    if (!role || !content) return unusable("a turn lacks role or content");
    if (*role != "user" && *role != "assistant" && *role != "system") {
      return unusable("a turn has the role \"" + *role +
                      "\"; known are user, assistant and system");
    }
    conversation.push_back({.role = *role, .content = *content});
  }
  if (conversation.back().role != "user") return unusable("the last turn is not the user's");
  return conversation;
}

Result<std::optional<Decision>> read_decision(const Json* value) {
  if (value == nullptr) return std::optional<Decision>();
  if (value->is_boolean()) {
    return std::optional(value->get<bool>() ? Decision::search : Decision::answer);
  }
  const std::string name = value->is_string() ? value->get<std::string>() : print_json(*value);
  if (name == "search" || name == "true") return std::optional(Decision::search);
  if (name == "answer" || name == "false") return std::optional(Decision::answer);
  if (name == "clarify") return std::optional(Decision::clarify);
  if (name.empty()) return std::optional<Decision>();
  return unusable("the decision \"" + name + "\" is none of search, answer and clarify");
}

/// A document that stands beside its question: its id, or an object with the columns of a label.
Result<Label> read_inline_label(const std::string& topic, const Json& value,
                                const Columns& columns) {
  Label label{.topic = topic, .document = {}, .grade = 1, .span = std::nullopt};
  const auto ids = texts_of(value);
  if (!value.is_object()) {
    if (value.is_array() || ids.empty()) return unusable("a relevant document has no id");
    label.document = ids.front();
    return label;
  }
  const auto document = columns.find_text(value, Role::document);
  if (!document) return unusable("a relevant document has no id");
  label.document = *document;
  if (const Json* grade = columns.find(value, Role::grade)) label.grade = TRY(grade_from(*grade));
  label.span = TRY(span_from(columns.find(value, Role::begin), columns.find(value, Role::end)));
  return label;
}

std::string answer_of(const Json& fields, const Columns& columns) {
  const Json* answer = columns.find(fields, Role::answer);
  // KorQuAD and SQuAD in BEIR's form have their answers there.
  const Json* metadata = find_member(fields, "metadata");
  if (answer == nullptr && metadata != nullptr) answer = columns.find(*metadata, Role::answer);
  if (answer == nullptr) return {};
  const auto texts = texts_of(*answer);
  return texts.empty() ? std::string() : texts.front();
}

class TopicReader {
 public:
  TopicReader(std::string path, TopicStyle style, const Columns& columns, DatasetProblems& problems)
      : path_(std::move(path)),
        style_(style),
        columns_(columns),
        problems_(problems),
        bad_line_(bad_lines_of(path_, problems)) {}

  const BadLineSink& bad_line() const { return bad_line_; }

  void add_row(const TableRow& row) {
    const auto id = columns_.find_text(row.fields, Role::topic);
    if (!id || chars::trim(*id).empty()) return bad_line_(row.line, "the question has no id");
    Topic topic;
    topic.id = std::string(chars::trim(*id));
    if (const Status read = read_question(row.fields, topic); !read) {
      return bad_line_(row.line, read.error().message);
    }
    std::vector<Label> labels;
    const Status read = read_inline_labels(row.fields, topic, labels);
    if (!read) return bad_line_(row.line, read.error().message);
    if (!add(std::move(topic), row.line)) return;
    file_.labels.insert(file_.labels.end(), labels.begin(), labels.end());
  }

  void add_element(const TrecElement& element) {
    Topic topic;
    std::string storage;
    if (const auto id = find(element, Role::topic)) topic.id = clean_line(*id, storage);
    auto text = find(element, Role::query);
    for (const char* name : {"desc", "description", ""}) {
      if (!text && !columns_.is_given(Role::query)) text = element.find(name);
    }
    if (text) topic.text = clean_line(*text, storage);
    if (topic.id.empty()) return bad_line_(element.line, "the topic has no number");
    if (topic.text.empty()) return bad_line_(element.line, without_text(element));
    add(std::move(topic), element.line);
  }

  TopicFile take() { return std::move(file_); }

 private:
  static std::string without_text(const TrecElement& element) {
    std::string names;
    for (const auto& [name, text] : element.fields) {
      if (name != "num" && !name.empty()) names += (names.empty() ? "" : ", ") + name;
    }
    return names.empty() ? "the topic has no text"
                         : "the topic has no text; it has " + names + " (--column query=NAME)";
  }

  std::optional<std::string> find(const TrecElement& element, Role role) const {
    for (const std::string& name : columns_.names(role)) {
      if (auto text = element.find(name)) return text;
    }
    return std::nullopt;
  }

  Status read_question(const Json& fields, Topic& topic) const {
    const auto text = columns_.find_text(fields, Role::query);
    if (const Json* turns = columns_.find(fields, Role::conversation)) {
      Conversation conversation = TRY(read_conversation(*turns));
      topic.text = conversation.back().content;
      if (!text || style_ == TopicStyle::conversations || conversation.size() > 1) {
        topic.conversation = std::move(conversation);
      }
    }
    if (topic.conversation.empty() && text) topic.text = *text;
    topic.text = std::string(chars::trim(topic.text));
    if (topic.text.empty()) return unusable("the question has no text");
    topic.answer = answer_of(fields, columns_);
    topic.group = columns_.find_text(fields, Role::group).value_or("");
    topic.decision = TRY(read_decision(columns_.find(fields, Role::decision)));
    return {};
  }

  Status read_inline_labels(const Json& fields, Topic& topic, std::vector<Label>& labels) {
    const Json* relevant = columns_.find(fields, Role::relevant);
    if (relevant == nullptr) return {};
    const Json list = relevant->is_array() ? *relevant
                      : *relevant == ""    ? Json::array()
                                           : Json::array({*relevant});
    for (const Json& document : list) {
      Label label = TRY(read_inline_label(topic.id, document, columns_));
      const bool is_again = std::ranges::any_of(labels, [&](const Label& other) {
        return other.document == label.document && other.span == label.span;
      });
      if (!is_again) labels.push_back(std::move(label));
    }
    file_.has_labels = true;
    if (!topic.decision) topic.decision = list.empty() ? Decision::answer : Decision::search;
    return {};
  }

  /// Returns whether it is the first of its id.
  bool add(Topic topic, std::uint64_t line) {
    const auto [first, is_new] = line_of_.try_emplace(topic.id, line);
    if (!is_new) {
      ++problems_.duplicate_topics;
      list_problem(problems_, {.file = path_,
                               .line = line,
                               .reason = "the question \"" + topic.id + "\" stands on line " +
                                         std::to_string(first->second) + " already, which counts"});
      return false;
    }
    file_.topics.push_back(std::move(topic));
    return true;
  }

  std::string path_;
  TopicStyle style_;
  const Columns& columns_;
  DatasetProblems& problems_;
  BadLineSink bad_line_;
  std::unordered_map<std::string, std::uint64_t> line_of_;
  TopicFile file_;
};

}  // namespace

Result<TopicFile> read_topics(const std::string& path, TopicStyle style, const Columns& columns,
                              DatasetProblems& problems, const CallContext& call) {
  const std::string text = TRY(read_dataset_file(path, call));
  TopicReader reader(path, style, columns, problems);
  const bool is_xml = looks_like_trec_xml_topics(text);
  const bool is_trec = is_xml || looks_like_trec_topics(text);
  if (is_trec) {
    const auto for_each_topic = is_xml ? for_each_trec_xml_topic : for_each_trec_topic;
    TRY(for_each_topic(
        text,
        [&](const TrecElement& element) -> Status {
          reader.add_element(element);
          return {};
        },
        reader.bad_line(), call));
  } else {
    // TREC's newer topics are two columns with tabs, in files named .txt.
    const std::string extension = extension_of(path);
    const bool is_json = without_mark(text).substr(0, 1) == "{" || extension == "jsonl";
    const TableFormat format = table_format_of(path) == TableFormat::jsonl && !is_json
                                   ? TableFormat::tsv
                                   : table_format_of(path);
    TRY(for_each_row(
        text, columns.topic_layout(format),
        [&](TableRow&& row) -> Status {
          reader.add_row(row);
          return {};
        },
        reader.bad_line(), call));
  }
  TopicFile file = reader.take();
  file.is_trec = is_trec;
  return file;
}

}  // namespace saerok::lab
