// While a syllable is being composed, the text ends in a lone consonant: 김치ㅉ on the way to 김치찌.
// Searching for the consonant would find nothing and make the results flicker.

const kTrailingJamo = /[\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\ud7b0-\ud7ff]+$/u;

/** What to search for now. Someone who has finished typing ㅋㅋ means it. */
export function searchableText(text: string, isComposing: boolean): string {
  const settled = text.replace(kTrailingJamo, '').trim();
  return settled === '' && !isComposing ? text.trim() : settled;
}
