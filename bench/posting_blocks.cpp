// What other ways of keeping postings and terms would save, on segments as they are.
//
//   posting_blocks SEGMENT…
//
// For each field: the bytes of packed gaps, and what they would be if each block of 128 that is
// smaller as a set of bits were one; the bytes of the terms as they are front-coded, and with four
// bytes for each term of at most two letters, as a dictionary of grams by number would have them.
#include <algorithm>
#include <bit>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/bit_packing.h"
#include "index/memory_file.h"
#include "index/segment.h"

namespace saerok {
namespace {

struct Sizes {
  std::size_t terms = 0;
  std::size_t front_coded = 0;  // Letters that a term does not share with the one before, and two
                                // lengths of a byte each.
  std::size_t by_number = 0;    // Two letters in four bytes; longer terms as above.
  std::size_t postings = 0, gaps = 0;
  std::size_t set_postings = 0, set_gaps = 0;  // Of blocks that are smaller as sets.
  std::size_t saved = 0;
};

std::size_t shared_front(std::string_view a, std::string_view b) {
  const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(at - a.begin());
}

void add_blocks(const std::vector<std::uint32_t>& chunks, Sizes& sizes) {
  std::uint32_t base = 0;
  for (std::size_t begin = 0; begin < chunks.size(); begin += kPackedBlockCount) {
    const std::size_t end = std::min(chunks.size(), begin + kPackedBlockCount);
    const std::uint32_t first = base;
    std::uint32_t bits = 0;
    for (std::size_t i = begin; i < end; ++i) {
      bits |= chunks[i] - base;
      base = chunks[i] + 1;
    }
    const std::size_t packed =
        packed_size(end - begin, static_cast<unsigned>(std::bit_width(bits)));
    const std::size_t set = ((base - first + 63) / 64) * 8;
    sizes.gaps += packed;
    if (set >= packed) continue;
    sizes.set_postings += end - begin;
    sizes.set_gaps += packed;
    sizes.saved += packed - set;
  }
}

Sizes sizes_of(const Segment& segment, IndexField field) {
  Sizes sizes;
  std::string before;
  segment.visit_terms(field, "", "", [&](std::string_view term, const Segment::TermRef& place) {
    constexpr std::size_t kLengths = 2;
    const std::size_t coded = kLengths + term.size() - shared_front(term, before);
    before = term;
    ++sizes.terms;
    sizes.front_coded += coded;
    const bool is_short = std::count_if(term.begin(), term.end(), [](char c) {
                            return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
                          }) <= 2;
    sizes.by_number += is_short ? 4 : coded;
    if (place.document_frequency == 1) return true;  // Stands in the dictionary.
    std::vector<std::uint32_t> chunks;
    segment.postings(field, place).take_until(UINT32_MAX, [&](std::uint32_t chunk, std::uint32_t) {
      chunks.push_back(chunk);
    });
    sizes.postings += chunks.size();
    add_blocks(chunks, sizes);
    return true;
  });
  return sizes;
}

int report(const char* name) {
  std::ifstream in(name, std::ios::binary);
  std::vector<std::byte> bytes;
  for (std::istreambuf_iterator<char> at(in), end; at != end; ++at) {
    bytes.push_back(static_cast<std::byte>(*at));
  }
  const std::size_t size = bytes.size();
  const auto segment =
      Segment::open(std::make_shared<MemoryFile>(std::move(bytes)), Segment::Verify::everything);
  if (!segment) {
    std::fprintf(stderr, "posting_blocks: %s: %s\n", name, segment.error().message.c_str());
    return 1;
  }
  std::printf("%s: %zu bytes, %u chunks\n", name, size, (*segment)->chunk_count());
  for (std::size_t number = 0; number < kIndexFieldCount; ++number) {
    const Sizes sizes = sizes_of(**segment, static_cast<IndexField>(number));
    if (sizes.terms == 0) continue;
    std::printf(
        "  field %zu: %zu terms, front-coded %zu bytes, by number %zu\n"
        "    %zu postings, gaps %zu bytes; %zu of them in %zu bytes smaller as bits, by %zu\n",
        number, sizes.terms, sizes.front_coded, sizes.by_number, sizes.postings, sizes.gaps,
        sizes.set_postings, sizes.set_gaps, sizes.saved);
  }
  return 0;
}

}  // namespace
}  // namespace saerok

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: posting_blocks SEGMENT…\n");
    return 2;
  }
  int status = 0;
  for (int i = 1; i < count; ++i) status = std::max(status, saerok::report(arguments[i]));
  return status;
}
