#include "search/understand_query.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "base/unicode.h"
#include "search/field_weights.h"
#include "search/plan_query.h"
#include "search/query_language.h"
#include "search/query_words.h"
#include "text/hangul_prefix.h"

namespace saerok {
namespace {

/// Of the words that an unfinished one may become, beside the word as it stands.
constexpr float kUnfinishedWeight = 0.5f;

Condition all_of(std::vector<Condition> conditions) {
  if (conditions.empty()) return {};
  if (conditions.size() == 1) return std::move(conditions.front());
  return condition_of(ConditionOp::conjunction, std::move(conditions));
}

/// The text behind the last blank; empty if it ends with one.
std::string_view last_word(std::string_view text) {
  const std::size_t blank = text.find_last_of(" \t\r\n");
  return blank == std::string_view::npos ? text : text.substr(blank + 1);
}

/// Words of the text that are initials, as ㄱㅅ.
std::vector<std::string_view> initials_in(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    if (is_initials(text.substr(at, end - at))) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

class QueryReader {
 public:
  QueryReader(const SearchRequest& request, const SearchSettings& settings, const Backend& backend,
              const Analyzer& analyzer, Trace& trace)
      : request_(request),
        settings_(settings),
        backend_(backend),
        analyzer_(analyzer),
        trace_(trace) {}

  UnderstoodQuery read(std::string_view query) {
    ParsedQuery parsed = parsed_of(query);
    UnderstoodQuery understood;
    understood.text = std::move(parsed.text);
    if (request_.as_you_type) unfinished_ = last_word(understood.text);
    correct(query, understood);
    analyze_query(analyzer_, backend_.vocabulary(), understood.text, understood.terms);
    understood.lexical = words_of(understood);
    add_prefixes(parsed.prefixes, understood);
    understood.has_phrases = !parsed.phrases.empty();
    std::vector<Condition> every = parsed.conditions;
    every.insert(every.end(), parsed.phrases.begin(), parsed.phrases.end());
    understood.condition = all_of(std::move(every));
    understood.without_phrases = all_of(std::move(parsed.conditions));
    return understood;
  }

 private:
  ParsedQuery parsed_of(std::string_view query) {
    ParsedQuery parsed;
    if (request_.syntax == QuerySyntax::plain) {
      parsed.text = query;
      return parsed;
    }
    parsed = parse_query(query, analyzer_,
                         [&](std::string_view name) { return backend_.has_attribute(name); });
    for (std::string& warning : parsed.warnings) trace_.warn(std::move(warning));
    if (!parsed.unclosed.empty() && !request_.as_you_type) trace_.warn(std::move(parsed.unclosed));
    return parsed;
  }

  void correct(std::string_view query, UnderstoodQuery& understood) {
    if (!request_.correct || settings_.correct == Switch::off) return;
    // A word that is still being typed is completed instead.
    const std::string_view finished =
        std::string_view(understood.text).substr(0, understood.text.size() - unfinished_.size());
    const std::vector<Correction> corrections = correct_words(finished, analyzer_, backend_);
    if (corrections.empty()) return;
    // The text has the query's places: operators were blanked out.
    understood.searched_for = corrected(corrections, query);
    understood.text = corrected(corrections, understood.text);
  }

  LexicalQuery words_of(const UnderstoodQuery& understood) {
    std::deque<TermList> analysed;
    std::vector<WeightedTerms> texts = {{understood.terms, 1}};
    const auto add = [&](std::string_view text, float weight) {
      analyze_query(analyzer_, backend_.vocabulary(), text, analysed.emplace_back());
      texts.push_back({analysed.back(), weight});
    };
    // A name of several words counts as one word does, or it would outweigh what was asked for.
    for (const std::string& synonym : synonyms_of(understood.terms, analyzer_)) {
      const auto words = 1 + std::count(synonym.begin(), synonym.end(), ' ');
      if (settings_.synonym_weight <= 0) break;
      add(synonym, settings_.synonym_weight / static_cast<float>(words));
    }
    for (const QueryExpansion& expansion : request_.expansions) {
      if (expansion.use == QueryExpansion::Use::vectors || expansion.weight <= 0) continue;
      add(replace_invalid_utf8(expansion.text).text, expansion.weight);
    }
    return make_lexical_query(texts, settings_, trace_);
  }

  void add_prefixes(const std::vector<std::string>& prefixes, UnderstoodQuery& understood) {
    for (const std::string& prefix : prefixes) add_group(prefix, 1, understood);
    if (!unfinished_.empty()) add_group(unfinished_, kUnfinishedWeight, understood);
    const std::vector<std::string_view> initials = initials_in(understood.text);
    for (std::size_t i = 0; i < std::min(initials.size(), kQueryPrefixesMax); ++i) {
      if (initials[i] != unfinished_) add_group(initials[i], 1, understood);
    }
    if (initials.size() > kQueryPrefixesMax) {
      trace_.warn("only the first " + std::to_string(kQueryPrefixesMax) +
                  " words of initials were searched for as such");
    }
  }

  void add_group(std::string_view prefix, float weight, UnderstoodQuery& understood) {
    const WordGroup group = words_of_prefix(prefix, backend_);
    std::uint32_t position = 0;
    for (std::size_t i = 0; i < understood.terms.size(); ++i) {
      position = std::max(position, understood.terms[i].position + 1);
    }
    for (const WordGroup::Word& word : group.words) {
      const bool is_stem = word.field == TermField::stem;
      const auto add = [&](IndexField field, float field_weight) {
        const auto says_it = [&](const LexicalTerm& term) {
          return term.field == field && term.text == word.text && term.document_frequency == 0;
        };
        auto& terms = understood.lexical.terms;
        if (field_weight <= 0 || std::any_of(terms.begin(), terms.end(), says_it)) return;
        terms.push_back({field, word.text, weight * field_weight, group.document_frequency});
      };
      for (const FieldWeight& part : field_weights(settings_)) {
        add(is_stem ? part.stem : part.gram, part.weight);
      }
      // Marked in snippets as stems: a gram would also mark its likenesses.
      understood.terms.add(TermField::stem, position++, 0, 0, word.text);
    }
  }

  const SearchRequest& request_;
  const SearchSettings& settings_;
  const Backend& backend_;
  const Analyzer& analyzer_;
  Trace& trace_;
  std::string unfinished_;  // The last word, if it is still being typed.
};

}  // namespace

UnderstoodQuery understand_query(const SearchRequest& request, std::string_view query,
                                 const SearchSettings& settings, const Backend& backend,
                                 const Analyzer& analyzer, Trace& trace) {
  return QueryReader(request, settings, backend, analyzer, trace).read(query);
}

}  // namespace saerok
