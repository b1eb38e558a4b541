/// A small dataset in a folder, and what its tests ask of it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "lab/dataset.h"
#include "lab/test_folder.h"

namespace saerok::lab {

inline constexpr std::string_view kCorpus =
    R"({"_id": "d1", "title": "물", "text": "물은 100도에서 끓는다."}
{"_id": "d2", "title": "", "text": "Tea is made with water of 80 degrees."}
)";
inline constexpr std::string_view kQueries = R"({"_id": "q1", "text": "물은 몇 도에서 끓지?"}
{"_id": "q2", "text": "how hot is tea made?"}
)";
inline constexpr std::string_view kQrels = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\n";

/// A folder with a whole small BEIR dataset.
class DatasetTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("corpus.jsonl", kCorpus);
    folder_.write("queries.jsonl", kQueries);
    folder_.write("qrels.tsv", kQrels);
  }
  DatasetRequest request() const {
    DatasetRequest request;
    request.folder = folder_.path();
    request.work_folder = folder_.path("work");
    return request;
  }
  Dataset open() const { return open(request()); }
  static Dataset open(const DatasetRequest& request) {
    auto dataset = open_dataset(request, {});
    EXPECT_TRUE(dataset) << dataset.error().message;
    return dataset ? std::move(dataset).value() : Dataset();
  }
  static Error error(const DatasetRequest& request) {
    const auto dataset = open_dataset(request, {});
    EXPECT_FALSE(dataset);
    return dataset ? Error{} : dataset.error();
  }
  static std::vector<std::string> topic_ids(const Dataset& dataset) {
    std::vector<std::string> ids;
    for (const Topic& topic : dataset.topics) ids.push_back(topic.id);
    return ids;
  }
  static bool lists(const Dataset& dataset, std::uint64_t line, std::string_view reason) {
    return std::ranges::any_of(dataset.problems.listed, [&](const DatasetProblem& problem) {
      return problem.line == line && problem.reason.find(reason) != std::string::npos;
    });
  }

  TestFolder folder_;
};

}  // namespace saerok::lab
