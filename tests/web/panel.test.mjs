/* panel.test.mjs - the right panel: people, and what else it shows. */

import assert from 'node:assert/strict';
import { assertAccessible, eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const small = { ...phone, viewport: { width: 320, height: 640 } };

const panel = ({ page }) => page.locator('.panel');
const names = ({ page }, group) => page.locator(`.panel .${group} bdi`).allInnerTexts();
const heading = ({ page }, group) => page.locator(`.${group}-count`).innerText();

/* Makes `count` people enter the lobby without a page of their own. */
function crowd({ page }, count) {
  return page.evaluate(
    (most) =>
      Promise.all(
        Array.from(
          { length: most },
          (_, number) =>
            new Promise((done) => {
              const socket = new WebSocket(`ws://${location.host}/chat`, 'chat');
              const send = (command) => socket.send(JSON.stringify(command));
              socket.onopen = () => {
                send({ type: 'hello', id: 'h', nick: `sailor ${number}` });
                send({ type: 'join', id: 'j', room: 'lobby' });
              };
              socket.onmessage = ({ data }) => JSON.parse(data).id === 'j' && done();
            }),
        ),
      ),
    count,
  );
}

scene('the panel closes, and stays closed after a reload', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await panel(ann).waitFor();
  assert.equal(await page.locator('.show-people').getAttribute('aria-expanded'), 'true');
  await page.locator('.close-panel').click();
  await panel(ann).waitFor({ state: 'hidden' });
  assert.match(await ann.focused(), /^People: 1$/);
  await page.reload();
  await ann.ready();
  assert.ok(await panel(ann).isHidden());
  assert.ok((await page.locator('.main').boundingBox()).width > 1000, 'the log has its place');
  await page.locator('.show-people').focus();
  await ann.press('Enter');
  await panel(ann).waitFor();
  await page.reload();
  await ann.ready();
  await panel(ann).waitFor();
  await ann.press('F6');
  assert.equal(await ann.focused(), 'People');
  await ann.press('Escape');
  assert.ok(await panel(ann).isVisible(), 'Escape writes, as everywhere');
  assert.equal(await ann.focused(), 'Message Lobby');
});

scene('other content lies over the people until it is closed', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await ann.expose();
  await page.evaluate(() => {
    const { parts } = window;
    window.ends = [];
    const draw = (name) => (body) => {
      const field = Object.assign(document.createElement('input'), { autofocus: true, ariaLabel: `Field of ${name}` });
      body.append(field);
      return () => window.ends.push(name);
    };
    parts.panel.add({ name: 'pins', title: () => `Pins of ${parts.model.current.title}`, draw: draw('pins') });
    parts.panel.add({ name: 'late', title: 'Late', draw: async (body) => draw('late')(body) });
    parts.panel.add({ name: 'lost', title: 'Lost', draw: () => Promise.reject(new Error('It did not load.')) });
  });
  const show = (name) => page.evaluate((one) => window.parts.panel.show(one), name);
  const ends = () => page.evaluate(() => window.ends);
  await page.locator('textarea').focus();
  await show('pins');
  assert.equal(await page.locator('.panel-title').innerText(), 'Pins of Lobby');
  assert.equal(await ann.focused(), 'Field of pins');
  assert.equal(await page.locator('.show-people').getAttribute('aria-expanded'), 'false');
  await show('late');
  assert.deepEqual(await ends(), ['pins']);
  await eventually(async () => assert.equal(await ann.focused(), 'Field of late'));
  await ann.press('Escape');
  assert.equal(await page.locator('.panel-title').innerText(), 'People');
  assert.equal(await ann.focused(), 'Message Lobby');
  await eventually(async () => assert.deepEqual(await ends(), ['pins', 'late']));
  await show('pins');
  await ann.open('Workshop');
  assert.equal(await page.locator('.panel-title').innerText(), 'Pins of Workshop');
  await page.goBack();
  await eventually(async () => assert.equal(await page.locator('.panel-title').innerText(), 'Pins of Lobby'));
  await show('lost');
  await eventually(async () => assert.equal(await page.locator('.panel .fault').innerText(), 'It did not load.'));
  await page.locator('.close-panel').click();
  await eventually(async () => assert.deepEqual(await names(ann, 'here'), ['ann']));

  await page.locator('.close-panel').click();
  await show('pins');
  await page.locator('.close-panel').click();
  assert.ok(await panel(ann).isHidden(), 'as it was before');
});

