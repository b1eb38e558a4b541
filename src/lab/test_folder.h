/// A folder of a test's own, removed with it, and a small dataset to put into it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "lab/experiment.h"

namespace saerok::lab {

class TestFolder {
 public:
  TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "saerok-lab-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string path(std::string_view name = {}) const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }
  /// Writes the file and the folders above it; returns its path.
  std::string write(std::string_view name, std::string_view bytes) const {
    std::error_code ignored;
    std::filesystem::create_directories((path_ / name).parent_path(), ignored);
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path(name);
  }
  std::string read(std::string_view name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::filesystem::path path_;
};

/// Four documents, four questions, three of them labelled.
inline void write_small_dataset(const TestFolder& folder) {
  folder.write(
      "birds/corpus.jsonl",
      R"({"_id": "d1", "title": "Sparrow", "text": "A sparrow nests under roof tiles."})"
      "\n"
      R"({"_id": "d2", "title": "참새", "text": "참새는 기와 밑에 둥지를 튼다."})"
      "\n"
      R"({"_id": "d3", "title": "Owl", "text": "An owl hunts at night and swallows mice."})"
      "\n"
      R"({"_id": "d4", "title": "Heron", "text": "A heron stands in shallow water."})"
      "\n");
  folder.write("birds/queries.jsonl", R"({"_id": "q1", "text": "Where does a sparrow nest?"})"
                                      "\n"
                                      R"({"_id": "q2", "text": "참새는 둥지를 어디에 트나요?"})"
                                      "\n"
                                      R"({"_id": "q3", "text": "What hunts mice at night?"})"
                                      "\n"
                                      R"({"_id": "q4", "text": "Which bird stands in water?"})"
                                      "\n");
  folder.write("birds/qrels.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\nq3\td4\t1\n");
}

inline LabPlaces test_places(const TestFolder& folder) {
  return {.folder = folder.path("lab"),
          .models_directory = folder.path("models"),
          .worker_program = "saerok"};
}

inline ExperimentRequest lexical_request(const TestFolder& folder) {
  ExperimentRequest request;
  request.dataset.folder = folder.path("birds");
  request.settings.search.mode = SearchMode::lexical;
  return request;
}

}  // namespace saerok::lab
