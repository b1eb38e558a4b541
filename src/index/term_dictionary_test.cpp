#include "index/term_dictionary.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/random.h"
#include "index/postings.h"
#include "index/test_corpus.h"

namespace saerok {
namespace {

std::uint32_t number_below(Random& random, std::uint32_t bound) {
  return static_cast<std::uint32_t>(random.below(bound));
}

std::string random_term(Random& random) { return test::random_term(random, 6); }

TEST(TermDictionary, FindsWhatItHoldsAndNothingElse) {
  const std::uint32_t seed = 21;
  SCOPED_TRACE(seed);
  Random random(seed);
  for (const std::size_t count : {0u, 1u, 15u, 16u, 17u, 500u, 501u}) {
    const WithPositions with_positions = count % 2 == 0 ? WithPositions::no : WithPositions::yes;
    std::map<std::string, Segment::TermRef> model;
    while (model.size() < count) {
      model[random_term(random) + std::to_string(random.below(9))] = {};
    }
    TermDictionaryWriter writer(with_positions);
    std::uint64_t location = 0;
    std::uint64_t positions = 0;
    for (auto& [term, ref] : model) {
      ref.document_frequency = 1 + number_below(random, 3);
      const std::uint32_t frequency = 1 + number_below(random, 2);
      ref.location = ref.document_frequency == 1
                         ? inline_posting(number_below(random, 1'000), frequency)
                         : (location += random.below(300));
      const bool occurs_once = ref.document_frequency == 1 && frequency == 1;
      if (with_positions == WithPositions::yes) {
        ref.positions = occurs_once ? random.below(90) : (positions += random.below(200));
      }
      writer.add(term, ref);
    }
    const TermDictionary dictionary(writer.blocks(), writer.block_offsets(), with_positions);
    for (const auto& [term, ref] : model) {
      const Segment::TermRef found = dictionary.find(term);
      ASSERT_EQ(found.document_frequency, ref.document_frequency) << term;
      ASSERT_EQ(found.location, ref.location) << term;
      ASSERT_EQ(found.positions, ref.positions) << term;
    }
    const std::string from = random_term(random);
    auto expected = model.lower_bound(from);
    dictionary.visit(from, [&](std::string_view term, const Segment::TermRef& place) {
      EXPECT_EQ(term, expected->first);
      EXPECT_EQ(place.location, expected->second.location);
      ++expected;
      return true;
    });
    EXPECT_EQ(expected, model.end());
    for (int i = 0; i < 2'000; ++i) {
      const std::string term = random_term(random) + std::to_string(random.next() % 12);
      ASSERT_EQ(dictionary.find(term).exists(), model.contains(term)) << term;
    }
  }
}

TEST(TermDictionary, DamagedBytesNeverReadOutside) {
  const std::uint32_t seed = 22;
  SCOPED_TRACE(seed);
  Random random(seed);
  std::set<std::string> terms;
  while (terms.size() < 200) terms.insert(random_term(random) + std::to_string(random.next() % 99));
  TermDictionaryWriter writer(WithPositions::yes);
  for (const std::string& term : terms) writer.add(term, {1, inline_posting(1, 1), 7});
  for (int round = 0; round < 5'000; ++round) {
    std::vector<std::byte> blocks = writer.blocks();
    std::vector<std::uint32_t> offsets = writer.block_offsets();
    blocks[random.next() % blocks.size()] ^= static_cast<std::byte>(1u << random.next() % 8);
    if (round % 2 == 0) offsets[random.next() % offsets.size()] ^= 1u << random.next() % 32;
    if (round % 5 == 0) blocks.resize(random.next() % blocks.size());
    const TermDictionary damaged(blocks, offsets, WithPositions::yes);
    const std::string& term = *std::next(terms.begin(), round % 200);
    damaged.find(term);
    damaged.visit(term, [](std::string_view, const Segment::TermRef&) { return true; });
  }
}

}  // namespace
}  // namespace saerok
