#include "answer/extract_answer.h"

#include <map>
#include <random>
#include <set>
#include <string>

#include "answer/question_words.h"
#include "base/unicode.h"

namespace saerok {
namespace {

/// Counts in how many of the notes added to it a term is.
class NotesVocabulary : public Vocabulary {
 public:
  void add(const Analyzer& analyzer, std::string_view note) {
    TermList terms;
    analyzer.analyze(note, terms);
    std::set<std::pair<TermField, std::string>> distinct;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      distinct.emplace(terms[i].field, std::string(terms[i].text));
    }
    for (const auto& term : distinct) ++counts_[term];
  }
  std::uint64_t document_frequency(TermField field, std::string_view term) const override {
    const auto found = counts_.find({field, std::string(term)});
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  std::map<std::pair<TermField, std::string>, std::uint64_t> counts_;
};

class ExtractAnswerTest : public ::testing::Test {
 protected:
  void add(std::string title, std::string text) {
    vocabulary.add(analyzer, title + "\n" + text);
    Hit hit;
    hit.title = std::move(title);
    hit.passage = {0, text.size()};
    hit.text = std::move(text);
    hits.push_back(std::move(hit));
  }
  ExtractedAnswer answer(std::string_view question, std::uint32_t sentences = 4) const {
    return extract_answer(question, hits, {analyzer, vocabulary, 200, sentences});
  }
  std::string sentence(const ExtractedSentence& s) const {
    return hits[s.source].text.substr(s.span.begin, s.span.size());
  }
  Analyzer analyzer{AnalyzerSettings{}};
  NotesVocabulary vocabulary;
  std::vector<Hit> hits;
};

TEST_F(ExtractAnswerTest, EnglishAnswerIsTheSentenceThatSaysIt) {
  add("Tea", "I like tea. Green tea is steeped at 80 degrees for two minutes. The pot is blue.");
  const ExtractedAnswer found = answer("At what temperature is green tea steeped?", 1);
  ASSERT_TRUE(found.found);
  EXPECT_EQ(found.text, "Green tea is steeped at 80 degrees for two minutes. [1]");
  ASSERT_EQ(found.sentences.size(), 1u);
  EXPECT_EQ(sentence(found.sentences[0]), "Green tea is steeped at 80 degrees for two minutes.");
}

TEST_F(ExtractAnswerTest, KoreanAnswerIsTheSentenceThatSaysIt) {
  add("주말", "토요일에는 비가 왔다. 일요일에 친구와 북한산에 올랐다. 저녁은 집에서 먹었다.");
  add("차", "녹차는 80도의 물에 2분 우린다. 홍차는 끓는 물에 3분 우린다.");
  const ExtractedAnswer found = answer("녹차를 우리는 물은 몇 도인가요?", 1);
  ASSERT_TRUE(found.found);
  EXPECT_EQ(found.text, "녹차는 80도의 물에 2분 우린다. [2]");
  EXPECT_EQ(found.sentences[0].source, 1u);
}

TEST_F(ExtractAnswerTest, NothingRelevantIsSaid) {
  add("차", "녹차는 80도의 물에 2분 우린다.");
  add("Tea", "Green tea is steeped at 80 degrees.");
  for (const std::string_view question :
       {"자동차 보험은 언제 갱신하나요?", "When does the car insurance expire?", "", "?"}) {
    const ExtractedAnswer none = answer(question);
    EXPECT_FALSE(none.found) << question << ": " << none.text;
    EXPECT_TRUE(none.text.empty());
    EXPECT_TRUE(none.sentences.empty());
  }
}

TEST_F(ExtractAnswerTest, WordsOfAskingAloneDoNotMakeAnAnswer) {
  add("Plan", "What we do and how we do it is written elsewhere. When is the question.");
  EXPECT_FALSE(answer("What is the boiling point of ethanol and how is it measured?").found);
}

TEST_F(ExtractAnswerTest, NoHitsGiveNoAnswer) { EXPECT_FALSE(answer("tea").found); }

TEST_F(ExtractAnswerTest, RepeatedSentencesAreQuotedOnce) {
  add("A", "Green tea is steeped at 80 degrees for two minutes.");
  add("B", "Green tea is steeped at 80 degrees for two minutes!");
  EXPECT_EQ(answer("How is green tea steeped?").sentences.size(), 1u);
}

TEST_F(ExtractAnswerTest, SentencesComeInTheOrderOfTheSources) {
  add("Green tea", "The pot is warmed first. Green tea is steeped at 80 degrees in spring water.");
  add("Kettle", "The kettle is descaled with vinegar every June.");
  const ExtractedAnswer found = answer("What of green tea, and when is the kettle descaled?");
  ASSERT_EQ(found.sentences.size(), 2u);
  EXPECT_EQ(found.text,
            "Green tea is steeped at 80 degrees in spring water. [1]\n"
            "The kettle is descaled with vinegar every June. [2]");
}

TEST_F(ExtractAnswerTest, AnotherSourceHasToSayMoreThanTheSameAgain) {
  add("Green tea", "The pot is warmed first. Green tea is steeped at 80 degrees in spring water.");
  add("Steeping", "Steeped too hot, green tea turns bitter and loses its colour.");
  const ExtractedAnswer found = answer("How should green tea be steeped?");
  ASSERT_EQ(found.sentences.size(), 1u);
  EXPECT_EQ(found.sentences[0].source, 0u);
}

TEST_F(ExtractAnswerTest, TitleTellsWhatItsSentencesAreAbout) {
  add("녹차 우리기", "물은 80도가 알맞고 시간은 2분이다. 잔은 미리 데워 둔다.");
  const ExtractedAnswer found = answer("녹차 물은 몇 도인가요?", 1);
  ASSERT_TRUE(found.found);
  EXPECT_EQ(sentence(found.sentences[0]), "물은 80도가 알맞고 시간은 2분이다.");
}

TEST_F(ExtractAnswerTest, QuestionInTheNotesIsNotItsAnswer) {
  add("Tea", "How is green tea steeped? Green tea gets steeped at 80 degrees for two minutes.");
  const ExtractedAnswer found = answer("How is green tea steeped?", 1);
  ASSERT_TRUE(found.found);
  EXPECT_EQ(found.text, "Green tea gets steeped at 80 degrees for two minutes. [1]");
}

TEST_F(ExtractAnswerTest, EndlessSentenceIsCutAroundTheMatch) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "filler" + std::to_string(i) + " ";
  text += "green tea steeped ";
  for (int i = 0; i < 300; ++i) text += "padding" + std::to_string(i) + " ";
  add("Log", text);
  const ExtractedAnswer found = answer("green tea steeped");
  ASSERT_TRUE(found.found);
  EXPECT_LT(found.text.size(), 400u);
  EXPECT_NE(found.text.find("green tea steeped"), std::string::npos);
  EXPECT_NE(sentence(found.sentences[0]).find("green tea steeped"), std::string::npos);
}

TEST_F(ExtractAnswerTest, RandomHitsKeepSpansInsideAndOrdered) {
  const unsigned seed = 20260307;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static constexpr std::string_view kPieces[] = {
      "녹차를 ", "tea ", "우린다. ", "steeped. ", "\n", "물 ", "? ", "80 ", "정상에 ", "다. "};
  std::size_t answered = 0;
  for (int round = 0; round < 300; ++round) {
    hits.clear();
    for (std::size_t n = random() % 5; n > 0; --n) {
      std::string text;
      for (std::size_t i = random() % 60; i > 0; --i) {
        text += kPieces[random() % std::size(kPieces)];
      }
      add(random() % 2 == 0 ? "차" : "", text);
    }
    const auto sentences_max = static_cast<std::uint32_t>(1 + random() % 4);
    const ExtractedAnswer found = answer("녹차를 몇 도의 물에 우리나요 steeped tea", sentences_max);
    ASSERT_LE(found.sentences.size(), sentences_max);
    ASSERT_EQ(found.found, !found.sentences.empty());
    ASSERT_TRUE(is_valid_utf8(found.text));
    answered += found.found ? 1 : 0;
    for (std::size_t i = 0; i < found.sentences.size(); ++i) {
      const ExtractedSentence& s = found.sentences[i];
      ASSERT_LT(s.source, hits.size());
      ASSERT_LT(s.span.begin, s.span.end);
      ASSERT_LE(s.span.end, hits[s.source].text.size());
      const std::string marker = "[" + std::to_string(s.source + 1) + "]";
      ASSERT_NE(found.text.find(marker), std::string::npos);
      if (i == 0) continue;
      const ExtractedSentence& before = found.sentences[i - 1];
      ASSERT_TRUE(before.source < s.source ||
                  (before.source == s.source && before.span.end <= s.span.begin));
    }
  }
  EXPECT_GT(answered, 50u);
}

}  // namespace
}  // namespace saerok
