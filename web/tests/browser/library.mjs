import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { hashOf, saerok, search, vault, withPage } from './harness.mjs';

test('settings are changed, refused, kept and put back', async () => {
  await withPage({ hash: hashOf('settings') }, async (page) => {
    const field = page.locator('#setting-search\\.bm25\\.k1');
    const row = page.locator('.setting', { has: field });
    await field.fill('0.9');
    await page.keyboard.press('Enter');
    await row.getByText('바꿈').waitFor();
    await field.fill('99');
    await page.keyboard.press('Enter');
    await row.getByRole('alert').waitFor();
    await page.reload();
    await field.waitFor();
    assert.equal(await field.inputValue(), '0.9');
    await row.getByRole('button', { name: '되돌리기' }).click();
    await row.getByText('바꿈').waitFor({ state: 'detached' });
    assert.equal(await field.inputValue(), '1.2');
  });
});

test('a choice and what to look at can be changed', async () => {
  await withPage({ hash: hashOf('settings') }, async (page) => {
    await page.locator('#setting-ask\\.rewrite').selectOption('nothing');
    await page.getByLabel('바꾼 것만').check();
    await page.locator('#setting-search\\.depth').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'ask.rewrite 되돌리기' }).click();
    await page.locator('#setting-ask\\.rewrite').waitFor({ state: 'detached' });
    await page.getByLabel('바꾼 것만').uncheck();
    await page.getByLabel('설정 찾기').fill('gram');
    await page.locator('#setting-search\\.gram_weight').waitFor();
    assert.equal(await page.locator('#setting-search\\.depth').count(), 0);
  });
});

test('the library lists files by state, with reasons, and opens them', async () => {
  await withPage({ hash: hashOf('library') }, async (page) => {
    await page.getByLabel('경로의 일부').fill('방울');
    await page.getByRole('button', { name: '텃밭/방울토마토.md' }).first().click();
    await page.locator('aside', { hasText: '곁순' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('경로의 일부').fill('broken.md');
    await page.getByText('it looks like a binary file').waitFor();
    await page.getByLabel('경로의 일부').fill('');
    await page.getByRole('button', { name: /색인됨/ }).click();
    await page.getByRole('button', { name: '다음' }).click();
    await page.getByText(/^51–/).waitFor();
  });
});

test('indexing again shows its progress and finds what is new', async () => {
  writeFileSync(path.join(vault, '새로 쓴 노트.md'), '# 새로 쓴 노트\n\n자작나무 수액을 받았다.\n');
  await withPage({ hash: hashOf('library') }, async (page) => {
    await page.getByRole('button', { name: '다시 색인' }).click();
    await page.getByText('마침').waitFor({ timeout: 30_000 });
    await page.getByRole('link', { name: '검색', exact: true }).click();
    await search(page, '자작나무 수액');
    await page.locator('[data-hit]', { hasText: '새로 쓴 노트' }).waitFor();
  });
});

test('a file is forgotten only after it was asked for twice', async () => {
  await withPage({ hash: hashOf('library') }, async (page) => {
    await page.getByLabel('경로의 일부').fill('direction.md');
    const forget = page.getByRole('button', { name: 'direction.md 잊기' });
    await forget.click();
    await page.getByRole('dialog').getByRole('button', { name: '취소' }).click();
    assert.equal(await forget.count(), 1);
    await forget.click();
    await page.getByRole('dialog').getByRole('button', { name: '잊기' }).click();
    await page.getByText('그런 파일이 없습니다').waitFor();
  });
});

test('a collection whose name holds a slash is forgotten', async () => {
  const name = '일/지난 것?';
  saerok('index', '--no-wait', '--collection', name, path.join(vault, '텃밭'));
  await withPage({ hash: hashOf('library') }, async (page) => {
    await page.getByLabel('모음', { exact: true }).selectOption(name);
    await page.getByRole('heading', { name }).waitFor();
    await page.getByRole('button', { name: '모두 잊기' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '잊기' }).click();
    await page.getByRole('heading', { name: 'default' }).waitFor();
    assert.equal(saerok('status', '--json').includes(name), false);
  });
});

test('the spaces of vectors are listed with what they hold', async () => {
  await withPage({ hash: hashOf('library') }, async (page) => {
    const spaces = [
      { tier: 'chunks', embedder: 'e5-small/1', dimension: 384, chunks: 1234, bytes: 34_000 },
      { tier: 'windows', embedder: 'e5-small/1', dimension: 384, chunks: 7, bytes: 9_000 },
    ];
    await page.route('**/v1/saerok/status', async (route) => {
      const response = await route.fetch();
      const status = await response.json();
      for (const collection of status.collections) collection.spaces = spaces;
      await route.fulfill({ response, json: status });
    });
    await page.reload();
    const rows = page.getByRole('region', { name: '벡터 공간' }).locator('tbody tr');
    await rows.nth(1).waitFor();
    assert.match(await rows.nth(0).innerText(), /대목\s+e5-small\/1\s+384\s+1,234\s+34\.0 kB/);
    assert.match(await rows.nth(1).innerText(), /문장 몇 개씩/);
    await page.unrouteAll({ behavior: 'wait' });
  });
});
