/// A folder of a test's own, removed with it, and a small dataset to put into it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "lab/experiment.h"

namespace saerok::lab {

class TestFolder {
 public:
  TestFolder() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            (std::string("saerok-lab-") + test->test_suite_name() + "-" + test->name());
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string path(const std::string& name = "") const { return (path_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::filesystem::path path_;
};

/// Four documents, four questions, three of them labelled.
inline void write_small_dataset(const TestFolder& folder) {
  folder.write("birds/corpus.jsonl",
               R"({"_id": "d1", "title": "Sparrow", "text": "A sparrow nests under roof tiles."})" "\n"
               R"({"_id": "d2", "title": "참새", "text": "참새는 기와 밑에 둥지를 튼다."})" "\n"
               R"({"_id": "d3", "title": "Owl", "text": "An owl hunts at night and swallows mice."})" "\n"
               R"({"_id": "d4", "title": "Heron", "text": "A heron stands in shallow water."})" "\n");
  folder.write("birds/queries.jsonl",
               R"({"_id": "q1", "text": "Where does a sparrow nest?"})" "\n"
               R"({"_id": "q2", "text": "참새는 둥지를 어디에 트나요?"})" "\n"
               R"({"_id": "q3", "text": "What hunts mice at night?"})" "\n"
               R"({"_id": "q4", "text": "Which bird stands in water?"})" "\n");
  folder.write("birds/qrels.tsv",
               "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\nq3\td4\t1\n");
}

inline LabPlaces test_places(const TestFolder& folder) {
  return {.folder = folder.path("lab"), .models_directory = folder.path("models"),
          .worker_program = "saerok"};
}

inline ExperimentRequest lexical_request(const TestFolder& folder) {
  ExperimentRequest request;
  request.dataset.folder = folder.path("birds");
  request.settings.search.mode = SearchMode::lexical;
  return request;
}

}  // namespace saerok::lab
