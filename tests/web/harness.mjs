/* harness.mjs - a daemon, a browser and users in it, for one test.
 * Environment: CHATD (the daemon), CHROMIUM (the browser), SHOTS (folder for screenshots).
 * Waits for conditions, never for a time. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const CHATD = process.env.CHATD ?? here('../../build/dev/chatd');
const PATIENCE_MS = 20_000;
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/* ---- the browser: one for all tests ---- */

let browser = null;

async function theBrowser() {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
    args: QUIET,
  });
  return browser;
}

after(() => browser?.close());

/* ---- waiting ---- */

/** Repeats `check` until it neither throws nor returns false; fails with its last error. */
export async function eventually(check, patience = PATIENCE_MS) {
  for (const end = Date.now() + patience; ;) {
    try {
      if ((await check()) !== false) return;
      throw new Error(`not in ${patience} ms: ${check}`);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((done) => setTimeout(done, 25));
  }
}

/* ---- the daemon ---- */

export class Daemon {
  static async create(limits) {
    const daemon = new Daemon();
    daemon.state = await mkdtemp(join(tmpdir(), 'chatd-web-'));
    daemon.port = await freePort();
    daemon.url = `http://127.0.0.1:${daemon.port}/`;
    daemon.conf = join(daemon.state, 'chatd.conf');
    await writeFile(daemon.conf, configuration(daemon, limits));
    await daemon.start();
    return daemon;
  }

  async start() {
    this.words = '';
    this.process = spawn(CHATD, ['--config', this.conf], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream.on('data', (data) => {
        this.words += data;
      });
    this.ended = new Promise((done) => {
      this.process.on('close', (...how) => done(how));
      this.process.on('error', done);
    });
    const failed = this.ended.then(() => assert.fail(`chatd ended: ${this.words}`));
    await Promise.race([failed, eventually(async () => (await fetch(this.url)).ok)]);
    failed.catch(() => {});
  }

  /** Runs chatctl. */
  ctl(...words) {
    execFileSync(join(dirname(CHATD), 'chatctl'), ['--control', join(this.state, 'control'), ...words]);
  }

  /** Ends it by this signal and no other way. After SIGTERM its status is 0; its output has no sanitizer's report. */
  async stop(signal = 'SIGTERM') {
    const child = this.process;
    this.process = null;
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    const how = await this.ended;
    clearTimeout(late);
    assert.doesNotMatch(this.words, /Sanitizer|runtime error/);
    assert.deepEqual(how, signal === 'SIGTERM' ? [0, null] : [null, signal], 'how the daemon ended');
  }

  async destroy() {
    try {
      if (this.process) await this.stop();
    } finally {
      await rm(this.state, { recursive: true, force: true });
    }
  }
}

const configuration = ({ port, state }, limits) => `
listen = ( { address = "127.0.0.1"; port = ${port}; } );
state = "${state}";
control = "${state}/control";
www = "${here('../../www')}";
rooms = ( { name = "lobby"; title = "Lobby"; topic = "Say hello"; },
          { name = "workshop"; title = "Workshop"; topic = ""; },
          { name = "news"; title = "News"; topic = "From the crew"; post = "moderator"; } );
limits = { connections_per_address = 0; ${limits} };
`;

const ports = new Set();

/** A port below those that the kernel gives to clients, and beside those of free_port() in tests/live: nobody can get
 * it while the daemon is down. */
async function freePort() {
  const port = randomInt(28_000, 32_000);
  if (ports.has(port)) return freePort();
  ports.add(port);
  const server = createServer();
  const free = await new Promise((done) => {
    server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true));
  });
  if (!free) return freePort();
  await new Promise((done) => {
    server.close(done);
  });
  return port;
}

/* ---- people ---- */

/** A user with a browser context. The methods save typing in tests. */
export class Person {
  constructor(context, page, url) {
    Object.assign(this, { context, page, url, faults: [] });
    this.#watch(page);
  }

