#include "lab/citation_scores.h"

#include "lab/experiment.h"
#include "lab/test_dataset.h"

namespace saerok::lab {
namespace {

class CitationScoresTest : public DatasetTest {
 protected:
  CitationScores score(const std::vector<Outcome>& outcomes) {
    Dataset dataset = open();
    dataset.topics[0].answer = "100도";
    const auto scores = score_citations(dataset, outcomes, 1, {});
    EXPECT_TRUE(scores) << scores.error().message;
    return scores ? *scores : CitationScores();
  }
  static Outcome outcome(std::string topic, std::string answer,
                         std::vector<OutcomeCitation> citations) {
    Outcome made;
    made.topic = std::move(topic);
    made.answer = std::move(answer);
    made.citations = std::move(citations);
    return made;
  }
  /// "물은 100도에서 끓는다." is 30 bytes.
  static OutcomeCitation water(ByteSpan bytes, std::string quote) {
    return {"d1", bytes, std::move(quote)};
  }
};

TEST_F(CitationScoresTest, AQuoteIsVerbatimOnlyInTheBytesThatAreNamed) {
  const CitationScores right = score(
      {outcome("q1", "물은 100도에서 끓는다. [1]", {water({0, 30}, "물은 100도에서 끓는다.")})});
  EXPECT_EQ(right.verbatim.count, 1u);
  EXPECT_EQ(right.relevant.mean, 1.0);
  EXPECT_EQ(right.answers_holding.count, 1u);
  // The same words, but the place ends before them; then other words; then a place past the end.
  for (const auto& wrong :
       {water({0, 10}, "물은 100도에서 끓는다."), water({0, 30}, "물은 90도에서"),
        water({0, 400}, "물은 100도에서 끓는다."), water({3, 3}, "")}) {
    const CitationScores scores = score({outcome("q1", "a [1]", {wrong})});
    EXPECT_EQ(scores.verbatim.count, 0u) << wrong.quote;
    EXPECT_EQ(scores.verbatim_letters.count, 0u) << wrong.quote;
    EXPECT_EQ(scores.verbatim.of, 1u);
    EXPECT_EQ(scores.answers_holding.count, 0u);
  }
}

TEST_F(CitationScoresTest, MarkUpBetweenTheLettersCountsInOneOfTheFigures) {
  folder_.write("corpus.jsonl",
                R"({"_id": "d1", "title": "물", "text": "물은 **100도**에서 끓는다."})");
  const CitationScores scores =
      score({outcome("q1", "", {water({0, 34}, "물은 100도에서 끓는다.")})});
  EXPECT_EQ(scores.verbatim.count, 0u);
  EXPECT_EQ(scores.verbatim_letters.count, 1u);
}

TEST_F(CitationScoresTest, MeansAreOverQuestionsAndCountsOverCitations) {
  const OutcomeCitation good = water({0, 30}, "물은 100도에서 끓는다.");
  const OutcomeCitation elsewhere{"d2", {0, 3}, "Tea"};
  const CitationScores scores = score({outcome("q1", "", {good, elsewhere, elsewhere, elsewhere}),
                                       outcome("q2", "", {elsewhere}), outcome("q2", "", {})});
  EXPECT_EQ(scores.topics, 2u);
  EXPECT_EQ(scores.relevant.count, 2u);
  EXPECT_EQ(scores.relevant.of, 5u);
  EXPECT_DOUBLE_EQ(scores.relevant.mean, (0.25 + 1) / 2);
  EXPECT_EQ(scores.any_relevant.count, 2u);
  EXPECT_EQ(scores.answers_holding.of, 1u) << "q2 has no reference answer";
}

TEST_F(CitationScoresTest, ALabelledStretchHasToBeHit) {
  folder_.write("qrels.tsv",
                "query-id\tcorpus-id\tscore\tbegin\tend\nq1\td1\t1\t0\t7\nq2\td2\t1\t0\t3\n");
  EXPECT_EQ(score({outcome("q1", "", {water({0, 6}, "물은")})}).relevant.count, 1u);
  EXPECT_EQ(score({outcome("q1", "", {water({20, 30}, "끓는다.")})}).relevant.count, 0u);
}

TEST_F(CitationScoresTest, ARunWithAnswersKeepsAndScoresItsCitations) {
  ExperimentRequest experiment{
      .dataset = request(), .settings = {}, .metrics = {}, .note = {}, .rouge_by = {}};
  experiment.settings.search.mode = SearchMode::lexical;
  experiment.settings.index.vectors = VectorTiers::none;
  experiment.with_answers = true;
  const LabPlaces places{folder_.path("lab"), folder_.path("models"), {}};
  const auto result = run_experiment(places, experiment, {}, {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->citations.topics, 2u);
  EXPECT_EQ(result->citations.verbatim.count, result->citations.verbatim.of);
  EXPECT_EQ(result->citations.any_relevant.count, 2u);
  const auto outcomes = RunStore(places.runs()).outcomes(result->record.info.id);
  ASSERT_TRUE(outcomes);
  ASSERT_FALSE(outcomes->front().citations.empty());
  EXPECT_EQ(outcomes->front().citations.front().quote, "물은 100도에서 끓는다.");
}

}  // namespace
}  // namespace saerok::lab
