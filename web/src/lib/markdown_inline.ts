// What stands inside a paragraph: text, code, emphasis, links, images, the answer's [n].

/** A line of the source, and where it begins there. */
export interface Line {
  text: string;
  start: number;
}

export type Inline =
  | { kind: 'text'; text: string; start: number }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; children: Inline[] }
  | { kind: 'emphasis'; children: Inline[] }
  | { kind: 'strike'; children: Inline[] }
  | { kind: 'link'; link: Link; children: Inline[] }
  | { kind: 'image'; link: Link | null; alt: string }
  | { kind: 'citation'; marker: number }
  | { kind: 'break' };

export interface Link {
  url: string;
  host: string;
  /** Carries enough text to take something out of the notes. */
  isSuspicious: boolean;
}

const kDepthMax = 6;
const kDataBytesMax = 64;
const kPunctuation = /[!-/:-@[-`{-~]/;
const kEmphasis: [sign: string, kind: 'strong' | 'emphasis' | 'strike'][] = [
  ['**', 'strong'],
  ['__', 'strong'],
  ['~~', 'strike'],
  ['*', 'emphasis'],
  ['_', 'emphasis'],
];

/** Only what a click may open; all other schemes stay text. */
export function safeLink(address: string): Link | null {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) return null;
  const pieces = [
    url.search,
    url.hash,
    url.username + url.password,
    ...url.pathname.split('/'),
    ...url.hostname.split('.'),
  ];
  const isSuspicious =
    pieces.some((piece) => piece.length > kDataBytesMax) ||
    url.search.length + url.hash.length > kDataBytesMax;
  return { url: url.href, host: url.host || url.pathname, isSuspicious };
}

export function parseInline(lines: readonly Line[]): Inline[] {
  return lines.flatMap((line, index) => {
    const nodes = new InlineParser(line).parse(0, line.text.length, 0);
    return index + 1 < lines.length ? [...nodes, { kind: 'break' } as const] : nodes;
  });
}

/** One line at a time: emphasis that spans lines is rare, and text is never lost by this. */
class InlineParser {
  constructor(private readonly line: Line) {}

  parse(begin: number, end: number, depth: number): Inline[] {
    const nodes: Inline[] = [];
    let textBegin = begin;
    let at = begin;
    const flush = (until: number) => {
      if (until > textBegin) {
        const text = this.line.text.slice(textBegin, until);
        nodes.push({ kind: 'text', text, start: this.line.start + textBegin });
      }
    };
    while (at < end) {
      if (
        this.line.text[at] === '\\' &&
        at + 1 < end &&
        kPunctuation.test(this.line.text[at + 1]!)
      ) {
        flush(at);
        textBegin = at + 1;
        at += 2;
        continue;
      }
      const found = this.nodeAt(at, end, depth);
      if (!found) {
        ++at;
        continue;
      }
      flush(at);
      nodes.push(found.node);
      at = textBegin = found.next;
    }
    flush(end);
    return nodes;
  }

  private nodeAt(at: number, end: number, depth: number): { node: Inline; next: number } | null {
    const sign = this.line.text[at]!;
    if (sign === '`') return this.code(at, end);
    if (sign === '!' && this.line.text[at + 1] === '[') return this.image(at, end);
    if (sign === '[') return this.citation(at, end) ?? this.link(at, end, depth);
    if (sign === 'h' || sign === '<') return this.bareLink(at, end);
    if ('*_~'.includes(sign) && depth < kDepthMax) return this.emphasis(at, end, depth);
    return null;
  }

  private code(at: number, end: number) {
    const run = /^`+/.exec(this.line.text.slice(at, end))![0];
    const close = this.line.text.indexOf(run, at + run.length);
    if (close < 0 || close + run.length > end) return null;
    const text = this.line.text.slice(at + run.length, close);
    return { node: { kind: 'code', text } as const, next: close + run.length };
  }

  private citation(at: number, end: number) {
    const match = /^\[(\d{1,3})\](?!\()/.exec(this.line.text.slice(at, Math.min(end, at + 6)));
    if (!match) return null;
    return {
      node: { kind: 'citation', marker: Number(match[1]) } as const,
      next: at + match[0].length,
    };
  }

  /** The bounds of `[label](address)`, the bracket being at `at`. */
  private bounds(at: number, end: number) {
    let depth = 0;
    let close = at;
    for (; close < end; ++close) {
      if (this.line.text[close] === '[') ++depth;
      if (this.line.text[close] === ']' && --depth === 0) break;
    }
    if (close >= end || this.line.text[close + 1] !== '(') return null;
    const stop = this.line.text.indexOf(')', close + 2);
    if (stop < 0 || stop >= end) return null;
    const inside = this.line.text.slice(close + 2, stop).trim();
    const address = /^<([^>]*)>|^\S*/.exec(inside)!;
    return { close, next: stop + 1, address: address[1] ?? address[0] };
  }

  private link(at: number, end: number, depth: number): { node: Inline; next: number } | null {
    const bounds = this.bounds(at, end);
    const link = bounds && safeLink(bounds.address);
    if (!bounds || !link || depth >= kDepthMax) return null;
    const children = this.parse(at + 1, bounds.close, kDepthMax).filter(
      (node) => node.kind !== 'link',
    );
    return { node: { kind: 'link', link, children }, next: bounds.next };
  }

  private image(at: number, end: number): { node: Inline; next: number } | null {
    const bounds = this.bounds(at + 1, end);
    if (!bounds) return null;
    const alt = this.line.text.slice(at + 2, bounds.close);
    return { node: { kind: 'image', link: safeLink(bounds.address), alt }, next: bounds.next };
  }

  private bareLink(at: number, end: number): { node: Inline; next: number } | null {
    const rest = this.line.text.slice(at, end);
    const match =
      /^<(https?:\/\/[^\s<>]+)>/.exec(rest) ??
      /^(https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"*_])/.exec(rest);
    const link = match && safeLink(match[1]!);
    if (!match || !link) return null;
    const inner = match[0].startsWith('<') ? at + 1 : at;
    const child: Inline = { kind: 'text', text: match[1]!, start: this.line.start + inner };
    return { node: { kind: 'link', link, children: [child] }, next: at + match[0].length };
  }

  private emphasis(at: number, end: number, depth: number): { node: Inline; next: number } | null {
    for (const [sign, kind] of kEmphasis) {
      if (!this.line.text.startsWith(sign, at)) continue;
      const begin = at + sign.length;
      // snake_case and 3 * 4 are text.
      if (sign[0] === '_' && /[\p{L}\p{N}]/u.test(this.line.text[at - 1] ?? ' ')) return null;
      if (/\s/.test(this.line.text[begin] ?? ' ')) continue;
      const close = this.closing(sign, begin, end);
      if (close < 0) continue;
      return {
        node: { kind, children: this.parse(begin, close, depth + 1) },
        next: close + sign.length,
      };
    }
    return null;
  }

  private closing(sign: string, begin: number, end: number): number {
    for (
      let at = this.line.text.indexOf(sign, begin + 1);
      at >= 0 && at + sign.length <= end;
      at = this.line.text.indexOf(sign, at + 1)
    ) {
      if (/\s/.test(this.line.text[at - 1]!)) continue;
      // The second star of ** does not close a single one.
      if (sign.length === 1 && (this.line.text[at + 1] === sign || this.line.text[at - 1] === sign))
        continue;
      if (sign[0] === '_' && /[\p{L}\p{N}]/u.test(this.line.text[at + sign.length] ?? ' '))
        continue;
      return at;
    }
    return -1;
  }
}
