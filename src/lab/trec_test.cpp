#include "lab/trec.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace saerok::lab {
namespace {

struct RunRead {
  std::vector<TrecRanking> run;
  std::vector<std::pair<std::uint64_t, std::string>> bad;
};

RunRead read_run(std::string_view text, TrecIds ids = TrecIds::verbatim) {
  RunRead out;
  auto run = read_trec_run(
      text, ids,
      [&](std::uint64_t line, const std::string& reason) { out.bad.emplace_back(line, reason); },
      {});
  EXPECT_TRUE(run);
  if (run) out.run = std::move(run).value();
  return out;
}

std::vector<std::string> documents_of(const TrecRanking& ranking) {
  std::vector<std::string> documents;
  for (const ScoredDocument& entry : ranking.documents) documents.push_back(entry.document);
  return documents;
}

TEST(TrecRun, ScoresDecideAndRanksDoNot) {
  const RunRead out = read_run("1 Q0 a 1 0.5 t\n2 Q0 x 1 3 t\n1 Q0 b 2 0.75 t\n1 Q0 c 9 1e1 t\n");
  ASSERT_EQ(out.run.size(), 2u);
  EXPECT_EQ(out.run[0].topic, "1");
  EXPECT_EQ(documents_of(out.run[0]), (std::vector<std::string>{"c", "b", "a"}));
  EXPECT_EQ(out.run[1].topic, "2");
}

TEST(TrecRun, TiesOfThirtyTwoBitScoresGoToTheLargerId) {
  const RunRead out = read_run("1 Q0 a 1 1.00000000001 t\n1 Q0 b 2 1 t\n1 Q0 c 3 1.0 t\n");
  EXPECT_EQ(documents_of(out.run.at(0)), (std::vector<std::string>{"c", "b", "a"}));
}

TEST(TrecRun, OfARepeatedDocumentTheBetterScoreCounts) {
  const RunRead out = read_run("1 Q0 a 1 1 t\n1 Q0 b 2 2 t\n1 Q0 a 3 3 t\n");
  ASSERT_EQ(documents_of(out.run.at(0)), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(out.run[0].documents[0].score, 3);
  ASSERT_EQ(out.bad.size(), 1u) << "and it is told";
  EXPECT_EQ(out.bad[0].first, 1u);
  EXPECT_NE(out.bad[0].second.find("1 line repeats a document of the topic \"1\""),
            std::string::npos);
}

TEST(TrecRun, ScoresThatAreNotFiniteAreReportedByLine) {
  const RunRead out = read_run(
      "1 Q0 a 1 nan t\n1 Q0 b 2 inf t\n\n1 Q0 c 3 -INF t\n1 Q0 d 4 1,5 t\n1 Q0 e 5 +2 t\n1 Q0 f\n");
  EXPECT_EQ(documents_of(out.run.at(0)), std::vector<std::string>{"e"});
  std::vector<std::uint64_t> lines;
  for (const auto& [line, reason] : out.bad) lines.push_back(line);
  EXPECT_EQ(lines, (std::vector<std::uint64_t>{1, 2, 4, 5, 7}));
  EXPECT_NE(out.bad[0].second.find("not a finite number"), std::string::npos);
}

TEST(TrecRun, AnEmptyFileIsARunOfNothing) {
  EXPECT_TRUE(read_run("").run.empty());
  EXPECT_TRUE(read_run("\r\n \n").bad.empty());
}

TEST(TrecRun, RandomRunsComeBackWithEqualScores) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(seed);
  Random random(seed);
  std::vector<TrecRanking> run;
  for (int topic = 0; topic < 20; ++topic) {
    TrecRanking ranking{.topic = "질문 " + std::to_string(topic), .documents = {}};
    double score = 100 * random.unit();
    for (int i = 0; i < 30; ++i) {
      ranking.documents.push_back(
          {.document = "노트/a%20 b" + std::to_string(i) + ".md", .score = score});
      score -= 0.01 + random.unit();
    }
    run.push_back(ranking);
  }
  const RunRead out = read_run(print_trec_run(run, "my run"), TrecIds::percent_encoded);
  EXPECT_TRUE(out.bad.empty());
  ASSERT_EQ(out.run.size(), run.size());
  for (std::size_t i = 0; i < run.size(); ++i) {
    EXPECT_EQ(out.run[i].topic, run[i].topic);
    ASSERT_EQ(documents_of(out.run[i]), documents_of(run[i]));
    for (std::size_t j = 0; j < run[i].documents.size(); ++j) {
      EXPECT_EQ(out.run[i].documents[j].score, run[i].documents[j].score);
    }
  }
}

TEST(TrecIds, WhatIsNoCodeStays) {
  EXPECT_EQ(encode_trec_id("50% of\t가"), "50%25%20of%09가");
  EXPECT_EQ(decode_trec_id("50%25%20of%09가"), "50% of\t가");
  EXPECT_EQ(decode_trec_id("100%"), "100%");
  EXPECT_EQ(decode_trec_id("%zz%2"), "%zz%2");
}

TEST(TrecJudgement, ReadsWhatItPrints) {
  const auto plain = read_trec_judgement("301 0 FBIS3-1 -1");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->grade, -1);
  EXPECT_EQ(print_trec_judgement(*plain), "301 0 FBIS3-1 -1");
  const auto span = read_trec_judgement("q1\t0\tmy notes/a.md\t2\t10\t20");
  ASSERT_TRUE(span);
  EXPECT_EQ(span->document, "my notes/a.md");
  EXPECT_EQ(span->span, (ByteSpan{10, 20}));
  EXPECT_EQ(print_trec_judgement(*span), "q1 0 my%20notes/a.md 2 10 20");
}

