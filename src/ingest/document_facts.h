/// What a file says about itself besides its text: typed values, tags, links, dates in names.
/// Shared by every extract_*.cpp. What this is not: parsing of front matter (frontmatter.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "saerok/types.h"

namespace saerok {

/// A plain value as people write it: bool, integer, real, date, else string. A date with a time
/// gives two values, its date and the string. Numbers with leading zeros (telephone numbers, post
/// codes) and beyond 64 bits stay strings.
std::vector<AttributeValue> typed_values(std::string_view plain);

/// 2024-03-01, 2024/03/01, 2024.03.01 at the start of `text`; `rest` is what follows.
std::optional<Date> parse_date(std::string_view text, std::string_view& rest);

/// The first date in a file name: 2024-03-01, 2024.3.1, 2024_03_01, 20240301, 2024년 3월 1일.
std::optional<Date> date_in_name(std::string_view name);

/// Name and extension of the last part of a path, compression endings left out.
struct NameParts {
  std::string_view folder;  ///< Without the last '/'; empty at the root.
  std::string_view stem;
  std::string extension;  ///< Lower case, without the dot; may be empty.
};
NameParts name_parts(std::string_view path);

/// Collects attributes without repeating any, in order of first appearance.
class FactCollector {
 public:
  /// `name` is brought to NFC and lower case.
  void add(std::string_view name, AttributeValue value);
  /// "#a/b/" → `tag` a/b and `tag` a.
  void add_tag(std::string_view tag);
  void add_keyword(std::string_view keyword);

  void add_extension_and_folder(std::string_view path);
  /// `date` from the file's name, where no date is known.
  void add_date_of_name(std::string_view path);

  /// Moves attributes and keywords into the document.
  void give_to(Document& document);

 private:
  std::vector<Attribute> attributes_;
  std::vector<std::string> keywords_;
  std::unordered_set<std::string> seen_;
  bool has_date_ = false;
};

}  // namespace saerok
