/* side.test.mjs - the left column and the head: the server's menu, rooms, mine, the open room's. */

import assert from 'node:assert/strict';
import { assertAccessible, eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const small = { ...phone, viewport: { width: 320, height: 640 } };

const titles = ({ page }) => page.locator('.mine .title').allInnerTexts();
const sideways = ({ page }) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

scene('rooms have an icon, and a dot for what is unread; others are found', async (stage) => {
  const bob = await stage.robot('bob');
  await bob({ type: 'join', room: 'workshop' });
  const ann = await stage.person('ann');
  const { page } = ann;
  assert.deepEqual(await titles(ann), ['Lobby']);
  assert.equal(await page.locator('.browse-rooms').innerText(), 'Browse 2 more rooms');
  await ann.open('News');
  assert.equal(await page.locator('.room', { hasText: 'News' }).locator('.hash use').getAttribute('href'), '#i-mega');
  await ann.open('Workshop');
  assert.ok(await page.locator('.browse-rooms').isHidden());
  assert.deepEqual(await titles(ann), ['Lobby', 'News', 'Workshop'], 'places are stable');
  const lobby = page.locator('.room', { hasText: 'Lobby' });
  assert.ok(await lobby.locator('.count').isHidden());
  await bob({ type: 'say', room: 'lobby', text: 'hello' });
  await eventually(async () => assert.equal(await lobby.getAttribute('aria-label'), 'Lobby, 1 unread'));
  const dot = await lobby.locator('.count').boundingBox();
  assert.deepEqual([dot.width, dot.height], [8, 8]);
  assert.equal((await lobby.boundingBox()).height, 32);
  await assertAccessible(ann);
  await ann.shot('side');

  await page.locator('.find').fill('Sails');
  await page.locator('.create-sought').click();
  assert.equal(await page.locator('.create [name=title]').inputValue(), 'Sails');
  await ann.press('Enter');
  await eventually(async () => assert.equal(await page.locator('.head .title').innerText(), 'Sails'));
  assert.deepEqual(await titles(ann), ['Lobby', 'News', 'Sails', 'Workshop']);
});

scene('the menus of the server, of me and of the room, by mouse and keyboard', async (stage) => {
  const ann = await stage.person('ann', { permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = ann;
  const rows = () => page.getByRole('menuitem').allInnerTexts();
  await page.locator('.brand').focus();
  await ann.press('Enter');
  await page.getByRole('menu').waitFor();
  assert.deepEqual(await rows(), ['Browse rooms', 'About']);
  await assertAccessible(ann, '.menu');
  await ann.press('ArrowDown', 'Enter');
  await page.locator('.about-server').getByText('one program').waitFor();
  await assertAccessible(ann);
  await ann.shot('about');
  await ann.press('Escape');
  assert.equal(await ann.focused(), 'brand');
  await ann.press('Enter');
  await page.getByRole('menu').waitFor();
  await page.locator('.show-you').click();
  await eventually(async () => assert.equal((await rows()).at(-1), 'Sign out'));
  await ann.press('End');
  assert.equal(await page.evaluate(() => document.activeElement.innerText), 'Sign out');
  await ann.shot('menu-you');
  await page.locator('.show-you').click();
  await page.getByRole('menu').waitFor({ state: 'detached' });
  assert.match(await ann.focused(), /^You$/);

  await page.locator('.room-menu').click();
  await ann.shot('menu-room');
  await page.getByRole('menuitem', { name: 'Copy link to room' }).click();
  await page.locator('.toast', { hasText: 'Link copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${ann.url}#lobby`);
  await assertAccessible(ann);
  await ann.roomMenu('Leave room');
  await page.locator('.head').waitFor({ state: 'hidden' });
});

scene('my state is told: here, or not connected', async (stage) => {
  const ann = await stage.person('ann');
  const state = ann.page.locator('.self .state');
  assert.equal(await state.innerText(), 'Here');
  assert.ok(await ann.page.locator('.dot').isHidden());
  await stage.daemon.stop('SIGKILL');
  await ann.page.locator('.dot.off').waitFor();
  assert.equal(await state.innerText(), 'Not connected');
  await stage.daemon.start();
  await eventually(async () => assert.equal(await state.innerText(), 'Here'));
  assert.ok(await ann.page.locator('.dot').isHidden());
});

scene('on a phone rooms have their last line, and what waits stands above', async (stage) => {
  const bob = await stage.robot('bob');
  await bob({ type: 'join', room: 'workshop' }, { type: 'join', room: 'news' });
  for (const [name, device] of Object.entries({ phone, small })) {
    const ann = await stage.person(`ann ${'W'.repeat(20)} ${name}`, device);
    const { page } = ann;
    await ann.expose();
    await page.evaluate(async () => {
      const { chat, model } = window.parts;
      for (const room of ['workshop', 'news']) await chat.open(model.room(room));
    });
    await bob({ type: 'say', room: 'lobby', text: 'Has anybody a spare life jacket for tomorrow morning?' });
    await eventually(async () => assert.equal(await page.locator('.elsewhere').innerText(), '1'));
    assert.equal(
      await page.locator('.show-people .about').innerText(),
      `${name === 'phone' ? 2 : 3} people · From the crew`,
    );
    await ann.shot(`${name}-head`);
    await assertAccessible(ann);
    await page.locator('.back').tap();
    await eventually(async () => assert.equal((await titles(ann))[0], 'Lobby'));
    const lobby = page.locator('.room', { hasText: 'Lobby' });
    assert.equal((await lobby.boundingBox()).height, 64);
    assert.match(await lobby.locator('.last').innerText(), /^bob: Has anybody/);
    assert.match(await lobby.locator('time').innerText(), /^\d\d:\d\d$/);
    assert.equal(await sideways(ann), 0);
    await ann.shot(`${name}-list`);
    await assertAccessible(ann);
    await page.locator('.tab.search').tap();
    assert.equal(await ann.focused(), 'Find a room');
    await page.locator('.show-you').tap();
    const menu = await page.getByRole('menu').boundingBox();
    assert.equal(menu.width, device.viewport.width);
    assert.ok((await page.getByRole('menuitem').first().boundingBox()).height >= 48);
    await ann.shot(`${name}-you`);
    await assertAccessible(ann);
    await page.goBack();
    await page.getByRole('menu').waitFor({ state: 'detached' });
    assert.ok(await page.locator('.side').isVisible());
    await page.goBack();
    await page.locator('.main').waitFor();
    await page.locator('.show-people').tap();
    await page.locator('.panel .person').first().waitFor();
    await page.goBack();
  }
});
