#include "search/select.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/code_points.h"
#include "base/hash.h"

namespace saerok {
namespace {

using namespace chars;

/// Characters of a run: long enough that two texts on one topic share few, short enough that a
/// changed word spoils few.
constexpr std::size_t kRunCharacters = 8;
/// Text beyond this is not compared: passages are shorter, and a joined or pasted giant would cost.
constexpr std::size_t kComparedBytesMax = 32'768;

using Runs = std::unordered_set<std::uint64_t>;

Runs runs_of(std::string_view text) {
  std::string bare;
  std::vector<std::size_t> begins;
  text = text.substr(0, kComparedBytesMax);
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    if (!is_space(c.value)) {
      begins.push_back(bare.size());
      for (std::size_t i = 0; i < c.size; ++i) bare += ascii_lower(text[at + i]);
    }
    at += c.size;
  }
  Runs runs;
  begins.push_back(bare.size());
  const std::size_t last = begins.size() > kRunCharacters ? begins.size() - kRunCharacters : 1;
  for (std::size_t i = 0; i < last && !bare.empty(); ++i) {
    const std::size_t end = begins[std::min(i + kRunCharacters, begins.size() - 1)];
    runs.insert(hash64(std::string_view(bare).substr(begins[i], end - begins[i])));
  }
  return runs;
}

double shared_part(const Runs& a, const Runs& b) {
  const Runs& fewer = a.size() <= b.size() ? a : b;
  const Runs& more = a.size() <= b.size() ? b : a;
  if (fewer.empty()) return 0;
  const auto both = std::count_if(fewer.begin(), fewer.end(),
                                  [&](std::uint64_t run) { return more.contains(run); });
  return static_cast<double>(both) / static_cast<double>(fewer.size());
}

/// Where a hit's chunk stands in its document.
struct Place {
  DocumentId document{};
  std::uint32_t first = 0;  ///< Ordinals of the chunks, both inclusive.
  std::uint32_t last = 0;
  ByteSpan span;  ///< In the document's text.
};

struct Source {
  Hit hit;
  Runs runs;
  std::optional<Place> place;
  std::size_t joined = 1;
};

/// The document of a hit, as far as hits tell.
auto document_of(const Hit& hit) { return std::tie(hit.root, hit.path, hit.document_id); }

/// Places of the hits that share their document with another one; the others join nothing.
Result<std::unordered_map<std::uint64_t, Place>> read_places(std::span<const Hit> hits,
                                                             const Backend& backend) {
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> of_document;
  for (const Hit& hit : hits) ++of_document[document_of(hit)];
  std::vector<ChunkId> ids;
  for (const Hit& hit : hits) {
    if (of_document[document_of(hit)] > 1) ids.push_back(hit.chunk);
  }
  std::unordered_map<std::uint64_t, Place> places;
  if (ids.empty()) return places;
  const std::vector<StoredChunk> stored = TRY(backend.fetch(ids));
  for (const StoredChunk& found : stored) {
    const Chunk& chunk = found.chunk;
    places[static_cast<std::uint64_t>(chunk.id)] = {chunk.document, chunk.ordinal, chunk.ordinal,
                                                    chunk.span};
  }
  return places;
}

bool can_join(const Source& source, const Hit& hit, const Place& place) {
  return source.place && source.joined < kJoinedMax && source.place->document == place.document &&
         (source.place->last + 1 == place.first || place.last + 1 == source.place->first) &&
         source.hit.heading_path == hit.heading_path && !source.hit.anchors.empty() &&
         !hit.anchors.empty();
}

/// Lines begun between two places of a text.
std::uint32_t lines_between(std::string_view text, std::uint64_t begin, std::uint64_t end) {
  const std::string_view part =
      text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  return static_cast<std::uint32_t>(std::count(part.begin(), part.end(), '\n'));
}

/// Appends the text of `later`, which begins at `overlap` bytes before the end of `text` or after a
/// gap of white space, with its anchors. Returns where later's text would begin in the result.
std::int64_t append_text(const Hit& later, std::uint64_t overlap, bool has_gap, Hit& to) {
  if (has_gap) to.text += '\n';
  const std::uint64_t joint = to.text.size();
  overlap = std::min<std::uint64_t>(overlap, later.text.size());
  SourceAnchor at_joint = later.anchors.front();
  for (const SourceAnchor& anchor : later.anchors) {
    if (anchor.text <= overlap) at_joint = anchor;
  }
  const std::uint64_t ahead = overlap > at_joint.text ? overlap - at_joint.text : 0;
  const std::uint32_t lines = ahead > 0 ? lines_between(later.text, at_joint.text, overlap) : 0;
  to.anchors.push_back({joint, at_joint.source + ahead, at_joint.line + lines});
  for (const SourceAnchor& anchor : later.anchors) {
    if (anchor.text > overlap) {
      to.anchors.push_back({joint + anchor.text - overlap, anchor.source, anchor.line});
    }
  }
  to.text += later.text.substr(static_cast<std::size_t>(overlap));
  return static_cast<std::int64_t>(joint) - static_cast<std::int64_t>(overlap);
}

/// Joins a neighbour to a source, whose best passage stays what it was.
void join(const Hit& hit, const Place& place, Source& source) {
  Place& own = *source.place;
  const bool is_before = place.last + 1 == own.first;
  const Hit& first = is_before ? hit : source.hit;
  const Hit& second = is_before ? source.hit : hit;
  const ByteSpan first_span = is_before ? place.span : own.span;
  const ByteSpan second_span = is_before ? own.span : place.span;
  const std::uint64_t overlap =
      first_span.end > second_span.begin ? first_span.end - second_span.begin : 0;
  Hit joined = source.hit;
  joined.text = first.text;
  joined.anchors = first.anchors;
  const std::int64_t shift =
      append_text(second, overlap, second_span.begin > first_span.end, joined);
  if (is_before) {
    const auto moved = [&](std::uint64_t offset) {
      const std::int64_t at = static_cast<std::int64_t>(offset) + shift;
      return static_cast<std::uint64_t>(std::max<std::int64_t>(at, 0));
    };
    joined.passage = {moved(source.hit.passage.begin), moved(source.hit.passage.end)};
  }
  joined.text_bytes = {std::min(first.text_bytes.begin, second.text_bytes.begin),
                       std::max(first.text_bytes.end, second.text_bytes.end)};
  joined.text_lines = {std::min(first.text_lines.first, second.text_lines.first),
                       std::max(first.text_lines.last, second.text_lines.last)};
  source.hit = std::move(joined);
  own = {own.document,
         std::min(own.first, place.first),
         std::max(own.last, place.last),
         {std::min(own.span.begin, place.span.begin), std::max(own.span.end, place.span.end)}};
  ++source.joined;
  source.runs = runs_of(source.hit.text);
}

}  // namespace

