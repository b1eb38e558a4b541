#include "lab/classification.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace saerok::lab {
namespace {

std::vector<ClassChoice> choices(std::initializer_list<ClassChoice> list) { return list; }

// By hand: a is right 2 of 3 times and b 1 of 2; one a and one b were called the other, one c b.
TEST(Classification, ASmallTableComesOutAsByHand) {
  const auto list =
      choices({{"a", "a"}, {"a", "a"}, {"a", "b"}, {"b", "b"}, {"b", "a"}, {"c", "b"}});
  const ConfusionMatrix matrix = confusion_of(list);
  EXPECT_EQ(matrix.classes, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(matrix.counts, (std::vector<std::uint64_t>{2, 1, 0, 1, 1, 0, 0, 1, 0}));
  EXPECT_EQ(matrix.at(2, 1), 1u);
  const ClassificationScores scores = score_classes(matrix);
  EXPECT_DOUBLE_EQ(scores.classes[0].precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(scores.classes[0].recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(scores.classes[1].precision, 1.0 / 3);
  EXPECT_DOUBLE_EQ(scores.classes[1].recall, 1.0 / 2);
  EXPECT_DOUBLE_EQ(scores.classes[1].f1, 0.4);
  EXPECT_EQ(scores.classes[2].f1, 0);
  EXPECT_EQ(scores.classes[2].truths, 1u);
  EXPECT_EQ(scores.classes[2].predictions, 0u);
  EXPECT_DOUBLE_EQ(scores.macro_f1, (2.0 / 3 + 0.4 + 0) / 3);
  EXPECT_DOUBLE_EQ(scores.micro_f1, 0.5);
  EXPECT_EQ(scores.choices, 6u);
}

TEST(Classification, AClassThatNeverOccursStandsInTheMatrixButNotInTheMeans) {
  const auto list = choices({{"x", "x"}, {"y", "x"}});
  const std::vector<std::string_view> classes = {"z", "y"};
  const ConfusionMatrix matrix = confusion_of(list, classes);
  EXPECT_EQ(matrix.classes, (std::vector<std::string>{"z", "y", "x"}));
  const ClassificationScores scores = score_classes(matrix);
  EXPECT_DOUBLE_EQ(scores.macro_recall, 0.5);
  EXPECT_DOUBLE_EQ(scores.macro_precision, 0.25);
}

TEST(Classification, NothingScoresNothing) {
  const ClassificationScores scores = score_classes(confusion_of({}));
  EXPECT_TRUE(scores.classes.empty());
  EXPECT_EQ(scores.macro_f1, 0);
  EXPECT_EQ(scores.micro_f1, 0);
}

TEST(Classification, RandomTablesAgreeWithCountingEveryQuestionAnew) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const std::vector<std::string_view> names = {"p", "q", "r", "s"};
  for (int round = 0; round < 50; ++round) {
    std::vector<ClassChoice> list;
    for (std::uint64_t i = random.below(40); i > 0; --i) {
      list.push_back({names[random.below(4)], names[random.below(3)]});
    }
    const ClassificationScores scores = score_classes(confusion_of(list, names));
    for (std::size_t c = 0; c < names.size(); ++c) {
      double right = 0;
      double truths = 0;
      double predictions = 0;
      for (const ClassChoice& choice : list) {
        truths += choice.truth == names[c] ? 1 : 0;
        predictions += choice.predicted == names[c] ? 1 : 0;
        right += choice.truth == names[c] && choice.predicted == names[c] ? 1 : 0;
      }
      const double precision = predictions == 0 ? 0 : right / predictions;
      const double recall = truths == 0 ? 0 : right / truths;
      const double f1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
      EXPECT_NEAR(scores.classes[c].precision, precision, 1e-12);
      EXPECT_NEAR(scores.classes[c].recall, recall, 1e-12);
      EXPECT_NEAR(scores.classes[c].f1, f1, 1e-12);
    }
  }
}

}  // namespace
}  // namespace saerok::lab
