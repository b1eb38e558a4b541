// Markdown of answers as a tree of known kinds; a component turns it into elements. Nothing passes
// through as HTML: what is not known here is text. Every text node says where in the source it
// stands, so that ranges of the answer can be marked in what is shown. The inline grammar is in
// markdown_inline.ts.

import { parseInline, type Inline, type Line } from './markdown_inline';

export type Block =
  | { kind: 'paragraph'; inline: Inline[] }
  | { kind: 'heading'; level: number; inline: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'list'; isOrdered: boolean; first: number; items: Block[][] }
  | { kind: 'table'; header: Inline[][]; rows: Inline[][][] }
  | { kind: 'rule' };

const kDepthMax = 8;
const kFence = /^ {0,3}(```+|~~~+)/;
const kHeading = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*$/;
const kRule = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const kQuote = /^ {0,3}> ?/;
const kItem = /^( *)([-*+]|\d{1,9}[.)])( +|$)/;
const kTableRule = /^ *\|? *:?-+:? *(\| *:?-+:? *)*\|? *$/;

export function parseMarkdown(source: string): Block[] {
  const lines: Line[] = [];
  let start = 0;
  for (const text of source.split('\n')) {
    lines.push({ text: text.replace(/\r$/, '').replaceAll('\t', ' '), start });
    start += text.length + 1;
  }
  return parseBlocks(lines, 0);
}

const isBlank = (line: Line | undefined) => line === undefined || line.text.trim() === '';

function cut(line: Line, count: number): Line {
  return { text: line.text.slice(count), start: line.start + count };
}

function parseBlocks(lines: Line[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    if (isBlank(lines[at])) {
      ++at;
      continue;
    }
    const [block, next] = parseBlock(lines, at, depth);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

/** The block that begins at a line, and the line after it. */
function parseBlock(lines: Line[], at: number, depth: number): [Block, number] {
  const line = lines[at]!;
  const fence = kFence.exec(line.text);
  if (fence) return parseFence(lines, at, fence[1]!);
  const heading = kHeading.exec(line.text);
  if (heading) {
    const begin = line.text.indexOf(heading[2]!, heading[1]!.length);
    const inline = parseInline([{ text: heading[2]!, start: line.start + begin }]);
    return [{ kind: 'heading', level: heading[1]!.length, inline }, at + 1];
  }
  if (kRule.test(line.text)) return [{ kind: 'rule' }, at + 1];
  if (depth < kDepthMax && kQuote.test(line.text)) return parseQuote(lines, at, depth);
  if (depth < kDepthMax && kItem.test(line.text)) return parseList(lines, at, depth);
  if (isTable(lines, at)) return parseTable(lines, at);
  return parseParagraph(lines, at, depth);
}

function parseFence(lines: Line[], at: number, fence: string): [Block, number] {
  const text: string[] = [];
  let next = at + 1;
  while (next < lines.length && !lines[next]!.text.trimStart().startsWith(fence)) {
    text.push(lines[next++]!.text);
  }
  return [{ kind: 'code', text: text.join('\n') }, Math.min(next + 1, lines.length)];
}

function parseQuote(lines: Line[], at: number, depth: number): [Block, number] {
  const inside: Line[] = [];
  let next = at;
  for (; next < lines.length; ++next) {
    const mark = kQuote.exec(lines[next]!.text);
    if (!mark) break;
    inside.push(cut(lines[next]!, mark[0].length));
  }
  return [{ kind: 'quote', blocks: parseBlocks(inside, depth + 1) }, next];
}

function parseList(lines: Line[], at: number, depth: number): [Block, number] {
  const first = kItem.exec(lines[at]!.text)!;
  const isOrdered = /\d/.test(first[2]!);
  const items: Block[][] = [];
  let next = at;
  while (next < lines.length) {
    const mark = kItem.exec(lines[next]!.text);
    if (!mark || /\d/.test(mark[2]!) !== isOrdered || kRule.test(lines[next]!.text)) break;
    const indent = mark[0].length;
    const item = [cut(lines[next]!, indent)];
    ++next;
    // What is indented beyond the marker belongs to the item; a blank line only if more follows.
    while (next < lines.length) {
      const line = lines[next]!;
      const spaces = line.text.length - line.text.trimStart().length;
      const isInside = spaces > mark[1]!.length;
      if (isBlank(line)) {
        const after = lines[next + 1];
        if (isBlank(after) || !/^ /.test(after!.text)) break;
        item.push(line);
      } else if (isInside) {
        item.push(cut(line, Math.min(spaces, indent)));
      } else {
        break;
      }
      ++next;
    }
    items.push(parseBlocks(item, depth + 1));
    // A blank line between two items of one list does not end it.
    if (isBlank(lines[next]) && next + 1 < lines.length && kItem.test(lines[next + 1]!.text))
      ++next;
  }
  return [{ kind: 'list', isOrdered, first: isOrdered ? parseInt(first[2]!) : 1, items }, next];
}

function isTable(lines: Line[], at: number): boolean {
  const rule = lines[at + 1];
  return (
    lines[at]!.text.includes('|') &&
    rule !== undefined &&
    rule.text.includes('-') &&
    rule.text.includes('|') &&
    kTableRule.test(rule.text)
  );
}

function parseTable(lines: Line[], at: number): [Block, number] {
  const header = parseRow(lines[at]!);
  const rows: Inline[][][] = [];
  let next = at + 2;
  for (; next < lines.length && lines[next]!.text.includes('|'); ++next) {
    const row = parseRow(lines[next]!).slice(0, header.length);
    while (row.length < header.length) row.push([]);
    rows.push(row);
  }
  return [{ kind: 'table', header, rows }, next];
}

function parseRow(line: Line): Inline[][] {
  const cells: Inline[][] = [];
  let begin = 0;
  const add = (end: number) => {
    const raw = line.text.slice(begin, end);
    const indent = raw.length - raw.trimStart().length;
    const text = raw.trim();
    cells.push(text === '' ? [] : parseInline([{ text, start: line.start + begin + indent }]));
    begin = end + 1;
  };
  for (let i = 0; i < line.text.length; ++i) {
    if (line.text[i] === '\\') ++i;
    else if (line.text[i] === '|') add(i);
  }
  if (line.text.slice(begin).trim() !== '') add(line.text.length);
  if (line.text.trimStart().startsWith('|')) cells.shift();
  return cells;
}

function parseParagraph(lines: Line[], at: number, depth: number): [Block, number] {
  const inside = [cut(lines[at]!, lines[at]!.text.length - lines[at]!.text.trimStart().length)];
  let next = at + 1;
  for (; next < lines.length && !isBlank(lines[next]); ++next) {
    const { text } = lines[next]!;
    const beginsBlock =
      kFence.test(text) || kHeading.test(text) || kRule.test(text) || isTable(lines, next);
    if (beginsBlock || (depth < kDepthMax && (kQuote.test(text) || kItem.test(text)))) break;
    inside.push(cut(lines[next]!, text.length - text.trimStart().length));
  }
  return [{ kind: 'paragraph', inline: parseInline(inside) }, next];
}
