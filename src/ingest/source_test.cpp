#include "ingest/source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/bytes.h"
#include "ingest/ignore_rules.h"
#include "ingest/test_document.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

/// A folder of its own for each test.
class Source : public ::testing::Test {
 protected:
  Source() : root_(fs::path(::testing::TempDir()) / "saerok-source-") {
    root_ += std::to_string(getpid());
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~Source() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  void write(const std::string& path, const std::string& text = "x") const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
  }
  ScanResult scanned() const {
    auto result = scan_root(root_.string(), {});
    EXPECT_TRUE(result.has_value());
    return result ? std::move(*result) : ScanResult{};
  }
  static std::vector<std::string> paths(const ScanResult& result) {
    std::vector<std::string> names;
    for (const SourceFile& file : result.files) names.push_back(file.path);
    return names;
  }
  fs::path root_;
};
using Paths = std::vector<std::string>;

TEST_F(Source, FilesComeSortedWithSizeAndTimes) {
  write("b.md", "12345");
  write("a/c.md");
  const ScanResult result = scanned();
  EXPECT_EQ(paths(result), (Paths{"a/c.md", "b.md"}));
  EXPECT_EQ(result.files[1].size, 5u);
  EXPECT_GT(result.files[1].modified_ns, 0);
  EXPECT_NE(result.files[1].inode, 0u);
}

TEST_F(Source, HiddenFoldersTrashAndPackagesAreLeftOut) {
  for (const char* path :
       {".obsidian/x.json", ".trash/a.md", ".git/config", "node_modules/p/r.md", "a.md"}) {
    write(path);
  }
  EXPECT_EQ(paths(scanned()), Paths{"a.md"});
}

TEST_F(Source, IgnoreFilesAndObsidiansExcludedFilesAreRespected) {
  write(".gitignore", "*.log\n!keep.log\n/build/\ndeep/**/x.md\n");
  write("sub/.saerokignore", "secret*\n");
  write(".obsidian/app.json", R"({"userIgnoreFilters": ["Templates/", "/re.*/"]})");
  for (const char* path : {"a.log", "keep.log", "build/a.md", "sub/build/a.md", "deep/x.md",
                           "deep/1/2/x.md", "sub/secret.md", "secret.md", "Templates/t.md"}) {
    write(path);
  }
  const ScanResult result = scanned();
  EXPECT_EQ(paths(result), (Paths{"keep.log", "secret.md", "sub/build/a.md"}));
  ASSERT_EQ(result.issues.size(), 1u);
  EXPECT_NE(result.issues[0].reason.find("regular expression"), std::string::npos);
}

TEST_F(Source, LinkLoopsEndAndNoFolderIsReadTwice) {
  write("a/n.md");
  fs::create_directory_symlink(root_, root_ / "a/loop");
  fs::create_directory_symlink(root_ / "a", root_ / "b");
  fs::create_symlink(root_ / "self", root_ / "self");
  fs::create_symlink(root_ / "gone", root_ / "broken.md");
  const ScanResult result = scanned();
  EXPECT_EQ(paths(result), Paths{"a/n.md"});
  ASSERT_EQ(result.issues.size(), 2u);
  EXPECT_FALSE(result.is_unreadable("broken.md"));
}

TEST_F(Source, NamesAreComposedForDisplayAndRawForOpening) {
  write("\u1112\u1161\u11ab.md", "text");  // 한.md as macOS spells it.
  const ScanResult result = scanned();
  ASSERT_EQ(paths(result), Paths{"한.md"});
  const auto content = read_source(result.files[0]);
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(as_text((*content)->bytes()), "text");
}

TEST_F(Source, TwoSpellingsOfOneNameAreReported) {
  write("\u1112\u1161\u11ab.md");
  write("한.md");
  const ScanResult result = scanned();
  EXPECT_EQ(paths(result), Paths{"한.md"});
  EXPECT_EQ(result.issues.size(), 1u);
}

TEST_F(Source, ASingleFileIsARootOfItsOwn) {
  write("a.md");
  write("b.md");
  const auto result = scan_root((root_ / "a.md").string(), {});
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(paths(*result), Paths{"a.md"});
  EXPECT_TRUE(result->covers("a.md"));
  EXPECT_FALSE(result->covers("b.md"));
}

TEST_F(Source, AnUnreadableFolderIsAnIssueAndHidesWhatIsBelow) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read every folder";
  write("open.md");
  write("shut/a.md");
  chmod((root_ / "shut").c_str(), 0);
  const ScanResult result = scanned();
  chmod((root_ / "shut").c_str(), 0700);
  EXPECT_EQ(paths(result), Paths{"open.md"});
  EXPECT_TRUE(result.is_unreadable("shut/a.md"));
  EXPECT_FALSE(result.is_unreadable("shutter.md"));
}

TEST_F(Source, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(scan_root((root_ / "none").string(), {}).error().code, ErrorCode::not_found);
  write("a.md");
  const ScanResult result = scanned();
  fs::remove(root_ / "a.md");
  EXPECT_EQ(read_source(result.files[0]).error().code, ErrorCode::not_found);
}

TEST_F(Source, LargeFilesAreMapped) {
  const std::string text(5 << 20, 'q');
  write("big.txt", text);
  const auto content = read_source(scanned().files[0]);
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(as_text((*content)->bytes()), text);
}

TEST(Glob, MatchesAsGitDoes) {
  EXPECT_TRUE(glob_matches("*.md", "노트.md"));
  EXPECT_FALSE(glob_matches("*.md", "a/b.md"));
  EXPECT_TRUE(glob_matches("**/b.md", "b.md"));
  EXPECT_TRUE(glob_matches("a/**", "a/b/c"));
  EXPECT_TRUE(glob_matches("a/**/c", "a/c"));
  EXPECT_TRUE(glob_matches("?[가-힣][!0-9]", "x글y"));
  EXPECT_FALSE(glob_matches("?[가-힣][!0-9]", "x글1"));
  EXPECT_TRUE(glob_matches("\\*", "*"));
  EXPECT_FALSE(glob_matches("\\*", "x"));
  EXPECT_FALSE(glob_matches("*a*a*a*a*a*a*a*a*a*a*a*b", std::string(2'000, 'a')));
}

}  // namespace
}  // namespace saerok
