#include "lab/submission.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "base/json.h"
#include "lab/dataset_columns.h"
#include "lab/dataset_corpus.h"
#include "lab/table_reader.h"

namespace saerok::lab {
namespace {

constexpr std::string_view kCompetitionMetric = "map@3_competition";
/// Ids named in one sentence.
constexpr std::size_t kIdsNamedMax = 5;

std::string named(const std::vector<std::string>& ids) {
  std::string text;
  for (std::size_t i = 0; i < std::min(ids.size(), kIdsNamedMax); ++i) {
    text += (i == 0 ? "" : ", ") + ids[i];
  }
  return ids.size() > kIdsNamedMax ? text + ", …" : text;
}

/// The first hits of different documents.
std::vector<const OutcomeHit*> best_hits(const Outcome& outcome, std::uint32_t depth) {
  std::vector<const OutcomeHit*> best;
  std::set<std::string_view> seen;
  if (outcome.decision != Decision::search) return best;
  for (const OutcomeHit& hit : outcome.hits) {
    if (best.size() == depth) break;
    if (seen.insert(hit.document).second) best.push_back(&hit);
  }
  return best;
}

/// The passage of a hit; the whole text where the hit names none that is there.
std::string passage_of(const std::map<std::string, std::string>& texts, const OutcomeHit& hit) {
  const auto text = texts.find(hit.document);
  if (text == texts.end()) return {};
  const bool is_there = hit.bytes.begin < hit.bytes.end && hit.bytes.end <= text->second.size();
  if (!is_there) return text->second;
  return text->second.substr(static_cast<std::size_t>(hit.bytes.begin),
                             static_cast<std::size_t>(hit.bytes.size()));
}

Json id_to_json(const std::string& id) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool is_number = parsed.ec == std::errc() && parsed.ptr == id.data() + id.size();
  // "007" is a name: as a number it would come back as another one.
  return is_number && std::to_string(number) == id ? Json(number) : Json(id);
}

/// The error's message is the reason alone.
Result<SubmissionLine> read_line(const Json& fields) {
  const auto unusable = [](std::string reason) {
    return Error{ErrorCode::corrupt, std::move(reason)};
  };
  SubmissionLine line;
  const Json* id = find_member(fields, "eval_id");
  const auto ids = id == nullptr ? std::vector<std::string>{} : texts_of(*id);
  if (ids.size() != 1 || id->is_array()) return unusable("it has no eval_id");
  line.topic = ids.front();
  line.standalone_query = find_text(fields, "standalone_query").value_or("");
  line.answer = find_text(fields, "answer").value_or("");
  const Json* documents = find_member(fields, "topk");
  if (documents == nullptr || !documents->is_array()) return unusable("topk is not a list");
  line.documents = texts_of(*documents);
  if (line.documents.size() != documents->size())
    return unusable("topk holds something that is no id");
  const Json* references = find_member(fields, "references");
  if (references == nullptr) return line;
  if (!references->is_array()) return unusable("references is not a list");
  for (const Json& reference : *references) {
    const auto score = find_number(reference, "score");
    const auto content = find_text(reference, "content");
    if (!score || !content) return unusable("a reference lacks score or content");
    line.references.push_back({.score = *score, .content = *content});
  }
  return line;
}

/// Gathers sentences, of which one kind may come very often.
class Complaints {
 public:
  void add(const std::string& kind, const std::string& id) { ids_[kind].push_back(id); }
  std::vector<std::string> take() const {
    std::vector<std::string> sentences;
    for (const auto& [kind, ids] : ids_) {
      sentences.push_back(kind + ": " + std::to_string(ids.size()) + " (" + named(ids) + ")");
    }
    return sentences;
  }

 private:
  std::map<std::string, std::vector<std::string>> ids_;
};

}  // namespace