scene('what is open stays so when the window becomes narrow, and wide', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await page.setViewportSize({ width: 800, height: 800 });
  await panel(ann).waitFor({ state: 'hidden' });
  await page.locator('.show-people').click();
  await panel(ann).waitFor();
  await page.setViewportSize({ width: 1200, height: 800 });
  await panel(ann).waitFor();
  await eventually(() => page.evaluate(() => history.state.overlays === 0));
  await page.locator('.close-panel').click();
  await page.setViewportSize({ width: 2400, height: 800 });
  const app = await page.locator('.app').boundingBox();
  assert.ok(Math.abs(app.x - (2400 - app.x - app.width)) < 2 && app.x > 100, 'in the middle of a wide screen');
});

scene('people stand in groups, with presence and role', async (stage) => {
  const ann = await stage.person('Ann Brook');
  await stage.robot('bob');
  const eve = await stage.robot('eve');
  stage.daemon.ctl('role', 'Ann Brook', 'admin');
  const { page } = ann;
  await eventually(async () => assert.deepEqual(await names(ann, 'ranked'), ['Ann Brook']));
  const mine = page.locator('.person', { hasText: 'Ann Brook' });
  assert.match((await mine.innerText()).replace(/\s+/g, ' '), /^AB Ann Brook \(you\) Admin$/);
  await eventually(async () => assert.deepEqual(await names(ann, 'here'), ['bob', 'eve']));
  assert.equal(await heading(ann, 'here'), 'Here · 2');
  assert.equal(await page.locator('.show-people .number').innerText(), '3');
  assert.ok(await page.locator('.away-count').isHidden());
  assert.ok(await page.locator('.find-person').isHidden());
  await eve({ type: 'away', on: true });
  await eventually(async () => assert.deepEqual(await names(ann, 'away'), ['eve']));
  assert.deepEqual([await heading(ann, 'here'), await heading(ann, 'away')], ['Here · 1', 'Away · 1']);
  await assertAccessible(ann);
  await ann.shot('panel-people');
});

scene('a click on a person writes the name into the message', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob', phone);
  await ann.page.locator('textarea').fill('Hello');
  await ann.page.locator('.person', { hasText: 'bob' }).click();
  assert.equal(await ann.page.locator('textarea').inputValue(), 'Hello @bob ');
  assert.equal(await ann.focused(), 'Message Lobby');
  await bob.page.locator('.show-people').tap();
  await bob.page.locator('.person', { hasText: 'ann' }).tap();
  await panel(bob).waitFor({ state: 'hidden' });
  assert.equal(await bob.page.locator('textarea').inputValue(), '@ann ');
});

scene('on a phone the panel is a screen with Back', async (stage) => {
  const long = 'W'.repeat(32);
  for (const [name, device] of Object.entries({ phone, small })) {
    const ann = await stage.person(`${name[0]}${long.slice(1)}`, device);
    const { page } = ann;
    assert.ok(await panel(ann).isHidden());
    await page.locator('.show-people').tap();
    await page.locator('.person').first().waitFor();
    await eventually(async () => assert.equal((await panel(ann).boundingBox()).x, 0));
    assert.equal((await panel(ann).boundingBox()).width, device.viewport.width);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    assert.equal(
      await page.locator('.panel-body').evaluate((body) => body.scrollWidth - body.clientWidth),
      0,
      'a long name is cut',
    );
    assert.ok((await page.locator('.close-panel').boundingBox()).x < 20, 'Back is at the left');
    await assertAccessible(ann);
    await ann.shot(`panel-${name}`);
    await page.goBack();
    await panel(ann).waitFor({ state: 'hidden' });
    await page.locator('.show-people').tap();
    await page.locator('.close-panel').tap();
    await panel(ann).waitFor({ state: 'hidden' });
  }
});

