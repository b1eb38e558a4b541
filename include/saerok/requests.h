/// What is asked of the engine and what it answers: plain values, the same in the library, on the
/// command line and in JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/storage.h"
#include "saerok/types.h"

namespace saerok {

struct IngestRequest {
  std::vector<std::string> roots;  ///< Files and folders.
  bool rebuild = false;            ///< Forget the collection's index first and make it anew.
  bool embed = true;               ///< Make vectors after the text is committed.
  std::string vectors_file;        ///< Ready-made vectors (docs/formats.md); empty: none.
  /// false: the roots are left alone, and only what is stored without vectors gets them.
  bool reads_files = true;
};

/// What is being done now, for progress bars. `done` of `total` in `unit`s; total 0: not known yet.
struct Progress {
  std::string_view stage;  ///< "scan", "index", "embed chunks", "embed windows".
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::string_view unit;
  std::uint64_t tokens = 0;  ///< Embedded in this stage so far, about; 0 in other stages.
  double seconds = 0;        ///< Since the stage began; 0: not measured.
};
using ProgressSink = std::function<void(const Progress&)>;

struct FileIssue {
  std::string root;
  std::string path;
  std::string reason;
};

struct IngestReport {
  std::uint64_t files_seen = 0;
  std::uint64_t files_unchanged = 0;
  std::uint64_t files_indexed = 0;
  std::uint64_t files_renamed = 0;
  std::uint64_t files_removed = 0;
  std::uint64_t documents = 0;  ///< Written in this run.
  std::uint64_t documents_removed = 0;
  std::uint64_t chunks = 0;      ///< Written in this run.
  std::uint64_t text_bytes = 0;  ///< Of documents written in this run.
  std::vector<FileIssue> failed;
  std::vector<FileIssue> skipped;
  std::vector<FileIssue> notes;     ///< Indexed, with something to say ("read as CP949").
  std::uint64_t chunk_vectors = 0;  ///< Made in this run; windows counted by chunk.
  std::uint64_t window_vectors = 0;
  std::uint64_t pending_chunk_vectors = 0;  ///< Chunks still without, afterwards.
  std::uint64_t pending_window_vectors = 0;
  std::uint64_t tokens_embedded = 0;
  double text_seconds = 0;
  double embed_seconds = 0;
  std::vector<std::string> warnings;
};

/// A text that is searched for along with a query, and by what: a synonym is for words, a passage
/// as it might stand in a note is for vectors.
struct QueryExpansion {
  enum class Use : std::uint8_t { words, vectors, both } use = Use::both;
  std::string text;
  float weight = 1;  ///< Beside the query's 1.
};

/// How the query of a search is read: with the operators of docs/query.md, or as words and nothing
/// else, as a question in a conversation is.
enum class QuerySyntax : std::uint8_t { operators, plain };

struct SearchRequest {
  std::string collection = "default";
  std::string query;
  SearchMode mode = SearchMode::automatic;
  std::string filter;  ///< docs/query.md; empty: none.
  std::uint32_t limit = 10;
  bool explain = false;
  /// Searched with instead of the query's embedding; for collections with ready-made vectors.
  std::vector<float> query_vector;
  /// Embedded instead of `query`; empty: the query itself.
  std::string embedded_text{};
  std::vector<QueryExpansion> expansions{};
  QuerySyntax syntax = QuerySyntax::operators;
  /// The query's last word may be unfinished: what it can grow into is searched for too.
  bool as_you_type = false;
  /// Words that the notes do not hold may be searched for as the nearest ones that they do; the
  /// response says so. With settings.search.correct.
  bool correct = true;
};

struct SearchResponse {
  std::string query;
  /// What was searched for instead, where words of the query were corrected; else empty.
  std::string searched_for;
  SearchMode mode = SearchMode::lexical;  ///< The one used; never automatic.
  std::vector<Hit> hits;
  Report report;
};

enum class Decision : std::uint8_t { search, answer, clarify };
enum class AnswerKind : std::uint8_t { extractive, model };

struct AskRequest {
  std::string collection = "default";
  Conversation conversation;  ///< The question is the last turn, of role "user".
  std::string filter;
  SearchMode mode = SearchMode::automatic;
  bool use_model = true;  ///< false: extractive even where a chat model is configured.
  bool explain = false;
  bool retrieve_only = false;  ///< Decide, rewrite and search, but write no answer.
  std::uint32_t hits = 0;      ///< Ranked hits wanted in AskResponse::hits, beside the sources.
  /// Use the filters found in the question, whatever ask.filters says.
  bool apply_filters = false;
  std::optional<Date> today{};  ///< What "yesterday" counts from; nothing: the clock's.
  /// Searched for instead of what the conversation makes of the question; empty: that.
  std::string standalone_query{};
};

/// A restriction that the question's words name: "last week", "작년 3월", "#garden".
struct ProposedFilter {
  std::string words;   ///< As the question has them.
  std::string filter;  ///< docs/query.md.
  bool is_applied = false;
};

/// A sentence of an answer that its sources do not bear out.
struct UnsupportedSentence {
  ByteSpan span;       ///< In AskResponse::answer.
  double support = 0;  ///< From 0 to 1; ask.support_min is the least that counts.
};

/// What a request asked of the chat model, all its steps together.
struct ModelUse {
  std::uint32_t requests = 0;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t prompt_tokens_kept = 0;  ///< As Completion has it.
  std::uint64_t generated_tokens = 0;
  /// At models.price_prompt and models.price_completion; 0 where they are, and of a local model.
  double cost = 0;
};

struct AskResponse {
  Decision decision = Decision::search;
  std::string decided_by;         ///< "gate", "model", or "nothing": it was said beforehand.
  double search_probability = 1;  ///< That the turn needs the notes, as the gate sees it.
  std::optional<Explanation> decision_explanation;  ///< How that came about, if asked to explain.
  std::string standalone_query;
  std::vector<QueryExpansion> expansions;  ///< What was searched for beside it.
  std::vector<ProposedFilter> proposed_filters;
  std::string answer;
  AnswerKind kind = AnswerKind::extractive;
  std::string model;   ///< Name of the chat model, if one answered.
  bool found = false;  ///< false: the notes do not hold the answer; sources are the nearest.
  std::vector<Citation> citations;               ///< In order of first appearance.
  std::uint32_t citations_dropped = 0;           ///< Markers that pointed at no given source.
  std::vector<UnsupportedSentence> unsupported;  ///< Of a model's answer, in order.
  std::vector<Hit> sources;                      ///< As numbered in the answer, from 1.
  std::vector<Hit> hits;    ///< The search behind the answer; at most AskRequest::hits.
  std::string prompt_hash;  ///< Of the prompt texts used; empty without a model.
  ModelUse model_use;       ///< All 0 where no chat model was asked.
  Report report;
};

/// Called as an answer grows. `sources` comes once, before the first text.
struct AnswerEvent {
  enum class Kind : std::uint8_t { sources, reading, text } kind = Kind::text;
  std::string_view text;
  const std::vector<Hit>* sources = nullptr;
  std::uint32_t read = 0;   ///< Of `reading`: tokens that a local model has read,
  std::uint32_t total = 0;  ///< and how many it will before it answers.
};
using AnswerSink = std::function<void(const AnswerEvent&)>;

/// Vectors of one kind and one embedder: what a question's vector is compared with.
struct VectorSpace {
  SegmentKind kind = SegmentKind::chunk_vectors;
  std::string embedder;  ///< Fingerprint.
  std::uint32_t dimension = 0;
  std::uint64_t chunks = 0;  ///< Of the collection, that have a vector here, or several.
  std::uint64_t bytes = 0;   ///< Of its files.
};

struct CollectionStatus {
  std::string name;
  std::vector<std::string> roots;        ///< Folders that its files are named relative to.
  std::vector<std::string> named_roots;  ///< Folders and files that were given to be indexed.
  CollectionCounts counts;
  std::uint64_t segments = 0;
  std::uint64_t lexical_bytes = 0;
  std::uint64_t vector_bytes = 0;
  std::uint64_t pending_lexical = 0;
  std::uint64_t pending_chunk_vectors = 0;
  std::uint64_t pending_window_vectors = 0;
  std::string analyzer;
  std::string embedder;  ///< Fingerprint of the vectors; empty: none.
  std::uint32_t dimension = 0;
  std::vector<VectorSpace> spaces;  ///< Chunk vectors first.
  std::vector<FileIssue> failed;
  std::vector<FileIssue> skipped;
};

struct StoreStatus {
  std::string store;
  std::uint64_t store_bytes = 0;
  std::vector<CollectionStatus> collections;
};

struct SourceQuery {
  std::optional<SourceState> state{};  ///< Nothing: all.
  std::string text{};  ///< In the path, whatever the case of ASCII letters; empty: all.
  std::uint64_t offset = 0;
  std::uint64_t limit = 100;
};

/// Files of a collection that a query names, by root and path.
struct SourceList {
  std::vector<SourceRecord> sources;  ///< Those of the page asked for.
  std::uint64_t total = 0;            ///< On all pages.
};

/// What names a document: `document_id` as hits have it; root and path, where they are not empty,
/// say which of several documents of that id is meant.
struct DocumentName {
  std::string document_id{};  ///< Empty: the path.
  std::string root{};
  std::string path{};
};

/// A document as it was indexed: for reading, not for giving the file back.
struct DocumentText {
  std::string root;
  std::string path;
  std::string document_id;
  std::string title;
  std::vector<Attribute> attributes;
  std::vector<Chunk> chunks;  ///< In order; at most kDocumentChunksMax.
  bool is_truncated = false;  ///< There are more chunks.
};
constexpr std::size_t kDocumentChunksMax = 2'000;

struct ForgetReport {
  std::uint64_t files = 0;
  std::uint64_t documents = 0;
};

/// Outcome of reading everything back and comparing (`saerok doctor --store-check`).
struct CheckReport {
  std::uint64_t segments_checked = 0;
  std::uint64_t chunks_checked = 0;
  std::uint64_t reserve_bytes = 0;     ///< Room kept for a full disk.
  bool has_page_checksums = true;      ///< Of the database.
  std::vector<std::string> problems;   ///< Each says what to do.
  std::vector<std::string> set_aside;  ///< Damaged segments taken out of use, of a repair only.
};

}  // namespace saerok
