#include "cli/answer_output.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/plural.h"
#include "cli/hit_output.h"
#include "cli/json_output.h"
#include "cli/terminal.h"

namespace saerok {
namespace {

/// Signs of a decision that are shown; the weaker ones are in --json.
constexpr std::size_t kReasonsShown = 6;

bool is_cited(const AskResponse& response, std::size_t source) {
  return std::any_of(response.citations.begin(), response.citations.end(),
                     [&](const Citation& citation) { return citation.marker == source + 1; });
}

void print_decision(const AskResponse& response) {
  std::printf("decided: %s, by %s; probability that the notes are needed %.2f\n",
              std::string(name_of(response.decision)).c_str(), response.decided_by.c_str(),
              response.search_probability);
  if (!response.decision_explanation) return;
  std::vector<Explanation> reasons = response.decision_explanation->children.front().children;
  std::erase_if(reasons, [](const Explanation& reason) {
    return reason.value == 0 || reason.children.empty();
  });
  std::stable_sort(reasons.begin(), reasons.end(), [](const Explanation& a, const Explanation& b) {
    return std::abs(a.value) > std::abs(b.value);
  });
  if (reasons.size() > kReasonsShown) reasons.resize(kReasonsShown);
  for (const Explanation& reason : reasons) {
    std::printf("   %+.2f  %s\n", reason.value,
                reason.label.substr(0, reason.label.find(':')).c_str());
  }
}

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

AnswerSink print_text_sink(bool quiet) {
  return [line = std::make_shared<ProgressLine>(quiet)](const AnswerEvent& event) {
    if (event.kind == AnswerEvent::Kind::reading) {
      line->show({.stage = "reading", .done = event.read, .total = event.total, .unit = "tokens"});
    }
    if (event.kind != AnswerEvent::Kind::text) return;
    line->clear();
    std::fwrite(event.text.data(), 1, event.text.size(), stdout);
    std::fflush(stdout);
  };
}

void print_answer_notes(const AskResponse& response, const Style& style) {
  const bool is_quoted = response.found && response.kind == AnswerKind::extractive;
  if (is_quoted) {
    std::printf("%s(sentences from the notes; no chat model wrote this)%s\n", style.dim.c_str(),
                style.reset.c_str());
  } else if (response.kind == AnswerKind::model) {
    std::printf("%s(written by %s)%s\n", style.dim.c_str(), response.model.c_str(),
                style.reset.c_str());
  }
  for (const UnsupportedSentence& sentence : response.unsupported) {
    const std::string text = response.answer.substr(sentence.span.begin, sentence.span.size());
    std::printf("%shardly borne out by its source:%s %s\n", style.yellow.c_str(),
                style.reset.c_str(), on_one_line(text).c_str());
  }
  for (const ProposedFilter& proposed : response.proposed_filters) {
    if (proposed.is_applied) {
      std::printf("%sonly notes that pass %s (\"%s\")%s\n", style.dim.c_str(),
                  proposed.filter.c_str(), proposed.words.c_str(), style.reset.c_str());
    } else {
      std::printf("%s\"%s\" could narrow the search to %s: --apply-filters%s\n", style.dim.c_str(),
                  proposed.words.c_str(), proposed.filter.c_str(), style.reset.c_str());
    }
  }
}

void print_sources(const AskResponse& response, const Style& style) {
  if (response.sources.empty()) return;
  std::printf("\n%s%s%s\n", style.bold.c_str(), response.found ? "Sources" : "Nearest notes",
              style.reset.c_str());
  for (std::size_t i = 0; i < response.sources.size(); ++i) {
    const bool is_used = is_cited(response, i);
    if (response.found && !response.citations.empty() && !is_used) continue;
    const Hit& source = response.sources[i];
    std::printf("[%zu] %s\n", i + 1,
                (is_used ? describe_source(source) : describe_place(source)).c_str());
    for (const Citation& citation : response.citations) {
      if (citation.marker != i + 1) continue;
      std::printf("    %slines %u-%u: “%s”%s\n", style.dim.c_str(), citation.lines.first,
                  citation.lines.last, citation.quote.c_str(), style.reset.c_str());
    }
    if (source.explanation) print_hit(source, style);
  }
}

void print_why(const AskResponse& response, const Style& style) {
  print_decision(response);
  if (response.decision == Decision::search) {
    std::printf("searched for: %s\n", on_one_line(response.standalone_query).c_str());
  }
  for (const QueryExpansion& expansion : response.expansions) {
    const char* use = expansion.use == QueryExpansion::Use::words     ? "words"
                      : expansion.use == QueryExpansion::Use::vectors ? "vectors"
                                                                      : "words and vectors";
    std::printf("   %s%.2f, %s:%s %s\n", style.dim.c_str(), static_cast<double>(expansion.weight),
                use, style.reset.c_str(), on_one_line(expansion.text).c_str());
  }
  const ModelUse& use = response.model_use;
  if (use.requests > 0) {
    std::string cost;
    if (use.cost > 0) {
      std::array<char, 32> text{};
      std::snprintf(text.data(), text.size(), ", at a cost of %.4g", use.cost);
      cost = text.data();
    }
    std::printf(
        "%schat model: %s, %s prompt tokens (%s of them kept from before), %s written%s%s\n",
        style.dim.c_str(), counted(use.requests, "request").c_str(),
        print_count(use.prompt_tokens).c_str(), print_count(use.prompt_tokens_kept).c_str(),
        print_count(use.generated_tokens).c_str(), cost.c_str(), style.reset.c_str());
  }
}

}  // namespace saerok
