#include "lab/dataset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "lab/table_reader.h"
#include "lab/test_dataset_folder.h"

namespace saerok::lab {
namespace {

constexpr std::string_view kCorpus =
    R"({"_id": "d1", "title": "물", "text": "물은 100도에서 끓는다."}
{"_id": "d2", "title": "", "text": "Tea is made with water of 80 degrees."}
)";
constexpr std::string_view kQueries = R"({"_id": "q1", "text": "물은 몇 도에서 끓지?"}
{"_id": "q2", "text": "how hot is tea made?"}
)";
constexpr std::string_view kQrels = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\n";

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

  TestDatasetFolder folder_;
};

using Mix = LanguageMix;

TEST_F(DatasetTest, ABeirFolderIsRead) {
  const Dataset dataset = open();
  EXPECT_EQ(dataset.kinds, std::vector<std::string>{"BEIR"});
  EXPECT_EQ(dataset.name, folder_.path().substr(folder_.path().rfind('/') + 1));
  EXPECT_EQ(dataset.corpus, std::vector<std::string>{folder_.path("corpus.jsonl")});
  EXPECT_EQ(dataset.corpus_facts.documents, 2u);
  EXPECT_EQ(dataset.corpus_facts.languages, (Mix{{"ko", 1}, {"en", 1}}));
  EXPECT_EQ(dataset.topic_languages, (Mix{{"ko", 1}, {"en", 1}}));
  EXPECT_EQ(topic_ids(dataset), (std::vector<std::string>{"q1", "q2"}));
  EXPECT_EQ(dataset.topics[0].text, "물은 몇 도에서 끓지?");
  EXPECT_TRUE(dataset.topics[0].conversation.empty());
  ASSERT_EQ(dataset.labels.size(), 2u);
  EXPECT_EQ(dataset.labels[1].topic, "q2");
  EXPECT_EQ(dataset.labels[1].document, "d2");
  EXPECT_EQ(dataset.labels[1].grade, 2);
  EXPECT_TRUE(dataset.has_labels);
  EXPECT_TRUE(dataset.problems.listed.empty());
}

TEST_F(DatasetTest, TheHashDependsOnContentsAndNotOnNamesOrLineEnds) {
  const Dataset plain = open();
  TestDatasetFolder other;
  std::string windows = "\xEF\xBB\xBF";
  for (const char c : kQueries) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  other.write("topics.ndjson", windows);
  other.write("documents.jsonl", kCorpus);
  other.write("qrels.txt", "q1 0 d1 1\r\nq2 0 d2 2\r\n");
  DatasetRequest request;
  request.folder = other.path();
  const Dataset renamed = open(request);
  EXPECT_EQ(renamed.content_hash, plain.content_hash);
  EXPECT_EQ(renamed.corpus_hash, plain.corpus_hash);

  folder_.write("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n");
  EXPECT_NE(open().content_hash, plain.content_hash) << "a grade differs";
  EXPECT_EQ(open().corpus_hash, plain.corpus_hash);
  folder_.write("corpus.jsonl", std::string(kCorpus) + R"({"_id": "d3", "text": "x"})" + "\n");
  EXPECT_NE(open().corpus_hash, plain.corpus_hash);
}

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  return text;
}

/// A gzip member with one stored block (RFC 1951, 1952). Requires less than 65,536 bytes.
std::string gzip(std::string_view text) {
  std::uint32_t crc = ~0u;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0u);
  }
  return std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\x01", 11) + little_endian(text.size(), 2) +
         little_endian(~text.size(), 2) + std::string(text) + little_endian(~crc, 4) +
         little_endian(text.size(), 4);
}

/// A zstd frame with one raw block (RFC 8878). Requires less than 128 KB.
std::string zstd(std::string_view text) {
  return "\x28\xB5\x2F\xFD\xA0" + little_endian(text.size(), 4) +
         little_endian(text.size() << 3 | 1, 3) + std::string(text);
}

TEST_F(DatasetTest, CompressedFilesAreTheSameDataset) {
  const Dataset plain = open();
  TestDatasetFolder packed;
  packed.write("corpus.jsonl.zst", zstd(kCorpus));
  packed.write("queries.jsonl.gz", gzip(kQueries));
  packed.write("qrels.tsv.zst", zstd(kQrels));
  DatasetRequest request;
  request.folder = packed.path();
  const Dataset dataset = open(request);
  EXPECT_EQ(dataset.content_hash, plain.content_hash);
  EXPECT_EQ(dataset.corpus, std::vector<std::string>{packed.path("corpus.jsonl.zst")});
  EXPECT_TRUE(dataset.problems.listed.empty());
}

TEST_F(DatasetTest, DamagedCompressionIsAnErrorThatNamesTheFile) {
  folder_.write("topics.jsonl.gz", "\x1f\x8bnot really");
  DatasetRequest damaged = request();
  damaged.queries = "topics.jsonl.gz";
  EXPECT_NE(error(damaged).message.find("topics.jsonl.gz"), std::string::npos);
}

