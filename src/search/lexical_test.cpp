#include "search/lexical.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "base/random.h"
#include "index/memory_file.h"
#include "search/bm25.h"

namespace saerok {
namespace {

using Key = std::pair<IndexField, std::string>;

struct ModelChunk {
  std::uint64_t id = 0;
  std::map<Key, std::uint32_t> terms;
  bool is_live = true;
  bool passes = true;
};

using Model = std::vector<std::vector<ModelChunk>>;  // By segment.

std::uint32_t length_of(const ModelChunk& chunk, IndexField field) {
  std::uint32_t length = 0;
  for (const auto& [key, frequency] : chunk.terms) length += key.first == field ? frequency : 0;
  return length;
}

/// What the scorer sees of a length: exact up to 40 and rounded down above, asked of a segment.
std::uint32_t seen_length(std::uint32_t length) {
  for (int code = 255; code >= 0; --code) {
    const std::uint32_t seen = Segment::length_of_code(static_cast<std::uint8_t>(code));
    if (seen <= length) return seen;
  }
  return 0;
}

std::string random_term(Random& random) {
  return "말" + std::to_string(static_cast<int>(random.unit() * random.unit() * 60));
}

/// Ids are dealt to the segments at random, so that their ranges overlap; some chunks are copies of
/// others, so that scores tie.
Model random_model(Random& random, std::size_t segment_count, std::size_t chunk_count) {
  Model model(segment_count);
  std::map<Key, std::uint32_t> last;
  for (std::size_t i = 0; i < chunk_count; ++i) {
    ModelChunk chunk;
    chunk.id = 7 + 2 * i;
    if (random.chance(0.3)) {
      chunk.terms = last;
    } else {
      for (std::uint64_t n = random.below(random.chance(0.1) ? 300 : 30); n > 0; --n) {
        const auto field = static_cast<IndexField>(random.below(kIndexFieldCount));
        ++chunk.terms[{field, random_term(random)}];
      }
    }
    last = chunk.terms;
    model[random.below(segment_count)].push_back(std::move(chunk));
  }
  return model;
}

std::shared_ptr<const Segment> build(const std::vector<ModelChunk>& chunks) {
  SegmentBuilder builder;
  for (const ModelChunk& chunk : chunks) {
    std::vector<FieldTerm> terms;
    for (const auto& [key, frequency] : chunk.terms) {
      terms.insert(terms.end(), frequency, FieldTerm{key.first, key.second});
    }
    builder.add({static_cast<ChunkId>(chunk.id), static_cast<DocumentId>(chunk.id), terms, {}});
  }
  auto segment = Segment::open(MemoryFile::of(builder.finish("a")), Segment::Verify::everything);
  EXPECT_TRUE(segment);
  return std::move(segment).value();
}

std::vector<LexicalSegmentView> views_of(const Model& model) {
  std::vector<LexicalSegmentView> views;
  for (const auto& chunks : model) {
    LexicalSegmentView view{build(chunks), {}, {}};
    bool all_live = true;
    bool all_pass = true;
    ChunkBits live((chunks.size() + 63) / 64);
    ChunkBits passes(live.size());
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      live[i / 64] |= std::uint64_t{chunks[i].is_live} << i % 64;
      passes[i / 64] |= std::uint64_t{chunks[i].passes} << i % 64;
      all_live = all_live && chunks[i].is_live;
      all_pass = all_pass && chunks[i].passes;
    }
    if (!all_live) view.live = live;
    if (!all_pass) view.passes = passes;
    views.push_back(std::move(view));
  }
  return views;
}

LexicalQuery random_query(Random& random) {
  LexicalQuery query;
  for (std::uint64_t n = 1 + random.below(8); n > 0; --n) {
    query.terms.push_back({static_cast<IndexField>(random.below(kIndexFieldCount)),
                           random_term(random), static_cast<float>(random.below(5)) / 2});
  }
  return query;
}

bool holds_every_group(const ModelChunk& chunk, const LexicalQuery& query) {
  for (std::uint32_t group = 1; group <= query.group_count; ++group) {
    if (std::none_of(query.terms.begin(), query.terms.end(), [&](const LexicalTerm& term) {
          return term.group == group && term.weight > 0 &&
                 chunk.terms.contains({term.field, term.text});
        })) {
      return false;
    }
  }
  return true;
}

/// BM25 as the paper writes it, over every chunk.
RankedList brute_force(const Model& model, const LexicalQuery& query, std::size_t k) {
  std::map<Key, std::uint64_t> holding;
  std::array<std::uint64_t, kIndexFieldCount> totals{};
  std::uint64_t chunk_count = 0;
  for (const auto& chunks : model) {
    for (const ModelChunk& chunk : chunks) {
      ++chunk_count;
      for (const auto& [key, frequency] : chunk.terms) {
        ++holding[key];
        totals[static_cast<std::size_t>(key.first)] += frequency;
      }
    }
  }
  std::vector<std::pair<Key, Bm25Term>> scorers;
  double max_score_sum = 0;
  for (const LexicalTerm& term : query.terms) {
    const auto held = holding.find({term.field, term.text});
    if (held == holding.end() || term.weight <= 0) continue;
    const double mean = static_cast<double>(totals[static_cast<std::size_t>(term.field)]) /
                        static_cast<double>(chunk_count);
    scorers.emplace_back(
        held->first,
        Bm25Term({held->second, chunk_count, static_cast<float>(mean)}, query.bm25, term.weight));
    max_score_sum += static_cast<double>(scorers.back().second.max_score());
  }
  for (auto& [key, scorer] : scorers) scorer.round_to(score_step(max_score_sum));
  RankedList ranking;
  for (const auto& chunks : model) {
    for (const ModelChunk& chunk : chunks) {
      if (!chunk.is_live || !chunk.passes) continue;
      float score = 0;
      if (!holds_every_group(chunk, query)) continue;
      for (const auto& [key, scorer] : scorers) {
        const auto held = chunk.terms.find(key);
        if (held == chunk.terms.end()) continue;
        score += scorer.score(held->second, seen_length(length_of(chunk, key.first)));
      }
      if (score > 0) ranking.push_back({static_cast<ChunkId>(chunk.id), score, {}});
    }
  }
  std::sort(ranking.begin(), ranking.end(), [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.chunk < b.chunk;
  });
  ranking.resize(std::min(k, ranking.size()));
  return ranking;
}

void expect_equal(const RankedList& found, const RankedList& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].chunk, expected[i].chunk) << "rank " << i + 1;
    ASSERT_EQ(found[i].score, expected[i].score) << "rank " << i + 1;  // To the bit.
  }
}

