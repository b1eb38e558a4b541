// Holds ARCHITECTURE.md and the code together: the layer table, the table of third-party libraries
// and the paths that the document names are read from it and compared with the tree.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = SAEROK_SOURCE_DIR;

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << file;
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream stream(row.substr(1));
  for (std::string cell; std::getline(stream, cell, '|');) cells.push_back(trimmed(cell));
  return cells;
}

/// The rows below the header row that starts with `header`, without the ruler.
std::vector<std::vector<std::string>> table_below(const std::string& document,
                                                  const std::string& header) {
  std::vector<std::vector<std::string>> rows;
  const std::vector<std::string> lines = lines_of(document);
  auto line = std::find_if(lines.begin(), lines.end(),
                           [&](const std::string& l) { return l.starts_with(header); });
  if (line == lines.end()) {
    ADD_FAILURE() << "ARCHITECTURE.md has no table that starts with \"" << header << '"';
    return rows;
  }
  for (line += 2; line < lines.end() && line->starts_with("|"); ++line) {
    rows.push_back(cells_of(*line));
  }
  return rows;
}

/// Everything between backticks in `text`.
std::vector<std::string> quoted_in(const std::string& text) {
  static const std::regex kQuoted("`([^`\n]+)`");
  std::vector<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), kQuoted), end; it != end; ++it) {
    names.push_back((*it)[1]);
  }
  return names;
}

struct Include {
  std::string file;    // Relative to the root, with '/'.
  std::string folder;  // "base" for src/base/…, "include" for include/saerok/….
  std::string target;
  bool angled = false;
};

std::string path_in_tree(const fs::path& file) {
  return file.lexically_relative(kRoot).generic_string();
}

/// All includes of our own headers and sources. Tests may reach anywhere: they are in no layer.
std::vector<Include> includes_of_the_tree() {
  static const std::regex kInclude("^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"]+)[>\"]");
  std::vector<Include> includes;
  for (const char* top : {"src", "include"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / top)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".h") && !name.ends_with(".cpp")) continue;
      if (name.ends_with("_test.cpp") || name.starts_with("test_")) continue;
      const std::string file = path_in_tree(entry.path());
      const std::string folder =
          file.starts_with("src/") ? file.substr(4, file.find('/', 4) - 4) : "include";
      for (const std::string& line : lines_of(read(entry.path()))) {
        std::smatch match;
        if (std::regex_search(line, match, kInclude)) {
          includes.push_back({file, folder, match[2], match[1] == "<"});
        }
      }
    }
  }
  return includes;
}

/// A standard header is a plain word: <vector>, <cstdint>.
bool is_standard(const std::string& header) {
  return header.find('.') == std::string::npos && header.find('/') == std::string::npos;
}

/// Whether `path` is `pattern`, or lies below it if that ends in '/', or begins with what stands
/// before its '*'.
bool covers(const std::string& pattern, const std::string& path) {
  if (pattern.ends_with('/')) return path.starts_with(pattern);
  const auto star = pattern.find('*');
  if (star == std::string::npos) return path == pattern;
  return path.starts_with(pattern.substr(0, star)) && path.ends_with(pattern.substr(star + 1)) &&
         path.size() + 1 >= pattern.size();
}

bool any_covers(const std::vector<std::string>& patterns, const std::string& path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return covers(pattern, path); });
}

std::map<std::string, std::set<std::string>> layers() {
  std::map<std::string, std::set<std::string>> allowed;
  for (const auto& row : table_below(read(kRoot / "ARCHITECTURE.md"), "| folder | may include |")) {
    std::set<std::string>& folders = allowed[row.at(0)];
    folders.insert(row.at(0));
    std::istringstream names(row.at(1));
    for (std::string name; std::getline(names, name, ',');) {
      if (!trimmed(name).empty()) folders.insert(trimmed(name));
    }
  }
  return allowed;
}

TEST(Structure, IncludesFollowTheLayerTable) {
  const auto allowed = layers();
  for (const Include& include : includes_of_the_tree()) {
    if (include.angled) continue;
    const std::string target = include.target.substr(0, include.target.find('/'));
    EXPECT_NE(include.target.find('/'), std::string::npos)
        << include.file << " includes \"" << include.target << "\": write it as folder/file.h";
    if (target == "saerok") continue;
    const auto row = allowed.find(include.folder);
    ASSERT_NE(row, allowed.end()) << include.folder << "/ has no row in the layer table";
    EXPECT_TRUE(row->second.contains(target))
        << include.file << " includes " << include.target << "; the layer table of ARCHITECTURE.md "
        << "does not let " << include.folder << "/ see " << target << '/';
  }
}

TEST(Structure, TheLayersHaveNoCycle) {
  const auto allowed = layers();
  std::map<std::string, std::set<std::string>> reach = allowed;
  for (std::size_t round = 0; round < allowed.size(); ++round) {
    for (auto& [folder, seen] : reach) {
      for (const std::string& other : std::set<std::string>(seen)) {
        if (other != folder && reach.contains(other)) {
          seen.insert(reach[other].begin(), reach[other].end());
        }
      }
    }
  }
  for (const auto& [folder, seen] : reach) {
    for (const std::string& other : seen) {
      EXPECT_FALSE(other != folder && reach[other].contains(folder)) << folder << " and " << other;
    }
  }
}

