import { expect, it } from 'vitest';
import { Attempts } from '../../src/lib/attempts.svelte';

it('a failure is shown until something succeeds', async () => {
  const attempts = new Attempts();
  const failure = new Error('no');
  await attempts.run(() => Promise.reject(failure));
  expect(attempts.error).toBe(failure);
  await attempts.run(() => Promise.resolve());
  expect(attempts.error).toBeNull();
});
