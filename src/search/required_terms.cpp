#include "search/required_terms.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace saerok {
namespace {

/// False if the word is no group.
bool take_word(const std::string& stem, std::span<const LexicalSegmentView> views,
               LexicalQuery& query) {
  std::vector<LexicalTerm*> terms;
  for (const IndexField field : kPhraseFields) {
    const auto term = std::find_if(query.terms.begin(), query.terms.end(), [&](const auto& one) {
      return one.field == field && one.text == stem && one.weight > 0;
    });
    if (term != query.terms.end()) terms.push_back(&*term);
    else if (document_frequency(views, field, stem) > 0) return false;
  }
  if (terms.empty()) return false;
  if (terms.front()->group > 0) return true;  // Required twice.
  ++query.group_count;
  for (LexicalTerm* term : terms) term->group = query.group_count;
  return true;
}

/// False if the phrase, or the word, stays a condition; groups of its words are true all the same.
bool take_phrase(const std::vector<PhraseWord>& phrase, std::span<const LexicalSegmentView> views,
                 LexicalQuery& query) {
  for (const PhraseWord& word : phrase) {
    if (!take_word(word.stem, views, query)) return false;
  }
  if (phrase.size() > 1) query.phrases.push_back(phrase);
  return true;
}

}  // namespace

Condition take_groups(const Condition& condition, std::span<const LexicalSegmentView> views,
                      LexicalQuery& query) {
  if (condition.op == ConditionOp::phrase) {
    return take_phrase(condition.phrase, views, query) ? Condition{} : condition;
  }
  if (condition.op != ConditionOp::conjunction) return condition;
  std::vector<Condition> rest;
  for (const Condition& child : condition.children) {
    Condition left = take_groups(child, views, query);
    if (left.op != ConditionOp::all) rest.push_back(std::move(left));
  }
  if (rest.empty()) return {};
  if (rest.size() == 1) return std::move(rest.front());
  return condition_of(ConditionOp::conjunction, std::move(rest));
}

}  // namespace saerok
