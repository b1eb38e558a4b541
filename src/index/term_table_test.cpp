#include "index/term_table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "index/occurrences.h"
#include "index/test_corpus.h"

namespace saerok {
namespace {

TEST(TermTable, NumbersTermsInOrderOfAppearanceAndSortsThemByTheirBytes) {
  const std::uint32_t seed = 23;
  SCOPED_TRACE(seed);
  Random random(seed);
  TermTable table;
  std::map<std::string, std::uint32_t> model;
  for (int i = 0; i < 60'000; ++i) {
    const std::string term = test::random_term(random, 8);  // Of 0 to 42 bytes.
    const auto next = static_cast<std::uint32_t>(model.size());
    const std::uint32_t expected = model.try_emplace(term, next).first->second;
    ASSERT_EQ(table.number_of(term, TermKey::of(term)), expected) << term;
  }
  ASSERT_EQ(table.term_count(), model.size());
  EXPECT_GT(table.memory_size(), model.size() * 20);
  auto expected = model.begin();
  for (const std::uint32_t term : table.sorted_terms()) {
    ASSERT_EQ(term, expected->second);
    ASSERT_EQ(table.text(term), expected->first);
    ++expected;
  }
}

TEST(TermTable, TellsApartTermsThatDifferInOneByte) {
  TermTable table;
  std::uint32_t count = 0;
  for (std::size_t size = 0; size <= 24; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (const char other : {'\0', '\x01', 'y', '\xff'}) {
        std::string term(size, 'x');
        term[place] = other;
        ASSERT_EQ(table.number_of(term, TermKey::of(term)), count++);
        ASSERT_EQ(table.number_of(term, TermKey::of(term)), count - 1);
      }
    }
  }
}

TEST(Occurrences, AreGivenBackByTermAndWithinItByChunk) {
  const std::uint32_t seed = 29;
  SCOPED_TRACE(seed);
  Random random(seed);
  constexpr std::uint32_t kTerms = 50;
  for (const bool with_positions : {false, true}) {
    Occurrences occurrences;
    std::map<std::uint32_t, std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>>>
        model;
    for (std::uint32_t chunk = 0; chunk < 300; chunk += random.below(2) == 0 ? 1u : 2u) {
      const std::uint64_t count = random.below(40);
      for (std::uint32_t position = 0; position < count; ++position) {
        const auto term = static_cast<std::uint32_t>(random.below(kTerms));
        model[term].first.push_back(chunk);
        if (with_positions) {
          occurrences.add(chunk, term, position);
          model[term].second.push_back(position);
        } else {
          occurrences.add(chunk, term);
        }
      }
    }
    const OccurrencesByTerm by_term(occurrences, kTerms + 1);
    const auto to_vector = [](std::span<const std::uint32_t> numbers) {
      return std::vector<std::uint32_t>(numbers.begin(), numbers.end());
    };
    for (std::uint32_t term = 0; term <= kTerms; ++term) {  // The last one occurs nowhere.
      ASSERT_EQ(to_vector(by_term.chunks(term)), model[term].first);
      ASSERT_EQ(to_vector(by_term.positions(term)), model[term].second);
    }
  }
}

}  // namespace
}  // namespace saerok