double shared_part(std::string_view a, std::string_view b) {
  return shared_part(runs_of(a), runs_of(b));
}

Result<std::vector<Hit>> select_sources(std::span<const Hit> hits, std::size_t limit,
                                        const AskSettings& settings, const Backend& backend) {
  const bool joins = settings.join_neighbours == Switch::on;
  const auto overlap_max = static_cast<double>(settings.duplicate_overlap);
  std::unordered_map<std::uint64_t, Place> places;
  if (joins) places = TRY(read_places(hits, backend));
  std::vector<Source> sources;
  for (const Hit& hit : hits) {
    if (sources.size() == limit) break;
    Runs runs = runs_of(hit.text);
    const bool is_known =
        overlap_max > 0 && std::any_of(sources.begin(), sources.end(), [&](const Source& source) {
          return shared_part(runs, source.runs) >= overlap_max;
        });
    if (is_known) continue;
    const auto found = places.find(static_cast<std::uint64_t>(hit.chunk));
    if (found != places.end()) {
      const auto neighbour =
          std::find_if(sources.begin(), sources.end(),
                       [&](const Source& source) { return can_join(source, hit, found->second); });
      if (neighbour != sources.end()) {
        join(hit, found->second, *neighbour);
        continue;
      }
    }
    const auto of_document = std::count_if(
        sources.begin(), sources.end(),
        [&](const Source& source) { return document_of(source.hit) == document_of(hit); });
    if (settings.document_sources_max > 0 &&
        of_document >= static_cast<std::ptrdiff_t>(settings.document_sources_max)) {
      continue;
    }
    Source source{hit, std::move(runs), std::nullopt, 1};
    if (found != places.end()) source.place = found->second;
    sources.push_back(std::move(source));
  }
  std::vector<Hit> selected;
  for (Source& source : sources) {
    source.hit.rank = static_cast<std::uint32_t>(selected.size() + 1);
    selected.push_back(std::move(source.hit));
  }
  return selected;
}

}  // namespace saerok
