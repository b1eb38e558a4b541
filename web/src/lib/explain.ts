// An explanation is a tree whose root is the score. Its parts are what sums add up; a product or a
// normalisation around a sum scales the sum's parts. Labels are the daemon's, so that only their
// first words are read here, and a label that is new falls under "other".

import type { Explanation } from '../types';

export type PartKind = 'stem' | 'gram' | 'title' | 'vector' | 'rerank' | 'other';
export const kPartKinds: readonly PartKind[] = [
  'stem',
  'gram',
  'title',
  'vector',
  'rerank',
  'other',
];

export interface Part {
  kind: PartKind;
  label: string;
  value: number;
}

const isSum = (node: Explanation) => /(^|: )sum of/.test(node.label) && node.children.length > 0;

function kindOf(label: string): PartKind {
  if (label.includes('reranker')) return 'rerank';
  if (/^(stem|gram) .* in title/u.test(label)) return 'title';
  if (label.startsWith('stem ')) return 'stem';
  if (label.startsWith('gram ')) return 'gram';
  if (/similarity|vectors|the whole/.test(label)) return 'vector';
  return 'other';
}

function sumBelow(node: Explanation): Explanation | null {
  for (const child of node.children) {
    const found = isSum(child) ? child : sumBelow(child);
    if (found) return found;
  }
  return null;
}

/** What the score is made of; the values add up to the root's. */
export function partsOf(node: Explanation): Part[] {
  if (isSum(node)) return node.children.flatMap(partsOf);
  if (node.label.includes('reranker')) return [leafPart(node)];
  const sum = sumBelow(node);
  const parts = sum ? partsOf(sum) : [];
  const total = parts.reduce((whole, part) => whole + part.value, 0);
  if (total === 0) return node.value === 0 ? [] : [leafPart(node)];
  return parts.map((part) => ({ ...part, value: (part.value / total) * node.value }));
}

function leafPart(node: Explanation): Part {
  return { kind: kindOf(node.label), label: shortLabel(node.label), value: node.value };
}

export function shortLabel(label: string): string {
  return label.replace(/,? product of$/, '');
}

export interface Bar {
  kind: PartKind;
  value: number;
  /** Of the bar's whole length, 0 to 1. */
  share: number;
}

/** One segment a kind, in a fixed order; negative parts would have no length and are left out. */
export function barsOf(node: Explanation): Bar[] {
  const parts = partsOf(node);
  const sums = kPartKinds.map((kind) => ({
    kind,
    value: parts.filter((part) => part.kind === kind).reduce((sum, part) => sum + part.value, 0),
  }));
  const positive = sums.filter((bar) => bar.value > 0);
  const whole = positive.reduce((sum, bar) => sum + bar.value, 0);
  return positive.map((bar) => ({ ...bar, share: bar.value / whole }));
}