  /** Reloads the page with its connection going through here. `hear(frame)` gets each frame of the server and
   * returns the frame for the page, or nothing; `sent(command)` gets what the page sends. Resolves to a function that
   * sends a frame to the page. */
  async tap(hear, sent = () => {}) {
    let say = () => {};
    await this.page.routeWebSocket('**/chat', (socket) => {
      const server = socket.connectToServer();
      say = (frame) => socket.send(JSON.stringify(frame));
      socket.onMessage((text) => {
        sent(JSON.parse(text));
        server.send(text);
      });
      server.onMessage((text) => {
        const frame = hear(JSON.parse(text));
        if (frame) say(frame);
      });
    });
    await this.page.reload();
    await this.ready();
    return (frame) => say(frame);
  }

  /** Reloads the page so that window.parts is what main.js calls `page`. */
  async expose() {
    await this.page.route(/\/main\.js/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${await response.text()}\nwindow.parts = page;` });
    });
    await this.page.reload();
    await this.ready();
  }

  /** A second tab of the same browser. */
  async tab() {
    const other = new Person(this.context, await this.context.newPage(), this.url);
    other.faults = this.faults;
    await other.page.goto(this.url);
    return other;
  }

  /* Users act in the tab before them. A tab behind another draws rarely, so a click there waits for seconds. */
  #come() {
    return this.page.bringToFront();
  }

  async enter(nick) {
    this.nick = nick;
    await this.#come();
    await this.page.locator('.login input').fill(nick);
    await this.page.keyboard.press('Enter');
    await this.ready();
  }

  /** Waits until the open room is there. */
  async ready() {
    await this.page.locator('.begin:not(.loading), .msg').first().waitFor();
    await this.page.locator('.compose').waitFor();
  }

  async open(title) {
    await this.#come();
    await eventually(async () => (await this.seek(title)).click({ timeout: 2000 })); // the list may just change
    await eventually(() =>
      this.page
        .locator('.head .title')
        .innerText()
        .then((now) => now === title),
    );
    await this.ready();
  }

  /** The room in the list; one that is not mine is found by its title. */
  async seek(title) {
    const room = this.page.locator('.room', { hasText: title });
    return (await room.count()) ? room : this.find(title);
  }

  async find(title) {
    await this.page.locator('.find').fill(title);
    return this.page.locator('.room', { hasText: title });
  }

  async write(text) {
    await this.#come();
    await this.page.locator('textarea').fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Chooses in the menu with Settings, Keyboard, Sign out. */
  you(words) {
    return this.#choose('.show-you', words);
  }

  /** Chooses in the open room's menu. */
  roomMenu(words) {
    return this.#choose('.room-menu', words);
  }

  async #choose(opener, words) {
    await this.page.locator(opener).click();
    await this.page.getByRole('menuitem', { name: words }).click();
  }

  /** Chooses what to add in the menu of "+". */
  async add(words) {
    await this.#choose('.plus', words);
  }

  /** Opens the menu of a message; resolves to its rows. */
  async menu(text) {
    await this.message(text).hover();
    await this.message(text).getByRole('button', { name: 'More…' }).click();
    return this.page.getByRole('menuitem').locator('bdi').allInnerTexts();
  }

  /** Chooses what to do with a message in its menu. */
  async choose(text, words) {
    await this.menu(text);
    await this.page.getByRole('menuitem', { name: words }).click();
  }

  /** Holds a finger on a message until its menu is there. */
  async hold(text) {
    const { x, y } = await this.message(text).locator('.text').boundingBox();
    const devtools = await this.context.newCDPSession(this.page);
    const touch = (type, touchPoints) => devtools.send('Input.dispatchTouchEvent', { type, touchPoints });
    await touch('touchStart', [{ x: x + 5, y: y + 5 }]);
    await this.page.locator('.menu').waitFor();
    await touch('touchEnd', []);
  }

  /** Writes and waits for the acknowledgement. */
  async say(text) {
    await this.write(text);
    await this.sees(text);
    await eventually(() =>
      this.page
        .locator('.msg.wait')
        .count()
        .then((count) => count === 0),
    );
  }

  async sees(text) {
    await this.message(text).waitFor();
  }

  message(text) {
    return this.page.locator('.msg', { hasText: text }).last();
  }

  /** The texts of all messages on the page, oldest first. */
  texts() {
    return this.page.locator('.msg .text').allInnerTexts();
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** The focused element: its label, name or class. */
  focused() {
    return this.page.evaluate(() => {
      const { activeElement: at } = document;
      return at.ariaLabel || at.name || at.className;
    });
  }

  async shot(name) {
    if (!process.env.SHOTS) return;
    await mkdir(process.env.SHOTS, { recursive: true });
    await this.page.bringToFront(); // a tab in the background is not painted
    await this.page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) });
  }

  /** Fails if axe-core finds a violation. */
  async isAccessible() {
    await this.page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    const { violations } = await this.page.evaluate(() => window.axe.run());
    const found = violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
    assert.deepEqual(found, []);
  }

  #watch(page) {
    page.on('pageerror', (error) => this.faults.push(error.stack ?? String(error)));
    page.on('dialog', (dialog) => {
      if (this.leaving && dialog.type() === 'beforeunload') return this.leaving(dialog);
      this.faults.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on('console', (message) => {
      const words = message.text();
      if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION|Failed to load/.test(words)) this.faults.push(words);
    });
  }
}

/** axe-core finds nothing wrong with what is on the page, or in that part of it. */
export async function assertAccessible({ page }, part = 'body') {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(
    (where) => window.axe.run(where, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }),
    part,
  );
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`);
  assert.deepEqual(found, []);
}

/** A text that the page sends and the server refuses: nothing in it can be seen. */
export const REFUSED = '\u2800';

/* ---- a test ---- */

class Stage {
  #people = [];

