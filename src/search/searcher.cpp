#include "search/searcher.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/trace.h"
#include "base/unicode.h"
#include "search/feedback.h"
#include "search/fetch_hits.h"
#include "search/filter.h"
#include "search/fusion.h"
#include "search/plan_query.h"
#include "search/rerank.h"
#include "search/retrieve.h"
#include "search/understand_query.h"

namespace saerok {
namespace {

/// 4,272 rather than 4272.
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

Status check_request(const SearchRequest& request) {
  const auto refuse = [](std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message)};
  };
  if (request.query.find_first_not_of(" \t\r\n") == std::string::npos) {
    return refuse(request.filter.empty()
                      ? "the query is empty; give words to search for"
                      : "the query is empty; a filter narrows a search and does not make one, so "
                        "give words to search for");
  }
  if (request.query.size() > kQueryBytesMax) {
    return refuse("the query has " + grouped(request.query.size()) + " bytes, at most " +
                  grouped(kQueryBytesMax) + " can be searched for; shorten it");
  }
  if (request.limit == 0 || request.limit > kLimitMax) {
    return refuse("the number of hits asked for is " + grouped(request.limit) +
                  "; it must be from 1 to " + grouped(kLimitMax));
  }
  if (request.expansions.size() > kExpansionsMax) {
    return refuse("the query has " + grouped(request.expansions.size()) + " expansions, at most " +
                  grouped(kExpansionsMax) + " can be searched for");
  }
  std::size_t largest = request.embedded_text.size();
  for (const QueryExpansion& expansion : request.expansions) {
    largest = std::max(largest, expansion.text.size());
  }
  if (largest > kQueryBytesMax) {
    return refuse("a text to search for along with the query has " + grouped(largest) +
                  " bytes, at most " + grouped(kQueryBytesMax) + " are taken; shorten it");
  }
  return {};
}

/// Embeds the query into the plan. Returns the mode that is left: lexical where hybrid lost its
/// embedder.
Result<SearchMode> embed_query(SearchMode mode, const SearchRequest& request,
                               std::string_view query, const Embedder* embedder, QueryPlan& plan,
                               Trace& trace) {
  TRY(trace.begin("embed"));
  Result<VectorQuery> made = make_vector_query(request, query, embedder, trace.call());
  trace.count(1, made ? 1 : 0);
  if (made) {
    plan.vector = std::move(*made);
    return mode;
  }
  // A stop and the call's own deadline are the caller's wish, not the embedder's failure.
  TRY(trace.call().check());
  const ErrorCode code = made.error().code;
  if (code == ErrorCode::cancelled || code == ErrorCode::invalid_argument) return made.error();
  const std::string reason = "the query could not be embedded: " + made.error().message;
  if (mode == SearchMode::vector) return Error{code, reason};
  trace.warn("searched words only: " + reason);
  return SearchMode::lexical;
}

/// `lists` has to outlive the ranking, which points into it.
Ranking rank(const Lists& lists, const SearchSettings& settings) {
  const bool by_rank = settings.fusion == FusionMethod::reciprocal_rank;
  const auto dense_share = static_cast<double>(settings.dense_share);
  Ranking ranking;
  ranking.first = lists.first;
  if (lists.lexical) {
    ranking.lists.push_back({&*lists.lexical, by_rank ? 1.0 : 1.0 - dense_share});
    ranking.kinds.push_back(ListKind::lexical);
  }
  if (lists.vector) {
    ranking.lists.push_back({&*lists.vector, by_rank ? 1.0 : dense_share});
    ranking.kinds.push_back(ListKind::vector);
  }
  if (ranking.lists.size() > 1) {
    ranking.candidates =
        by_rank ? fuse_reciprocal_ranks(ranking.lists, static_cast<double>(settings.rrf_k))
                : fuse_weighted_sum(ranking.lists, settings.normalisation);
    return ranking;
  }
  for (const Candidate& candidate : *ranking.lists.front().list) {
    ranking.candidates.push_back(
        {candidate.chunk, static_cast<double>(candidate.score), candidate.window, {}});
  }
  return ranking;
}

/// rank() as a stage of the report.
Result<Ranking> fuse(const Lists& lists, const SearchSettings& settings, Trace& trace) {
  TRY(trace.begin("fuse"));
  Ranking ranking = rank(lists, settings);
  trace.count(
      (lists.lexical ? lists.lexical->size() : 0) + (lists.vector ? lists.vector->size() : 0),
      ranking.candidates.size());
  return ranking;
}

struct FeedbackNeeds {
  const SearchSettings& settings;
  const Backend& backend;
  const Analyzer& analyzer;
  const Embedder* embedder = nullptr;
};