TEST(Structure, EveryFolderOfTheCodeHasARowInTheLayerTable) {
  const auto allowed = layers();
  for (const auto& entry : fs::directory_iterator(kRoot / "src")) {
    if (!entry.is_directory() || fs::is_empty(entry.path())) continue;
    EXPECT_TRUE(allowed.contains(entry.path().filename().string())) << entry.path();
  }
}

TEST(Structure, OnlyTheProgramsAndTheEngineSeeTheFacade) {
  const std::set<std::string> programs = {"engine", "lab", "server", "cli"};
  for (const Include& include : includes_of_the_tree()) {
    if (include.target != "saerok/engine.h") continue;
    EXPECT_TRUE(programs.contains(include.folder)) << include.file;
  }
}

TEST(Structure, PublicHeadersIncludeOnlyEachOtherAndTheStandardLibrary) {
  for (const Include& include : includes_of_the_tree()) {
    if (include.folder != "include") continue;
    EXPECT_TRUE(include.angled ? is_standard(include.target)
                               : include.target.starts_with("saerok/"))
        << include.file << " includes " << include.target;
  }
}

TEST(Structure, ALibraryIsIncludedOnlyByTheFilesThatWrapIt) {
  struct Library {
    std::string name;
    std::vector<std::string> headers;
    std::vector<std::string> files;
  };
  std::vector<Library> libraries;
  const auto rows = table_below(read(kRoot / "ARCHITECTURE.md"), "| library | headers | only in |");
  for (const auto& row : rows) {
    libraries.push_back({row.at(0), quoted_in(row.at(1)), quoted_in(row.at(2))});
  }
  for (const Include& include : includes_of_the_tree()) {
    if (!include.angled || is_standard(include.target)) continue;
    const auto library = std::find_if(
        libraries.begin(), libraries.end(),
        [&](const Library& candidate) { return any_covers(candidate.headers, include.target); });
    if (library == libraries.end()) {
      ADD_FAILURE() << include.file << " includes <" << include.target
                    << ">, which no row of the library table in ARCHITECTURE.md names";
      continue;
    }
    EXPECT_TRUE(any_covers(library->files, include.file))
        << include.file << " includes <" << include.target << ">; " << library->name
        << " is wrapped elsewhere (library table of ARCHITECTURE.md)";
  }
}

TEST(Structure, EveryPathThatTheArchitectureNamesExists) {
  static const std::regex kPath(R"([A-Za-z0-9_.\-]+(/[A-Za-z0-9_.*\-]+)*/?)");
  const std::vector<std::string> tops = {"src/",         "include/", "tests/", "docs/",
                                         "examples/",    "cmake/",   "setup/", "bench/",
                                         "third_party/", ".ci/"};
  for (const std::string& name : quoted_in(read(kRoot / "ARCHITECTURE.md"))) {
    const bool is_path = std::regex_match(name, kPath) &&
                         std::any_of(tops.begin(), tops.end(),
                                     [&](const std::string& top) { return name.starts_with(top); });
    if (!is_path) continue;
    if (name.find('*') == std::string::npos) {
      EXPECT_TRUE(fs::exists(kRoot / name)) << name << " is named but does not exist";
      continue;
    }
    const fs::path folder = kRoot / fs::path(name).parent_path();
    ASSERT_TRUE(fs::is_directory(folder)) << name;
    EXPECT_TRUE(std::any_of(
        fs::directory_iterator(folder), fs::directory_iterator(),
        [&](const fs::directory_entry& entry) { return covers(name, path_in_tree(entry.path())); }))
        << "nothing matches " << name;
  }
}

/// One compiler's <vector> brings it along and the next one's does not.
TEST(Structure, WhoUsesAnAlgorithmIncludesTheHeader) {
  static const std::regex kAlgorithm(
      R"(std::(ranges::\w+|(all|any|none)_of|count_if|find_if|(stable_|partial_)?sort|lower_bound|)"
      R"(upper_bound|equal_range|(min|max)_element|min|max|clamp|copy_n|fill|fill_n|reverse|rotate|)"
      R"(remove_if|transform|unique|nth_element)[(<])");
  std::size_t looked_at = 0;
  for (const char* top : {"src", "include", "tests", "bench"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / top)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".h") && !name.ends_with(".cpp")) continue;
      const std::string text = read(entry.path());
      ++looked_at;
      if (text.find("#include <algorithm>") != std::string::npos) continue;
      std::smatch match;
      for (const std::string& line : lines_of(text)) {
        EXPECT_FALSE(std::regex_search(line, match, kAlgorithm))
            << path_in_tree(entry.path()) << " uses " << match[0] << " without <algorithm>";
      }
    }
  }
  EXPECT_GT(looked_at, 400u);
}

TEST(Structure, TextFilesEndWithALineBreak) {
  for (const char* top : {"src", "include", "tests", "cmake", "setup", "docs"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / top)) {
      static const std::set<std::string> kKinds = {".h", ".cpp", ".cmake", ".sh", ".txt"};
      if (!entry.is_regular_file()) continue;
      if (!kKinds.contains(entry.path().extension().string())) continue;
      // Bytes are the point there.
      if (path_in_tree(entry.path()).starts_with("tests/data/")) continue;
      const std::string text = read(entry.path());
      EXPECT_TRUE(text.empty() || text.back() == '\n') << entry.path();
    }
  }
}

}  // namespace