Result<std::vector<SubmissionLine>> make_submission(const Dataset& dataset,
                                                    const std::vector<Outcome>& outcomes,
                                                    std::uint32_t depth, const CallContext& call) {
  std::map<std::string_view, const Outcome*> outcome_of;
  for (const Outcome& outcome : outcomes) outcome_of.emplace(outcome.topic, &outcome);
  std::vector<std::string> missing;
  std::set<std::string> wanted;
  for (const Topic& topic : dataset.topics) {
    const auto found = outcome_of.find(topic.id);
    if (found == outcome_of.end()) {
      missing.push_back(topic.id);
      continue;
    }
    for (const OutcomeHit* hit : best_hits(*found->second, depth)) wanted.insert(hit->document);
  }
  if (!missing.empty()) {
    return Error{ErrorCode::failed_precondition,
                 "the run has nothing for " + std::to_string(missing.size()) + " of " +
                     std::to_string(dataset.topics.size()) + " questions (" + named(missing) +
                     "); run `saerok lab run` on all of " + dataset.name};
  }
  const auto texts = TRY(read_texts(dataset.corpus, wanted, call));
  std::vector<SubmissionLine> lines;
  for (const Topic& topic : dataset.topics) {
    const Outcome& outcome = *outcome_of.at(topic.id);
    SubmissionLine line{.topic = topic.id,
                        .standalone_query = outcome.standalone_query,
                        .documents = {},
                        .answer = outcome.answer,
                        .references = {}};
    if (line.standalone_query.empty() && outcome.decision == Decision::search) {
      line.standalone_query = topic.text;
    }
    for (const OutcomeHit* hit : best_hits(outcome, depth)) {
      line.documents.push_back(hit->document);
      line.references.push_back({.score = hit->score, .content = passage_of(texts, *hit)});
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string print_submission(const std::vector<SubmissionLine>& lines) {
  std::string text;
  for (const SubmissionLine& line : lines) {
    Json references = Json::array();
    for (const SubmissionReference& reference : line.references) {
      references.push_back({{"score", reference.score}, {"content", reference.content}});
    }
    text += print_json({{"eval_id", id_to_json(line.topic)},
                        {"standalone_query", line.standalone_query},
                        {"topk", line.documents},
                        {"answer", line.answer},
                        {"references", std::move(references)}}) +
            "\n";
  }
  return text;
}

Result<SubmissionFile> read_submission(std::string_view text, const std::string& name,
                                       const CallContext& call) {
  SubmissionFile file;
  const BadLineSink bad_line = [&](std::uint64_t line, const std::string& reason) {
    file.bad_lines.push_back({.file = name, .line = line, .reason = reason});
  };
  const auto take = [&](TableRow&& row) -> Status {
    auto line = read_line(row.fields);
    if (line) file.lines.push_back(std::move(*line));
    else bad_line(row.line, line.error().message);
    return {};
  };
  TRY(for_each_row(text, {.format = TableFormat::jsonl}, take, bad_line, call));
  return file;
}

Result<std::vector<std::string>> check_submission(const Dataset& dataset,
                                                  const std::vector<SubmissionLine>& lines,
                                                  std::uint32_t depth, const CallContext& call) {
  std::set<std::string> topics;
  std::set<std::string> documents;
  for (const Topic& topic : dataset.topics) topics.insert(topic.id);
  for (const SubmissionLine& line : lines) {
    documents.insert(line.documents.begin(), line.documents.end());
  }
  const auto known = TRY(read_texts(dataset.corpus, documents, call));
  Complaints complaints;
  std::set<std::string> given;
  for (const SubmissionLine& line : lines) {
    if (!topics.contains(line.topic))
      complaints.add("lines of questions that are not there", line.topic);
    if (!given.insert(line.topic).second) complaints.add("questions answered again", line.topic);
    if (line.documents.size() > depth) {
      complaints.add("lines with more than " + std::to_string(depth) + " documents", line.topic);
    }
    std::set<std::string> distinct;
    for (const std::string& document : line.documents) {
      if (!distinct.insert(document).second)
        complaints.add("documents given twice in one line", document);
      if (!dataset.corpus.empty() && !known.contains(document)) {
        complaints.add("documents that the corpus does not hold", document);
      }
    }
    for (const SubmissionReference& reference : line.references) {
      if (!std::isfinite(reference.score))
        complaints.add("lines with a score that is no number", line.topic);
    }
  }
  for (const Topic& topic : dataset.topics) {
    if (!given.contains(topic.id)) complaints.add("questions without a line", topic.id);
  }
  return complaints.take();
}

std::optional<MetricSummary> score_submission(const Dataset& dataset,
                                              const std::vector<SubmissionLine>& lines,
                                              std::uint64_t seed) {
  const auto metric = parse_metric(kCompetitionMetric);
  if (!dataset.has_labels || !metric) return std::nullopt;
  std::vector<Outcome> outcomes;
  for (const SubmissionLine& line : lines) {
    Outcome outcome;
    outcome.topic = line.topic;
    auto score = static_cast<double>(line.documents.size());
    for (const std::string& document : line.documents) {
      // Whole documents are handed in, so that they hold every labelled span.
      const ByteSpan all{0, std::numeric_limits<std::uint64_t>::max()};
      outcome.hits.push_back({.document = document, .score = score, .bytes = all, .lines = {}});
      score -= 1;
    }
    outcomes.push_back(std::move(outcome));
  }
  const Scores scores = lab::score(dataset, outcomes, {*metric}, 1.0, seed);
  if (scores.summary.empty()) return std::nullopt;
  return scores.summary.front();
}

}  // namespace saerok::lab
