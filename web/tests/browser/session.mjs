import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { daemon, hashOf, newContext, search, searchBox, withPage } from './harness.mjs';

test('the link signs in once and leaves the address bar', async () => {
  // The harness has used the first link.
  await daemon.stop();
  await daemon.start();
  const context = await newContext({ signedIn: false });
  const page = await context.newPage();
  await page.goto(daemon.link);
  await searchBox(page).waitFor();
  assert.equal(page.url().includes('code='), false);
  const token = await page.evaluate(() => localStorage.getItem('saerok.token'));
  assert.ok(token);
  await search(page, '토마토');
  assert.deepEqual(await context.cookies(), []);
  await context.close();

  const other = await newContext({ signedIn: false });
  const second = await other.newPage();
  await second.goto(daemon.link);
  await second.locator('[role=alert]').waitFor();
  assert.equal(await second.locator('nav').count(), 0);
  await second.locator('#token').fill('wrong');
  await second.keyboard.press('Enter');
  await second.locator('form [role=alert]').waitFor();
  await second.locator('#token').fill(token);
  await second.keyboard.press('Enter');
  await searchBox(second).waitFor();
  await other.close();
});

test('the page weighs at most 100 kB packed, and asks nobody else for any of it', async () => {
  const page = await (await fetch(daemon.origin)).text();
  const names = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
  let bytes = gzipSync(page).length;
  for (const name of names) {
    assert.match(name, /^\//);
    const response = await fetch(daemon.origin + name);
    assert.equal(response.status, 200);
    bytes += gzipSync(Buffer.from(await response.arrayBuffer())).length;
  }
  assert.ok(names.length >= 3 && bytes < 100_000, `${bytes} bytes`);
});

test('a token that is no longer valid leads to the sign-in, in every tab', async () => {
  const context = await newContext();
  const [one, two] = [await context.newPage(), await context.newPage()];
  await one.goto(daemon.origin);
  await two.goto(daemon.origin);
  await searchBox(two).waitFor();
  await one.evaluate(() => localStorage.setItem('saerok.token', 'spoilt'));
  await searchBox(one).fill('토마토');
  await one.locator('#token').waitFor();
  await two.locator('#token').waitFor();
  await context.close();
});

test('two tabs search on their own and share theme and language', async () => {
  await withPage({}, async (page, context) => {
    const other = await context.newPage();
    await other.goto(daemon.origin);
    await search(page, '토마토');
    await search(other, '자전거');
    assert.equal(await searchBox(page).inputValue(), '토마토');
    await page.getByRole('button', { name: '밝게 또는 어둡게' }).click();
    await other.locator(':root[data-theme=dark]').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'English' }).click();
    await other.getByRole('link', { name: 'Library' }).waitFor();
  });
});

test('a daemon that restarts under the page is found again without a reload', async () => {
  await withPage({}, async (page) => {
    await search(page, '토마토');
    await page.evaluate(() => (window.isSamePage = true));
    await daemon.stop();
    await searchBox(page).fill('자전거 체인');
    await page.getByText('데몬이 응답하지 않습니다').waitFor();
    await daemon.start();
    await page.locator('[data-hit]', { hasText: '체인' }).first().waitFor();
    await page.getByText('데몬이 응답하지 않습니다').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => window.isSamePage), true);
  });
});

test('a view that is opened while the daemon is away loads once it is back', async () => {
  await withPage({ hash: hashOf('settings') }, async (page) => {
    await page.locator('#setting-search\\.depth').waitFor();
    await daemon.stop();
    await page.getByRole('link', { name: '서재' }).click();
    await page.getByText('데몬이 응답하지 않습니다').waitFor();
    await daemon.start();
    await page.getByRole('region', { name: '파일' }).waitFor();
  });
});

test('the page says that a daemon without a token is open to all', async () => {
  await daemon.stop();
  await daemon.start('--no-auth');
  const context = await newContext({ signedIn: false });
  const page = await context.newPage();
  await page.goto(daemon.origin);
  await page.getByText('--no-auth').waitFor();
  await search(page, '토마토');
  await context.close();
  await daemon.stop();
  await daemon.start();
});
