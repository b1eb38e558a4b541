#include <algorithm>
#include <array>

#include "base/code_points.h"
#include "ingest/document_facts.h"
#include "ingest/extract_kinds.h"
#include "ingest/text_builder.h"

namespace saerok {
namespace {

using namespace chars;

/// Extensions whose lines, not paragraphs, are the natural places to cut.
constexpr std::array kProseExtensions = std::to_array<std::string_view>(
    {"", "txt", "text", "rst", "org", "adoc", "asciidoc", "tex", "rtf", "me"});

BlockKind kind_of_extension(std::string_view extension) {
  if (extension == "csv" || extension == "tsv") return BlockKind::table;
  const bool is_prose = std::ranges::find(kProseExtensions, extension) != kProseExtensions.end();
  return is_prose ? BlockKind::paragraph : BlockKind::code;
}

}  // namespace

void add_paragraphs(std::string_view text, BlockKind kind, std::vector<Block>& blocks) {
  std::size_t begin = std::string_view::npos;
  std::size_t end = 0;
  const auto close = [&] {
    if (begin == std::string_view::npos) return;
    blocks.push_back({kind, 0, {begin, end}});
    begin = std::string_view::npos;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_end = std::min(text.find('\n', at), text.size());
    const TrimmedText line = trimmed(text, at, line_end);
    if (line.begin == line.end) {
      close();
    } else {
      // Code keeps the indent of its first line.
      if (begin == std::string_view::npos) begin = kind == BlockKind::code ? at : line.begin;
      end = line.end;
    }
    at = line_end + 1;
  }
  close();
}

Result<Document> extract_text(std::string_view path, const DecodedText& decoded) {
  Document document;
  document.path = std::string(path);
  const NameParts name = name_parts(path);
  document.title = std::string(name.stem);
  FactCollector facts;
  facts.add_extension_and_folder(path);
  facts.add_date_of_name(path);
  facts.give_to(document);
  TextBuilder out(decoded);
  out.append(0, decoded.text().size());
  document.text = out.take_text();
  document.source_map = out.take_map();
  add_paragraphs(document.text, kind_of_extension(name.extension), document.blocks);
  return document;
}

}  // namespace saerok
