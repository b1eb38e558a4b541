// Finding a quotation in the text of a chunk. The quotation was cut by sentences and its blanks may
// have been joined, so blanks compare as one.

export function findQuote(text: string, quote: string): [number, number][] {
  const words = quote.trim().replace(/^…|…$/g, '').trim();
  if (words === '') return [];
  const exact = text.indexOf(words);
  if (exact >= 0) return [[exact, exact + words.length]];
  const { joined, places } = joinBlanks(text);
  const wanted = joinBlanks(words).joined;
  const begin = joined.indexOf(wanted);
  if (begin < 0) return [];
  return [[places[begin]!, places[begin + wanted.length - 1]! + 1]];
}

function joinBlanks(text: string): { joined: string; places: number[] } {
  const places: number[] = [];
  let joined = '';
  for (let at = 0; at < text.length; ++at) {
    const isBlank = /\s/.test(text[at]!);
    if (isBlank && (joined === '' || joined.endsWith(' '))) continue;
    joined += isBlank ? ' ' : text[at]!;
    places.push(at);
  }
  return { joined, places };
}
