/// Short ways to documents for the tests of this folder, and the places that hold shared test data.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/extract.h"

namespace saerok::testing {

constexpr std::uint64_t kLimit = 1ULL << 30;

struct Extracted {
  Status status;
  std::vector<Document> documents;
  ExtractNotes notes;
};

inline Extracted extract_all(std::string_view path, std::string_view bytes) {
  Extracted result;
  result.status = extract(
      path, bytes, kLimit,
      [&](Document&& document) -> Status {
        result.documents.push_back(std::move(document));
        return {};
      },
      result.notes, CallContext{});
  return result;
}

/// The one document of a file; an empty one, with a failed test, if there is none.
inline Document extract_one(std::string_view path, std::string_view bytes) {
  Extracted result = extract_all(path, bytes);
  EXPECT_TRUE(result.status.has_value()) << (result.status ? "" : result.status.error().message);
  EXPECT_EQ(result.documents.size(), 1u);
  return result.documents.empty() ? Document{} : std::move(result.documents.front());
}

inline std::vector<AttributeValue> values_of(const Document& document, std::string_view name) {
  std::vector<AttributeValue> values;
  for (const Attribute& attribute : document.attributes) {
    if (attribute.name == name) values.push_back(attribute.value);
  }
  return values;
}
inline std::vector<std::string> strings_of(const Document& document, std::string_view name) {
  std::vector<std::string> strings;
  for (const AttributeValue& value : values_of(document, name)) {
    if (const auto* text = std::get_if<std::string>(&value)) strings.push_back(*text);
  }
  return strings;
}

/// Folder of test data that is not part of the repository; empty if it is not there.
inline std::filesystem::path shared_data() {
  const char* named = std::getenv("SAEROK_SHARED_DATA");
  const std::filesystem::path folder =
      named != nullptr ? std::filesystem::path(named)
                       : std::filesystem::path(SAEROK_SOURCE_DIR) / ".." / "shared" / "data";
  return std::filesystem::exists(folder) ? folder : std::filesystem::path();
}

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace saerok::testing
