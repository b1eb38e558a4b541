import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { folder, hashOf, repository, saerok, vault, withPage } from './harness.mjs';
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

test('a run over conversations shows how often each decision was right', async () => {
  const talk = path.join(folder, 'talk');
  const turn = (id, decision, content) =>
    JSON.stringify({ eval_id: id, decision, msg: [{ role: 'user', content }] });
  mkdirSync(talk);
  writeFileSync(
    path.join(talk, 'eval.jsonl'),
    [
      turn(1, 'search', '보일러 점검은 언제 했지?'),
      turn(2, 'search', '안녕하세요! 반가워요'),
      turn(3, 'answer', '안녕'),
    ].join('\n'),
  );
  saerok('lab', 'run', talk, '--corpus', vault, '--set', 'mode=lexical', '--quiet');
  await withPage({ hash: hashOf('lab') }, async (page) => {
    await page.getByRole('combobox', { name: '데이터셋' }).selectOption('talk:eval');
    await page.getByRole('checkbox').first().check();
    const matrix = page.getByRole('region', { name: '판단' });
    const row = matrix.getByRole('row', { name: /^search/ });
    await row.waitFor();
    const cells = await row.getByRole('cell').allInnerTexts();
    assert.deepEqual(cells, ['1', '1', '0', '1.000', '0.500', '0.667']);
  });
});
