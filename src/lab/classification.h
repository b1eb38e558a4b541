/// How well one of several classes was chosen: the confusion matrix, and precision, recall and F1
/// for each class, as a macro mean and as a micro mean. What is
/// classified is not its business; lab/decisions.h is one use.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saerok::lab {

/// One thing that was classified.
struct ClassChoice {
  std::string_view truth;
  std::string_view predicted;
};

/// How often each truth was taken for each class.
struct ConfusionMatrix {
  std::vector<std::string> classes;
  std::vector<std::uint64_t> counts;  ///< Row by row; a row is a truth, a column a prediction.

  std::uint64_t at(std::size_t truth, std::size_t predicted) const {
    return counts[truth * classes.size() + predicted];
  }
};

/// `classes` come first, in their order and even where none was chosen; others that occur follow,
/// sorted.
ConfusionMatrix confusion_of(std::span<const ClassChoice> choices,
                             std::span<const std::string_view> classes = {});

/// A precision of nothing predicted and a recall of nothing to find are 0.
struct ClassScore {
  std::string name;
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  std::uint64_t truths = 0;       ///< How many there are.
  std::uint64_t predictions = 0;  ///< How many were called so.
};

struct ClassificationScores {
  std::vector<ClassScore> classes;  ///< As in the matrix.
  /// Means over the classes that occur, as truth or as prediction, each counting the same.
  double macro_precision = 0;
  double macro_recall = 0;
  double macro_f1 = 0;
  /// Over all choices. Each has one class, so micro precision, micro recall and accuracy are equal.
  double micro_f1 = 0;
  std::uint64_t choices = 0;
};
ClassificationScores score_classes(const ConfusionMatrix& matrix);

}  // namespace saerok::lab
