#include "index/attributes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"

namespace saerok {
namespace {

using Documents = std::vector<std::vector<Attribute>>;

/// Columns with the bytes that they view.
struct Opened {
  AttributeColumnsBuilder::Sections sections;
  AttributeColumns columns;
};

std::unique_ptr<Opened> open_columns(const Documents& documents) {
  AttributeColumnsBuilder builder;
  for (DocumentOrdinal i = 0; i < documents.size(); ++i) builder.add(i, documents[i]);
  auto opened = std::make_unique<Opened>();
  opened->sections = builder.finish();
  auto columns = AttributeColumns::open(opened->sections.directory, opened->sections.values,
                                        static_cast<std::uint32_t>(documents.size()));
  EXPECT_TRUE(columns);
  opened->columns = std::move(columns).value();
  return opened;
}

AttributeFilter test_of(std::string name, Comparison comparison,
                        std::vector<AttributeValue> alternatives) {
  AttributeFilter filter;
  filter.op = FilterOp::test;
  filter.name = std::move(name);
  filter.comparison = comparison;
  filter.alternatives = std::move(alternatives);
  return filter;
}

std::vector<DocumentOrdinal> passing(const Documents& documents, const AttributeFilter& filter) {
  const DocumentBits bits = open_columns(documents)->columns.evaluate(filter);
  std::vector<DocumentOrdinal> ordinals;
  for (DocumentOrdinal i = 0; i < bits.size() * 64; ++i) {
    if ((bits[i / 64] >> (i % 64) & 1) != 0) ordinals.push_back(i);
  }
  return ordinals;
}

using Ordinals = std::vector<DocumentOrdinal>;

TEST(Attributes, StringsCompareWithoutCaseAndInEitherNormalForm) {
  const Documents documents = {{{"tag", std::string("Work")}},
                               {{"tag", std::string("work")}, {"tag", std::string("home")}},
                               {{"tag", std::string("\xe1\x84\x80\xe1\x85\xa1")}},  // 가 in NFD.
                               {}};
  EXPECT_EQ(passing(documents, test_of("tag", Comparison::equal, {std::string("WORK")})),
            (Ordinals{0, 1}));
  EXPECT_EQ(passing(documents, test_of("TAG", Comparison::equal, {std::string("가")})),
            (Ordinals{2}));
  EXPECT_EQ(passing(documents, test_of("tag", Comparison::prefix, {std::string("Ho")})),
            (Ordinals{1}));
  EXPECT_EQ(passing(documents, test_of("tag", Comparison::exists, {})), (Ordinals{0, 1, 2}));
}

TEST(Attributes, ANegatedTestMeansThatNoValuePasses) {
  const Documents documents = {{{"tag", std::string("work")}, {"tag", std::string("home")}},
                               {{"tag", std::string("home")}},
                               {}};
  AttributeFilter filter;
  filter.op = FilterOp::negation;
  filter.children = {test_of("tag", Comparison::equal, {std::string("work")})};
  EXPECT_EQ(passing(documents, filter), (Ordinals{1, 2}));
}

TEST(Attributes, AValueIsComparedWithTheAlternativeOfItsOwnType) {
  const std::vector<AttributeValue> alternatives = {std::int64_t{2024}, std::string("2024"),
                                                    Date{19'723}};
  const Documents documents = {{{"x", std::int64_t{2024}}},
                               {{"x", 2024.0}},
                               {{"x", std::string("2024")}},
                               {{"x", Date{19'723}}},
                               {{"x", true}},
                               {{"x", 2024.5}},
                               {{"x", Date{19'724}}},
                               {{"y", std::int64_t{2024}}}};
  EXPECT_EQ(passing(documents, test_of("x", Comparison::equal, alternatives)),
            (Ordinals{0, 1, 2, 3}));
  EXPECT_EQ(passing(documents, test_of("x", Comparison::greater, alternatives)), (Ordinals{5, 6}));
}

TEST(Attributes, LargeIntegersAndRealsCompareWithoutRounding) {
  const std::int64_t large = (std::int64_t{1} << 53) + 1;  // No double has this value.
  const Documents documents = {{{"x", large}},
                               {{"x", 0x1p53}},
                               {{"x", std::numeric_limits<double>::infinity()}},
                               {{"x", std::nan("")}},
                               {{"x", std::numeric_limits<std::int64_t>::max()}}};
  EXPECT_EQ(passing(documents, test_of("x", Comparison::equal, {0x1p53})), (Ordinals{1}));
  EXPECT_EQ(passing(documents, test_of("x", Comparison::greater, {0x1p53})), (Ordinals{0, 2, 4}));
  EXPECT_EQ(passing(documents, test_of("x", Comparison::less, {large})), (Ordinals{1}));
  EXPECT_EQ(passing(documents, test_of("x", Comparison::less, {0x1p63})), (Ordinals{0, 1, 4}));
  EXPECT_EQ(passing(documents, test_of("x", Comparison::exists, {})), (Ordinals{0, 1, 2, 3, 4}));
}

TEST(Attributes, BetweenAsksOneDateToLieInTheRange) {
  const Documents documents = {{{"d", Date{1}}, {"d", Date{9}}},
                               {{"d", Date{5}}},
                               {{"d", Date{3}}},
                               {{"d", std::int64_t{4}}}};
  EXPECT_EQ(passing(documents, test_of("d", Comparison::between, {Date{3}, Date{5}})),
            (Ordinals{1, 2}));
}

TEST(Attributes, EmptyConjunctionsPassAllAndEmptyDisjunctionsNone) {
  const Documents documents(65);
  AttributeFilter filter;
  EXPECT_EQ(passing(documents, filter).size(), 65u);
  filter.op = FilterOp::conjunction;
  EXPECT_EQ(passing(documents, filter).size(), 65u);
  filter.op = FilterOp::disjunction;
  EXPECT_EQ(passing(documents, filter).size(), 0u);
}

// The obvious evaluation, a document and a value at a time. Names and texts are ASCII lower case.

template <class T, class U>
bool compare_as(Comparison comparison, const T& a, const U& b) {
  switch (comparison) {
    case Comparison::equal: return a == b;
    case Comparison::less: return a < b;
    case Comparison::less_equal: return a <= b;
    case Comparison::greater: return a > b;
    case Comparison::greater_equal: return a >= b;
    default: return false;
  }
}

bool value_passes(const AttributeValue& value, Comparison comparison, const AttributeValue& other) {
  return std::visit(
      [&]<class A, class B>(const A& a, const B& b) {
        if constexpr (std::is_same_v<A, bool> || std::is_same_v<B, bool>) {
          if constexpr (std::is_same_v<A, B>) return comparison == Comparison::equal && a == b;
          return false;
        } else if constexpr (std::is_arithmetic_v<A> && std::is_arithmetic_v<B>) {
          return compare_as(comparison, static_cast<long double>(a), static_cast<long double>(b));
        } else if constexpr (std::is_same_v<A, std::string> && std::is_same_v<A, B>) {
          return comparison == Comparison::prefix ? a.starts_with(b) : compare_as(comparison, a, b);
        } else if constexpr (std::is_same_v<A, B>) {
          return compare_as(comparison, a, b);
        }
        return false;
      },
      value, other);
}

bool document_passes(const std::vector<Attribute>& attributes, const AttributeFilter& filter) {
  const auto child_passes = [&](const AttributeFilter& child) {
    return document_passes(attributes, child);
  };
  const auto& children = filter.children;
  switch (filter.op) {
    case FilterOp::all: return true;
    case FilterOp::conjunction: return std::all_of(children.begin(), children.end(), child_passes);
    case FilterOp::disjunction: return std::any_of(children.begin(), children.end(), child_passes);
    case FilterOp::negation: return !child_passes(children[0]);
    case FilterOp::test: break;
  }
  for (const Attribute& attribute : attributes) {
    if (attribute.name != filter.name) continue;
    if (filter.comparison == Comparison::exists) return true;
    for (const AttributeValue& other : filter.alternatives) {
      if (value_passes(attribute.value, filter.comparison, other)) return true;
    }
  }
  return false;
}

AttributeValue random_value(Random& random) {
  static const std::string kTexts[] = {"", "a", "ab", "abc", "b", "일", "일기", "일기/봄"};
  switch (random.below(5)) {
    case 0: return random.chance(0.5);
    case 1: return static_cast<std::int64_t>(random.below(7)) - 3;
    case 2: return static_cast<double>(random.below(13)) / 2 - 3;
    case 3: return Date{static_cast<std::int32_t>(random.below(7)) - 3};
    default: return kTexts[random.below(std::size(kTexts))];
  }
}

AttributeFilter random_filter(Random& random, int depth) {
  static const std::string kNames[] = {"a", "b", "c"};
  AttributeFilter filter;
  const std::uint64_t kind = random.below(depth > 0 ? 5 : 2);
  if (kind < 2) {
    const auto comparison = static_cast<Comparison>(random.below(7));
    std::vector<AttributeValue> alternatives;
    for (std::uint64_t i = random.below(4); i > 0; --i) {
      alternatives.push_back(random_value(random));
    }
    return test_of(kNames[random.below(3)], comparison, alternatives);
  }
  filter.op = kind == 2   ? FilterOp::negation
              : kind == 3 ? FilterOp::conjunction
                          : FilterOp::disjunction;
  const std::uint64_t count = kind == 2 ? 1 : random.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    filter.children.push_back(random_filter(random, depth - 1));
  }
  return filter;
}

TEST(Attributes, RandomFiltersAgreeWithANaiveEvaluation) {
  const std::uint64_t seed = 31;
  SCOPED_TRACE(seed);
  Random random(seed);
  Documents documents(200);
  for (auto& attributes : documents) {
    for (std::uint64_t i = random.below(5); i > 0; --i) {
      attributes.push_back(
          {std::string(1, static_cast<char>('a' + random.below(3))), random_value(random)});
    }
  }
  const auto opened = open_columns(documents);
  for (int round = 0; round < 2'000; ++round) {
    const AttributeFilter filter = random_filter(random, 3);
    const DocumentBits bits = opened->columns.evaluate(filter);
    for (std::size_t i = 0; i < documents.size(); ++i) {
      ASSERT_EQ((bits[i / 64] >> (i % 64) & 1) != 0, document_passes(documents[i], filter))
          << "document " << i << " in round " << round;
    }
    ASSERT_EQ(bits.back() >> (documents.size() % 64), 0u);
  }
}

TEST(Attributes, DamagedBytesGiveAnErrorOrWrongAnswersButNoBadAccess) {
  const std::uint64_t seed = 32;
  SCOPED_TRACE(seed);
  Random random(seed);
  Documents documents(50);
  for (auto& attributes : documents) {
    for (int i = 0; i < 3; ++i) attributes.push_back({"a", random_value(random)});
  }
  const auto opened = open_columns(documents);
  int refused = 0;
  for (int round = 0; round < 4'000; ++round) {
    AttributeColumnsBuilder::Sections damaged = opened->sections;
    auto& bytes = round % 2 == 0 ? damaged.directory : damaged.values;
    bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1u << random.below(8));
    if (round % 7 == 0) damaged.values.resize(random.below(damaged.values.size()));
    const auto columns = AttributeColumns::open(damaged.directory, damaged.values, 50);
    if (!columns) {
      ++refused;
      continue;
    }
    columns.value().evaluate(random_filter(random, 2));
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace saerok