TEST(TrecJudgement, GradesThatAreNoWholeNumbersAreRefused) {
  for (const char* line : {"1 0 a nan", "1 0 a 1.5", "1 0 a x", "1 0 a 99999999999", "1 0 a",
                           "1 0 a 1 5", "1 0 a 1 9 8", "1 0 a 1 -1 4"}) {
    EXPECT_FALSE(read_trec_judgement(line)) << line;
  }
  EXPECT_EQ(read_trec_judgement("1 0 a 1.0")->grade, 1);
}

std::vector<TrecElement> elements(std::string_view text, bool topics,
                                  std::vector<std::uint64_t>* bad = nullptr) {
  std::vector<TrecElement> out;
  const auto take = [&](const TrecElement& element) -> Status {
    out.push_back(element);
    return {};
  };
  const BadLineSink note = [&](std::uint64_t line, const std::string&) {
    if (bad != nullptr) bad->push_back(line);
  };
  EXPECT_TRUE(topics ? for_each_trec_topic(text, take, note, {})
                     : for_each_trec_document(text, take, note, {}));
  return out;
}

TEST(TrecTopics, ClassicTopicsNeedNoEndTags) {
  const auto topics = elements(
      "\n<top>\n<num> Number: 301 \n<title> a < b,\n  and c\n\n<desc> Description: "
      "\nLong.\n</top>\n"
      "<top>\n<num>302</num>\n<title>두 번째</title>\n</top>",
      true);
  ASSERT_EQ(topics.size(), 2u);
  EXPECT_EQ(topics[0].find("num"), "301");
  EXPECT_EQ(topics[0].find("title"), "a < b, and c");
  EXPECT_EQ(topics[0].find("desc"), "Long.");
  EXPECT_EQ(topics[0].line, 2u);
  EXPECT_EQ(topics[1].find("num"), "302");
  EXPECT_EQ(topics[1].find("title"), "두 번째");
  EXPECT_EQ(topics[1].line, 10u);
  EXPECT_FALSE(topics[1].find("desc"));
}

std::vector<TrecElement> xml_topics(std::string_view text,
                                    std::vector<std::uint64_t>* bad = nullptr) {
  std::vector<TrecElement> out;
  EXPECT_TRUE(for_each_trec_xml_topic(
      text,
      [&](const TrecElement& element) -> Status {
        out.push_back(element);
        return {};
      },
      [&](std::uint64_t line, const std::string&) {
        if (bad != nullptr) bad->push_back(line);
      },
      {}));
  return out;
}

TEST(TrecTopics, XmlNamesItsTopicsByAnAttribute) {
  constexpr std::string_view kText =
      "<?xml version=\"1.0\"?>\n<!-- <topic number=\"0\">no\n</topic> -->\n<topics task=\"x\">\n"
      "<topic number=\"1\" type='faceted'>\n  <query>tea &amp; &#xBB3C;</query>\n"
      "  <question>Is it\n hot?</question>\n  <subtopic number=\"9\"><i>how</i> hot</subtopic>\n"
      "</topic>\n<topic id='two'>bare <![CDATA[a < b & c]]></topic>\n<topic "
      "number=\"3\"/>\n</topics>";
  EXPECT_TRUE(looks_like_trec_xml_topics(kText));
  const auto topics = xml_topics(kText);
  ASSERT_EQ(topics.size(), 3u);
  EXPECT_EQ(topics[0].find("num"), "1");
  EXPECT_EQ(topics[0].find("query"), "tea & 물");
  EXPECT_EQ(topics[0].find("question"), "Is it hot?");
  EXPECT_EQ(topics[0].find("subtopic"), "how hot");
  EXPECT_EQ(topics[0].line, 5u);
  EXPECT_EQ(topics[1].find("num"), "two");
  EXPECT_EQ(topics[1].find(""), "bare a < b & c");
  EXPECT_EQ(topics[1].line, 11u);
  EXPECT_EQ(topics[2].find("num"), "3");
}

TEST(TrecTopics, XmlThatIsNotClosedIsReported) {
  std::vector<std::uint64_t> bad;
  const auto topics = xml_topics(
      "<topics>\n<topic number=\"1\"><query>a</query>\n<topic number=\"2\">b</topic>\n"
      "<topic number=\"3\">c",
      &bad);
  ASSERT_EQ(topics.size(), 1u);
  EXPECT_EQ(topics[0].find("num"), "2");
  EXPECT_EQ(bad, (std::vector<std::uint64_t>{2, 4}));
}

TEST(TrecTopics, OtherFilesAreNoXmlTopics) {
  for (const char* text : {"<top>\n<num>1 <title>topic", "<DOC><topic>", "{\"a\": \"<topic>\"}", "",
                           "<html><p>topic</p>", "1\t<topic>"}) {
    EXPECT_FALSE(looks_like_trec_xml_topics(text)) << text;
  }
}

TEST(TrecDocuments, MarkUpInsideAnElementIsLeftOut) {
  std::vector<std::uint64_t> bad;
  const auto documents = elements(
      "<DOC>\n<DOCNO> A-1 </DOCNO>\n<TEXT>\n<P>one</P>\n<p>two\n</TEXT>\n</DOC>\n"
      "<DOC><DOCNO>A-2</DOCNO>bare text</DOC>\n<DOC><DOCNO>A-3",
      false, &bad);
  ASSERT_EQ(documents.size(), 2u);
  EXPECT_EQ(documents[0].find("docno"), "A-1");
  EXPECT_EQ(documents[0].find("text"), "one\ntwo");
  EXPECT_EQ(documents[1].find(""), "bare text");
  EXPECT_EQ(bad, std::vector<std::uint64_t>{9}) << "the last one is cut off";
}

}  // namespace
}  // namespace saerok::lab
