import { describe, expect, it } from 'vitest';
import { barsOf, partsOf } from '../../src/lib/explain';
import type { Explanation } from '../../src/types';

const leaf = (label: string, value: number): Explanation => ({ label, value, children: [] });
const node = (label: string, value: number, ...children: Explanation[]): Explanation => ({
  label,
  value,
  children,
});
const term = (label: string, value: number) =>
  node(`${label}, product of`, value, leaf('weight', 1), leaf('k1 + 1', 2.2));

const words = node('sum of', 4, term('stem "텃밭" in body', 1), term('gram "텃밭" in title', 3));
const vectors = node(
  'sum of the similarity of the whole and of its best window',
  0.5,
  leaf('similarity of the whole', 0.3),
  leaf('similarity of the best window', 0.2),
);
const fused = node(
  'sum of weighted parts',
  0.9,
  node(
    'words: product of weight and normalised score',
    0.6,
    leaf('weight', 0.6),
    node(
      '(score - lowest) / (highest - lowest)',
      1,
      { ...words, label: 'score: sum of' },
      leaf('lowest of the candidates', 0),
    ),
  ),
  node(
    'vectors: product of weight and normalised score',
    0.3,
    leaf('weight', 0.4),
    node('(score - lowest) / (highest - lowest)', 0.75, {
      ...vectors,
      label: `score: ${vectors.label}`,
    }),
  ),
);

const valuesOf = (tree: Explanation) =>
  Object.fromEntries(barsOf(tree).map(({ kind, value }) => [kind, Number(value.toFixed(6))]));

describe('explanation', () => {
  it('of words is split by field', () => {
    expect(valuesOf(words)).toEqual({ stem: 1, title: 3 });
  });

  it('of a fused score scales each list to its share', () => {
    expect(valuesOf(fused)).toEqual({ stem: 0.15, title: 0.45, vector: 0.3 });
  });

  it('by rank scales too', () => {
    const byRank = node(
      'sum of weighted reciprocal ranks',
      0.02,
      node(
        'words: product of weight and rank',
        0.02,
        leaf('weight', 1),
        node('1 / (k + rank)', 0.02, leaf('k', 60), leaf('rank', 1), {
          ...words,
          label: 'for the rank only: sum of',
        }),
      ),
    );
    expect(valuesOf(byRank)).toEqual({ stem: 0.005, title: 0.015 });
  });

  it('of a reranked hit is the reranker alone', () => {
    const reranked = node('score that the reranker x gave', 0.7, {
      ...fused,
      label: 'before reranking, not part of the score: sum of weighted parts',
    });
    expect(valuesOf(reranked)).toEqual({ rerank: 0.7 });
  });

  it('parts add up to the score, and shares to 1', () => {
    expect(partsOf(fused).reduce((sum, part) => sum + part.value, 0)).toBeCloseTo(0.9);
    expect(barsOf(fused).reduce((sum, bar) => sum + bar.share, 0)).toBeCloseTo(1);
  });

  it('that is new is shown as other', () => {
    expect(valuesOf(node('sum of', 2, leaf('something else', 2)))).toEqual({ other: 2 });
  });

  it('of nothing has no bars', () => {
    expect(barsOf(leaf('no term of the query is in the chunk', 0))).toEqual([]);
  });
});
