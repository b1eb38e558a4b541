#include "answer/citations.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/source_map.h"
#include "text/sentences.h"

namespace saerok {
namespace {

/// "[12, 3]" is the longest marker that means anything; a longer bracket is text.
constexpr std::size_t kMarkerBytesMax = 24;

/// "[2024]" is a year, not a source.
constexpr std::uint32_t kMarkerMax = 999;

bool belongs_to_marker(char c) { return (c >= '0' && c <= '9') || c == ',' || c == ' '; }

/// The numbers in "1, 3"; empty if it is not a list of numbers.
std::vector<std::uint32_t> parse_numbers(std::string_view inside) {
  std::vector<std::uint32_t> numbers;
  std::size_t at = 0;
  while (at < inside.size()) {
    if (inside[at] == ' ' || inside[at] == ',') {
      ++at;
      continue;
    }
    std::uint32_t number = 0;
    const auto [end, error] =
        std::from_chars(inside.data() + at, inside.data() + inside.size(), number);
    if (error != std::errc{} || number > kMarkerMax) return {};
    numbers.push_back(number);
    at = static_cast<std::size_t>(end - inside.data());
  }
  return numbers;
}

std::set<std::string> stems_of(std::string_view text, const Analyzer& analyzer) {
  TermList terms;
  analyzer.analyze(text, terms);
  std::set<std::string> stems;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term term = terms[i];
    if (term.field == TermField::stem) stems.emplace(term.text);
  }
  return stems;
}

/// The sentence of `source` that shares most stems with `claim`; the passage if none shares two.
ByteSpan best_sentence(std::string_view claim, const Hit& source, const Analyzer& analyzer) {
  constexpr std::size_t kSharedMin = 2;
  const auto claimed = stems_of(claim, analyzer);
  ByteSpan best = source.passage.size() > 0 ? source.passage : ByteSpan{0, source.text.size()};
  std::size_t most = kSharedMin - 1;
  for (const ByteSpan sentence : split_sentences(source.text)) {
    const auto stems =
        stems_of(std::string_view(source.text).substr(sentence.begin, sentence.size()), analyzer);
    const auto shared = static_cast<std::size_t>(
        std::count_if(stems.begin(), stems.end(),
                      [&](const std::string& stem) { return claimed.contains(stem); }));
    if (shared > most) {
      most = shared;
      best = sentence;
    }
  }
  return best;
}

}  // namespace

std::string CitationFilter::feed(std::string_view delta) {
  std::string shown;
  for (const char c : delta) {
    if (held_.empty()) {
      if (c == '[') held_ = "[";
      else shown += c;
      continue;
    }
    if (c == ']') {
      shown += resolve_marker(std::string_view(held_).substr(1));
      held_.clear();
    } else if (belongs_to_marker(c) && held_.size() < kMarkerBytesMax) {
      held_ += c;
    } else {
      shown += std::exchange(held_, {});
      if (c == '[') held_ = "[";
      else shown += c;
    }
  }
  return shown;
}

std::string CitationFilter::finish() { return std::exchange(held_, {}); }

std::string CitationFilter::resolve_marker(std::string_view inside) {
  const auto numbers = parse_numbers(inside);
  if (numbers.empty()) return "[" + std::string(inside) + "]";
  std::string kept;
  for (const std::uint32_t number : numbers) {
    if (number >= 1 && number <= source_count_) kept += "[" + std::to_string(number) + "]";
    else ++dropped_;
  }
  return kept;
}

Citation cite(std::uint32_t marker, const Hit& source, ByteSpan span_in_text) {
  const SourcePlace place =
      locate(source.anchors, {.bytes = source.text_bytes, .lines = source.text_lines}, source.text,
             span_in_text);
  return {.marker = marker,
          .root = source.root,
          .path = source.path,
          .document_id = source.document_id,
          .heading_path = source.heading_path,
          .lines = place.lines,
          .bytes = place.bytes,
          .quote = source.text.substr(span_in_text.begin, span_in_text.size())};
}

std::vector<CitedClaim> cited_claims(std::string_view answer, std::size_t source_count) {
  std::vector<CitedClaim> claims;
  std::size_t claim_begin = 0;
  bool goes_on = false;  // The markers before stand right before these.
  for (std::size_t at = 0; at < answer.size();) {
    const std::size_t open = answer.find('[', at);
    if (open == std::string_view::npos) break;
    const std::size_t close = answer.find(']', open);
    if (close == std::string_view::npos) break;
    const auto numbers = parse_numbers(answer.substr(open + 1, close - open - 1));
    at = close + 1;
    if (numbers.empty()) continue;
    if (!goes_on) claims.push_back({{claim_begin, open}, {}});
    for (const std::uint32_t number : numbers) {
      if (number >= 1 && number <= source_count) claims.back().markers.push_back(number);
    }
    goes_on = answer.substr(at, 1) == "[";
    claim_begin = at;
  }
  std::erase_if(claims, [](const CitedClaim& claim) { return claim.markers.empty(); });
  return claims;
}

std::vector<Citation> resolve_citations(std::string_view answer, std::span<const Hit> sources,
                                        const Analyzer& analyzer) {
  std::vector<Citation> citations;
  std::set<std::pair<std::uint32_t, std::uint64_t>> seen;
  for (const CitedClaim& claim : cited_claims(answer, sources.size())) {
    const std::string_view text = answer.substr(claim.span.begin, claim.span.size());
    for (const std::uint32_t number : claim.markers) {
      const Hit& source = sources[number - 1];
      const ByteSpan span = best_sentence(text, source, analyzer);
      if (seen.emplace(number, span.begin).second) citations.push_back(cite(number, source, span));
    }
  }
  return citations;
}

}  // namespace saerok
