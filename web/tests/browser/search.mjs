import assert from 'node:assert/strict';
import test from 'node:test';
import { hashOf, search, searchBox, withPage } from './harness.mjs';

const firstHit = (page) => page.locator('article').first();

test('hits come while typing, with what was found marked', async () => {
  await withPage({}, async (page) => {
    await searchBox(page).pressSequentially('방울토마토', { delay: 20 });
    await page.locator('[data-hit]', { hasText: '방울토마토' }).first().waitFor();
    await page.locator('article mark', { hasText: '토마토' }).first().waitFor();
    assert.match(page.url(), /query=/);
    await page.reload();
    await page.locator('[data-hit]').first().waitFor();
    assert.equal(await searchBox(page).inputValue(), '방울토마토');
  });
});

test('marks are right in text of many widths', async () => {
  await withPage({}, async (page) => {
    await search(page, 'quokka 가각갂');
    const marks = await page.locator('article mark').allInnerTexts();
    assert.ok(marks.length > 0);
    for (const mark of marks) assert.match(mark, /quokka|가각|각갂|가각갂/i);
  });
});

test('Korean is searched as it is composed, and no input is lost', async () => {
  await withPage({}, async (page) => {
    const asked = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/search')) asked.push(request.postDataJSON().query);
    });
    await searchBox(page).focus();
    const devtools = await page.context().newCDPSession(page);
    // As an input method sends it: the text being composed, then the text itself.
    for (const [composing, committed] of [
      ['ㄱ'],
      ['기'],
      ['김'],
      ['김', '김'],
      ['ㅊ'],
      ['치'],
      ['치', '치'],
      ['ㅉ'],
      ['찌'],
      ['찌', '찌'],
      ['ㄱ'],
      ['개'],
      ['개', '개'],
    ]) {
      if (committed === undefined)
        await devtools.send('Input.imeSetComposition', {
          text: composing,
          selectionStart: 1,
          selectionEnd: 1,
        });
      else await devtools.send('Input.insertText', { text: committed });
      await page.waitForTimeout(130);
    }
    await page.locator('[data-hit]', { hasText: '김치찌개' }).first().waitFor();
    assert.equal(await searchBox(page).inputValue(), '김치찌개');
    assert.ok(asked.includes('김치'), `asked ${asked}`);
    for (const query of asked) assert.doesNotMatch(query, /[ㄱ-ㅎ]/, `asked ${asked}`);
  });
});

test('an answer that comes late does not replace a newer one', async () => {
  await withPage({}, async (page) => {
    await page.route('**/v1/saerok/search', async (route) => {
      const isOld = route.request().postDataJSON().query === '토마토';
      if (isOld) await new Promise((done) => setTimeout(done, 600));
      await route.continue().catch(() => undefined);
    });
    await searchBox(page).fill('토마토');
    await page.waitForTimeout(150);
    await search(page, '자전거');
    await page.waitForTimeout(800);
    assert.doesNotMatch(await page.locator('ol').first().innerText(), /방울토마토/);
  });
});

test('the keyboard alone finds, reads and closes', async () => {
  await withPage({}, async (page) => {
    await page.getByRole('link', { name: '설정' }).focus();
    await page.keyboard.press('/');
    await searchBox(page).waitFor();
    await search(page, '토마토');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    const second = page.locator('[data-hit]').nth(1);
    assert.ok(await second.evaluate((element) => element === document.activeElement));
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.locator('aside .meant').first().waitFor();
    await page.keyboard.press('Escape');
    await page.locator('aside').waitFor({ state: 'detached' });
    await page.keyboard.press('w');
    await page.locator('.why .bar').waitFor();
    await page.keyboard.press('y');
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/vault\/.+\.md$/);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    assert.ok(await searchBox(page).evaluate((element) => element === document.activeElement));
  });
});

