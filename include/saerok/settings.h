/// Every tunable: default, range, help. Settings are data: the config file, `--set`, the help text,
/// validation and (later) the tuner and forms are visitors over visit_settings(). Defaults stand
/// here and nowhere else; docs/settings.md is generated from this file's visitor.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "saerok/result.h"
#include "saerok/secret.h"
#include "saerok/types.h"

namespace saerok {

/// BM25's two free parameters. Measured on a science set and KorQuAD: short generated paragraphs
/// want k1 1.2 to 2, longer articles .4 to .9; b is flat from .6 to 1.
struct Bm25Settings {
  float k1 = 1.2f;
  float b = 0.75f;
};

enum class FusionMethod : std::uint8_t { weighted_sum, reciprocal_rank };
enum class Normalisation : std::uint8_t { min_max, z_score };
/// In the last two the second retriever scores only what the first one found.
enum class RetrievalOrder : std::uint8_t { parallel, lexical_then_vector, vector_then_lexical };
/// A model made for it, or the chat model.
enum class RerankBy : std::uint8_t { reranker, chat };
enum class VectorTiers : std::uint8_t { none, chunks, windows };
enum class KoreanSetting : std::uint8_t { compact, robust };
enum class Switch : std::uint8_t { off, on };

struct SearchSettings {
  SearchMode mode = SearchMode::automatic;          ///< Where a request names none.
  RetrievalOrder order = RetrievalOrder::parallel;  ///< Of a hybrid search.
  std::uint32_t depth = 100;                        ///< Candidates each retriever hands on.
  std::uint32_t lexical_depth = 0;                  ///< Of the lexical one; 0: depth.
  std::uint32_t vector_depth = 0;                   ///< Of the vector one; 0: depth.
  Bm25Settings bm25;
  float gram_weight = 0.5f;     ///< Of the gram sub-field beside the stem's 1.
  float title_weight = 0.5f;    ///< Of the title beside the body's 1.
  float heading_weight = 0.5f;  ///< Of the headings above a passage.
  float keyword_weight = 0.5f;  ///< Of tags, aliases and other front matter.
  /// Words that no note holds are replaced by near ones that some do.
  Switch correct = Switch::on;
  float synonym_weight = 0.7f;  ///< Of a synonym beside the word's own 1.
  FusionMethod fusion = FusionMethod::weighted_sum;
  /// Of the vector list in a weighted sum; the lexical one has the rest.
  float dense_share = 0.4f;
  Normalisation normalisation = Normalisation::min_max;  ///< Of scores in a weighted sum.
  float rrf_k = 60.0f;
  std::uint32_t feedback_hits = 4;   ///< First hits that say what else to search for.
  std::uint32_t feedback_terms = 0;  ///< Words taken from them; 0: off.
  float feedback_share = 0.3f;       ///< Of those words beside the query's own.
  float vector_feedback = 0.0f;      ///< Share of their mean vector in the query's; 0: off.
  std::uint32_t rerank_depth = 30;   ///< Passages that a configured reranker rescores; 0: off.
  RerankBy rerank_by = RerankBy::reranker;
  std::uint32_t rerank_tokens = 6'000;  ///< Most of all prompts to a chat model that reranks.
  std::uint32_t rerank_ms = 20'000;  ///< Longest wait for a reranker or a chat model that reranks.
  std::uint32_t document_hits_max = 0;  ///< Most hits of one document; 0: no limit.
};

struct IndexSettings {
  KoreanSetting korean = KoreanSetting::compact;
  std::uint32_t chunk_target_tokens = 256;
  std::uint32_t chunk_overlap_tokens = 0;
  VectorTiers vectors = VectorTiers::windows;
  std::uint32_t window_sentences = 3;
  std::string words;  ///< File of synonyms and protected words (docs/query.md); empty: none.
  std::uint32_t file_bytes_max = 268'435'456;  ///< Larger files are skipped, with the reason.
};

struct AnswerSettings {
  std::uint32_t sources = 6;            ///< Passages given to the chat model.
  std::uint32_t extract_sentences = 4;  ///< Of an answer made without a model.
  std::uint32_t answer_tokens = 512;
  float temperature = 0.0f;
};

/// `nothing` decides: the notes are always searched. `never` searches them.
enum class DecideBy : std::uint8_t { nothing, gate, model, never };
enum class RewriteBy : std::uint8_t { nothing, turns, model };
enum class ExpandBy : std::uint8_t { nothing, queries, passage };
enum class QuestionFilters : std::uint8_t { nothing, propose, apply };

/// How a turn of a conversation becomes a search, and what is found becomes sources.
struct AskSettings {
  DecideBy decide = DecideBy::model;  ///< The model is asked only where the gate is unsure.
  float decide_threshold = 0.3f;      ///< Least probability of "search" that searches.
  RewriteBy rewrite = RewriteBy::turns;
  std::uint32_t carried_turns = 3;  ///< Earlier turns of the user that a search carries along.
  float carry_weight = 1.0f;        ///< Of their words beside the last turn's 1.
  ExpandBy expand = ExpandBy::nothing;
  std::uint32_t expand_queries = 3;
  Switch translate = Switch::off;  ///< A chat model puts the question into the other language.
  float expand_weight = 0.5f;      ///< Of rewritten and added queries beside the question's 1.
  QuestionFilters filters = QuestionFilters::propose;
  float duplicate_overlap = 0.8f;          ///< Sources that share so much are one; 0: off.
  std::uint32_t document_sources_max = 0;  ///< Most sources of one document; 0: no limit.
  Switch join_neighbours = Switch::on;
  float support_min = 0.5f;              ///< Least support of a cited sentence; 0: not checked.
  std::uint32_t model_step_ms = 20'000;  ///< For a chat model's decision, rewriting or queries.
};

/// What computes a local embedder: OpenVINO in one of three precisions, or llama.cpp.
enum class EmbedWith : std::uint8_t { automatic, bf16, int8, f32, llama };

/// Tokens that models.price_prompt and models.price_completion are the price of.
inline constexpr double kPricedTokens = 1e6;

/// Which model serves each purpose: a name of `saerok model list`, a GGUF file, or empty; a base
/// URL makes it a remote OpenAI-compatible service.
struct ModelSettings {
  std::string chat;
  std::string embed = "default";
  std::string rerank;
  std::string chat_base_url, embed_base_url, rerank_base_url;
  Secret chat_api_key, embed_api_key, rerank_api_key;
  EmbedWith embed_with = EmbedWith::automatic;
  std::uint32_t threads = 0;  ///< Of local models; 0: one for each core.
  std::uint32_t context_tokens = 4096;
  std::uint32_t timeout_ms = 120'000;
  std::uint32_t requests_at_once = 4;     ///< To one service; others wait.
  std::uint32_t requests_per_minute = 0;  ///< To one service; 0: no limit.
  std::uint32_t tokens_per_day = 0;       ///< Of all services, read and written; 0: no limit.
  float price_prompt = 0;      ///< Of a million tokens that the chat service reads; any currency.
  float price_completion = 0;  ///< Of a million that it writes.
  float price_per_day = 0;     ///< Spent on the chat service; 0: no limit.
  bool operator==(const ModelSettings&) const = default;
};

/// Normal is like any program; low gives way to most; idle runs when nothing else wants to.
enum class IndexingPriority : std::uint8_t { normal, low, idle };

/// The daemon of `saerok serve`. Takes effect when it starts.
struct ServeSettings {
  std::uint32_t port = 8640;  ///< 0: any free one.
  Switch watch = Switch::on;  ///< Notes that change are read again by themselves.
  std::string hosts;          ///< Names besides localhost that a request may be addressed to.
  std::string origins;        ///< Web origins besides its own whose pages may call it.
  std::string tls_certificate, tls_key;               ///< Files in PEM; both empty: plain HTTP.
  IndexingPriority indexing = IndexingPriority::low;  ///< Of reading and embedding notes.
};

/// Where the store may stand. Takes effect when a program opens it.
struct StoreSettings {
  Switch anywhere = Switch::off;  ///< Also on a network or in a synchronised folder.
};

struct Settings {
  SearchSettings search;
  IndexSettings index;
  AskSettings ask;
  AnswerSettings answer;
  ModelSettings models;
  ServeSettings serve;
  StoreSettings store;
};

/// What a visitor learns of a number.
template <class T>
struct Field {
  std::string_view name;
  T min;
  T max;
  std::string_view help;
};

/// What a visitor learns of a text.
struct TextField {
  std::string_view name;
  std::string_view help;
};

/// What a visitor learns of a key: shown is only whether there is one.
struct SecretField {
  std::string_view name;
  std::string_view help;
};

/// What a visitor learns of a choice; the value is the index into `names`.
struct ChoiceField {
  std::string_view name;
  std::span<const std::string_view> names;
  std::string_view help;
};

inline constexpr std::string_view kModeNames[] = {"automatic", "lexical", "vector", "hybrid"};
inline constexpr std::string_view kFusionNames[] = {"weighted_sum", "reciprocal_rank"};
inline constexpr std::string_view kNormalisationNames[] = {"min_max", "z_score"};
inline constexpr std::string_view kOrderNames[] = {"parallel", "lexical_then_vector",
                                                   "vector_then_lexical"};
inline constexpr std::string_view kRerankByNames[] = {"reranker", "chat"};
inline constexpr std::string_view kDecideNames[] = {"nothing", "gate", "model", "never"};
inline constexpr std::string_view kRewriteNames[] = {"nothing", "turns", "model"};
inline constexpr std::string_view kExpandNames[] = {"nothing", "queries", "passage"};
inline constexpr std::string_view kQuestionFilterNames[] = {"nothing", "propose", "apply"};
inline constexpr std::string_view kSwitchNames[] = {"off", "on"};
inline constexpr std::string_view kVectorTierNames[] = {"none", "chunks", "windows"};
inline constexpr std::string_view kEmbedWithNames[] = {"automatic", "bf16", "int8", "f32", "llama"};
inline constexpr std::string_view kIndexingNames[] = {"normal", "low", "idle"};
inline constexpr std::string_view kKoreanNames[] = {"compact", "robust"};

/// Calls `visit(field, value)` for every tunable, in the order that help shows them. `visit` takes
/// Field<float>, Field<std::uint32_t>, TextField (value std::string), SecretField (Secret) and
/// ChoiceField (an enum).
template <class S, class Visitor>
  requires std::same_as<std::remove_const_t<S>, Settings>
void visit_settings(S& s, Visitor&& visit) {
  using Count = Field<std::uint32_t>;
  using Real = Field<float>;
  visit(ChoiceField{"search.mode", kModeNames, "what is searched where a request does not say"},
        s.search.mode);
  visit(
      ChoiceField{"search.order", kOrderNames,
                  "whether words and vectors are searched side by side, or one of them scores only "
                  "what the other found"},
      s.search.order);
  visit(Count{"search.depth", 1, 10'000, "candidates each retriever hands on"}, s.search.depth);
  visit(Count{"search.lexical_depth", 0, 10'000, "candidates of the words; 0: search.depth"},
        s.search.lexical_depth);
  visit(Count{"search.vector_depth", 0, 10'000, "candidates of the vectors; 0: search.depth"},
        s.search.vector_depth);
  visit(Real{"search.bm25.k1", 0, 3, "how slowly repeats of a term saturate"}, s.search.bm25.k1);
  visit(Real{"search.bm25.b", 0, 1, "how far long chunks are marked down"}, s.search.bm25.b);
  visit(Real{"search.gram_weight", 0, 2, "weight of the gram sub-field beside the stem's 1"},
        s.search.gram_weight);
  visit(Real{"search.title_weight", 0, 5, "weight of the title beside the body's 1"},
        s.search.title_weight);
  visit(Real{"search.heading_weight", 0, 5,
             "weight of the headings above a passage beside the body's 1"},
        s.search.heading_weight);
  visit(Real{"search.keyword_weight", 0, 5,
             "weight of tags, aliases and front matter beside the body's 1"},
        s.search.keyword_weight);
  visit(ChoiceField{"search.correct", kSwitchNames,
                    "words that no note holds are searched for as near ones that some do"},
        s.search.correct);
  visit(Real{"search.synonym_weight", 0, 2, "weight of a synonym beside the word's own 1"},
        s.search.synonym_weight);
  visit(ChoiceField{"search.fusion", kFusionNames, "how lexical and vector lists become one"},
        s.search.fusion);
  visit(Real{"search.dense_share", 0, 1, "share of the vector list in a weighted sum"},
        s.search.dense_share);
  visit(ChoiceField{"search.normalisation", kNormalisationNames,
                    "how a weighted sum brings scores to one scale"},
        s.search.normalisation);
  visit(Real{"search.rrf_k", 1, 1'000, "how slowly reciprocal rank fusion discounts rank"},
        s.search.rrf_k);
  visit(Count{"search.feedback_hits", 1, 50, "first hits that say what else to search for"},
        s.search.feedback_hits);
  visit(Count{"search.feedback_terms", 0, 100, "words taken from the first hits; 0: off"},
        s.search.feedback_terms);
  visit(Real{"search.feedback_share", 0, 1, "of the first hits' words beside the query's own"},
        s.search.feedback_share);
  visit(Real{"search.vector_feedback", 0, 1,
             "share of the first hits' mean vector in the query's; 0: off"},
        s.search.vector_feedback);
  visit(Count{"search.rerank_depth", 0, 1'000,
              "passages that a configured reranker rescores; 0: off"},
        s.search.rerank_depth);
  visit(
      ChoiceField{"search.rerank_by", kRerankByNames,
                  "who reranks: the model of models.rerank, or the chat model, which puts passages "
                  "in order"},
      s.search.rerank_by);
  visit(
      Count{"search.rerank_tokens", 256, 1'000'000,
            "most tokens of passages that a chat model reads to rerank; the rest keep their order"},
      s.search.rerank_tokens);
  visit(Count{"search.rerank_ms", 100, 600'000,
              "longest wait for reranking; what a chat model has finished by then is kept"},
        s.search.rerank_ms);
  visit(Count{"search.document_hits_max", 0, 1'000, "most hits of one document; 0: no limit"},
        s.search.document_hits_max);
  visit(ChoiceField{"index.korean", kKoreanNames, "Korean grams; the next `index` makes a change"},
        s.index.korean);
  visit(Count{"index.chunk_target_tokens", 32, 4'096, "length a chunk aims at, in embedder tokens"},
        s.index.chunk_target_tokens);
  visit(Count{"index.chunk_overlap_tokens", 0, 1'024, "text that neighbouring chunks share"},
        s.index.chunk_overlap_tokens);
  visit(ChoiceField{"index.vectors", kVectorTierNames, "which vectors are made"}, s.index.vectors);
  visit(Count{"index.window_sentences", 2, 8, "sentences in a vector window"},
        s.index.window_sentences);
  visit(TextField{"index.words", "file of synonyms and protected words"}, s.index.words);
  visit(Count{"index.file_bytes_max", 1'024, std::numeric_limits<std::uint32_t>::max(),
              "larger files are skipped, with the reason in the report"},
        s.index.file_bytes_max);
  visit(
      ChoiceField{"ask.decide", kDecideNames,
                  "who says whether a turn needs the notes, a model only where the gate is unsure; "
                  "nothing: always searched, never: never"},
      s.ask.decide);
  visit(Real{"ask.decide_threshold", 0, 1,
             "least probability of \"search\" at which the notes are read"},
        s.ask.decide_threshold);
  visit(ChoiceField{"ask.rewrite", kRewriteNames,
                    "what makes a question stand by itself: earlier turns, or also the chat model"},
        s.ask.rewrite);
  visit(Count{"ask.carried_turns", 0, 20, "earlier turns of the user that a search carries along"},
        s.ask.carried_turns);
  visit(Real{"ask.carry_weight", 0, 1, "weight of their words beside the last turn's 1"},
        s.ask.carry_weight);
  visit(ChoiceField{"ask.expand", kExpandNames,
                    "what a chat model adds to a search: queries, or a passage as it might stand"},
        s.ask.expand);
  visit(Count{"ask.expand_queries", 1, 3, "queries that a chat model adds"}, s.ask.expand_queries);
  visit(ChoiceField{"ask.translate", kSwitchNames,
                    "a chat model adds the question in the other language, Korean or English"},
        s.ask.translate);
  visit(Real{"ask.expand_weight", 0, 1,
             "weight of rewritten and added queries beside the question's 1"},
        s.ask.expand_weight);
  visit(ChoiceField{"ask.filters", kQuestionFilterNames,
                    "what is done with dates and tags found in a question"},
        s.ask.filters);
  visit(Real{"ask.duplicate_overlap", 0, 1, "sources that share so much are one; 0: off"},
        s.ask.duplicate_overlap);
  visit(Count{"ask.document_sources_max", 0, 50, "most sources of one document; 0: no limit"},
        s.ask.document_sources_max);
  visit(ChoiceField{"ask.join_neighbours", kSwitchNames,
                    "a chat model reads passages that follow one another as one source"},
        s.ask.join_neighbours);
  visit(
      Real{"ask.support_min", 0, 1,
           "probability of being borne out below which a cited sentence is marked; 0: not checked"},
      s.ask.support_min);
  visit(Count{"ask.model_step_ms", 100, 600'000,
              "longest wait for a chat model's decision, rewriting or queries"},
        s.ask.model_step_ms);
  visit(Count{"answer.sources", 1, 50, "passages given to the chat model"}, s.answer.sources);
  visit(Count{"answer.extract_sentences", 1, 20, "sentences of an answer made without a model"},
        s.answer.extract_sentences);
  visit(Count{"answer.tokens", 16, 8'192, "most tokens of a model's answer"},
        s.answer.answer_tokens);
  visit(Real{"answer.temperature", 0, 2, "0 takes the likeliest token each time"},
        s.answer.temperature);
  visit(TextField{"models.chat", "chat model: a name of `saerok model list` or of the service"},
        s.models.chat);
  visit(TextField{"models.embed", "embedder: a name of `saerok model list` or of the service"},
        s.models.embed);
  visit(TextField{"models.rerank",
                  "reranker: a name of `saerok model list`, a GGUF file, or a name of the service"},
        s.models.rerank);
  visit(TextField{"models.chat_base_url", "OpenAI-compatible service for chat"},
        s.models.chat_base_url);
  visit(SecretField{"models.chat_api_key", "its key"}, s.models.chat_api_key);
  visit(TextField{"models.embed_base_url", "OpenAI-compatible service for embeddings"},
        s.models.embed_base_url);
  visit(SecretField{"models.embed_api_key", "its key"}, s.models.embed_api_key);
  visit(TextField{"models.rerank_base_url", "service with /v1/rerank"}, s.models.rerank_base_url);
  visit(SecretField{"models.rerank_api_key", "its key"}, s.models.rerank_api_key);
  visit(ChoiceField{"models.embed_with", kEmbedWithNames,
                    "what computes a local embedder: OpenVINO in that precision, or llama.cpp"},
        s.models.embed_with);
  visit(Count{"models.threads", 0, 1'024, "threads of local models; 0: one for each core"},
        s.models.threads);
  visit(Count{"models.context_tokens", 512, 1'048'576, "tokens a local chat model holds"},
        s.models.context_tokens);
  visit(Count{"models.timeout_ms", 100, 3'600'000, "longest wait for one answer of a model"},
        s.models.timeout_ms);
  visit(Count{"models.requests_at_once", 1, 64, "requests to a service at a time; others wait"},
        s.models.requests_at_once);
  visit(Count{"models.requests_per_minute", 0, 1'000'000,
              "requests to a service in a minute; others wait; 0: no limit"},
        s.models.requests_per_minute);
  visit(Count{"models.tokens_per_day", 0, std::numeric_limits<std::uint32_t>::max(),
              "tokens a day of all services, after which none is asked; 0: no limit"},
        s.models.tokens_per_day);
  visit(Real{"models.price_prompt", 0, 100'000,
             "price of a million tokens that the chat service reads, in your currency"},
        s.models.price_prompt);
  visit(Real{"models.price_completion", 0, 100'000,
             "price of a million tokens that the chat service writes"},
        s.models.price_completion);
  visit(Real{"models.price_per_day", 0, 1'000'000,
             "most to spend on the chat service a day at these prices; 0: no limit"},
        s.models.price_per_day);
  visit(Count{"serve.port", 0, 65'535, "port of `saerok serve` on this machine; 0: any free one"},
        s.serve.port);
  visit(ChoiceField{"serve.watch", kSwitchNames, "the daemon reads notes that changed by itself"},
        s.serve.watch);
  visit(TextField{"serve.hosts", "host names, beside localhost, that requests may be addressed to"},
        s.serve.hosts);
  visit(
      TextField{
          "serve.origins",
          "web origins, beside its own, whose pages may call the daemon; with blanks between"},
      s.serve.origins);
  visit(TextField{"serve.tls_certificate",
                  "file of the certificate (PEM, with those up to the root) with which the daemon "
                  "speaks HTTPS"},
        s.serve.tls_certificate);
  visit(TextField{"serve.tls_key", "file of its key (PEM, chmod 600)"}, s.serve.tls_key);
  visit(ChoiceField{"serve.indexing", kIndexingNames,
                    "how far the daemon's indexing steps back behind all else on this machine"},
        s.serve.indexing);
  visit(ChoiceField{"store.anywhere", kSwitchNames,
                    "write to a store on a network or in a synchronised folder too, at its peril"},
        s.store.anywhere);
}

}  // namespace saerok
