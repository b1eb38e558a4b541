// Every view in both themes: no violation that axe knows of, no horizontal scrolling at 320 px, and
// a picture to look at.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { hashOf, screenshots, searchBox, withPage } from './harness.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export async function violationsOf(page) {
  // As a debugger would: the page's own policy lets no script in.
  const devtools = await page.context().newCDPSession(page);
  const { readFileSync } = await import('node:fs');
  await devtools.send('Runtime.evaluate', { expression: readFileSync(axe, 'utf8') });
  const result = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return result.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any }) => `${id}: ${target.join(' ')} ${any[0]?.message ?? ''}`),
  );
}

async function askSomething(page) {
  await page.locator('textarea').fill('방울토마토는 언제 심었어?');
  await page.keyboard.press('Enter');
  await page.locator('.cite').first().waitFor();
}

const views = {
  search: {
    hash: hashOf('search', { query: '텃밭 토마토', filter: 'tag:텃밭' }),
    prepare: (page) => page.locator('[data-hit]').first().waitFor(),
  },
  'search-why': {
    hash: hashOf('search', { query: '텃밭 토마토' }),
    prepare: async (page) => {
      await page.getByRole('button', { name: '왜 나왔나' }).first().click();
      await page.locator('.why .bar').waitFor();
    },
  },
  'search-reading': {
    hash: hashOf('search', { query: '텃밭 토마토' }),
    prepare: async (page) => {
      await page.locator('[data-hit]').first().click();
      await page.locator('aside .meant').first().waitFor();
    },
  },
  'search-empty': { hash: '', prepare: (page) => searchBox(page).waitFor() },
  ask: { hash: hashOf('ask'), prepare: askSomething },
  'ask-details': {
    hash: hashOf('ask'),
    prepare: async (page) => {
      await askSomething(page);
      await page.locator('summary', { hasText: '출처' }).click();
      await page.getByText('어떻게 나온 답인지').click();
    },
  },
  'ask-empty': { hash: hashOf('ask'), prepare: (page) => page.locator('textarea').waitFor() },
  library: {
    hash: hashOf('library'),
    prepare: (page) => page.getByRole('region', { name: '파일' }).waitFor(),
  },
  'lab-empty': {
    hash: hashOf('lab'),
    prepare: (page) => page.getByText('saerok lab run').first().waitFor(),
  },
  settings: {
    hash: hashOf('settings'),
    prepare: (page) => page.locator('#setting-search\\.depth').waitFor(),
  },
  keys: {
    hash: hashOf('settings'),
    prepare: async (page) => {
      await page.locator('#setting-search\\.depth').waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  locked: { hash: '', signedIn: false, prepare: (page) => page.locator('#token').waitFor() },
};

/** Chromium goes on painting what has only just come. */
const settle = (page) => page.waitForTimeout(250);

export function looksRight(name, { prepare, ...options }) {
  for (const theme of ['light', 'dark']) {
    test(`${name} looks right in the ${theme} theme`, async () => {
      await withPage({ ...options, theme }, async (page) => {
        await prepare(page);
        await settle(page);
        await page.screenshot({ path: path.join(screenshots, `${name}-${theme}.png`) });
        assert.deepEqual(await violationsOf(page), []);
      });
    });
  }

  test(`${name} is readable at 320 px`, async () => {
    await withPage({ ...options, width: 320, height: 640 }, async (page) => {
      await prepare(page);
      await settle(page);
      await page.screenshot({ path: path.join(screenshots, `${name}-320.png`) });
      const overflow = await page.evaluate(() =>
        Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
      );
      assert.equal(overflow, 0);
      assert.deepEqual(await violationsOf(page), []);
    });
  });
}

for (const [name, view] of Object.entries(views)) looksRight(name, view);

test('the page speaks the language of the browser, and English looks right too', async () => {
  await withPage(
    { locale: 'en-GB', hash: hashOf('search', { query: 'rosemary' }) },
    async (page) => {
      await page.getByRole('link', { name: 'Library' }).waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'en');
      assert.deepEqual(await violationsOf(page), []);
    },
  );
});
