import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { hashOf, withPage } from './harness.mjs';

const box = (page) => page.locator('textarea');

async function ask(page, question) {
  await box(page).fill(question);
  await page.keyboard.press('Enter');
}

const answered = (page) =>
  page.waitForFunction(() => document.querySelectorAll('[aria-busy=true]').length === 0);

/** What a model would say, streamed as the daemon streams it. */
function streamOf(answer, overrides) {
  const cut = Math.floor(answer.answer.length / 2);
  const events = [
    ['sources', { sources: answer.sources }],
    ['text', { text: answer.answer.slice(0, cut) }],
    ['text', { text: answer.answer.slice(cut) }],
    ['answer', { ...answer, ...overrides }],
  ];
  return events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('');
}

const kAnswer = {
  decision: 'search',
  decided_by: 'gate',
  search_probability: 0.9,
  decision_explanation: null,
  standalone_query: '토마토',
  expansions: [],
  proposed_filters: [{ words: '지난봄', filter: 'date:2024-03', is_applied: false }],
  answer: '',
  kind: 'model',
  found: true,
  citations: [],
  citations_dropped: 0,
  unsupported: [],
  sources: [],
  hits: [],
  model: 'stub',
  prompt_hash: null,
  conversation: null,
  conversation_id: null,
  report: { stages: [], warnings: [] },
};

test('an answer comes with chips that open their passages', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    await ask(page, '방울토마토는 언제 심었어?');
    const chip = page.locator('.cite').first();
    await chip.waitFor();
    await page.getByText('대화 모델은 쓰지 않았습니다').waitFor();
    await chip.click();
    await page.locator('aside .meant mark').first().waitFor();
    await page.keyboard.press('Escape');
    assert.ok(await chip.evaluate((element) => element === document.activeElement));
    await page.getByText('어떻게 나온 답인지').click();
    await page.getByText('노트가 필요할 확률').waitFor();
  });
});

test('the standalone query can be changed and asked again', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    await ask(page, '방울토마토는 언제 심었어?');
    await page.getByRole('button', { name: '바꾸기' }).click();
    const request = page.waitForRequest((sent) => sent.url().endsWith('/ask'));
    await page.getByLabel('찾을 말').fill('자전거 체인 교체');
    await page.keyboard.press('Enter');
    assert.equal((await request).postDataJSON().standalone_query, '자전거 체인 교체');
    await page.locator('q', { hasText: '자전거 체인 교체' }).waitFor();
    assert.equal(await page.locator('.question').count(), 1);
  });
});

test('sources can be left out', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    await ask(page, '방울토마토는 언제 심었어?');
    await page.locator('.cite').first().waitFor();
    await page.locator('summary', { hasText: '출처' }).click();
    await page
      .getByRole('checkbox', { name: /방울토마토/ })
      .first()
      .uncheck();
    const request = page.waitForRequest((sent) => sent.url().endsWith('/ask'));
    await page.getByRole('button', { name: '빼고 다시 묻기' }).click();
    assert.match((await request).postDataJSON().filter, /-path:"텃밭\/방울토마토\.md"/);
    await page.getByRole('button', { name: '다시 묻기', exact: true }).waitFor();
    await page.locator('summary', { hasText: '출처' }).click();
    assert.equal(await page.locator('section li', { hasText: '텃밭/방울토마토.md' }).count(), 0);
  });
});

test('a reload in the middle of an answer loses neither question nor draft', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    await page.route('**/v1/saerok/ask', () => undefined); // Never answered.
    await ask(page, '보일러 점검은 언제야?');
    await page.getByText('노트를 찾는 중').waitFor();
    await box(page).fill('다음에 물을 것');
    // Only then: a request that is let go before the reload may still be answered.
    await page.reload();
    await page.unroute('**/v1/saerok/ask');
    await page.locator('.question', { hasText: '보일러 점검은 언제야?' }).waitFor();
    await page.getByText('도중에 끊겼습니다').waitFor();
    assert.equal(await box(page).inputValue(), '다음에 물을 것');
    await page.getByRole('button', { name: '다시 묻기' }).click();
    await page.locator('summary', { hasText: '출처' }).waitFor();
  });
});

