import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { hashOf, repository, saerok, withPage } from './harness.mjs';
import { looksRight } from './looks.mjs';

const questions = path.join(repository, 'examples/questions');

test('runs are made for the lab to show', () => {
  saerok('lab', 'run', questions, '--set', 'mode=lexical', '--quiet');
  saerok(
    'lab',
    'run',
    questions,
    '--set',
    'mode=lexical',
    '--set',
    'gram_weight=0',
    '--note',
    'without grams',
    '--quiet',
  );
});

test('runs stand on the board and in the scatter, and two are compared to the question', async () => {
  await withPage({ hash: hashOf('lab') }, async (page) => {
    await page.getByText('without grams').waitFor();
    assert.equal(await page.locator('circle').count(), 2);
    await page.getByRole('checkbox').nth(0).check();
    await page.getByRole('region', { name: '질문별 결과' }).getByText('q0').first().waitFor();
    await page.getByRole('checkbox').nth(1).check();
    const comparison = page.getByRole('region', { name: '비교' });
    await comparison.waitFor();
    await comparison.getByText('ndcg@10').waitFor();
    const moved = page.locator('details').first();
    await moved.locator('summary').click();
    await moved.locator('li').first().waitFor();
  });
});

looksRight('lab-compare', {
  hash: hashOf('lab'),
  prepare: async (page) => {
    await page.getByRole('checkbox').nth(0).check();
    await page.getByRole('checkbox').nth(1).check();
    await page.getByRole('region', { name: '비교' }).scrollIntoViewIfNeeded();
    await page.locator('details summary').first().click();
  },
});

looksRight('lab', {
  hash: hashOf('lab'),
  prepare: (page) => page.locator('circle').first().waitFor(),
});
