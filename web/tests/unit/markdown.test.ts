import { describe, expect, it } from 'vitest';
import { parseMarkdown, type Block } from '../../src/lib/markdown';
import { safeLink, type Inline } from '../../src/lib/markdown_inline';

function inlinesOf(blocks: Block[]): Inline[] {
  return blocks.flatMap((block): Inline[] => {
    if (block.kind === 'paragraph' || block.kind === 'heading') return block.inline;
    if (block.kind === 'quote') return inlinesOf(block.blocks);
    if (block.kind === 'list') return block.items.flatMap(inlinesOf);
    if (block.kind === 'table') return [block.header, ...block.rows].flat(2);
    return [];
  });
}

function flatten(nodes: Inline[]): Inline[] {
  return nodes.flatMap((node) => ('children' in node ? [node, ...flatten(node.children)] : [node]));
}

const nodesOf = (source: string) => flatten(inlinesOf(parseMarkdown(source)));
const textOf = (source: string) =>
  nodesOf(source)
    .map((node) => ('text' in node ? node.text : ''))
    .join('');
const linksOf = (source: string) =>
  nodesOf(source).filter((node) => node.kind === 'link' || (node.kind === 'image' && node.link));

describe('blocks', () => {
  it('are told apart', () => {
    const source =
      '# Head\n\ntext\nmore\n\n- a\n- b\n  - c\n\n1. x\n2. y\n\n> q\n\n```js\n<b>\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n';
    expect(parseMarkdown(source).map(({ kind }) => kind)).toEqual([
      'heading',
      'paragraph',
      'list',
      'list',
      'quote',
      'code',
      'table',
      'rule',
    ]);
  });

  it('nest', () => {
    const [list] = parseMarkdown('- a\n  - b\n  - c\n- d');
    expect(list?.kind === 'list' && list.items.length).toBe(2);
    expect(list?.kind === 'list' && list.items[0]?.map(({ kind }) => kind)).toEqual([
      'paragraph',
      'list',
    ]);
  });

  it('of hostile depth and length end in good time', () => {
    const begin = performance.now();
    for (const source of [
      '>'.repeat(5000) + 'x',
      '- '.repeat(3000) + 'x',
      '*'.repeat(20000),
      '['.repeat(5000),
      '`a'.repeat(5000),
      '|'.repeat(5000) + '\n|-|\n',
      '![['.repeat(3000),
    ]) {
      parseMarkdown(source);
    }
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});

describe('inline', () => {
  it('knows emphasis, code and citations', () => {
    expect(
      nodesOf('**a** *b* `c` [1] ~~d~~')
        .map(({ kind }) => kind)
        .filter((kind) => kind !== 'text'),
    ).toEqual(['strong', 'emphasis', 'code', 'citation', 'strike']);
  });

  it('leaves snake_case, 3 * 4 and lone signs alone', () => {
    expect(textOf('a_b_c 3 * 4 * 5 [x] 2**')).toBe('a_b_c 3 * 4 * 5 [x] 2**');
  });

  it('says where each text stands in the source', () => {
    const source = '> **가나** 다\n> 라 [1]\n\n- 마 `바` 사\n\n| 아 | 자 |\n|--|--|\n| \\차 | 카 |';
    for (const node of nodesOf(source)) {
      if (node.kind === 'text')
        expect(source.slice(node.start, node.start + node.text.length)).toBe(node.text);
    }
  });
});

describe('safety', () => {
  it('shows HTML as text', () => {
    const source =
      '<script>alert(1)</script> <img src=x onerror=alert(1)> <a href="javascript:alert(1)">x</a>';
    expect(textOf(source)).toBe(source);
    expect(nodesOf(source).every(({ kind }) => kind === 'text')).toBe(true);
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,x)',
    '[x](vbscript:x)',
    '[x](file:///etc/passwd)',
    '[x](/v1/saerok/status)',
    '![x](data:image/svg+xml,x)',
    '[x](<javascript:alert(1)>)',
    '[x]( javascript:alert(1))',
    '[x](java\tscript:alert(1))',
  ])('makes no link of %s', (source) => {
    expect(linksOf(source)).toEqual([]);
  });

  it('keeps an image as a link with its host', () => {
    const [image] = nodesOf('![alt](https://evil.example/a.png?q=1)');
    expect(image).toMatchObject({ kind: 'image', alt: 'alt', link: { host: 'evil.example' } });
  });

  it('marks links that could carry something out', () => {
    expect(safeLink('https://example.com/page')?.isSuspicious).toBe(false);
    expect(safeLink(`https://example.com/?q=${'a'.repeat(80)}`)?.isSuspicious).toBe(true);
    expect(safeLink(`https://example.com/${'a'.repeat(80)}`)?.isSuspicious).toBe(true);
  });

  it('names the host of an address that tries to hide it', () => {
    expect(safeLink('https://good.example@evil.example/')?.host).toBe('evil.example');
  });
});
