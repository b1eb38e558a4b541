// A daemon over a store of its own, a browser, and pages that notice what must never happen:
// dialogs, errors, refused content, requests to anywhere but the daemon.

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { writeHostileNotes } from './hostile_notes.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
export const repository = path.resolve(here, '../../..');
export const screenshots = process.env.SAEROK_SCREENSHOTS ?? path.resolve(here, '../screenshots');

const program = path.resolve(process.env.SAEROK ?? path.join(repository, 'build/saerok'));
const kStartMsMax = 20_000;

export const folder = mkdtempSync(path.join(tmpdir(), 'saerok-page-'));
export const vault = path.join(folder, 'vault');
export const hostile = path.join(folder, 'hostile');
const store = path.join(folder, 'store.saerok');

// Nothing of the person who runs this: no models, no config, no running daemon.
const env = {
  PATH: process.env.PATH,
  LANG: 'C.UTF-8',
  HOME: folder,
  XDG_DATA_HOME: path.join(folder, 'data'),
  XDG_CONFIG_HOME: path.join(folder, 'config'),
  XDG_STATE_HOME: path.join(folder, 'state'),
  XDG_CACHE_HOME: path.join(folder, 'cache'),
  XDG_RUNTIME_DIR: path.join(folder, 'runtime'),
};

export function saerok(...args) {
  const { status, stdout, stderr } = spawnSync(program, ['--store', store, ...args], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`saerok ${args.join(' ')}: ${stderr}`);
  return stdout;
}

export class Daemon {
  #child = null;
  port = 0;
  link = '';

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Again on the port of the first time, as a daemon that was restarted. */
  async start(...options) {
    const args = ['--store', store, 'serve', '--port', String(this.port), ...options];
    this.#child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    this.#child.stderr.on('data', (piece) => (log += piece));
    const lines = createInterface({ input: this.#child.stdout });
    this.link = await new Promise((done, fail) => {
      const timer = setTimeout(
        () => fail(new Error(`no link from the daemon: ${log}`)),
        kStartMsMax,
      );
      this.#child.once('exit', (code) => fail(new Error(`the daemon ended with ${code}: ${log}`)));
      lines.on('line', (line) => {
        const match = /http:\/\/127\.0\.0\.1:(\d+)\/\S*/.exec(line);
        if (!match) return;
        clearTimeout(timer);
        this.port = Number(match[1]);
        done(match[0]);
      });
    });
  }

  async stop() {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  }
}

export const daemon = new Daemon();
let browser = null;
let token = '';

export async function begin() {
  cpSync(path.join(repository, 'examples/vault'), vault, { recursive: true });
  mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
  mkdirSync(screenshots, { recursive: true });
  writeHostileNotes(hostile);
  saerok('index', '--no-wait', vault, hostile);
  await daemon.start();
  token = await tokenFor(daemon.link);
  browser = await launch();
}

/** A browser with more arguments than the tests' own has. */
export function launch(...args) {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: isRoot ? ['--no-sandbox', ...args] : args,
  });
}

export const tokenOfDaemon = () => token;

export async function end() {
  await browser?.close();
  await daemon.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function tokenFor(link) {
  const response = await fetch(`${daemon.origin}/v1/saerok/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code: link.split('#code=')[1] }),
  });
  return (await response.json()).token;
}

/** A context is a browser of its own; pages of one share what the browser keeps. */
export async function newContext({
  theme = 'light',
  width = 1280,
  height = 900,
  locale = 'ko-KR',
  signedIn = true,
} = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale,
    acceptDownloads: true,
  });
  await context
    .grantPermissions(['clipboard-read', 'clipboard-write'], { origin: daemon.origin })
    .catch(() => undefined);
  if (signedIn) {
    await context.addInitScript((value) => {
      if (!localStorage.getItem('saerok.token')) localStorage.setItem('saerok.token', value);
    }, token);
  }
  return context;
}

export class Watch {
  dialogs = [];
  errors = [];
  foreign = [];

  constructor(page) {
    page.on('dialog', (dialog) => {
      this.dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      // What Chromium itself logs of an answer such as 401 or a daemon that is away is expected.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.errors.push(message.text());
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${daemon.origin}/`) && !url.startsWith('blob:')) this.foreign.push(url);
    });
  }

  get all() {
    return [...this.dialogs, ...this.errors, ...this.foreign];
  }
}

/** Runs a test on a page and fails it for anything that was watched for. */
export async function withPage(options, body) {
  const context = await newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const watch = new Watch(page);
  try {
    await page.goto(daemon.origin + '/' + (options.hash ?? ''));
    await body(page, context);
    if (watch.all.length > 0)
      throw new Error(`the page did what it must not: ${watch.all.join(' | ')}`);
  } finally {
    await context.close();
  }
}

export const searchBox = (page) => page.locator('[role=search] input');

export async function search(page, text) {
  await searchBox(page).fill(text);
  await page.locator('[data-hit]').first().waitFor();
}

export const hashOf = (view, parameters = {}) => `#/${view}?${new URLSearchParams(parameters)}`;
