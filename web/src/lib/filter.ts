// A filter is one expression (docs/query.md); chips are its operands, as long as all are joined by
// AND. What they do is edit the expression's text: it stays the only state.

export type FilterName = string;

/**
 * The operands that AND joins at the top level, as written. An expression with OR outside of
 * parentheses is one operand: taking a part out of it would change what the rest means.
 */
export function splitFilter(expression: string): string[] {
  const words = splitWords(expression);
  if (words.includes('OR')) return [expression.trim()];
  const chips: string[] = [];
  let prefix = '';
  for (const word of words) {
    if (word === 'AND') continue;
    if (word === 'NOT' || word === '-') {
      prefix += word === 'NOT' ? 'NOT ' : '-';
      continue;
    }
    const last = chips.at(-1);
    // Blanks may stand around operators: `priority >= 3` is one test.
    if (last !== undefined && prefix === '' && (/^[:=!<>]/.test(word) || /[:=<>]$/.test(last))) {
      chips[chips.length - 1] = last + word;
      continue;
    }
    chips.push(prefix + word);
    prefix = '';
  }
  if (prefix !== '') chips.push(prefix.trim());
  return chips;
}

/** Words at depth 0; quotes and parentheses hold their content together. */
function splitWords(expression: string): string[] {
  const words: string[] = [];
  let word = '';
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < expression.length; ++at) {
    const sign = expression[at]!;
    if (isQuoted) {
      word += sign;
      if (sign === '\\' && at + 1 < expression.length) word += expression[++at]!;
      else if (sign === '"') isQuoted = false;
      continue;
    }
    if (sign === '"') isQuoted = true;
    if (sign === '(') ++depth;
    if (sign === ')') depth = Math.max(0, depth - 1);
    if (/\s/.test(sign) && depth === 0) {
      if (word !== '') words.push(word);
      word = '';
    } else {
      word += sign;
    }
  }
  if (word !== '') words.push(word);
  return words;
}

export function joinFilter(chips: readonly string[]): string {
  if (chips.length < 2) return chips[0] ?? '';
  return chips.map((chip) => (splitWords(chip).includes('OR') ? `(${chip})` : chip)).join(' ');
}

export function addToFilter(expression: string, chip: string): string {
  const chips = splitFilter(expression);
  return chips.includes(chip) ? expression : joinFilter([...chips, chip]);
}

export function removeFromFilter(expression: string, chip: string): string {
  return joinFilter(splitFilter(expression).filter((other) => other !== chip));
}

export function negate(chip: string): string {
  if (chip.startsWith('-')) return chip.slice(1);
  if (chip.startsWith('NOT ')) return chip.slice(4);
  return /\sOR\s/.test(chip) && !chip.startsWith('(') ? `-(${chip})` : `-${chip}`;
}

export function isNegated(chip: string): boolean {
  return chip.startsWith('-') || chip.startsWith('NOT ');
}

/** A value as the grammar wants it: in quotation marks where a word would end early. */
export function quoteValue(value: string): string {
  if (/^[^\s()":=!<>*\\]+$/u.test(value) && !['AND', 'OR', 'NOT'].includes(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

export function makeTest(name: string, value: string): string {
  return `${quoteValue(name)}:${quoteValue(value)}`;
}

/** Files are named in quotation marks always, so that a star in a name is a star. */
export function exceptPaths(expression: string, paths: readonly string[]): string {
  const quoted = paths.map((path) => `-path:"${path.replace(/["\\]/g, '\\$&')}"`);
  return quoted.reduce(addToFilter, expression);
}

// Only names that everybody has: a colon in a question ("note: buy milk") must stay a colon.
const kTypedTest = /(?:^|\s)(-?(?:tag|tags|path|title|date|before|after):(?:"[^"]+"|[^\s"]+))\s/u;

/** Takes a test that was typed into the search box out of it, once a blank has ended it. */
export function takeTypedTest(text: string): { rest: string; chip: string } | null {
  const match = kTypedTest.exec(text);
  if (!match) return null;
  const rest = text.slice(0, match.index) + ' ' + text.slice(match.index + match[0].length);
  return { rest: rest.trimStart(), chip: match[1]! };
}
