import { describe, expect, it } from 'vitest';
import { markRanges, markUnits, utf16Offsets } from '../../src/lib/utf8';

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

describe('UTF-8 offsets', () => {
  it('are the same in ASCII', () => {
    expect(utf16Offsets('abc', [0, 1, 3])).toEqual([0, 1, 3]);
  });

  it('count Hangul as three bytes and an emoji as four bytes and two units', () => {
    const text = '가🙂b';
    expect(utf16Offsets(text, [0, 3, 7, 8])).toEqual([0, 1, 3, 4]);
  });

  it('may come in any order, and past the end they are the end', () => {
    expect(utf16Offsets('가나', [99, 3, 0])).toEqual([2, 1, 0]);
  });

  it('inside a character move back to its start', () => {
    expect(utf16Offsets('가나', [4, 5])).toEqual([1, 1]);
  });

  it('agree with the encoder on random text', () => {
    const seed = Date.now() % 100000;
    let state = seed;
    const random = (below: number) => (state = (state * 1103515245 + 12345) % 2147483648) % below;
    const signs = ['a', 'é', '가', '힣', '🙂', '\n', '한', '\u0301', '𝒳'];
    for (let round = 0; round < 200; ++round) {
      const parts = Array.from({ length: random(40) }, () => signs[random(signs.length)]!);
      const text = parts.join('');
      const cut = random(parts.length + 1);
      const prefix = parts.slice(0, cut).join('');
      expect(utf16Offsets(text, [bytesOf(prefix)]), `seed ${seed}`).toEqual([prefix.length]);
    }
  });
});

describe('marking', () => {
  it('cuts the text at the ranges', () => {
    expect(markRanges('방울토마토 심기', [[6, 15]])).toEqual([
      { text: '방울', isMarked: false },
      { text: '토마토', isMarked: true },
      { text: ' 심기', isMarked: false },
    ]);
  });

  it('marks what was meant between emoji, joined ones too, and Hangul in either form', () => {
    const text = '🍵 녹차는 👩‍👩‍👧 셋이 마신다 🎉 tea';
    const bytes = (part: string) => new TextEncoder().encode(part).length;
    for (const word of ['녹차', '셋이', '🎉', '👩‍👩‍👧', 'tea']) {
      const begin = bytes(text.slice(0, text.indexOf(word)));
      const marked = markRanges(text, [[begin, begin + bytes(word)]]).filter((s) => s.isMarked);
      expect(marked).toEqual([{ text: word, isMarked: true }]);
    }
  });

  it('loses nothing where ranges overlap, touch or run over', () => {
    for (const ranges of [
      [
        [0, 2],
        [1, 3],
      ],
      [[2, 9]],
      [[3, 3]],
      [
        [1, 2],
        [2, 3],
      ],
    ] as [number, number][][]) {
      expect(
        markUnits('abcd', ranges)
          .map(({ text }) => text)
          .join(''),
      ).toBe('abcd');
    }
  });
});