test('an answer that breaks off keeps what had come and can be asked for again', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    const body = `event: text\ndata: ${JSON.stringify({ text: '토마토는 봄에' })}\n\n`;
    await page.route('**/v1/saerok/ask', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body }),
    );
    await ask(page, '방울토마토는 언제 심었어?');
    await page.getByText('도중에 끊겼습니다').waitFor();
    await page.getByText('토마토는 봄에', { exact: true }).waitFor();
    await page.unroute('**/v1/saerok/ask');
    await page.getByRole('button', { name: '다시 묻기' }).click();
    await page.locator('.cite').first().waitFor();
  });
});

test('how much a local model has read is shown until it writes', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    // A stream that goes on when it is told to: what is fulfilled by the route comes all at once.
    await page.evaluate(() => {
      const real = window.fetch;
      window.fetch = (input, init) => {
        if (!String(input).endsWith('/v1/saerok/ask')) return real(input, init);
        const body = new ReadableStream({ start: (stream) => void (window.answering = stream) });
        return Promise.resolve(
          new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
        );
      };
    });
    const send = (name, data) =>
      page.evaluate(
        (text) => window.answering.enqueue(new TextEncoder().encode(text)),
        `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`,
      );
    await ask(page, '토마토?');
    await page.waitForFunction(() => window.answering);
    const source = { path: 'a.md', root: '/', title: '가', heading_path: [], lines: [1, 1] };
    await send('sources', {
      sources: [{ ...source, bytes: [0, 1], rank: 1, score: 1, snippet: '', highlights: [] }],
    });
    await page.getByText('쓰는 중').waitFor();
    await send('reading', { read: 512, total: 1600 });
    await page.getByText('읽는 중 32 %').waitFor();
    await send('reading', { read: 1600, total: 1600 });
    await page.getByText('쓰는 중').waitFor();
    await send('text', { text: '봄에 심었다.' });
    await page.getByText('봄에 심었다.').waitFor();
  });
});

test('an answer can be stopped', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    await page.route('**/v1/saerok/ask', () => undefined);
    await ask(page, '토마토?');
    const failed = page.waitForEvent('requestfailed');
    await page.getByRole('button', { name: '멈추기' }).click();
    await failed;
    await page.getByText('멈췄습니다').waitFor();
  });
});

test('a conversation is kept, listed, opened again, exported and deleted', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    await ask(page, '김치찌개에 무엇을 넣어?');
    await page.locator('.cite').first().waitFor();
    await answered(page);
    await ask(page, '얼마나 끓여?');
    await page.locator('.question').nth(1).waitFor();
    await answered(page);
    const list = page.getByRole('navigation', { name: '대화 목록' });
    await list.getByText('김치찌개에').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Markdown으로 저장' }).click();
    const text = readFileSync(await (await download).path(), 'utf8');
    assert.match(text, /^> 김치찌개에 무엇을 넣어\?/);
    assert.match(text, /\[\^1-\d+\]: .+\.md, \d+/);
    await page.reload();
    await page.locator('.question').nth(1).waitFor();
    await page.locator('.cite').first().click();
    await page.locator('aside .meant').first().waitFor();
    await page.keyboard.press('Escape');
    await list.locator('li').first().waitFor();
    const count = await list.locator('li').count();
    await list
      .getByRole('button', { name: /“김치찌개에.*삭제/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: '삭제' }).click();
    await page.waitForFunction(
      (before) => document.querySelectorAll('nav li').length === before - 1,
      count,
    );
    assert.equal(await page.locator('.question').count(), 0);
  });
});

