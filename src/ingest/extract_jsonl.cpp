#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/code_points.h"
#include "base/hash.h"
#include "base/unicode.h"
#include "ingest/document_facts.h"
#include "ingest/extract_kinds.h"
#include "ingest/json_record.h"

namespace saerok {
namespace {

using namespace chars;

constexpr std::array kTextFields =
    std::to_array<std::string_view>({"content", "text", "contents", "body"});

struct Line {
  std::string_view text;
  std::uint32_t number;  // From 1.
};

/// Calls `visit` for each line that is not blank; stops at an Error.
template <class Visit>
Status for_each_line(std::string_view text, const CallContext& call, Visit visit) {
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (++number % 1'024 == 0) TRY(call.check());
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) TRY(visit(Line{line, number}));
    at = end + 1;
  }
  return {};
}

class JsonlReader {
 public:
  JsonlReader(std::string_view path, std::string_view text, NoteTaker& notes,
              std::uint64_t& records_skipped)
      : path_(path), text_(text), notes_(notes), skipped_(records_skipped) {}

  /// Two passes, because of two records with one id the last one counts, and it must be known
  /// before the first is handed on. The first pass reads ids only.
  Status run(const DocumentSink& sink, const CallContext& call) {
    TRY(for_each_line(text_, call, [&](const Line& line) -> Status {
      const std::string id = parser_.parse_id(line.text, readable_after(line));
      if (!id.empty()) last_line_of_[hash64(id)] = line.number;
      return {};
    }));
    return for_each_line(text_, call,
                         [&](const Line& line) -> Status { return add_record(line, sink); });
  }

 private:
  std::size_t readable_after(const Line& line) const {
    return static_cast<std::size_t>(text_.data() + text_.size() -
                                    (line.text.data() + line.text.size()));
  }

  void skip(const Line& line, const std::string& reason) {
    ++skipped_;
    notes_.add("line " + std::to_string(line.number) + ": " + reason + "; skipped");
  }

  Status add_record(const Line& line, const DocumentSink& sink) {
    auto fields = parser_.parse(line.text, readable_after(line));
    if (!fields) {
      skip(line, fields.error().message);
      return {};
    }
    Document document;
    document.path = std::string(path_);
    document.record_id = take_id(*fields);
    if (document.record_id.empty()) {
      document.record_id = "#" + std::to_string(line.number);
      if (!std::exchange(has_noted_missing_id_, true)) {
        notes_.add("line " + std::to_string(line.number) +
                   ": no docid, _id or id; such records are named by their line");
      }
    } else if (const auto last = last_line_of_.at(hash64(document.record_id));
               last != line.number) {
      skip(line, "its id stands again on line " + std::to_string(last) + ", which is kept");
      return {};
    }
    document.title = std::string(trim(take_text(*fields, "title")));
    for (const std::string_view name : kTextFields) {
      if (document.text.empty()) document.text = take_text(*fields, name);
    }
    // The file is in NFC already; only an escape can bring in something else.
    if (line.text.find("\\u") != std::string_view::npos) {
      document.title = to_nfc(document.title);
      document.text = to_nfc(document.text);
    }
    if (trim(document.text).empty()) document.text = document.title;
    if (trim(document.text).empty()) {
      skip(line, "no text in content, text, contents, body or title");
      return {};
    }
    finish(line, std::move(*fields), document);
    return sink(std::move(document));
  }

  void finish(const Line& line, std::vector<JsonField> fields, Document& document) {
    FactCollector facts;
    for (JsonField& field : fields) add_fact(std::move(field), facts);
    facts.add_extension_and_folder(path_);
    facts.give_to(document);
    document.source_map.anchors = {{0, 0, line.number}};
    document.source_map.source_size = document.text.size();
    add_paragraphs(document.text, BlockKind::paragraph, document.blocks);
  }

  static std::string take_id(std::vector<JsonField>& fields) {
    for (const std::string_view name : kIdFields) {
      const auto found = std::ranges::find_if(
          fields, [&](const JsonField& field) { return field.is_top_level && field.name == name; });
      if (found == fields.end()) continue;
      std::string id;
      if (auto* text = std::get_if<std::string>(&found->value)) {
        id = std::move(*text);
      } else if (const auto* number = std::get_if<std::int64_t>(&found->value)) {
        id = std::to_string(*number);
      }
      if (id.empty()) continue;
      fields.erase(found);
      return id;
    }
    return {};
  }

  /// Removes the field and returns its text; an array of texts becomes paragraphs.
  static std::string take_text(std::vector<JsonField>& fields, std::string_view name) {
    std::string text;
    std::erase_if(fields, [&](const JsonField& field) {
      const auto* part = std::get_if<std::string>(&field.value);
      if (part == nullptr || !field.is_top_level || field.name != name) return false;
      if (!text.empty()) text += "\n\n";
      text += *part;
      return true;
    });
    return text;
  }

  static void add_fact(JsonField field, FactCollector& facts) {
    const auto* text = std::get_if<std::string>(&field.value);
    if (text == nullptr) {
      std::visit(
          [&](auto value) {
            if constexpr (!std::is_same_v<decltype(value), std::string>)
              facts.add(field.name, value);
          },
          field.value);
      return;
    }
    const std::string name = fold_case(field.name);
    if (name == "tag" || name == "tags") {
      facts.add_tag(trim(*text));
    } else if (name == "alias" || name == "aliases") {
      facts.add("alias", *text);
      facts.add_keyword(*text);
    } else {
      if (name == "keyword" || name == "keywords") facts.add_keyword(*text);
      for (AttributeValue& value : typed_values(*text)) {
        // Only dates: a string of digits is a string, JSON has numbers for the rest.
        if (std::holds_alternative<Date>(value)) facts.add(field.name, std::move(value));
      }
      facts.add(field.name, *text);
    }
  }

  std::string_view path_;
  std::string_view text_;
  NoteTaker& notes_;
  std::uint64_t& skipped_;
  JsonRecordParser parser_;
  std::unordered_map<std::uint64_t, std::uint32_t> last_line_of_;  // By hash64 of the id.
  bool has_noted_missing_id_ = false;
};

}  // namespace

Status extract_jsonl(std::string_view path, std::string_view text, const DocumentSink& sink,
                     NoteTaker& notes, std::uint64_t& records_skipped, const CallContext& call) {
  return JsonlReader(path, text, notes, records_skipped).run(sink, call);
}

}  // namespace saerok