TEST_F(DatasetTest, SplitsArePairedByNameInEveryUsualWay) {
  TestDatasetFolder folder;
  folder.write("corpus.jsonl", kCorpus);
  folder.write("queries_val.jsonl", kQueries);
  folder.write("qrels_val.tsv", kQrels);
  folder.write("queries_generated.jsonl", R"({"_id": "g1", "text": "차"})");
  folder.write("qrels_generated.tsv", "query-id\tcorpus-id\tscore\ng1\td2\t1\n");
  folder.write("eval.jsonl",
               R"({"eval_id": 78, "msg": [{"role": "user", "content": "안녕"}]})");
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
  TestDatasetFolder folder;
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
  TestDatasetFolder folder;
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

TEST_F(DatasetTest, BadLinesAreLeftOutCountedAndListed) {
  folder_.write("queries.jsonl",
                "{\"_id\": \"q1\", \"text\": \"a\"}\nbroken\n{\"text\": \"no id\"}\n"
                "{\"_id\": \"q2\", \"text\": \"  \"}\n{\"_id\": \"q1\", \"text\": \"again\"}\n");
  folder_.write("qrels.tsv",
                "query-id\tcorpus-id\tscore\nq1\td1\tNaN\nq1\td1\t1.5\nq1\td1\t1\nq1\td1\t0\n"
                "q1\n\td1\t1\n");
  const Dataset dataset = open();
  EXPECT_EQ(topic_ids(dataset), std::vector<std::string>{"q1"});
  EXPECT_EQ(dataset.topics[0].text, "a");
  ASSERT_EQ(dataset.labels.size(), 1u);
  EXPECT_EQ(dataset.labels[0].grade, 1);
  EXPECT_EQ(dataset.problems.bad_lines, 3u + 5u);
  EXPECT_EQ(dataset.problems.duplicate_topics, 1u);
  EXPECT_TRUE(lists(dataset, 2, "not valid JSON"));
  EXPECT_TRUE(lists(dataset, 3, "no id"));
  EXPECT_TRUE(lists(dataset, 4, "no text"));
  EXPECT_TRUE(lists(dataset, 5, "stands on line 1 already"));
  EXPECT_TRUE(lists(dataset, 2, "not a whole number"));
  EXPECT_TRUE(lists(dataset, 5, "judged on line 4 already"));
}

TEST_F(DatasetTest, IdsThatResolveToNothingAreCountedAndListed) {
  folder_.write("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\tmissing\t1\nq9\td1\t1\n");
  const Dataset dataset = open();
  EXPECT_EQ(dataset.problems.unknown_documents, 1u);
  EXPECT_EQ(dataset.problems.unknown_topics, 1u);
  EXPECT_EQ(dataset.problems.unlabelled_topics, 1u);
  EXPECT_EQ(dataset.labels.size(), 2u) << "they stay: a label is a claim of the dataset";
  EXPECT_TRUE(lists(dataset, 0, "\"missing\""));
  EXPECT_TRUE(lists(dataset, 0, "\"q9\""));
  EXPECT_TRUE(lists(dataset, 0, "\"q2\" has no label"));
}

TEST_F(DatasetTest, OnlyTheFirstProblemsAreListed) {
  std::string lines;
  for (int i = 0; i < 250; ++i) lines += "broken\n";
  folder_.write("queries.jsonl", lines);
  const Dataset dataset = open();
  EXPECT_EQ(dataset.problems.bad_lines, 250u);
  EXPECT_EQ(dataset.problems.listed.size(), kProblemsListedMax);
}

TEST_F(DatasetTest, EmptyFilesMakeAnEmptyDataset) {
  for (const char* file : {"corpus.jsonl", "queries.jsonl", "qrels.tsv"}) folder_.write(file, "");
  const Dataset dataset = open();
  EXPECT_TRUE(dataset.topics.empty());
  EXPECT_TRUE(dataset.labels.empty());
  EXPECT_TRUE(dataset.has_labels);
  EXPECT_EQ(dataset.corpus_facts.documents, 0u);
  EXPECT_EQ(dataset.content_hash.size(), 32u);
}

TEST_F(DatasetTest, NothingToAskIsAnErrorThatSaysWhatWasLookedFor) {
  TestDatasetFolder folder;
  DatasetRequest request;
  request.folder = folder.path();
  EXPECT_EQ(error(request).code, ErrorCode::invalid_argument);
  EXPECT_NE(error(request).message.find("queries"), std::string::npos);
  request.folder = folder.path("none");
  EXPECT_EQ(error(request).code, ErrorCode::not_found);
}

TEST_F(DatasetTest, DocumentsAreCountedAsAnIndexNamesThem) {
  folder_.write("corpus.jsonl",
                "{\"docid\": 7, \"_id\": \"x\", \"content\": \"first\"}\n"
                "{\"contents\": \"no id\"}\n"
                "{\"docid\": 7, \"content\": \"last of two\"}\n"
                "{\"_id\": \"e\", \"text\": \"\", \"title\": \" \"}\n"
                "{\"_id\": \"t\", \"body\": \"no id\"}\n");
  folder_.write("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\t7\t1\nq1\t#2\t1\nq2\te\t1\nq2\tx\t1\n");
  const Dataset dataset = open();
  EXPECT_EQ(dataset.corpus_facts.documents, 4u);
  EXPECT_EQ(dataset.corpus_facts.empty_documents, 1u);
  EXPECT_EQ(dataset.corpus_facts.repeated_texts, 2u);
  EXPECT_EQ(dataset.corpus_facts.text_bytes, 11u + 5 + 1 + 5);
  EXPECT_EQ(dataset.problems.duplicate_documents, 1u);
  EXPECT_EQ(dataset.problems.unknown_documents, 1u) << "x is not what the index calls it";
  EXPECT_TRUE(lists(dataset, 3, "the last one counts"));
}

TEST_F(DatasetTest, ACsvCorpusBecomesJsonlThatAnIndexReads) {
  TestDatasetFolder folder;
  folder.write("corpus.csv", "docno,headline,passage,year\na b,Tea,\"Green, hot\",2020\nc,,Cold,2021\n");
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
  TestDatasetFolder folder;
  folder.write("corpus.jsonl", R"({"id": "other", "key": "k1", "text": "no", "summary": "yes"})");
  folder.write("queries.csv", "key,ask,expected,lang\nq1,what?,yes,en\n");
  folder.write("qrels.csv", "key,hit,points\nq1,k1,3\n");
  DatasetRequest request;
  request.folder = folder.path();
  request.work_folder = folder.path("work");
  request.columns = {{"id", "key"},         {"text", "summary"}, {"topic", "key"},
                     {"query", "ask"},      {"answer", "expected"}, {"group", "lang"},
                     {"document", "hit"},   {"grade", "points"}};
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
  TestDatasetFolder folder;
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

TEST_F(DatasetTest, ConversationsMayHoldTheirLabelsAndDecisions) {
  folder_.write("eval.jsonl", R"({"eval_id": 1, "msg": [{"role": "user", "content": "물?"}, {"role": "assistant", "content": "네"}, {"role": "user", "content": "몇 도?"}], "relevant": ["d1", {"document": "d2", "grade": 2, "begin": 3, "end": 9}], "answer": "100도"}
{"eval_id": 2, "msg": [{"role": "user", "content": "안녕"}], "topk": []}
{"eval_id": 3, "msg": [{"role": "user", "content": "그거"}], "decision": "clarify"}
{"eval_id": 4, "msg": [{"role": "user", "content": "차?"}], "search": true, "docid": "d2"}
{"eval_id": 5, "msg": [{"role": "assistant", "content": "네"}]}
{"eval_id": 6, "msg": []}
{"eval_id": 7, "msg": [{"role": "robot", "content": "x"}]}
{"eval_id": 8, "msg": [{"role": "user", "content": "x"}], "decision": "perhaps"}
)");
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
  TestDatasetFolder folder;
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

TEST_F(DatasetTest, AHundredThousandQuestionsAreRead) {
  std::string queries;
  std::string qrels = "query-id\tcorpus-id\tscore\n";
  for (int i = 0; i < 100'000; ++i) {
    const std::string id = "q" + std::to_string(i);
    queries += R"({"_id": ")" + id + R"(", "text": "물은 몇 도?"})" + "\n";
    qrels += id + "\td1\t1\n";
  }
  folder_.write("queries.jsonl", queries);
  folder_.write("qrels.tsv", qrels);
  const Dataset dataset = open();
  EXPECT_EQ(dataset.topics.size(), 100'000u);
  EXPECT_EQ(dataset.labels.size(), 100'000u);
  EXPECT_TRUE(dataset.problems.listed.empty());
}

TEST_F(DatasetTest, ACancelledCallStops) {
  std::stop_source stop;
  stop.request_stop();
  const auto dataset = open_dataset(request(), {.stop = stop.get_token(), .deadline = {}});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().code, ErrorCode::cancelled);
}

TEST(Folds, EveryTopicIsInOneFoldWhateverTheOthersAre) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(seed);
  Random random(seed);
  Dataset dataset;
  for (int i = 0; i < 1'000; ++i) {
    dataset.topics.emplace_back();
    dataset.topics.back().id = std::to_string(random.next());
  }
  std::vector<int> fold_of(dataset.topics.size(), -1);
  for (std::uint32_t fold = 0; fold < 5; ++fold) {
    const auto topics = topics_of_fold(dataset, 5, fold, seed);
    EXPECT_GT(topics.size(), 120u);
    for (const std::size_t topic : topics) {
      EXPECT_EQ(fold_of[topic], -1);
      fold_of[topic] = static_cast<int>(fold);
    }
  }
  EXPECT_EQ(std::ranges::count(fold_of, -1), 0);
  Dataset half;
  half.topics.assign(dataset.topics.begin() + 500, dataset.topics.end());
  for (const std::size_t topic : topics_of_fold(half, 5, 2, seed)) {
    EXPECT_EQ(fold_of[topic + 500], 2);
  }
  EXPECT_NE(topics_of_fold(dataset, 5, 0, seed), topics_of_fold(dataset, 5, 0, seed + 1));
}

}  // namespace
}  // namespace saerok::lab
