// A segment with damaged bytes: an error, or wrong numbers, but never a bad access. The input says
// which bytes of a small segment are changed and how.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "index/memory_file.h"
#include "index/segment.h"
#include "search/condition.h"
#include "search/lexical.h"

namespace {

using namespace saerok;

std::vector<std::byte> small_segment() {
  SegmentBuilder builder;
  for (std::uint64_t id = 1; id <= 600; ++id) {
    std::vector<std::string> texts;
    for (std::uint64_t n = 0; n < 1 + id % 40; ++n)
      texts.push_back("w" + std::to_string(n * id % 50));
    std::vector<FieldTerm> terms;
    for (std::uint32_t i = 0; i < texts.size(); ++i) {
      terms.push_back({static_cast<IndexField>(i % kIndexFieldCount), texts[i], i});
    }
    const Attribute attributes[] = {{"part", static_cast<std::int64_t>(id % 3)}};
    builder.add({ChunkId{id}, DocumentId{id / 3}, terms, attributes});
  }
  return builder.finish("fuzz");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::byte> intact = small_segment();
  std::vector<std::byte> bytes = intact;
  for (std::size_t i = 0; i + 3 <= size; i += 3) {
    const std::size_t at = (std::size_t{data[i]} << 8 | data[i + 1]) * 7 % bytes.size();
    bytes[at] ^= static_cast<std::byte>(data[i + 2]);
  }
  const auto opened = Segment::open(MemoryFile::of(bytes), Segment::Verify::structure);
  if (!opened) return 0;
  const std::vector<LexicalSegmentView> views{{*opened, {}, {}}};
  const CollectionStatistics statistics = collect_statistics(views);
  LexicalQuery query;
  Condition phrase;
  phrase.op = ConditionOp::phrase;
  for (std::uint32_t i = 0; i < 8; ++i) {
    query.terms.push_back(
        {static_cast<IndexField>(i % kIndexFieldCount), "w" + std::to_string(i), 1});
    if (i < 2) phrase.phrase.push_back({"w" + std::to_string(i), i});
  }
  for (const std::uint32_t k : {1u, 10u, 1'000u}) {
    const auto found = search_lexical(query, views, statistics, k, {});
    if (!found || found->size() > k) std::abort();
  }
  const auto bits = evaluate(phrase, **opened, {});
  if (!bits || bits->size() != ((*opened)->chunk_count() + 63) / 64) std::abort();
  return 0;
}