/// Makes the plan anew from the first hits; false: it stays as it is.
Result<bool> feed_back(const Ranking& ranking, SearchMode mode, const FeedbackNeeds& needs,
                       QueryPlan& plan, Trace& trace) {
  const SearchSettings& settings = needs.settings;
  const bool wants_words = settings.feedback_terms > 0 && mode != SearchMode::vector;
  const bool wants_vector = settings.vector_feedback > 0 && mode != SearchMode::lexical;
  if ((!wants_words && !wants_vector) || ranking.candidates.empty()) return false;
  TRY(trace.begin("feedback"));
  const auto hits = first_hits(ranking, settings.feedback_hits, needs.backend);
  if (!hits) {
    trace.warn("searched without feedback: " + hits.error().message);
    return false;
  }
  std::size_t added = 0;
  if (wants_words) {
    added = add_feedback_terms(*hits, settings, needs.analyzer, needs.backend, plan.lexical);
  }
  if (wants_vector && needs.embedder == nullptr) {
    trace.warn(
        "searched without vector feedback: the query came with its vector, so there is no "
        "embedder for the first hits");
  } else if (wants_vector) {
    const Status moved = add_feedback_vector(*hits, settings.vector_feedback, *needs.embedder,
                                             trace.call(), plan.vector);
    TRY(trace.call().check());
    if (moved) ++added;
    else trace.warn("searched without vector feedback: " + moved.error().message);
  }
  trace.count(hits->size(), added);
  return added > 0;
}

void warn_of_missing_vectors(const Backend& backend, Trace& trace) {
  const std::uint64_t chunks = backend.chunk_count();
  const auto warn = [&](std::string_view what, std::uint64_t present) {
    trace.warn(std::string(what) + " are missing for " + grouped(chunks - present) + " of " +
               grouped(chunks) + " chunks; run `saerok index` to finish");
  };
  if (backend.chunks_with_vectors() < chunks) {
    warn("vectors", backend.chunks_with_vectors());
  } else if (backend.chunks_with_windows() > 0 && backend.chunks_with_windows() < chunks) {
    warn("vectors of sentences", backend.chunks_with_windows());
  }
}

/// Chunks of documents that have their most hits already are passed over, and with a reranker there
/// is nothing behind the rescored ones to take their place.
void warn_of_short_list(std::size_t hit_count, std::size_t fused_count, const Ranking& ranking,
                        const SearchRequest& request, Trace& trace) {
  const bool has_more = ranking.candidates.size() < fused_count;
  if (ranking.rerank_scores.empty() || hit_count >= request.limit || !has_more) return;
  const std::string hits = grouped(hit_count) + (hit_count == 1 ? " hit" : " hits");
  trace.warn("only " + hits +
             ": the other reranked passages are more of the same documents than "
             "search.document_hits_max allows; a higher search.rerank_depth looks further");
}

/// Says why there are no hits, where that can be known.
Status warn_of_nothing(SearchMode mode, const QueryPlan& plan, const Backend& backend,
                       Trace& trace) {
  if (mode == SearchMode::lexical && plan.lexical.terms.empty()) {
    trace.warn(
        plan.condition.op == ConditionOp::all
            ? "the query has no word to search for"
            : "the query says what notes must have or not have, but no word to rank them by");
    return {};
  }
  const bool has_filter = plan.filter.op != FilterOp::all;
  if (!has_filter && plan.condition.op == ConditionOp::all) return {};
  bool has_hits_unfiltered = mode != SearchMode::lexical;
  if (!has_hits_unfiltered) {
    QueryPlan unfiltered = plan;
    unfiltered.filter = {};
    unfiltered.condition = {};
    unfiltered.lexical_depth = 1;
    const Result<RankedList> list = backend.lexical(unfiltered, trace.call());
    TRY(trace.call().check());
    has_hits_unfiltered = list && !list->empty();
  }
  if (has_hits_unfiltered) {
    trace.warn(has_filter ? "nothing that matches the query passes the filter; without the filter "
                            "there are hits"
                          : "nothing has what the query's operators (docs/query.md) ask for; its "
                            "words alone are found");
  }
  return {};
}

/// Each retriever hands on what its setting says, and at least `depth_min` candidates.
void set_depths(std::uint32_t depth_min, const SearchSettings& settings, QueryPlan& plan) {
  const auto depth_of = [&](std::uint32_t own) {
    return std::max(own > 0 ? own : settings.depth, depth_min);
  };
  plan.lexical_depth = depth_of(settings.lexical_depth);
  plan.vector_depth = depth_of(settings.vector_depth);
}

/// A query of tests and exclusions only has no word to rank by: what it lets pass, newest first.
bool is_listing(const UnderstoodQuery& understood, const SearchRequest& request) {
  return understood.condition.op != ConditionOp::all && understood.terms.size() == 0 &&
         understood.lexical.terms.empty() && request.expansions.empty() &&
         request.query_vector.empty() && request.embedded_text.empty();
}

