// The daemon counts bytes of UTF-8, JavaScript counts UTF-16 units. One pass over the text turns
// any number of offsets from the first into the second.

/** Offsets that fall inside a character move back to its start, so that none is ever torn. */
export function utf16Offsets(text: string, byteOffsets: readonly number[]): number[] {
  const order = byteOffsets.map((_, index) => index);
  order.sort((a, b) => byteOffsets[a]! - byteOffsets[b]!);
  const result = new Array<number>(byteOffsets.length).fill(text.length);
  let bytes = 0;
  let next = 0;
  for (let at = 0; at < text.length && next < order.length;) {
    const code = text.codePointAt(at)!;
    const after = bytes + utf8Length(code);
    while (next < order.length && byteOffsets[order[next]!]! < after) result[order[next++]!] = at;
    bytes = after;
    at += code > 0xffff ? 2 : 1;
  }
  return result;
}

export function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

export interface Segment {
  text: string;
  isMarked: boolean;
}

/** The text cut at the byte ranges; ranges that overlap become one. */
export function markRanges(
  text: string,
  ranges: readonly (readonly [number, number])[],
): Segment[] {
  const offsets = utf16Offsets(text, ranges.flat());
  const pairs = ranges.map((_, i): [number, number] => [offsets[2 * i]!, offsets[2 * i + 1]!]);
  return markUnits(text, pairs);
}

/** The same with ranges in UTF-16 units. */
export function markUnits(text: string, ranges: [number, number][]): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  const add = (end: number, isMarked: boolean) => {
    if (end > at) segments.push({ text: text.slice(at, end), isMarked });
    at = Math.max(at, end);
  };
  for (const [begin, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    add(Math.min(begin, text.length), false);
    add(Math.min(end, text.length), true);
  }
  add(text.length, false);
  return segments;
}
