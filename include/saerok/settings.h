/// Every tunable and its default, which stands here and nowhere else. What this is not: their
/// names, ranges and help (settings_fields.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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
enum class RerankBy : std::uint8_t { reranker, chat, chat_pairs };
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

}  // namespace saerok
