import { describe, expect, it } from 'vitest';

const files = Object.entries(
  import.meta.glob<string>('../../src/**/*.{svelte,ts}', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);

describe('the source', () => {
  it('is all looked at', () => {
    expect(files.length).toBeGreaterThan(40);
    for (const [, text] of files) expect(typeof text).toBe('string');
  });

  it('has no way for text to become HTML or script', () => {
    const forbidden =
      /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\ssrcdoc=/;
    for (const [name, text] of files) expect(text, name).not.toMatch(forbidden);
  });

  it('has no style attribute, which the content security policy refuses', () => {
    for (const [name, text] of files) expect(text, name).not.toMatch(/\sstyle=/);
  });

  it('names addresses of the daemon in api.ts only', () => {
    const others = files.filter(([name]) => !name.endsWith('/api.ts'));
    for (const [name, text] of others) expect(text, name).not.toMatch(/fetch\(|\/v1\//);
  });

  it('catches what a view tries in one place', () => {
    const copies = files.filter(([, text]) => /\battempt\(action/.test(text));
    expect(copies.map(([name]) => name)).toEqual([]);
  });
});