test('asking again replaces the last answer of a conversation, and no other', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    const questions = page.locator('.question');
    const again = page.getByRole('button', { name: '다시 묻기', exact: true });
    const reopened = async (count) => {
      await page.reload();
      await questions.nth(count - 1).waitFor();
      assert.equal(await questions.count(), count);
    };
    await ask(page, '녹차는 몇 도에서 우려?');
    await page.locator('.cite').first().waitFor();
    await answered(page);
    await ask(page, '보일러 점검은 언제였지?');
    await questions.nth(1).waitFor();
    await answered(page);
    const request = page.waitForRequest((sent) => sent.url().endsWith('/ask'));
    await again.click();
    assert.equal((await request).postDataJSON().replaces_turn, 2);
    await answered(page);
    await again.waitFor();
    await reopened(2);

    // One that was stopped before anything had been said is not in the store.
    await page.route('**/v1/saerok/ask', () => undefined);
    await ask(page, '자전거 체인은?');
    await page.getByRole('button', { name: '멈추기' }).click();
    await page.getByText('멈췄습니다').waitFor();
    await page.unroute('**/v1/saerok/ask');
    await again.click();
    await page.getByText('멈췄습니다').waitFor({ state: 'detached' });
    await answered(page);
    await again.waitFor();
    await reopened(3);

    // One that broke off after some words is, with those.
    await page.route('**/v1/saerok/ask', async (route) => {
      await route.fetch();
      const body = `event: text\ndata: ${JSON.stringify({ text: '김치는' })}\n\n`;
      await route.fulfill({ contentType: 'text/event-stream', body });
    });
    await ask(page, '김치찌개에 무엇을 넣어?');
    await page.getByText('도중에 끊겼습니다').waitFor();
    await page.unroute('**/v1/saerok/ask');
    await page.getByRole('button', { name: '다시 묻기' }).click();
    await page.getByText('도중에 끊겼습니다').waitFor({ state: 'detached' });
    await answered(page);
    await again.waitFor();
    await reopened(4);
  });
});

test('asking again in the middle of a conversation replaces all that came after', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    const questions = page.locator('.question');
    const fromHere = page.getByRole('button', { name: '이 물음부터 다시' });
    const dialog = page.getByRole('dialog');
    const kAsked = ['녹차는 몇 도에서 우려?', '보일러 점검은 언제였지?', '자전거 체인은?'];
    const askAll = async () => {
      for (const [at, question] of kAsked.entries()) {
        await ask(page, question);
        await questions.nth(at).waitFor();
        await answered(page);
      }
    };
    const reopened = async (count) => {
      await page.reload();
      await questions.nth(count - 1).waitFor();
      assert.deepEqual(await questions.allInnerTexts(), kAsked.slice(0, count));
    };
    await askAll();
    assert.equal(await fromHere.count(), 2);

    await fromHere.nth(1).click();
    await dialog.getByText('물음 1개').waitFor();
    await dialog.getByRole('button', { name: '취소' }).click();
    assert.equal(await questions.count(), 3);

    const request = page.waitForRequest((sent) => sent.url().endsWith('/ask'));
    await fromHere.nth(1).click();
    await dialog.getByRole('button', { name: '다시 묻기' }).click();
    const sent = (await request).postDataJSON();
    assert.equal(sent.replaces_turn, 2);
    assert.equal(sent.conversation.length, 2);
    await answered(page);
    await reopened(2);

    // Cut off by a reload before the daemon had it: nothing is lost, and it can be gone on with.
    await page.route('**/v1/saerok/ask', () => undefined);
    const cutOff = page.waitForRequest((other) => other.url().endsWith('/ask'));
    await fromHere.first().click();
    await dialog.getByRole('button', { name: '다시 묻기' }).click();
    assert.equal((await cutOff).postDataJSON().replaces_turn, 0);
    await page.reload();
    await page.unroute('**/v1/saerok/ask');
    await page.getByText('도중에 끊겼습니다').waitFor();
    assert.equal(await questions.count(), 1);
    await page.getByRole('button', { name: '다시 묻기' }).click();
    await page.getByText('도중에 끊겼습니다').waitFor({ state: 'detached' });
    await answered(page);
    await reopened(1);
  });
});

