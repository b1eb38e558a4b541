#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "lab/test_dataset.h"

namespace saerok::lab {
namespace {

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
  TestFolder other;
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
  for (int i = 0; i < bytes; ++i)
    text += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
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
  TestFolder packed;
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
  TestFolder folder;
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
  folder_.write("qrels.tsv",
                "query-id\tcorpus-id\tscore\nq1\t7\t1\nq1\t#2\t1\nq2\te\t1\nq2\tx\t1\n");
  const Dataset dataset = open();
  EXPECT_EQ(dataset.corpus_facts.documents, 4u);
  EXPECT_EQ(dataset.corpus_facts.empty_documents, 1u);
  EXPECT_EQ(dataset.corpus_facts.repeated_texts, 2u);
  EXPECT_EQ(dataset.corpus_facts.text_bytes, 11u + 5 + 1 + 5);
  EXPECT_EQ(dataset.problems.duplicate_documents, 1u);
  EXPECT_EQ(dataset.problems.unknown_documents, 1u) << "x is not what the index calls it";
  EXPECT_TRUE(lists(dataset, 3, "the last one counts"));
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