scene('a hundred people, and somebody among them', async (stage) => {
  const ann = await stage.person('ann', { colorScheme: 'dark' });
  const { page } = ann;
  await crowd(ann, 100);
  await eventually(async () => assert.equal(await heading(ann, 'here'), 'Here · 101'));
  await eventually(async () => assert.equal(await page.locator('.person').count(), 101));
  assert.ok(await page.locator('.panel-body').evaluate((body) => body.scrollHeight > body.clientHeight));
  await page.locator('.find-person').fill('sailor 7');
  await eventually(async () => assert.equal(await page.locator('.person').count(), 11));
  await page.locator('.find-person').fill('nobody of that name');
  await page.getByText('No one found').waitFor();
  assert.equal(await page.locator('.person').count(), 0);
  await assertAccessible(ann);
  await page.locator('.find-person').fill('');
  await eventually(async () => assert.equal(await page.locator('.person').count(), 101));
  await ann.shot('panel-hundred');
});

scene('moderators see who is banned, muted and who moderates, and lift it', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  const max = await stage.person('Max Endo', phone);
  for (const nick of ['Finn Castro', 'Quinn', 'W'.repeat(32)]) await stage.robot(nick);
  assert.ok(await page.locator('.show-moderation').isHidden());
  stage.daemon.ctl('role', 'ann', 'admin');
  stage.daemon.ctl('--room', 'lobby', 'role', 'Max Endo', 'moderator');
  stage.daemon.ctl('--room', 'lobby', 'ban', 'Finn Castro', '24h');
  stage.daemon.ctl('--room', 'lobby', 'mute', 'Quinn', '0');
  await page.locator('.show-moderation').click();
  const rows = () => page.locator('.standing .words').allInnerTexts();
  const joined = async () => (await rows()).map((words) => words.replace('\n', ': '));
  await eventually(async () =>
    assert.deepEqual(await joined(), [
      'Finn Castro: Banned · 23 h left',
      'Quinn: Muted until lifted',
      'ann: Admin of all rooms',
      'Max Endo: Moderator here',
    ]),
  );
  assert.equal(await page.locator('.panel-title').innerText(), 'Moderation · Lobby');
  await assertAccessible(ann);
  await ann.shot('moderation');
  await page.getByRole('button', { name: 'Lift: Finn Castro' }).click();
  await page.locator('.toast', { hasText: 'Finn Castro is unbanned' }).waitFor();
  await eventually(async () => assert.equal((await rows()).length, 3));
  await page.getByRole('button', { name: 'Lift: Quinn' }).focus();
  await ann.press('Enter');
  await page.getByText('No one is banned or muted.').waitFor();
  stage.daemon.ctl('--room', 'lobby', 'ban', 'W'.repeat(32), '0');
  await eventually(async () => assert.match((await rows())[0], /^W+\nBanned until lifted$/));
  await ann.shot('moderation-long');

  await max.roomMenu('Moderation');
  await max.page.locator('.standing').first().waitFor();
  assert.match(await max.page.locator('.standings').last().innerText(), /ann\nAdmin of all rooms/);
  assert.equal(await max.page.getByRole('button', { name: /^Change/ }).count(), 0, 'only admins change roles');
  assert.equal(await max.page.locator('.panel-body').evaluate((body) => body.scrollWidth - body.clientWidth), 0);
  await assertAccessible(max);
  await max.shot('moderation-phone');
  await page.getByRole('button', { name: 'Change: Max Endo' }).click();
  await page.getByRole('menuitem', { name: 'Make member' }).click();
  await page.locator('.toast', { hasText: 'Max Endo is now a member' }).waitFor();
  await panel(max).waitFor({ state: 'hidden' });

  await page.locator('.brand').click();
  await page.getByRole('menuitem', { name: 'Server moderation' }).click();
  assert.equal(await page.locator('.panel-title').innerText(), 'Moderation · all rooms');
  await eventually(async () => assert.deepEqual(await joined(), ['ann: Admin of all rooms']));
});

scene('a typed act is told by a toast, and undone there', async (stage) => {
  const ann = await stage.person('ann');
  await stage.robot('bob');
  stage.daemon.ctl('role', 'ann', 'admin');
  await ann.page.locator('.show-moderation').waitFor();
  await ann.write('/mute bob 10m');
  const toast = ann.page.locator('.toast');
  await toast.locator('.link').hover(); // it waits
  assert.match(await toast.innerText(), /bob.* was muted for 10 minutes\.\s*Undo$/);
  await assertAccessible(ann);
  await ann.shot('toast');
  await toast.getByRole('button', { name: 'Undo' }).click();
  await toast.waitFor({ state: 'detached' });
  await ann.page
    .getByText(/You unmuted .*bob/)
    .first()
    .waitFor();
});