test('a conversation that went on in another tab is shown before anything of it is replaced', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    const questions = page.locator('.question');
    await ask(page, '녹차는 몇 도에서 우려?');
    await answered(page);
    await ask(page, '보일러 점검은 언제였지?');
    await questions.nth(1).waitFor();
    await answered(page);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.locator('.question').nth(1).waitFor();
    await ask(other, '자전거 체인은?');
    await other.locator('.question').nth(2).waitFor();
    await answered(other);
    await other.close();

    let asked = 0;
    page.on('request', (sent) => (asked += sent.url().endsWith('/ask') ? 1 : 0));
    await page.getByRole('button', { name: '이 물음부터 다시' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '다시 묻기' }).click();
    await questions.nth(2).waitFor();
    assert.equal(asked, 0);
    assert.deepEqual((await questions.allInnerTexts()).at(-1), '자전거 체인은?');
  });
});

test('Enter that ends a syllable does not send', async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    await box(page).focus();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Input.imeSetComposition', {
      text: '집',
      selectionStart: 1,
      selectionEnd: 1,
    });
    await box(page).evaluate((element) =>
      element.dispatchEvent(
        new KeyboardEvent('keydown', {
          key: 'Enter',
          isComposing: true,
          bubbles: true,
          cancelable: true,
        }),
      ),
    );
    await devtools.send('Input.insertText', { text: '집' });
    assert.equal(await box(page).inputValue(), '집');
    assert.equal(await page.locator('.question').count(), 0);
  });
});

test("a model's answer is shown as Markdown, unsupported sentences marked, nothing loaded", async () => {
  await withPage({ hash: hashOf('ask') }, async (page) => {
    const bad = '달에서도 🙂 자란다.';
    const text = `**방울토마토**는 봄에 심는다. ${bad}\n\n- <img src=x onerror=alert(1)> ![p](http://tracker.invalid/p.png?d=${'x'.repeat(80)})\n- [here](javascript:alert(2)) [there](https://example.invalid/)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n`;
    const bytes = (part) => new TextEncoder().encode(part).length;
    const at = bytes(text.slice(0, text.indexOf(bad)));
    const answer = {
      ...kAnswer,
      answer: text,
      unsupported: [{ text: bad, span: [at, at + bytes(bad)], support: 0.1 }],
    };
    await page.route('**/v1/saerok/ask', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: streamOf(answer) }),
    );
    await ask(page, '토마토?');
    await page.locator('.unsupported').waitFor();
    assert.equal(await page.locator('.unsupported').innerText(), bad);
    assert.equal(await page.locator('.markdown img').count(), 0);
    assert.equal(await page.locator('.markdown td').count(), 2);
    assert.equal(await page.locator('.markdown a').count(), 2);
    for (const link of await page.locator('.markdown a').all()) {
      assert.match(await link.getAttribute('href'), /^https?:/);
      assert.equal(await link.getAttribute('rel'), 'noreferrer noopener');
      assert.equal(await link.getAttribute('target'), '_blank');
    }
    await page.getByText('tracker.invalid · 긴 데이터').waitFor();
    await page.getByText('date:2024-03').waitFor();
  });
});

test('two hundred turns stay usable', async () => {
  await withPage({}, async (page) => {
    const turns = Array.from({ length: 200 }, (_, i) => [
      { role: 'user', content: `질문 ${i}`, created_s: 1 },
      { role: 'assistant', content: `답 ${i}. `.repeat(40), created_s: 1, citations: [] },
    ]).flat();
    await page.route('**/v1/saerok/conversations/1?*', (route) =>
      route.fulfill({ json: { id: 1, turns } }),
    );
    await page.evaluate((hash) => (location.hash = hash), hashOf('ask', { conversation: '1' }));
    await page.locator('.question').nth(199).waitFor();
    const begin = Date.now();
    await box(page).pressSequentially('아직 빠르다', { delay: 0 });
    assert.ok(Date.now() - begin < 3000);
  });
});