Result<SearchResponse> list_newest(const SearchRequest& request, const QueryPlan& plan,
                                   SearchSettings settings, const Backend& backend,
                                   const Analyzer& analyzer, Trace& trace) {
  TRY(trace.begin("list"));
  const RankedList list = TRY(backend.newest(plan, trace.call()));
  Ranking ranking;
  ranking.lists.push_back({&list, 1.0});
  ranking.kinds.push_back(ListKind::lexical);
  for (const Candidate& candidate : list)
    ranking.candidates.push_back({candidate.chunk, 0, {}, {}});
  trace.count(backend.chunk_count(), list.size());
  TRY(trace.begin("fetch"));
  settings.document_hits_max = 1;
  const TermList no_words;
  const FetchRequest fetch{plan, no_words, settings, request.limit, request.explain};
  std::vector<Hit> hits = TRY(fetch_hits(ranking, fetch, backend, analyzer, trace.call()));
  trace.count(list.size(), hits.size());
  if (hits.empty()) trace.warn("no note has what the query asks for");
  return SearchResponse{replace_invalid_utf8(request.query).text,
                        {},
                        SearchMode::lexical,
                        std::move(hits),
                        trace.finish()};
}

/// Candidates that the reranker is to rescore; 0: no reranking.
std::uint32_t rerank_depth(const SearchRequest& request, const SearchSettings& settings,
                           const SearchModels& models, Trace& trace) {
  if (settings.rerank_depth == 0) return 0;
  if (models.reranker != nullptr) return std::max(settings.rerank_depth, request.limit);
  if (!models.no_reranker_reason.empty()) trace.warn("not reranked: " + models.no_reranker_reason);
  return 0;
}

}  // namespace

Result<SearchResponse> search(const SearchRequest& request, const SearchSettings& settings,
                              const Backend& backend, const Analyzer& analyzer,
                              const SearchModels& models, const CallContext& call) {
  Trace trace(call);  // Times each stage, begins none past the deadline, collects warnings.

  TRY(trace.begin("plan"));
  TRY(check_request(request));
  const std::string query = replace_invalid_utf8(request.query).text;
  QueryPlan plan;
  plan.filter = TRY(parse_filter(request.filter));
  const std::uint32_t rescored_max = rerank_depth(request, settings, models, trace);
  set_depths(std::max(request.limit, rescored_max), settings, plan);
  UnderstoodQuery understood = understand_query(request, query, settings, backend, analyzer, trace);
  plan.condition = understood.condition;
  if (is_listing(understood, request)) {
    return list_newest(request, plan, settings, backend, analyzer, trace);
  }
  SearchMode mode =
      TRY(choose_mode(request, backend, {models.embedder, models.no_embedder_reason}, trace));
  if (mode != SearchMode::vector) plan.lexical = std::move(understood.lexical);
  trace.count(understood.terms.size(), plan.lexical.terms.size());

  if (mode != SearchMode::lexical) {
    mode = TRY(embed_query(mode, request, understood.text, models.embedder, plan, trace));
  }

  Lists lists = TRY(retrieve(mode, settings.order, plan, backend, trace));
  if (understood.has_phrases && lists.are_empty()) {
    plan.condition = understood.without_phrases;
    lists = TRY(retrieve(mode, settings.order, plan, backend, trace));
    if (!lists.are_empty()) {
      const bool asks_more = understood.without_phrases.op != ConditionOp::all;
      trace.warn(std::string("no note has the words in quotation marks together") +
                 (asks_more ? " and what else the query asks for" : "") +
                 "; these are notes with some of them");
    }
  }
  mode = lists.mode();
  Ranking ranking = TRY(fuse(lists, settings, trace));
  const FeedbackNeeds needs{settings, backend, analyzer, models.embedder};
  if (TRY(feed_back(ranking, mode, needs, plan, trace))) {
    lists = TRY(retrieve(mode, settings.order, plan, backend, trace));
    mode = lists.mode();
    ranking = TRY(fuse(lists, settings, trace));
  }
  const std::size_t fused_count = ranking.candidates.size();

  if (rescored_max > 0) {
    // What a follow-up leaves out, the turns before it say.
    const std::string question = request.embedded_text.empty()
                                     ? understood.text
                                     : replace_invalid_utf8(request.embedded_text).text;
    TRY(rerank({question, *models.reranker, rescored_max, settings.rerank_ms}, backend, trace,
               ranking));
  }

  TRY(trace.begin("fetch"));
  // A follow-up's snippets show the words that it leaves out, too.
  if (!request.embedded_text.empty()) {
    analyze_query(analyzer, backend.vocabulary(), replace_invalid_utf8(request.embedded_text).text,
                  understood.terms);
  }
  const FetchRequest fetch{plan, understood.terms, settings, request.limit, request.explain};
  std::vector<Hit> hits = TRY(fetch_hits(ranking, fetch, backend, analyzer, call));
  trace.count(ranking.candidates.size(), hits.size());

  warn_of_short_list(hits.size(), fused_count, ranking, request, trace);
  if (mode != SearchMode::lexical) warn_of_missing_vectors(backend, trace);
  if (hits.empty()) TRY(warn_of_nothing(mode, plan, backend, trace));
  return SearchResponse{query, std::move(understood.searched_for), mode, std::move(hits),
                        trace.finish()};
}

}  // namespace saerok
