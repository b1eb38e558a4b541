// What a dataset may be made of: splits, tables, TREC files, conversations, notes.

#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "lab/table_reader.h"
#include "lab/test_dataset.h"

namespace saerok::lab {
namespace {

TEST_F(DatasetTest, SplitsArePairedByNameInEveryUsualWay) {
  TestFolder folder;
  folder.write("corpus.jsonl", kCorpus);
  folder.write("queries_val.jsonl", kQueries);
  folder.write("qrels_val.tsv", kQrels);
  folder.write("queries_generated.jsonl", R"({"_id": "g1", "text": "차"})");
  folder.write("qrels_generated.tsv", "query-id\tcorpus-id\tscore\ng1\td2\t1\n");
  folder.write("eval.jsonl", R"({"eval_id": 78, "msg": [{"role": "user", "content": "안녕"}]})");
  folder.write("eval_en.jsonl",
               R"({"eval_id": 78, "msg": [{"role": "user", "content": "hello"}]})");
  DatasetRequest request;
  request.folder = folder.path();
  const Dataset usual = open(request);
  EXPECT_EQ(usual.splits, (std::vector<std::string>{"eval", "eval_en", "generated", "val"}));
  EXPECT_EQ(usual.split, "val");
  EXPECT_TRUE(usual.name.ends_with(":val"));
  request.split = "generated";
  EXPECT_EQ(topic_ids(open(request)), std::vector<std::string>{"g1"});
  request.split = "eval";
  const Dataset eval = open(request);
  EXPECT_EQ(eval.kinds, std::vector<std::string>{"conversations"});
  EXPECT_EQ(eval.topics.at(0).id, "78");
  EXPECT_FALSE(eval.has_labels);
  EXPECT_EQ(eval.problems.unlabelled_topics, 0u);
  request.split = "tset";
  EXPECT_EQ(error(request).code, ErrorCode::not_found);
  EXPECT_NE(error(request).message.find("eval, eval_en, generated, val"), std::string::npos);
}

TEST_F(DatasetTest, SplitsOfOneQueriesFileHoldTheLabelledTopicsOnly) {
  TestFolder folder;
  folder.write("corpus.jsonl", kCorpus);
  folder.write("queries.jsonl", kQueries);
  folder.write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq2\td2\t1\n");
  folder.write("qrels/train.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\n");
  DatasetRequest request;
  request.folder = folder.path();
  const Dataset test = open(request);
  EXPECT_EQ(test.splits, (std::vector<std::string>{"test", "train"}));
  EXPECT_EQ(test.split, "test");
  EXPECT_EQ(topic_ids(test), std::vector<std::string>{"q2"});
  EXPECT_EQ(test.problems.unlabelled_topics, 0u);
  request.split = "train";
  EXPECT_EQ(topic_ids(open(request)), std::vector<std::string>{"q1"});
}

TEST_F(DatasetTest, SeveralSplitsOfUnknownNamesMustBeChosenFrom) {
  TestFolder folder;
  folder.write("corpus.jsonl", kCorpus);
  folder.write("queries_a.jsonl", kQueries);
  folder.write("queries_b.jsonl", kQueries);
  DatasetRequest request;
  request.folder = folder.path();
  EXPECT_EQ(error(request).code, ErrorCode::invalid_argument);
  EXPECT_NE(error(request).message.find("--split: a, b"), std::string::npos);
}

TEST_F(DatasetTest, FilesOfTheRequestOverrideTheFolders) {
  folder_.write("mine/other.jsonl", R"({"_id": "m1", "text": "차"})");
  folder_.write("mine/other.tsv", "m1\td2\t1\n");
  DatasetRequest other = request();
  other.queries = folder_.path("mine/other.jsonl");
  other.qrels = "mine/other.tsv";
  const Dataset dataset = open(other);
  EXPECT_EQ(topic_ids(dataset), std::vector<std::string>{"m1"});
  EXPECT_EQ(dataset.labels.at(0).document, "d2");
  EXPECT_TRUE(dataset.name.ends_with(":other"));
  EXPECT_TRUE(dataset.problems.listed.empty());
  other.qrels = "mine/none.tsv";
  EXPECT_EQ(error(other).code, ErrorCode::not_found);
}

TEST_F(DatasetTest, ACsvCorpusBecomesJsonlThatAnIndexReads) {
  TestFolder folder;
  folder.write("corpus.csv",
               "docno,headline,passage,year\na b,Tea,\"Green, hot\",2020\nc,,Cold,2021\n");
  folder.write("topics.tsv", "1\t뜨거운 차\n2\tcold\n");
  folder.write("qrels.txt", "1\t0\ta b\t1\n2\t0\tc\t1\n");
  DatasetRequest request;
  request.folder = folder.path();
  request.work_folder = folder.path("work/corpora");
  const Dataset dataset = open(request);
  EXPECT_EQ(dataset.kinds, std::vector<std::string>{"table"});
  EXPECT_EQ(dataset.problems.listed.size(), 0u);
  ASSERT_EQ(dataset.corpus.size(), 1u);
  EXPECT_EQ(dataset.corpus[0], folder.path("work/corpora/" + dataset.corpus_hash + ".jsonl"));
  const auto text = read_dataset_file(dataset.corpus[0], {});
  ASSERT_TRUE(text);
  const auto first = parse_json(text->substr(0, text->find('\n')), "line");
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, Json::parse(R"({"docid": "a b", "title": "Tea", "content": "Green, hot",
                                    "year": "2020"})"));
  EXPECT_EQ(open(request).corpus, dataset.corpus) << "the same again";
  EXPECT_EQ(topic_ids(dataset), (std::vector<std::string>{"1", "2"}));
}

TEST_F(DatasetTest, NamedColumnsAreTheOnlyOnesLookedFor) {
  TestFolder folder;
  folder.write("corpus.jsonl", R"({"id": "other", "key": "k1", "text": "no", "summary": "yes"})");
  folder.write("queries.csv", "key,ask,expected,lang\nq1,what?,yes,en\n");
  folder.write("qrels.csv", "key,hit,points\nq1,k1,3\n");
  DatasetRequest request;
  request.folder = folder.path();
  request.work_folder = folder.path("work");
  request.columns = {{"id", "key"},       {"text", "summary"},    {"topic", "key"},
                     {"query", "ask"},    {"answer", "expected"}, {"group", "lang"},
                     {"document", "hit"}, {"grade", "points"}};
  const Dataset dataset = open(request);
  EXPECT_EQ(dataset.problems.listed.size(), 0u);
  EXPECT_EQ(dataset.topics.at(0).text, "what?");
  EXPECT_EQ(dataset.topics[0].answer, "yes");
  EXPECT_EQ(dataset.topics[0].group, "en");
  EXPECT_EQ(dataset.labels.at(0).grade, 3);
  const auto text = read_dataset_file(dataset.corpus.at(0), {});
  EXPECT_EQ(Json::parse(*text), Json::parse(R"({"docid": "k1", "title": "", "content": "yes"})"));
  request.columns = {{"docno", "key"}};
  EXPECT_EQ(error(request).code, ErrorCode::invalid_argument);
  EXPECT_NE(error(request).message.find("id, text, title"), std::string::npos);
}

TEST_F(DatasetTest, TrecFilesAreRead) {
  TestFolder folder;
  folder.write("docs.trec",
               "<DOC><DOCNO>A-1</DOCNO><TITLE>Tea</TITLE><TEXT>Green <b>tea</b></TEXT></DOC>\n");
  folder.write("topics.301-350.txt",
               "<top><num> Number: 301\n<title> tea\n<desc> Description:\nAbout tea.\n</top>");
  folder.write("qrels.301-350.txt", "301 0 A-1 1\n301 0 A-2 0\n");
  DatasetRequest request;
  request.folder = folder.path();
  request.work_folder = folder.path("work");
  Dataset dataset = open(request);
  EXPECT_EQ(dataset.kinds, std::vector<std::string>{"TREC"});
  EXPECT_EQ(dataset.splits, std::vector<std::string>{"301-350"});
  EXPECT_EQ(dataset.topics.at(0).text, "tea");
  EXPECT_EQ(dataset.labels.size(), 2u);
  EXPECT_EQ(dataset.problems.unknown_documents, 1u);
  EXPECT_EQ(dataset.corpus_facts.documents, 1u);
  request.columns = {{"query", "desc"}};
  EXPECT_EQ(open(request).topics.at(0).text, "About tea.");
}

TEST_F(DatasetTest, TrecTopicsInXmlAreRead) {
  TestFolder folder;
  folder.write("docs.trec", "<DOC><DOCNO>A-1</DOCNO><TEXT>Green tea</TEXT></DOC>\n");
  folder.write(
      "topics.xml",
      "<topics>\n<topic number=\"1\"><query>tea</query><question>why tea?</question></topic>\n"
      "<topic number=\"2\">only text</topic>\n"
      "<topic number=\"3\"><disease>cold</disease></topic>\n</topics>");
  folder.write("qrels.txt", "1 0 A-1 1\n2 0 A-1 1\n");
  DatasetRequest request;
  request.folder = folder.path();
  request.work_folder = folder.path("work");
  const Dataset dataset = open(request);
  EXPECT_EQ(dataset.kinds, std::vector<std::string>{"TREC"});
  ASSERT_EQ(topic_ids(dataset), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(dataset.topics[0].text, "tea");
  EXPECT_EQ(dataset.topics[1].text, "only text");
  EXPECT_TRUE(lists(dataset, 4, "it has disease (--column query=NAME)"));
  request.columns = {{"query", "question"}};
  EXPECT_EQ(open(request).topics.at(0).text, "why tea?");
}

TEST_F(DatasetTest, ConversationsMayHoldTheirLabelsAndDecisions) {
  folder_.write(
      "eval.jsonl",
      std::string(
          R"({"eval_id": 1, "msg": [{"role": "user", "content": "물?"}, )"
          R"({"role": "assistant", "content": "네"}, {"role": "user", "content": "몇 도?"}], )"
          R"("relevant": ["d1", {"document": "d2", "grade": 2, "begin": 3, "end": 9}], )"
          R"("answer": "100도"})"
          "\n"
          R"({"eval_id": 2, "msg": [{"role": "user", "content": "안녕"}], "topk": []})"
          "\n"
          R"({"eval_id": 3, "msg": [{"role": "user", "content": "그거"}], "decision": "clarify"})"
          "\n"
          R"({"eval_id": 4, "msg": [{"role": "user", "content": "차?"}], "search": true, )"
          R"("docid": "d2"})"
          "\n"
          R"({"eval_id": 5, "msg": [{"role": "assistant", "content": "네"}]})"
          "\n"
          R"({"eval_id": 6, "msg": []})"
          "\n"
          R"({"eval_id": 7, "msg": [{"role": "robot", "content": "x"}]})"
          "\n"
          R"({"eval_id": 8, "msg": [{"role": "user", "content": "x"}], "decision": "perhaps"})"));
  DatasetRequest eval = request();
  eval.split = "eval";
  const Dataset dataset = open(eval);
  ASSERT_EQ(topic_ids(dataset), (std::vector<std::string>{"1", "2", "3", "4"}));
  EXPECT_EQ(dataset.topics[0].text, "몇 도?");
  EXPECT_EQ(dataset.topics[0].conversation.size(), 3u);
  EXPECT_EQ(dataset.topics[0].decision, Decision::search);
  EXPECT_EQ(dataset.topics[0].answer, "100도");
  EXPECT_EQ(dataset.topics[1].decision, Decision::answer) << "no document is the right answer";
  EXPECT_EQ(dataset.topics[2].decision, Decision::clarify);
  EXPECT_EQ(dataset.topics[3].decision, Decision::search);
  EXPECT_EQ(dataset.topics[3].conversation.size(), 1u);
  ASSERT_EQ(dataset.labels.size(), 3u);
  EXPECT_EQ(dataset.labels[1].span, (ByteSpan{3, 9}));
  EXPECT_EQ(dataset.labels[1].grade, 2);
  EXPECT_TRUE(dataset.has_labels);
  EXPECT_EQ(dataset.problems.unlabelled_topics, 0u);
  EXPECT_EQ(dataset.problems.bad_lines, 4u);
  EXPECT_TRUE(lists(dataset, 5, "not the user's"));
  EXPECT_TRUE(lists(dataset, 7, "\"robot\""));
  EXPECT_TRUE(lists(dataset, 8, "\"perhaps\""));
}

TEST_F(DatasetTest, AQuestionWithItsOneMessageIsAPlainQuestionUnlessAskedOtherwise) {
  folder_.write("queries.jsonl",
                R"({"_id": "q1", "text": "a", "msg": [{"role": "user", "content": "b"}]})");
  EXPECT_TRUE(open().topics.at(0).conversation.empty());
  DatasetRequest as_conversations = request();
  as_conversations.conversations = "queries.jsonl";
  const Dataset dataset = open(as_conversations);
  EXPECT_EQ(dataset.topics.at(0).conversation.size(), 1u);
  EXPECT_EQ(dataset.topics[0].text, "b");
  EXPECT_FALSE(dataset.has_labels) << "the folder's labels are of its queries";
}

TEST_F(DatasetTest, LabelsMayNameSpans) {
  folder_.write("qrels.tsv",
                "query-id\tcorpus-id\tscore\tbegin\tend\nq1\td1\t1\t0\t6\nq1\td1\t1\t7\t9\n"
                "q2\td2\t1\t\t\nq2\td1\t1\t9\t3\n");
  const Dataset dataset = open();
  ASSERT_EQ(dataset.labels.size(), 3u);
  EXPECT_EQ(dataset.labels[0].span, (ByteSpan{0, 6}));
  EXPECT_EQ(dataset.labels[1].span, (ByteSpan{7, 9}));
  EXPECT_FALSE(dataset.labels[2].span);
  EXPECT_EQ(dataset.problems.bad_lines, 1u);
}

TEST_F(DatasetTest, NotesAreACorpusWithPathsAsIds) {
  TestFolder folder;
  folder.write("vault/요리/김치 찌개.md", "# 김치찌개\n\n새우젓 한 술.\n");
  folder.write("vault/a.md", "# A\n");
  folder.write("vault/.obsidian/app.json", "{}");
  folder.write("vault/picture.png", std::string("\x89PNG\0\0", 6));
  folder.write("questions/queries.jsonl", R"({"_id": "q1", "text": "새우젓?", "kind": "direct"})");
  folder.write("questions/qrels.tsv", "query-id\tcorpus-id\tscore\nq1\t요리/김치 찌개.md\t1\n");
  folder.write("questions/dataset.json", R"({"name": "mine", "corpus": "../vault"})");
  DatasetRequest request;
  request.folder = folder.path("questions");
  const Dataset dataset = open(request);
  EXPECT_EQ(dataset.name, "mine");
  EXPECT_EQ(dataset.corpus, std::vector<std::string>{folder.path("vault")});
  EXPECT_EQ(dataset.corpus_facts.documents, 2u);
  EXPECT_EQ(dataset.topics.at(0).group, "direct");
  EXPECT_EQ(dataset.problems.listed.size(), 0u);
  EXPECT_EQ(dataset.kinds, (std::vector<std::string>{"BEIR", "notes"}));
  const std::string hash = dataset.corpus_hash;
  folder.write("vault/a.md", "# B\n");
  EXPECT_NE(open(request).corpus_hash, hash);
}

TEST_F(DatasetTest, ADescriptionMayNameSplitsAndRefusesWhatItDoesNotKnow) {
  folder_.write("dataset.json", R"({"splits": {"hard": {"queries": "queries.jsonl"}}})");
  DatasetRequest hard = request();
  hard.split = "hard";
  EXPECT_EQ(open(hard).topics.size(), 2u);
  for (const char* wrong : {R"({"qrel": "qrels.tsv"})", R"({"queries": "none.jsonl"})", "[1]", "{",
                            R"({"corpus": 5})", R"({"splits": {"a": 1}})"}) {
    folder_.write("dataset.json", wrong);
    EXPECT_EQ(error(request()).code, ErrorCode::invalid_argument) << wrong;
    EXPECT_NE(error(request()).message.find("dataset.json"), std::string::npos) << wrong;
  }
}

TEST_F(DatasetTest, OneFileOfQuestionsIsADatasetWithoutACorpus) {
  DatasetRequest one;
  one.folder = folder_.path("queries.jsonl");
  const Dataset dataset = open(one);
  EXPECT_EQ(dataset.name, "queries");
  EXPECT_EQ(dataset.topics.size(), 2u);
  EXPECT_TRUE(dataset.corpus.empty());
  EXPECT_FALSE(dataset.has_labels);
}

TEST_F(DatasetTest, TheSampleQuestionsAreWhole) {
  DatasetRequest sample;
  sample.folder = std::string(SAEROK_SOURCE_DIR) + "/examples/questions";
  const Dataset dataset = open(sample);
  EXPECT_EQ(dataset.name, "examples");
  EXPECT_EQ(dataset.topics.size(), 96u);
  EXPECT_EQ(dataset.problems.listed.size(), 0u)
      << dataset.problems.listed.at(0).file << ": " << dataset.problems.listed.at(0).reason;
  std::set<std::string> groups;
  for (const Topic& topic : dataset.topics) groups.insert(topic.group);
  EXPECT_EQ(groups, (std::set<std::string>{"crosslingual", "direct", "paraphrase", "two-notes"}));
}

}  // namespace
}  // namespace saerok::lab
