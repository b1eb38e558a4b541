/// The files of TREC: topics and documents in their SGML, judgements (qrels) and runs. Read as
/// tolerantly as trec_eval reads them, written so that it reads them back. What this is not:
/// scoring (metrics.h), or deciding what a dataset is (dataset.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lab/metrics.h"
#include "lab/table_reader.h"
#include "saerok/call_context.h"
#include "saerok/result.h"
#include "saerok/types.h"

namespace saerok::lab {

/// Whether a text begins with <top> or <DOC>, in any case.
bool looks_like_trec_topics(std::string_view text);
/// Whether it is XML with <topic> elements, as the tracks since 2009 have them.
bool looks_like_trec_xml_topics(std::string_view text);
bool looks_like_trec_documents(std::string_view text);

/// An element of a TREC file and what stands in it by tag, in lower case: "num", "title", "desc".
/// Inner tags are removed, runs of white space become blanks in topics.
struct TrecElement {
  std::uint64_t line = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  /// The first that has text; nothing if none has.
  std::optional<std::string> find(std::string_view tag) const;
};

/// Hands on each <top>. End tags may be missing, "Number:" and "Description:" labels are dropped.
Status for_each_trec_topic(std::string_view text,
                           const std::function<Status(const TrecElement&)>& visit,
                           const BadLineSink& bad_line, const CallContext& call);

/// Hands on each <topic> of XML: its number ("num", from the attribute number, id, topicid or qid),
/// its elements, and text outside of any element under "". References to characters are read,
/// comments left out; a topic that is not closed is a bad line.
Status for_each_trec_xml_topic(std::string_view text,
                               const std::function<Status(const TrecElement&)>& visit,
                               const BadLineSink& bad_line, const CallContext& call);

/// Hands on each <DOC>: "docno", and every other element; text outside of any element is under "".
Status for_each_trec_document(std::string_view text,
                              const std::function<Status(const TrecElement&)>& visit,
                              const BadLineSink& bad_line, const CallContext& call);

/// One line of a qrels file.
struct TrecJudgement {
  std::string topic;
  std::string document;
  std::int32_t grade = 0;
  std::optional<ByteSpan> span;  ///< Of our own two further columns, begin and end.
};
/// "topic iteration document grade [begin end]", separated by tabs where the line has one, else by
/// white space. The error's message is the reason alone. Errors: corrupt.
Result<TrecJudgement> read_trec_judgement(std::string_view line);
std::string print_trec_judgement(const TrecJudgement& judgement);

/// A topic of a run, best first as judged_order() has it.
struct TrecRanking {
  std::string topic;
  std::vector<ScoredDocument> documents;
};

/// How ids with white space stand in a file whose columns white space separates.
enum class TrecIds : std::uint8_t {
  verbatim,         ///< As they are: files of other programs.
  percent_encoded,  ///< "a%20b.md", as print_trec_run() writes.
};

/// Reads "topic Q0 document rank score tag" in any order; the rank is not looked at, as trec_eval
/// does not. Topics are in the order in which they first stand. Of a document that a topic has
/// twice the better score counts. Lines without a finite score go to `bad_line`, and once a topic
/// that some of its lines repeat documents.
Result<std::vector<TrecRanking>> read_trec_run(std::string_view text, TrecIds ids,
                                               const BadLineSink& bad_line,
                                               const CallContext& call);

/// In the order given, with ranks from 1 and the shortest digits that read back as the same score.
std::string print_trec_run(const std::vector<TrecRanking>& run, std::string_view tag);

/// White space and '%' of an id as %XX, and back.
std::string encode_trec_id(std::string_view id);
std::string decode_trec_id(std::string_view id);

}  // namespace saerok::lab
