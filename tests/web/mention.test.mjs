/* Mentions: the menu of names, how they look, counts, the list, and being told. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const LONG = 'bob-with-a-rather-long-name-here';

async function assertAccessible(page) {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(
    violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]),
    [],
  );
}

const menu = ({ page }) => page.locator('.at-names');
const names = (person) => menu(person).locator('[role=option] bdi');
const offers = (person, ...wanted) =>
  eventually(async () => assert.deepEqual(await names(person).allInnerTexts(), wanted));
const field = ({ page }) => page.locator('textarea');
const pill = ({ page }, room) => page.locator('.room', { hasText: room }).locator('.count');
const tool = ({ page }, name) => page.getByRole('button', { name, exact: true });
const icon = ({ page }) => page.locator('link[rel=icon]').getAttribute('href');

async function type(person, text) {
  await field(person).focus();
  await person.page.keyboard.type(text);
}

/* ---- the menu ---- */

scene('"@" offers names, which the keyboard takes', async (stage) => {
  const ann = await stage.person('ann');
  for (const nick of ['Ines Adler', 'Ines Castro', 'Kira', LONG]) await stage.robot(nick);
  await type(ann, 'Lunch? @in');
  await offers(ann, 'Ines Adler', 'Ines Castro');
  await ann.shot('mention-menu');
  await assertAccessible(ann.page);
  await ann.press('ArrowDown', 'Enter');
  assert.equal(await field(ann).inputValue(), 'Lunch? @Ines Castro ');
  assert.equal(await menu(ann).count(), 0);
  await type(ann, '@adl');
  await offers(ann, 'Ines Adler');
  await ann.press('Tab');
  await type(ann, '@zz');
  await eventually(async () => assert.equal(await menu(ann).count(), 0));
  await ann.press('Backspace', 'Backspace', 'k');
  await offers(ann, 'Kira');
  await ann.press('Escape');
  assert.equal(await menu(ann).count(), 0);
  assert.match(await ann.focused(), /Message Lobby/);
  await ann.press('Enter');
  await ann.sees('@Ines Castro @Ines Adler @k');
  const marked = ann.message('Lunch?').locator('.mention');
  await eventually(async () => assert.deepEqual(await marked.allInnerTexts(), ['@Ines Castro', '@Ines Adler']));
});

scene('an address of e-mail offers no names, and the mouse takes one', async (stage) => {
  const ann = await stage.person('ann');
  for (const nick of ['Bob', 'Bob B']) await stage.robot(nick);
  await type(ann, 'ann@b @b');
  await offers(ann, 'Bob', 'Bob B');
  await names(ann).nth(0).click();
  assert.equal(await field(ann).inputValue(), 'ann@b @"Bob" ', 'or it would be the longer name');
  await ann.press('Enter');
  const marked = ann.message('ann@b').locator('.mention');
  await eventually(async () => assert.deepEqual(await marked.allInnerTexts(), ['@"Bob"']));
});

scene('somebody who comes while their name is typed is offered', async (stage) => {
  const ann = await stage.person('ann');
  await type(ann, '@b');
  assert.equal(await menu(ann).count(), 0);
  await stage.robot('Bob');
  await offers(ann, 'Bob');
  await ann.press('Escape');
  await stage.robot('Bea');
  await ann.page.locator('.panel').getByText('Bea').waitFor();
  assert.equal(await menu(ann).count(), 0, 'what was closed stays closed');
});

scene('moderators call the whole room', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await type(ann, '@ro');
  assert.equal(await menu(ann).count(), 0);
  stage.daemon.ctl('--room', 'lobby', 'role', 'ann', 'moderator');
  await offers(ann, '@room');
  await menu(ann).getByText('Tells 2 people').waitFor();
  await ann.press('Enter');
  await type(ann, 'lunch');
  await ann.press('Enter');
  await bob.sees('@room lunch');
  assert.equal(await bob.message('lunch').locator('.mention.me').innerText(), '@room');
});

/* ---- counts and the list ---- */

