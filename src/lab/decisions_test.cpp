#include "lab/decisions.h"

#include <gtest/gtest.h>

namespace saerok::lab {
namespace {

Topic topic(std::string id, std::optional<Decision> decision) {
  Topic made;
  made.id = std::move(id);
  made.decision = decision;
  return made;
}

Outcome outcome(std::string id, Decision decision) {
  Outcome made;
  made.topic = std::move(id);
  made.decision = decision;
  return made;
}

TEST(Decisions, AreComparedWhereTheDatasetSaysWhatIsRight) {
  const std::vector<Topic> topics = {topic("1", Decision::search), topic("2", Decision::answer),
                                     topic("3", std::nullopt), topic("4", Decision::search)};
  const std::vector<Outcome> outcomes = {
      outcome("2", Decision::search), outcome("1", Decision::search),
      outcome("3", Decision::clarify), outcome("unknown", Decision::answer)};
  const auto matrix = confusion_of_decisions(topics, outcomes);
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->classes, (std::vector<std::string>{"search", "answer", "clarify"}));
  EXPECT_EQ(matrix->counts, (std::vector<std::uint64_t>{1, 0, 0, 1, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(confusion_of_decisions({}, outcomes));
}

}  // namespace
}  // namespace saerok::lab
