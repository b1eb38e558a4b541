#include "lab/classification.h"

#include <map>
#include <set>

namespace saerok::lab {
namespace {

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

ClassScore score_class(const ConfusionMatrix& matrix, std::size_t index) {
  ClassScore score{.name = matrix.classes[index]};
  for (std::size_t other = 0; other < matrix.classes.size(); ++other) {
    score.truths += matrix.at(index, other);
    score.predictions += matrix.at(other, index);
  }
  const std::uint64_t right = matrix.at(index, index);
  score.precision = ratio(right, score.predictions);
  score.recall = ratio(right, score.truths);
  // The same as 2pr / (p + r), and defined where both are 0.
  score.f1 = ratio(2 * right, score.predictions + score.truths);
  return score;
}

}  // namespace

ConfusionMatrix confusion_of(std::span<const ClassChoice> choices,
                             std::span<const std::string_view> classes) {
  std::set<std::string_view> others;
  for (const ClassChoice& choice : choices) {
    others.insert(choice.truth);
    others.insert(choice.predicted);
  }
  ConfusionMatrix matrix;
  std::map<std::string_view, std::size_t> index;
  const auto add = [&](std::string_view name) {
    if (index.emplace(name, matrix.classes.size()).second) matrix.classes.emplace_back(name);
  };
  for (const std::string_view name : classes) add(name);
  for (const std::string_view name : others) add(name);
  matrix.counts.resize(matrix.classes.size() * matrix.classes.size());
  for (const ClassChoice& choice : choices) {
    ++matrix.counts[index[choice.truth] * matrix.classes.size() + index[choice.predicted]];
  }
  return matrix;
}

ClassificationScores score_classes(const ConfusionMatrix& matrix) {
  ClassificationScores scores;
  std::uint64_t right = 0;
  std::uint64_t occurring = 0;
  for (std::size_t i = 0; i < matrix.classes.size(); ++i) {
    const ClassScore& score = scores.classes.emplace_back(score_class(matrix, i));
    scores.choices += score.truths;
    right += matrix.at(i, i);
    if (score.truths + score.predictions == 0) continue;
    ++occurring;
    scores.macro_precision += score.precision;
    scores.macro_recall += score.recall;
    scores.macro_f1 += score.f1;
  }
  if (occurring > 0) {
    scores.macro_precision /= static_cast<double>(occurring);
    scores.macro_recall /= static_cast<double>(occurring);
    scores.macro_f1 /= static_cast<double>(occurring);
  }
  scores.micro_f1 = ratio(right, scores.choices);
  return scores;
}

}  // namespace saerok::lab
