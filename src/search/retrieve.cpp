#include "search/retrieve.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace saerok {
namespace {

/// The two retrievers, and what came of them so far.
class Retrieval {
 public:
  Retrieval(const Backend& backend, Trace& trace) : backend_(backend), trace_(trace) {}

  /// One retriever as a stage. A failure is a warning, and an error should no list be had.
  Status run(ListKind kind, const QueryPlan& plan) {
    const bool is_lexical = kind == ListKind::lexical;
    const std::string what = is_lexical ? "words" : "vectors";
    TRY(trace_.begin((plan.among ? "rescore " : "retrieve ") + what));
    Result<RankedList> list =
        is_lexical ? backend_.lexical(plan, trace_.call()) : backend_.vector(plan, trace_.call());
    if (list) {
      const std::size_t looked_at = plan.among   ? plan.among->size()
                                    : is_lexical ? plan.lexical.terms.size()
                                                 : backend_.chunks_with_vectors();
      trace_.count(looked_at, list->size());
      (is_lexical ? lists.lexical : lists.vector) = std::move(*list);
      return {};
    }
    if (list.error().code == ErrorCode::cancelled) return list.error();
    TRY(trace_.call().check());
    trace_.warn(what + " could not be searched: " + list.error().message);
    if (!failure) failure = std::move(list).error();
    return {};
  }

  Status run_in_turn(ListKind first, const QueryPlan& plan) {
    const bool is_lexical_first = first == ListKind::lexical;
    const ListKind second = is_lexical_first ? ListKind::vector : ListKind::lexical;
    TRY(run(first, plan));
    const auto& found = is_lexical_first ? lists.lexical : lists.vector;
    if (!found || found->empty()) {
      if (found) {
        trace_.warn(is_lexical_first ? "no note has the query's words, so all were compared by "
                                       "their vectors"
                                     : "no vector was found, so all notes were searched by words");
      }
      return run(second, plan);
    }
    QueryPlan narrowed = plan;
    narrowed.among.emplace();
    for (const Candidate& candidate : *found) narrowed.among->push_back(candidate.chunk);
    std::sort(narrowed.among->begin(), narrowed.among->end());
    TRY(run(second, narrowed));
    const auto& rescored = is_lexical_first ? lists.vector : lists.lexical;
    if (rescored) lists.first = first;
    return {};
  }

  Lists lists;
  std::optional<Error> failure;

 private:
  const Backend& backend_;
  Trace& trace_;
};

}  // namespace

Result<Lists> retrieve(SearchMode mode, RetrievalOrder order, const QueryPlan& plan,
                       const Backend& backend, Trace& trace) {
  Retrieval retrieval(backend, trace);
  if (mode == SearchMode::hybrid && order != RetrievalOrder::parallel) {
    const bool is_lexical_first = order == RetrievalOrder::lexical_then_vector;
    TRY(retrieval.run_in_turn(is_lexical_first ? ListKind::lexical : ListKind::vector, plan));
  } else {
    if (mode != SearchMode::vector) TRY(retrieval.run(ListKind::lexical, plan));
    if (mode != SearchMode::lexical) TRY(retrieval.run(ListKind::vector, plan));
  }
  Lists& lists = retrieval.lists;
  if (!lists.lexical && !lists.vector) return std::move(*retrieval.failure);
  return std::move(lists);
}

}  // namespace saerok
