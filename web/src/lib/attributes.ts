// What a note says about itself, made fit to be shown beside it.

import type { Attribute } from '../types';

/** Known from the note anyway, or of use to the filter only. */
const kHidden = new Set(['title', 'path', 'link', 'extension', 'folder', 'alias', 'aliases']);
const kTags = new Set(['tag', 'tags', '태그']);

export interface ShownAttributes {
  tags: { name: string; value: string }[];
  others: { name: string; value: string }[];
}

export function sortAttributes(attributes: readonly Attribute[]): ShownAttributes {
  const shown: ShownAttributes = { tags: [], others: [] };
  for (const [name, value] of attributes) {
    if (kHidden.has(name)) continue;
    (kTags.has(name) ? shown.tags : shown.others).push({ name, value: String(value) });
  }
  return shown;
}

const kDateNames = ['date', '날짜', 'updated', 'modified', 'created', 'day'];

/** The date that a reader would call the note's, if it has one. */
export function dateOf(attributes: readonly Attribute[]): string | null {
  for (const name of kDateNames) {
    const found = attributes.find(([other]) => other.toLowerCase() === name);
    if (found && /^\d{4}(-\d\d){0,2}/.test(String(found[1]))) return String(found[1]).slice(0, 10);
  }
  return null;
}