test('a note is read at its passage', async () => {
  await withPage({ hash: hashOf('search', { query: '물까치 떼 기차새' }) }, async (page) => {
    await page.locator('[data-hit]').first().click();
    const passage = page.locator('aside .meant').first();
    await passage.waitFor();
    await page.waitForFunction(() => document.querySelector('aside .text').scrollTop > 0);
    assert.match(await passage.innerText(), /물까치/);
    assert.equal(
      await passage.evaluate((element) => {
        const box = element.getBoundingClientRect();
        const pane = element.closest('.text').getBoundingClientRect();
        return box.top < pane.bottom && box.bottom > pane.top;
      }),
      true,
    );
    assert.match(
      await page.locator('aside a[href^="obsidian:"]').getAttribute('href'),
      /^obsidian:\/\/open\?path=%2F/,
    );
  });
});

test('why a hit was found is shown as parts of its score and as stages', async () => {
  await withPage({ hash: hashOf('search', { query: '텃밭 토마토' }) }, async (page) => {
    const why = firstHit(page).getByRole('button', { name: '왜 나왔나' });
    await why.click();
    await firstHit(page).locator('.bar .title').waitFor({ state: 'attached' });
    await firstHit(page).getByText('낱말로 찾기').waitFor();
    const values = await firstHit(page).locator('.why li .number.muted').allInnerTexts();
    const sum = values
      .filter((value) => value.includes('%'))
      .reduce((whole, value) => whole + parseFloat(value), 0);
    const score = parseFloat(await why.locator('.number').innerText());
    assert.ok(Math.abs(sum - score) < 0.1, `${sum} of ${score}`);
  });
});

test('chips edit the filter, and so do tags and what is typed', async () => {
  await withPage({}, async (page) => {
    await searchBox(page).pressSequentially('tag:텃밭 토마토', { delay: 5 });
    const chip = page.locator('.chip', { hasText: 'tag:텃밭' });
    await chip.waitFor();
    assert.equal(await searchBox(page).inputValue(), '토마토');
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll('article .path')].every(({ textContent }) =>
          textContent.startsWith('텃밭/'),
        ) && document.querySelector('article'),
    );
    await chip.locator('.text').click();
    await page.locator('.chip.negated').waitFor();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('article .path')].every(
        ({ textContent }) => !textContent.startsWith('텃밭/'),
      ),
    );
    await page.locator('.chip .remove').click();
    await page.locator('article .tag').first().click();
    await page.locator('.chip').waitFor();
    assert.match(decodeURIComponent(page.url()), /filter=tag:/);
  });
});

test('a filter that cannot be read says where', async () => {
  await withPage(
    { hash: hashOf('search', { query: '토마토', filter: 'date>=' }) },
    async (page) => {
      await page.getByRole('alert').waitFor();
      assert.match(await page.getByRole('alert').innerText(), /date>=/);
    },
  );
});

test('a word typed with the keyboard in English is repaired, and can be had as typed', async () => {
  await withPage({}, async (page) => {
    await searchBox(page).fill('xhakxh 모종 ');
    await page.locator('.notice', { hasText: '토마토 모종' }).waitFor();
    await page.locator('article mark', { hasText: '토마토' }).first().waitFor();
    await page.getByRole('button', { name: '“xhakxh 모종” 그대로 찾기' }).click();
    await page.locator('.notice', { hasText: '토마토 모종' }).waitFor({ state: 'detached' });
  });
});

test('half a word finds what it can become', async () => {
  await withPage({}, async (page) => {
    await searchBox(page).fill('방울토');
    await page.locator('article mark', { hasText: '방울토마토' }).first().waitFor();
  });
});

test('a thumb is kept as a label and can be taken back', async () => {
  await withPage({ hash: hashOf('search', { query: '토마토' }) }, async (page) => {
    const right = firstHit(page).getByRole('button', { name: '이 질문에 맞음' });
    await right.click();
    await firstHit(page).locator('button[aria-pressed=true]').waitFor();
    await right.click();
    await firstHit(page).locator('button[aria-pressed=true]').waitFor({ state: 'detached' });
  });
});

test('single-letter keys can be switched off', async () => {
  await withPage({ hash: hashOf('settings') }, async (page) => {
    await page.locator('#shortcuts').uncheck();
    await page.keyboard.press('?');
    assert.equal(await page.getByRole('dialog').count(), 0);
    await page.locator('#shortcuts').check();
  });
});