scene('a room shows how often it names me, and a dot for the rest', async (stage) => {
  const ann = await stage.person('ann');
  await ann.open('Workshop');
  const bob = await stage.robot('bob');
  await bob({ type: 'say', room: 'lobby', text: 'hello all' });
  await eventually(async () => assert.match(await ann.page.title(), /^• Workshop/));
  assert.equal(await pill(ann, 'Lobby').innerText(), '');
  assert.ok(await pill(ann, 'Lobby').isVisible(), 'a dot');
  await bob({ type: 'say', room: 'lobby', text: '@ann one' }, { type: 'say', room: 'lobby', text: '@ann two' });
  await eventually(async () => assert.match(await ann.page.title(), /^\(2\) Workshop/));
  assert.equal(await pill(ann, 'Lobby').innerText(), '2');
  await eventually(async () => assert.match(await icon(ann), /icon-mark\.svg/));
  await ann.shot('mention-pill');
  await ann.page.reload();
  await ann.ready();
  await eventually(async () => assert.equal(await pill(ann, 'Lobby').innerText(), '2'));
  await ann.open('Lobby');
  await eventually(async () => assert.match(await ann.page.title(), /^Lobby/));
  assert.equal(await ann.message('@ann two').locator('.mention.me').innerText(), '@ann');
  await ann.shot('mention-row');
  await assertAccessible(ann.page);
});

scene('what an edit or a deletion takes back is no mention any more', async (stage) => {
  const ann = await stage.person('ann');
  await ann.open('Workshop');
  const bob = await stage.robot('bob');
  const said = await bob(
    { type: 'say', room: 'lobby', text: '@ann one' },
    { type: 'say', room: 'lobby', text: '@ann two' },
  );
  await eventually(async () => assert.equal(await pill(ann, 'Lobby').innerText(), '2'));
  await bob({ type: 'edit', room: 'lobby', of: said[0].seq, text: 'nobody' });
  await eventually(async () => assert.equal(await pill(ann, 'Lobby').innerText(), '1'));
  await bob({ type: 'delete', room: 'lobby', of: said[1].seq });
  await eventually(async () => assert.match(await ann.page.title(), /^• Workshop/));
});

scene('the list leads to the place', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.robot('bob');
  await ann.say('mine');
  const [{ items }] = await bob({ type: 'history', room: 'lobby', limit: 1 });
  await bob({ type: 'react', room: 'lobby', of: items[0].seq, emoji: '🎉', on: true });
  await bob({ type: 'say', room: 'lobby', text: '@ann <b>look</b> here' });
  for (let i = 0; i < 60; i += 1) await bob({ type: 'say', room: 'lobby', text: `filler ${i}` });
  await ann.open('Workshop');
  await ann.page.keyboard.press('Control+Shift+M');
  await ann.page.locator('.mention-row').first().waitFor();
  assert.deepEqual(await ann.page.locator('.mention-row .words').allInnerTexts(), ['@ann <b>look</b> here', '🎉 mine']);
  await ann.shot('mention-list');
  await assertAccessible(ann.page);
  await ann.page.locator('.mention-row').first().click();
  await eventually(async () => assert.match(await ann.focused(), /look/));
  await ann.page.locator('.mention-row').nth(1).click();
  await eventually(async () => assert.match(await ann.focused(), /mine/));
  await ann.page.locator('.mention-row').first().focus();
  await ann.press('Escape');
  assert.equal(await ann.page.locator('.mention-row').count(), 0);
});

scene('without mentions the list says so', async (stage) => {
  const ann = await stage.person('ann');
  await tool(ann, 'Mentions').click();
  await ann.page.getByText('Nobody has mentioned you yet').waitFor();
});

/* ---- being told ---- */

scene('a level holds on all devices, and silences a room', async (stage) => {
  const ann = await stage.person('ann');
  const other = await ann.tab();
  await other.ready();
  await ann.page.bringToFront();
  await tool(ann, 'Notifications').click();
  await ann.page.getByLabel('Nothing').check();
  await ann.shot('told');
  await assertAccessible(ann.page);
  await other.page.locator('.room.muted', { hasText: 'Lobby' }).waitFor();
  await other.page.close();
  await ann.press('Escape');
  await ann.open('Workshop');
  const bob = await stage.robot('bob');
  await bob({ type: 'say', room: 'lobby', text: '@ann hello' });
  await ann.page.getByLabel('Lobby, 1 unread').waitFor();
  assert.ok(!(await pill(ann, 'Lobby').isVisible()));
  assert.match(await ann.page.title(), /^Workshop/);
  await ann.page.reload();
  await ann.ready();
  await ann.page.locator('.room.muted', { hasText: 'Lobby' }).waitFor();
});