  constructor(daemon) {
    this.daemon = daemon;
  }

  /** A new user at the login page; logged in, if there is a nick. */
  async person(nick, options = {}) {
    const context = await (
      await theBrowser()
    ).newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      timezoneId: 'Europe/Paris',
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
      ),
    );
    const person = new Person(context, await context.newPage(), this.daemon.url);
    this.#people.push(person);
    await person.page.goto(this.daemon.url);
    if (nick) await person.enter(nick);
    return person;
  }

  /** A user without the page, in the lobby: a bare client. Resolves to (…commands) => replies. */
  async robot(nick) {
    const { page } = await this.person();
    await page.evaluate(speak);
    const ask = (...commands) => page.evaluate((all) => Promise.all(all.map((one) => window.ask(one))), commands);
    await ask({ type: 'hello', nick }, { type: 'join', room: 'lobby' });
    return ask;
  }

  async close() {
    for (const { context } of this.#people) await context.close();
    await this.daemon.destroy();
  }

  assertClean() {
    for (const person of this.#people) assert.deepEqual(person.faults, [], `${person.nick}'s page complains`);
  }
}

/* Runs in a page: a bare client of the protocol. */
function speak() {
  const asked = new Map();
  let last = 0;
  const socket = new WebSocket(`ws://${location.host}/chat`, 'chat');
  const open = new Promise((done) => {
    socket.onopen = done;
  });
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    asked.get(frame.id)?.(frame);
  };
  window.ask = async (command) => {
    await open;
    const id = `robot-${(last += 1)}`;
    socket.send(JSON.stringify({ ...command, id }));
    return new Promise((done) => asked.set(id, done));
  };
}

/** A test with a daemon of its own; fails too if a page throws or breaks its security policy, or if the daemon
 * does not end as it should.
 * limits: lines of the configuration's `limits` block. */
export function scene(name, body, limits = 'commands_per_second = 0;') {
  test(name, { timeout: 180_000 }, async () => {
    const stage = new Stage(await Daemon.create(limits));
    try {
      try {
        await body(stage);
        stage.assertClean();
      } finally {
        await stage.close();
      }
    } catch (error) {
      error.message += stage.daemon.words && `\nchatd: ${stage.daemon.words.slice(-6000)}`;
      throw error;
    }
  });
}
