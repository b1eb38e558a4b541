// Any text is a query: what is left to rank by has the query's places.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/unicode.h"
#include "search/filter.h"
#include "search/query_language.h"
#include "text/word_lists.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saerok;
  static const Analyzer analyzer{AnalyzerSettings{}};
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::string query = replace_invalid_utf8(bytes).text;
  const ParsedQuery parsed =
      parse_query(query, analyzer, [](std::string_view name) { return name.size() % 2 == 0; });
  if (parsed.text.size() != query.size() || !is_valid_utf8(parsed.text)) std::abort();
  static_cast<void>(parse_filter(query));
  static_cast<void>(parse_word_lists(bytes));
  return 0;
}