TEST(Lexical, EqualsBruteForceWithFiltersDeletesSegmentsAndTies) {
  const std::uint64_t seed = 61;
  SCOPED_TRACE(seed);
  Random random(seed);
  for (int round = 0; round < 12; ++round) {
    Model model = random_model(random, 1 + random.below(4), 40 + random.below(1'200));
    const double live = random.chance(0.5) ? 1 : 0.8;
    const double pass = random.chance(0.5) ? 1 : random.chance(0.5) ? 0.5 : 0.02;
    for (auto& chunks : model) {
      for (ModelChunk& chunk : chunks) {
        chunk.is_live = random.chance(live);
        chunk.passes = random.chance(pass);
      }
    }
    const auto views = views_of(model);
    const CollectionStatistics statistics = collect_statistics(views);
    for (int i = 0; i < 8; ++i) {
      const LexicalQuery query = random_query(random);
      for (const std::uint32_t k : {1u, 10u, 100u, 1'000'000u}) {
        const auto found = search_lexical(query, views, statistics, k, {});
        ASSERT_TRUE(found);
        expect_equal(found.value(), brute_force(model, query, k));
      }
    }
  }
}

TEST(Lexical, ManyWindowsEqualBruteForce) {
  const std::uint64_t seed = 62;
  SCOPED_TRACE(seed);
  Random random(seed);
  Model model = random_model(random, 1, 9'000);
  for (std::size_t i = 0; i < model[0].size(); ++i) {
    model[0][i].passes = i < 50 || i > 8'900;  // The middle window passes nothing.
  }
  const auto views = views_of(model);
  const CollectionStatistics statistics = collect_statistics(views);
  for (int i = 0; i < 5; ++i) {
    const LexicalQuery query = random_query(random);
    for (const std::uint32_t k : {10u, 1'000u}) {
      expect_equal(search_lexical(query, views, statistics, k, {}).value(),
                   brute_force(model, query, k));
    }
  }
}

/// Terms from those of nearly every chunk to those of a few, as a language has them.
Model zipf_model(Random& random, std::size_t chunk_count) {
  Model model(1);
  for (std::size_t i = 0; i < chunk_count; ++i) {
    ModelChunk chunk;
    chunk.id = 3 + i;
    for (std::uint64_t n = 2 + random.below(12); n > 0; --n) {
      const auto rank = static_cast<int>(std::pow(600.0, random.unit())) - 1;
      ++chunk.terms[{IndexField::body_stem, "말" + std::to_string(rank)}];
    }
    model[0].push_back(std::move(chunk));
  }
  return model;
}

TEST(Lexical, PuttingTermsOffAndAskingEqualsBruteForce) {
  const std::uint64_t seed = 65;
  SCOPED_TRACE(seed);
  Random random(seed);
  // An eighth of a window's chunks are as many as are listed.
  for (const double pass : {1.0, 0.5, 0.125, 0.01, 0.002}) {
    Model model = zipf_model(random, 20'000);
    for (ModelChunk& chunk : model[0]) chunk.passes = random.chance(pass);
    const auto views = views_of(model);
    const CollectionStatistics statistics = collect_statistics(views);
    for (int i = 0; i < 12; ++i) {
      LexicalQuery query;
      query.bm25.k1 = random.chance(0.5) ? 1.2f : 0.6f;  // Bounds hold whatever the settings are.
      for (std::uint64_t n = 1 + random.below(6); n > 0; --n) {
        const auto rank = static_cast<int>(std::pow(600.0, random.unit())) - 1;
        query.terms.push_back(
            {IndexField::body_stem, "말" + std::to_string(rank), random.chance(0.2) ? 0.1f : 1.0f});
      }
      const RankedList expected = brute_force(model, query, 1'000);
      for (const std::uint32_t k : {1u, 10u, 100u, 1'000u}) {
        RankedList best = expected;
        best.resize(std::min<std::size_t>(k, best.size()));
        expect_equal(search_lexical(query, views, statistics, k, {}).value(), best);
      }
    }
  }
}

TEST(Lexical, GroupsEqualBruteForceWithFiltersAndSegments) {
  const std::uint64_t seed = 67;
  SCOPED_TRACE(seed);
  Random random(seed);
  std::size_t found_count = 0;
  for (const double pass : {1.0, 0.5, 0.01}) {
    Model model = zipf_model(random, 20'000);
    model.push_back(random_model(random, 1, 600)[0]);
    for (ModelChunk& chunk : model[1]) chunk.id += 100'000;
    for (auto& chunks : model) {
      for (ModelChunk& chunk : chunks) chunk.passes = random.chance(pass);
    }
    const auto views = views_of(model);
    const CollectionStatistics statistics = collect_statistics(views);
    for (int i = 0; i < 30; ++i) {
      LexicalQuery query;
      query.group_count = static_cast<std::uint32_t>(1 + random.below(3));
      for (std::uint64_t n = query.group_count + random.below(5); n > 0; --n) {
        const auto rank = static_cast<int>(std::pow(600.0, random.unit() * random.unit())) - 1;
        LexicalTerm term{random.chance(0.8) ? IndexField::body_stem : IndexField::title_stem,
                         "말" + std::to_string(rank), random.chance(0.2) ? 0.1f : 1.0f};
        term.group = static_cast<std::uint32_t>(
            n <= query.group_count ? n : random.below(query.group_count + 1));
        query.terms.push_back(term);
      }
      const RankedList expected = brute_force(model, query, 1'000);
      found_count += expected.size();
      for (const std::uint32_t k : {1u, 10u, 100u, 1'000u}) {
        RankedList best = expected;
        best.resize(std::min<std::size_t>(k, best.size()));
        expect_equal(search_lexical(query, views, statistics, k, {}).value(), best);
      }
    }
  }
  EXPECT_GT(found_count, 5'000u);
}

TEST(Lexical, AGroupWithoutTermsLeavesNothing) {
  const auto views = views_of({{{.id = 1, .terms = {{{IndexField::body_stem, "x"}, 1}}}}});
  LexicalQuery query;
  query.terms.push_back({IndexField::body_stem, "x", 1.0f});
  query.group_count = 1;
  EXPECT_TRUE(search_lexical(query, views, collect_statistics(views), 10, {}).value().empty());
  query.terms[0].group = 1;
  EXPECT_EQ(search_lexical(query, views, collect_statistics(views), 10, {}).value().size(), 1u);
}

TEST(Lexical, AScoreDoesNotDependOnHowTheCollectionIsCut) {
  const std::uint64_t seed = 63;
  SCOPED_TRACE(seed);
  Random random(seed);
  const Model cut = random_model(random, 5, 600);
  Model whole(1);
  for (const auto& chunks : cut) whole[0].insert(whole[0].end(), chunks.begin(), chunks.end());
  std::sort(whole[0].begin(), whole[0].end(),
            [](const ModelChunk& a, const ModelChunk& b) { return a.id < b.id; });
  const auto cut_views = views_of(cut);
  const auto whole_views = views_of(whole);
  for (int i = 0; i < 20; ++i) {
    const LexicalQuery query = random_query(random);
    expect_equal(
        search_lexical(query, cut_views, collect_statistics(cut_views), 50, {}).value(),
        search_lexical(query, whole_views, collect_statistics(whole_views), 50, {}).value());
  }
}

void expect_adds_up(const Explanation& node) {
  const bool is_sum = node.label.ends_with("sum of");
  const bool is_product = node.label.ends_with("product of");
  if (is_sum || is_product) {
    double value = is_sum ? 0 : 1;
    for (const Explanation& child : node.children) {
      value = is_sum ? value + child.value : value * child.value;
    }
    EXPECT_NEAR(node.value, value, 1e-5 * std::max(1.0, std::fabs(value))) << node.label;
  }
  for (const Explanation& child : node.children) expect_adds_up(child);
}

TEST(Lexical, AnExplanationHasExactlyTheScoreAndAddsUp) {
  const std::uint64_t seed = 64;
  SCOPED_TRACE(seed);
  Random random(seed);
  const Model model = random_model(random, 3, 800);
  const auto views = views_of(model);
  const CollectionStatistics statistics = collect_statistics(views);
  for (int i = 0; i < 20; ++i) {
    const LexicalQuery query = random_query(random);
    const RankedList found = search_lexical(query, views, statistics, 30, {}).value();
    for (const Candidate& candidate : found) {
      const Explanation why = explain_lexical(query, views, statistics, candidate.chunk);
      ASSERT_EQ(static_cast<float>(why.value), candidate.score);
      ASSERT_FALSE(why.children.empty());
      expect_adds_up(why);
    }
  }
}

TEST(Lexical, TheExplanationNamesTermFieldAndFigures) {
  Model model(1);
  model[0].push_back({.id = 1, .terms = {{{IndexField::body_stem, "검색"}, 2}}});
  model[0].push_back({.id = 2, .terms = {{{IndexField::body_stem, "노트"}, 1}}});
  const auto views = views_of(model);
  LexicalQuery query;
  query.terms.push_back({IndexField::body_stem, "검색", 0.5f});
  const Explanation why = explain_lexical(query, views, collect_statistics(views), ChunkId{1});
  ASSERT_EQ(why.children.size(), 1u);
  EXPECT_EQ(why.children[0].label, "stem \"검색\" in body, product of");
  EXPECT_EQ(why.children[0].children[0].label, "weight");
  EXPECT_EQ(why.children[0].children[0].value, 0.5);
  EXPECT_NEAR(why.children[0].children[1].value, std::log(1 + 1.5 / 1.5), 1e-6);
}

TEST(Lexical, ADeletedChunkIsNeitherFoundNorExplained) {
  Model model(1);
  model[0].push_back({.id = 1, .terms = {{{IndexField::body_stem, "x"}, 1}}, .is_live = false});
  model[0].push_back({.id = 2, .terms = {{{IndexField::body_stem, "x"}, 1}}});
  const auto views = views_of(model);
  const CollectionStatistics statistics = collect_statistics(views);
  LexicalQuery query;
  query.terms.push_back({IndexField::body_stem, "x", 1.0f});
  const RankedList found = search_lexical(query, views, statistics, 10, {}).value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].chunk, ChunkId{2});
  EXPECT_EQ(explain_lexical(query, views, statistics, ChunkId{1}).value, 0);
  EXPECT_EQ(document_frequency(views, IndexField::body_stem, "x"), 2u);  // Until a merge.
}

TEST(Lexical, NothingToLookForFindsNothing) {
  const auto views = views_of({{{.id = 1, .terms = {{{IndexField::body_stem, "x"}, 1}}}}});
  const CollectionStatistics statistics = collect_statistics(views);
  LexicalQuery query;
  EXPECT_TRUE(search_lexical(query, views, statistics, 10, {}).value().empty());
  query.terms.push_back({IndexField::body_stem, "absent", 1.0f});
  EXPECT_TRUE(search_lexical(query, views, statistics, 10, {}).value().empty());
  query.terms.push_back({IndexField::body_stem, "x", 0.0f});
  EXPECT_TRUE(search_lexical(query, views, statistics, 10, {}).value().empty());
  query.terms[1].weight = 1;
  EXPECT_TRUE(search_lexical(query, views, statistics, 0, {}).value().empty());
  EXPECT_TRUE(search_lexical(query, {}, {}, 10, {}).value().empty());
}

TEST(Lexical, StopsWhenAsked) {
  const auto views = views_of({{{.id = 1, .terms = {{{IndexField::body_stem, "x"}, 1}}}}});
  std::stop_source stop;
  stop.request_stop();
  CallContext call;
  call.stop = stop.get_token();
  const auto stopped = search_lexical({}, views, collect_statistics(views), 10, call);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace saerok
