// A name of somebody else's that leads to this machine, as in DNS rebinding: for the browser the
// daemon is then of that page's own origin, and only the Host header says whose name it was.

import assert from 'node:assert/strict';
import test from 'node:test';
import { daemon, launch, tokenOfDaemon } from './harness.mjs';

const kForeign = 'notes.attacker.test';

test('a foreign name that leads to the daemon is answered nothing, whatever it sends', async () => {
  const browser = await launch(`--host-resolver-rules=MAP ${kForeign} 127.0.0.1`);
  try {
    const page = await browser.newPage();
    const origin = `http://${kForeign}:${daemon.port}`;
    const shell = await page.goto(`${origin}/`);
    assert.equal(shell.status(), 421);
    assert.equal(await page.locator('#app, nav, script').count(), 0);
    // From within that origin, with the very token: nothing of it is foreign to the browser.
    const answers = await page.evaluate(async (token) => {
      const asked = [
        ['GET', '/healthz'],
        ['GET', '/v1/saerok/status'],
        ['GET', '/v1/saerok/openapi.json'],
        ['POST', '/v1/saerok/session', '{"code":"00"}'],
        ['POST', '/v1/saerok/search', '{"query":"토마토"}'],
      ];
      return Promise.all(
        asked.map(async ([method, path, body]) => {
          const headers = { Authorization: `Bearer ${token}` };
          const response = await fetch(path, { method, headers, body });
          return { path, status: response.status, text: await response.text() };
        }),
      );
    }, tokenOfDaemon());
    for (const { path, status, text } of answers) {
      assert.equal(status, 421, path);
      assert.equal(JSON.parse(text).code, 'wrong_host', path);
      assert.doesNotMatch(text, /토마토|vault|version/, path);
    }
    // The name is what is refused: the same browser opens the page by its own.
    const own = await page.goto(`${daemon.origin}/`);
    assert.equal(own.status(), 200);
  } finally {
    await browser.close();
  }
});
