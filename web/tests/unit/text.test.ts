import { describe, expect, it } from 'vitest';
import { dateOf, sortAttributes } from '../../src/lib/attributes';
import { conversationToMarkdown } from '../../src/lib/export';
import { formatBytes } from '../../src/lib/format';
import { openLink } from '../../src/lib/open_in';
import { searchableText } from '../../src/lib/hangul';
import { findQuote } from '../../src/lib/passage';
import { linearScale } from '../../src/lib/scale';

describe('half a syllable', () => {
  it('is not searched for', () => {
    expect(searchableText('김치ㅉ', true)).toBe('김치');
    expect(searchableText('김치찌', true)).toBe('김치찌');
    expect(searchableText('ㄱ', true)).toBe('');
  });

  it('alone is searched for once it is meant', () => {
    expect(searchableText('ㅋㅋ', false)).toBe('ㅋㅋ');
  });
});

describe('quotations', () => {
  it('are found as they stand and across line ends', () => {
    expect(findQuote('하나. 둘.\n셋.', '둘.')).toEqual([[4, 6]]);
    expect(findQuote('하나\n\n둘 셋', '하나 둘')).toEqual([[0, 5]]);
    expect(findQuote('하나', '없음')).toEqual([]);
    expect(findQuote('하나', '')).toEqual([]);
  });
});

describe('attributes', () => {
  it('are sorted into tags and the rest', () => {
    const shown = sortAttributes([
      ['title', 'x'],
      ['tag', 'a'],
      ['rating', 4],
    ]);
    expect(shown).toEqual({
      tags: [{ name: 'tag', value: 'a' }],
      others: [{ name: 'rating', value: '4' }],
    });
  });

  it('give a date only if it is one', () => {
    expect(dateOf([['date', '2024-03-01']])).toBe('2024-03-01');
    expect(dateOf([['date', 'soon']])).toBeNull();
  });
});

describe('export', () => {
  it('turns citations into footnotes and leaves other brackets', () => {
    const citation = {
      marker: 1,
      root: '/n',
      path: 'a.md',
      document_id: 'a.md',
      heading_path: [],
      lines: [3, 4] as [number, number],
      bytes: [0, 1] as [number, number],
      quote: 'so\nit is',
    };
    expect(
      conversationToMarkdown([{ question: '왜?', text: '그래서. [1] [9]', citations: [citation] }]),
    ).toBe('> 왜?\n\n그래서. [^1-1] [9]\n\n[^1-1]: a.md, 3–4: “so it is”\n');
  });
});

describe('formats', () => {
  it('say sizes and links', () => {
    expect(formatBytes(144920)).toBe('145 kB');
    expect(formatBytes(999)).toBe('999 B');
    expect(openLink('Obsidian', '/v/', '텃밭/a b.md', 3)).toBe(
      'obsidian://open?path=' + encodeURIComponent('/v/텃밭/a b.md'),
    );
    expect(openLink('VS Code', '/v', 'a b?.md', 3)).toBe('vscode://file/v/a%20b%3F.md:3');
  });

  it('make axes around one value and around many', () => {
    for (const values of [[0.5], [0], [1, 2, 3], [0.6213, 0.644]]) {
      const { ticks, place } = linearScale(values);
      expect(ticks.length).toBeGreaterThan(1);
      for (const value of values) expect(place(value)).toBeGreaterThan(0);
      for (const value of values) expect(place(value)).toBeLessThan(1);
    }
  });
});
