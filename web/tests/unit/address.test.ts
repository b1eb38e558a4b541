import { describe, expect, it } from 'vitest';
import { pathOfName } from '../../src/lib/address';

const arrived = (name: string) => {
  const { pathname } = new URL(`http://127.0.0.1/collections/${pathOfName(name)}`);
  return decodeURIComponent(pathname.slice('/collections/'.length));
};

describe('a name in a path', () => {
  it('arrives as it is, with its slashes as slashes', () => {
    for (const name of ['notes', '일/지난 것?', 'a//b', '100%', '%2f', '#x&y=z', '/a/', '...']) {
      expect(arrived(name)).toBe(name);
      expect(pathOfName(name)).not.toMatch(/%2f/i);
    }
  });

  it('never becomes another one', () => {
    for (const name of ['.', '..', 'a/../b', './a', 'a/..']) expect(pathOfName(name)).toBeNull();
  });
});
