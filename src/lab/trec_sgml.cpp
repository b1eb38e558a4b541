// The SGML of TREC's topics and documents, which is no XML: end tags may be missing, and names are
// in any case.

#include <algorithm>

#include "base/code_points.h"
#include "lab/trec.h"
#include "lab/trec_tags.h"

namespace saerok::lab {
namespace {

bool begins_with_tag(std::string_view text, std::string_view tag) {
  const std::string_view bare = chars::trim(without_mark(text).substr(0, 4'096));
  return lower_case(bare.substr(0, tag.size())) == tag;
}

/// "Number: 301" → "301", as the topics of the first years are written.
std::string_view without_label(std::string_view text) {
  for (const std::string_view label : {"number:", "topic:", "description:", "narrative:"}) {
    if (lower_case(text.substr(0, label.size())) == label) {
      return chars::trim(text.substr(label.size()));
    }
  }
  return text;
}

/// Hands on what stands between <outer> and </outer>; an element without an end tag ends where the
/// next one begins. The last one must be whole, or the file was cut off.
Status for_each_element(std::string_view text, std::string_view outer,
                        const std::function<Status(std::string_view, std::uint64_t)>& visit,
                        const BadLineSink& bad_line, const CallContext& call) {
  std::uint64_t line = 1;
  std::size_t counted = 0;
  const auto line_at = [&](std::size_t at) {
    line +=
        static_cast<std::uint64_t>(std::ranges::count(text.substr(counted, at - counted), '\n'));
    counted = at;
    return line;
  };
  std::optional<Tag> open;
  for (auto tag = find_tag(text, 0); tag; tag = find_tag(text, tag->end)) {
    if (tag->name != outer) continue;
    TRY(call.check());
    if (open) {
      TRY(visit(text.substr(open->end, tag->begin - open->end), line_at(open->begin)));
    }
    open = tag->is_end ? std::nullopt : tag;
  }
  if (open) bad_line(line_at(open->begin), "<" + open->name + "> is cut off before its end");
  return {};
}

}  // namespace

bool looks_like_trec_topics(std::string_view text) { return begins_with_tag(text, "<top>"); }
bool looks_like_trec_documents(std::string_view text) { return begins_with_tag(text, "<doc>"); }

Status for_each_trec_topic(std::string_view text,
                           const std::function<Status(const TrecElement&)>& visit,
                           const BadLineSink& bad_line, const CallContext& call) {
  const auto read = [&](std::string_view inner, std::uint64_t line) -> Status {
    TrecElement topic{.line = line, .fields = {}};
    std::string name;
    std::size_t from = 0;
    const auto take = [&](std::size_t end) {
      const std::string joined = join_white_space(inner.substr(from, end - from));
      if (!name.empty()) add_field(topic, name, without_label(joined));
    };
    for (auto tag = find_tag(inner, 0); tag; tag = find_tag(inner, tag->end)) {
      take(tag->begin);
      name = tag->is_end ? std::string() : tag->name;
      from = tag->end;
    }
    take(inner.size());
    return visit(topic);
  };
  return for_each_element(text, "top", read, bad_line, call);
}

Status for_each_trec_document(std::string_view text,
                              const std::function<Status(const TrecElement&)>& visit,
                              const BadLineSink& bad_line, const CallContext& call) {
  const auto read = [&](std::string_view inner, std::uint64_t line) -> Status {
    TrecElement document{.line = line, .fields = {}};
    // Only the outermost elements have names of their own; tags inside them are mark-up.
    std::string name;
    std::string gathered;
    std::size_t from = 0;
    for (auto tag = find_tag(inner, 0); tag; tag = find_tag(inner, tag->end)) {
      gathered += inner.substr(from, tag->begin - from);
      from = tag->end;
      if (name.empty() && !tag->is_end) {
        add_field(document, {}, gathered);
        gathered.clear();
        name = tag->name;
      } else if (tag->is_end && tag->name == name) {
        add_field(document, name, gathered);
        gathered.clear();
        name.clear();
      }
    }
    gathered += inner.substr(from);
    add_field(document, name, gathered);
    return visit(document);
  };
  return for_each_element(text, "doc", read, bad_line, call);
}

}  // namespace saerok::lab