scene('a pause is set and lifted', async (stage) => {
  const ann = await stage.person('ann');
  await tool(ann, 'Notifications').click();
  await tool(ann, '1 hour').click();
  await ann.page.getByText('Paused until').waitFor();
  await ann.page.reload();
  await ann.ready();
  await tool(ann, 'Notifications').click();
  await tool(ann, 'Turn on again').click();
  await tool(ann, 'Until 8:00').waitFor();
});

/* A headless browser shows no notifications: this one notes what it would show. */
function fakeNotifications() {
  window.shown = [];
  window.Notification = class {
    static permission = 'default';
    static async requestPermission() {
      this.permission = 'granted';
      return 'granted';
    }
    constructor(title, options) {
      window.shown.push({ title, ...options });
    }
    close() {}
  };
}

const look = (person, is) =>
  person.page.evaluate((on) => {
    document.hasFocus = () => on;
    dispatchEvent(new Event(on ? 'focus' : 'blur'));
  }, is);

scene('the page offers notifications once, when one would have helped', async (stage) => {
  const ann = await stage.person();
  await ann.context.addInitScript(fakeNotifications);
  await ann.page.reload();
  await ann.enter('ann');
  const bob = await stage.robot('bob');
  await ann.page.bringToFront();
  await look(ann, false);
  await bob({ type: 'say', room: 'lobby', text: '@ann are you there?' });
  await ann.sees('are you there?');
  await eventually(async () => assert.match(await icon(ann), /icon-mark\.svg/));
  await look(ann, true);
  await ann.page.getByText('mentioned you while you were away').waitFor();
  await ann.shot('mention-offer');
  await assertAccessible(ann.page);
  await tool(ann, 'Turn on').click();
  assert.equal(await ann.page.locator('.offer').count(), 0);
  await look(ann, false);
  const text = `@ann ${'x'.repeat(200)}`;
  await bob({ type: 'say', room: 'lobby', text }, { type: 'say', room: 'lobby', text: 'plain' });
  await eventually(async () => assert.equal(await ann.page.evaluate(() => window.shown.length), 1));
  const [shown] = await ann.page.evaluate(() => window.shown);
  assert.deepEqual([shown.title, shown.body.length, shown.tag], ['bob in Lobby', 120, 'lobby']);
  await look(ann, true);
  assert.equal(await ann.page.locator('.offer').count(), 0);
});

/* ---- a phone ---- */

for (const colorScheme of ['light', 'dark'])
  scene(`mentions on a phone, ${colorScheme}`, async (stage) => {
    const ann = await stage.person('ann', { ...phone, colorScheme });
    const bob = await stage.robot(LONG);
    await bob({ type: 'say', room: 'lobby', text: '@ann look' });
    await ann.sees('@ann look');
    await type(ann, '@bo');
    await offers(ann, LONG);
    await ann.shot(`mention-menu-phone-${colorScheme}`);
    await assertAccessible(ann.page);
    await names(ann).first().tap();
    assert.equal(await field(ann).inputValue(), `@${LONG} `);
    await ann.page.locator('.back').tap();
    await ann.shot(`mention-rooms-phone-${colorScheme}`);
    await tool(ann, 'Mentions').tap();
    await ann.page.locator('.mention-row').first().waitFor();
    await ann.shot(`mention-list-phone-${colorScheme}`);
    await assertAccessible(ann.page);
    await ann.page.locator('.mention-row').first().tap();
    await eventually(async () => assert.match(await ann.focused(), /look/));
    await ann.page.locator('.back').tap();
    await tool(ann, 'Notifications').tap();
    await ann.shot(`told-phone-${colorScheme}`);
    await assertAccessible(ann.page);
    assert.equal(await ann.page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  });
