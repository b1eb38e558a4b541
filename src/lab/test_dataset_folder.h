/// A folder for a test's dataset, deleted at the end.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace saerok::lab {

class TestDatasetFolder {
 public:
  TestDatasetFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "saerok-lab-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~TestDatasetFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TestDatasetFolder(const TestDatasetFolder&) = delete;
  TestDatasetFolder& operator=(const TestDatasetFolder&) = delete;

  std::string path(std::string_view name = {}) const {
    return name.empty() ? folder_ : folder_ + "/" + std::string(name);
  }
  /// Writes the file and the folders above it; returns its path.
  std::string write(std::string_view name, std::string_view bytes) const {
    const std::filesystem::path file = path(name);
    std::error_code ignored;
    std::filesystem::create_directories(file.parent_path(), ignored);
    std::ofstream(file, std::ios::binary) << bytes;
    return file.string();
  }

 private:
  std::string folder_;
};

}  // namespace saerok::lab
