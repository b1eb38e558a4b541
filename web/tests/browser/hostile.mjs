// Notes that mean harm: nothing they say runs, and nothing they name is fetched. Dialogs, errors and
// foreign requests are watched for in every test (harness.mjs).

import assert from 'node:assert/strict';
import test from 'node:test';
import { daemon, hashOf, withPage } from './harness.mjs';
import { makeVectors } from './hostile_notes.mjs';

const kOverflow = () =>
  Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Elements that could only have come from a note. */
const kSmuggled = () =>
  document.querySelectorAll(
    '#app script, #app iframe, #app style, #app link, #app video, #app img:not([src="/favicon.svg"]), #app [onerror], #app [onload], #app [style*="url"]',
  ).length;

for (const width of [1280, 320]) {
  test(`hostile notes are found and read as text at ${width} px`, async () => {
    await withPage({ width, hash: hashOf('search', { query: 'quokka' }) }, async (page) => {
      await page.locator('[data-hit]').first().waitFor();
      const count = await page.locator('[data-hit]').count();
      assert.ok(count >= 6, `${count} hits`);
      assert.equal(await page.evaluate(kOverflow), 0);
      for (let at = 0; at < count; ++at) {
        await page.locator('[data-hit]').nth(at).click();
        await page.locator('aside .meant').first().waitFor();
        assert.equal(await page.evaluate(kSmuggled), 0);
        assert.equal(await page.evaluate(kOverflow), 0);
        await page.keyboard.press('Escape');
      }
      for (const why of await page.getByRole('button', { name: '왜 나왔나' }).all())
        await why.click();
      await page.locator('.why .bar').first().waitFor();
      assert.equal(await page.evaluate(kSmuggled), 0);
      assert.equal(await page.evaluate(kOverflow), 0);
    });
  });

  test(`a question about hostile notes is answered as text at ${width} px`, async () => {
    await withPage({ width, hash: hashOf('ask') }, async (page) => {
      await page.locator('textarea').fill('What does the quokka say?');
      await page.keyboard.press('Enter');
      await page.locator('summary', { hasText: '출처' }).click();
      assert.equal(await page.evaluate(kSmuggled), 0);
      assert.equal(await page.evaluate(kOverflow), 0);
      await page.waitForTimeout(300);
    });
  });
}

test('five hundred ways to write script are text in a note, an answer and a title', async () => {
  const vectors = makeVectors();
  assert.equal(vectors.length, 500);
  await withPage({ hash: hashOf('search', { query: 'five hundred quokkas' }) }, async (page) => {
    await page.locator('[data-hit]', { hasText: 'Five hundred' }).first().click();
    await page.locator('aside .meant').first().waitFor();
    for (const more of await page.locator('aside .text > button').all()) await more.click();
    assert.equal(await page.evaluate(kSmuggled), 0);
    assert.match(await page.locator('aside .text').innerText(), /onmouseover=alert\(1\)/);
    await page.keyboard.press('Escape');
    await page.route('**/v1/saerok/search', async (route) => {
      const result = await (await route.fetch()).json();
      const [hit] = result.hits;
      result.hits = vectors.map((vector, at) => ({
        ...hit,
        path: `${at}${vector}`,
        title: vector,
        snippet: vector,
        heading_path: ['x', vector],
        attributes: [
          ['tag', vector],
          ['date', vector],
        ],
        highlights: [[0, 3]],
      }));
      result.report.warnings = [vectors[0]];
      await route.fulfill({ json: result });
    });
    await page.locator('[role=search] input').fill('quokka');
    await page.locator('[data-hit]').nth(499).waitFor();
    assert.equal(await page.evaluate(kSmuggled), 0);
    assert.equal(await page.evaluate(kOverflow), 0);
    const sources = `event: sources\ndata: ${JSON.stringify({ sources: [] })}\n\n`;
    const text = `event: text\ndata: ${JSON.stringify({ text: vectors.join('\n\n') })}\n\n`;
    await page.route('**/v1/saerok/ask', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: sources + text }),
    );
    await page.getByRole('link', { name: '질문' }).click();
    await page.locator('textarea').fill(vectors[1]);
    await page.keyboard.press('Enter');
    await page.locator('.markdown p').nth(400).waitFor();
    assert.equal(await page.evaluate(kSmuggled), 0);
    assert.equal(await page.locator('.markdown a').count(), 0);
  });
});

test('their names stand in the library as text', async () => {
  await withPage({ hash: hashOf('library') }, async (page) => {
    await page.getByLabel('경로의 일부').fill('onerror');
    await page.getByRole('cell', { name: 'onerror=alert(12)' }).first().waitFor();
    assert.equal(await page.evaluate(kSmuggled), 0);
  });
});

test("a tag's own words become a filter that means them", async () => {
  await withPage({ hash: hashOf('search', { query: 'quokka' }) }, async (page) => {
    await page.locator('.tag', { hasText: '<script>' }).first().click();
    await page.locator('.chip').waitFor();
    await page.locator('[data-hit]').first().waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
  });
});

test('every answer of the daemon forbids what the page does not need', async () => {
  for (const path of ['/', '/favicon.svg', '/v1/saerok/status', '/nowhere']) {
    const response = await fetch(daemon.origin + path);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/, path);
    assert.doesNotMatch(policy, /unsafe/, path);
  }
});
