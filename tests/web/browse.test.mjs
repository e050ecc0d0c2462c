/* A chat with more rooms than the page is told of at its start. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const MANY = 'commands_per_second = 0; rooms_per_person = 1000; rooms_per_address_day = 0; rooms_per_session = 1000;';
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const ROOMS = 160;

const padded = (number) => String(number).padStart(3, '0');

/* "Boat 000" has had no event for the longest: it is not among the hundred of `welcome`. */
async function fleet(stage) {
  const robot = await stage.robot('bob');
  for (let at = 0; at < ROOMS; at += 1) {
    const [{ type }] = await robot({
      type: 'create',
      room: `boat-${padded(at)}`,
      title: `Boat ${padded(at)}`,
      topic: at % 2 ? '' : `All about boat number ${at}`,
    });
    assert.equal(type, 'ok');
  }
  return robot;
}

const found = ({ page }) => page.locator('.found li');
const status = ({ page }, words) =>
  eventually(async () => assert.equal(await page.locator('.browse [role=status]').innerText(), words));
const titled = ({ page }, title) =>
  eventually(async () => assert.equal(await page.locator('.head .title').textContent(), title));

scene(
  'all rooms can be listed, filtered and joined, by mouse and by keyboard',
  async (stage) => {
    await fleet(stage);
    const ann = await stage.person('ann');
    const { page } = ann;
    assert.equal(await page.locator('.browse-rooms').innerText(), 'Browse more rooms');
    await page.locator('.browse-rooms').click();
    await status(ann, 'The first 50 rooms');
    assert.match(
      await found(ann).first().innerText(),
      /^Boat 000\nAll about boat number 0\nNobody here · active .+\nJoin$/,
    );
    await ann.shot('browse');
    await page.locator('.browse .more').click();
    await status(ann, 'The first 100 rooms');
    assert.match(await ann.focused(), /^Join Boat 050, Nobody here, active/);
    for (const words of ['The first 150 rooms', '163 rooms']) {
      await page.locator('.browse .more').click();
      await status(ann, words);
    }
    assert.ok(await page.locator('.browse .more').isHidden());

    await page.locator('.browse input').fill('no such thing');
    await status(ann, 'No room found.');
    await page.locator('.browse input').fill('number 10');
    await status(ann, '6 rooms');
    await ann.press('ArrowDown', 'ArrowDown');
    assert.match(await ann.focused(), /^Join Boat 100/);
    await ann.press('ArrowUp', 'ArrowUp');
    assert.equal(await ann.focused(), 'Find a room by its name or topic');
    await ann.press('ArrowDown', 'Enter');
    await titled(ann, 'Boat 010');
    await ann.say('anybody here?');
    assert.equal(await page.locator('dialog').count(), 0);
    assert.equal(await page.locator('.mine .room', { hasText: 'Boat 010' }).count(), 1);

    await ann.press('Control+k');
    await page.keyboard.type('boat number 44');
    await page.locator('.no-rooms').waitFor();
    await ann.press('Enter'); // nothing else is left in the list
    await status(ann, '1 room');
    await ann.press('Escape'); // empties the field
    assert.equal(await page.locator('.browse input').inputValue(), '');
    await ann.press('Escape');
    await page.locator('.browse').waitFor({ state: 'detached' });
    await ann.press('Escape');
    assert.equal(await page.locator('.find').inputValue(), '');
    await page.locator('.browse-rooms').click();
    await page.locator('.browse input').fill('boat 010');
    await status(ann, '1 room');
    assert.match(await found(ann).first().innerText(), /\n1 person here.+\nOpen$/);
  },
  MANY,
);

scene(
  'a link leads to a room that is not listed; a chat with few rooms says how many there are',
  async (stage) => {
    const first = await stage.person('cat');
    assert.equal(await first.page.locator('.browse-rooms').innerText(), 'Browse 2 more rooms');
    await fleet(stage);
    const ann = await stage.person();
    await ann.page.goto(`${ann.url}#boat-003`);
    await ann.page.reload();
    await ann.enter('ann');
    await titled(ann, 'Boat 003');
    await ann.page.evaluate(() => {
      location.hash = '#boat-001';
    });
    await titled(ann, 'Boat 001');
    await ann.ready();
    await ann.page.evaluate(() => {
      location.hash = '#no-such-boat';
    });
    await eventually(async () =>
      assert.match(
        await ann.page.locator('.head-fault').innerText(),
        /^There is no room “no-such-boat”\. Browse rooms$/,
      ),
    );
    await titled(ann, 'Boat 001');
    await eventually(() => new URL(ann.page.url()).hash === '#boat-001');
    assert.equal(await ann.page.locator('.room', { hasText: 'no-such-boat' }).count(), 0);
  },
  MANY,
);

scene(
  'a phone browses rooms; Back closes the list',
  async (stage) => {
    await fleet(stage);
    const ann = await stage.person('ann', phone);
    const { page } = ann;
    await page.locator('.back').tap();
    await page.locator('.browse-rooms').tap();
    await status(ann, 'The first 50 rooms');
    await ann.shot('browse-phone');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    const small = await page
      .locator('.browse button:visible, .browse input')
      .evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.textContent));
    assert.deepEqual(small, []);
    await page.goBack();
    await page.locator('.browse').waitFor({ state: 'detached' });
    assert.ok(await page.locator('.side').isVisible());
    await page.locator('.browse-rooms').tap();
    await page.locator('.browse input').fill('boat 02');
    await status(ann, '10 rooms');
    await found(ann).first().locator('button').tap();
    await titled(ann, 'Boat 020');
    await ann.ready();
    await eventually(() => page.evaluate(() => history.state.overlays === 0));
    await page.goBack();
    await titled(ann, 'Lobby');
  },
  MANY,
);

scene('a link to a room that is not there says so, and offers all rooms', async (stage) => {
  const ann = await stage.person();
  const { page } = ann;
  const fault = page.locator('.head-fault');
  await page.goto(`${ann.url}#nosuchroom`);
  await page.reload();
  await ann.enter('ann');
  await eventually(async () => assert.equal(await fault.innerText(), 'There is no room “nosuchroom”. Browse rooms'));
  assert.equal(await page.locator('.head .title').innerText(), 'Lobby');
  await ann.shot('no-such-room');
  await fault.getByRole('button', { name: 'Browse rooms' }).click();
  await page.locator('.found li').nth(2).waitFor();
  await ann.press('Escape');
  await ann.open('Workshop');
  assert.equal(await fault.innerText(), '');
  await page.evaluate(() => {
    location.hash = '#another';
  });
  await eventually(async () => assert.equal(await fault.innerText(), 'There is no room “another”. Browse rooms'));
  await eventually(() => new URL(page.url()).hash === '#workshop');
});
