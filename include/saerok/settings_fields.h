/// The settings as data: name, range, words and help of each. The config file, `--set`, the help,
/// validation, the forms of the page and the tuner are visitors over visit_settings();
/// docs/settings.md is made by one. What this is not: defaults (settings.h).
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>

#include "saerok/settings.h"

namespace saerok {

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
inline constexpr std::string_view kRerankByNames[] = {"reranker", "chat", "chat_pairs"};
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
  visit(ChoiceField{"search.rerank_by", kRerankByNames,
                    "who reranks: the model of models.rerank, or the chat model, which puts "
                    "passages in order, several at a time or two (chat_pairs)"},
        s.search.rerank_by);
  visit(
      Count{"search.rerank_tokens", 256, 1'000'000,
            "most tokens of passages that a chat model reads to rerank; the rest keep their order"},
      s.search.rerank_tokens);
  visit(Count{"search.rerank_ms", 100, 600'000,
              "longest wait for reranking; what a model has finished by then is kept, a service's "
              "scores come whole"},
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
