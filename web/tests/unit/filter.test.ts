import { describe, expect, it } from 'vitest';
import {
  addToFilter,
  exceptPaths,
  joinFilter,
  makeTest,
  negate,
  removeFromFilter,
  splitFilter,
  takeTypedTest,
} from '../../src/lib/filter';

describe('chips', () => {
  it.each([
    ['', []],
    ['tag:work date:2024', ['tag:work', 'date:2024']],
    ['tag:work AND date>=2024-03-01', ['tag:work', 'date>=2024-03-01']],
    ['tag:회의 -tag:취소 NOT path:일기/', ['tag:회의', '-tag:취소', 'NOT path:일기/']],
    ['author:"Kim Yuna" tag:a', ['author:"Kim Yuna"', 'tag:a']],
    [
      '(author:"김유나" OR author:kim) priority>2',
      ['(author:"김유나" OR author:kim)', 'priority>2'],
    ],
    ['priority >= 3 tag:a', ['priority>=3', 'tag:a']],
    ['title:"a \\" OR b" tag:c', ['title:"a \\" OR b"', 'tag:c']],
    // Taking one side of an OR away would change what the other means.
    ['tag:a OR tag:b tag:c', ['tag:a OR tag:b tag:c']],
    ['- tag:a', ['-tag:a']],
  ])('%s', (expression, chips) => {
    expect(splitFilter(expression)).toEqual(chips);
  });

  it('can be taken out and put in', () => {
    expect(removeFromFilter('tag:a date:2024', 'tag:a')).toBe('date:2024');
    expect(addToFilter('tag:a', 'date:2024')).toBe('tag:a date:2024');
    expect(addToFilter('tag:a', 'tag:a')).toBe('tag:a');
  });

  it('keep an OR together when another chip comes beside it', () => {
    expect(addToFilter('tag:a OR tag:b', 'date:2024')).toBe('(tag:a OR tag:b) date:2024');
    expect(joinFilter(['tag:a OR tag:b'])).toBe('tag:a OR tag:b');
  });

  it('turn into their opposite and back', () => {
    for (const chip of ['tag:a', '(tag:a OR tag:b)']) expect(negate(negate(chip))).toBe(chip);
    expect(negate('tag:a OR tag:b')).toBe('-(tag:a OR tag:b)');
    expect(negate('NOT tag:a')).toBe('tag:a');
  });
});

describe('tests', () => {
  it('quote what would end a word early', () => {
    expect(makeTest('tag', '텃밭')).toBe('tag:텃밭');
    expect(makeTest('author', 'Kim Yuna')).toBe('author:"Kim Yuna"');
    expect(makeTest('title', 'say "hi"')).toBe('title:"say \\"hi\\""');
    expect(makeTest('tag', 'OR')).toBe('tag:"OR"');
  });

  it('leave files out whatever their names are', () => {
    expect(exceptPaths('tag:a', ['텃밭/퇴비 상자.md', 'a*.md'])).toBe(
      'tag:a -path:"텃밭/퇴비 상자.md" -path:"a*.md"',
    );
  });

  it('are taken out of what is typed once a blank ends them', () => {
    expect(takeTypedTest('토마토 tag:텃밭 심기')).toEqual({
      rest: '토마토 심기',
      chip: 'tag:텃밭',
    });
    expect(takeTypedTest('tag:"두 낱말" ')).toEqual({ rest: '', chip: 'tag:"두 낱말"' });
    expect(takeTypedTest('tag:텃밭')).toBeNull();
    expect(takeTypedTest('note: buy milk ')).toBeNull();
  });
});
