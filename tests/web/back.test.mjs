/* Back and Forward: they close what is open, and else lead from room to room. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

const titled = ({ page }, title) =>
  eventually(async () => assert.equal(await page.locator('.head .title').textContent(), title));
const at = ({ page }, room) => eventually(() => new URL(page.url()).hash === `#${room}`);
/* The browser's history is where the page is: nothing is on its way. */
const settled = ({ page }, overlays) =>
  eventually(() => page.evaluate((count) => history.state?.overlays === count, overlays));

async function back(person, overlays) {
  await person.page.goBack();
  await settled(person, overlays);
}

/* By touch: the list of rooms, then a room. */
async function turnTo(person, title) {
  await person.page.locator('.back').tap();
  await (await person.seek(title)).tap();
  await titled(person, title);
  await person.ready();
  await settled(person, 0);
}

scene('on a phone Back closes the top overlay, and then leads to the room before', async (stage) => {
  const ann = await stage.person('ann', phone);
  const { page } = ann;
  await page.locator('textarea').fill('my words');
  await page.locator('.send').tap();
  await ann.sees('my words');
  await turnTo(ann, 'Workshop');
  await at(ann, 'workshop');

  await page.locator('.show-people').tap();
  await settled(ann, 1);
  await back(ann, 0);
  assert.ok(await page.locator('.panel').isHidden());

  await page.locator('.back').tap();
  await ann.you('Keyboard');
  await page.locator('.settings').waitFor();
  await settled(ann, 2);
  await back(ann, 1);
  assert.ok(await page.locator('.settings').isHidden());
  assert.ok(await page.locator('.side').isVisible());
  await page.locator('.new-room').tap();
  await page.locator('.create').waitFor();
  await settled(ann, 2);
  await back(ann, 1);
  assert.equal(await page.locator('.create').count(), 0);
  await page.locator('.find').fill('lob');
  await settled(ann, 2);
  await back(ann, 1);
  assert.equal(await page.locator('.find').inputValue(), '');
  await back(ann, 0);
  assert.ok(await page.locator('.side').isHidden());
  await titled(ann, 'Workshop');

  await back(ann, 0);
  await titled(ann, 'Lobby');
  await at(ann, 'lobby');
  await ann.hold('my words');
  await page.getByRole('menuitem', { name: 'Delete…' }).tap();
  await page.locator('.question').waitFor();
  await settled(ann, 1);
  await back(ann, 0);
  await page.locator('.question').waitFor({ state: 'detached' });
  await titled(ann, 'Lobby');
});

scene('what closes otherwise leaves nothing for Back to close', async (stage) => {
  const ann = await stage.person('ann', phone);
  const { page } = ann;
  const entries = () => page.evaluate(() => history.length);
  for (const title of ['Workshop', 'Lobby', 'Workshop']) await turnTo(ann, title); // the list's entry became the room's
  const length = await entries();
  await page.locator('.show-people').tap();
  await settled(ann, 1);
  await page.locator('.close-panel').tap();
  await settled(ann, 0);
  await ann.add('Poll');
  await page.locator('.poll-form .no').tap();
  await settled(ann, 0);
  assert.equal(await entries(), length + 1, 'one to go forward to');
  await page.goForward();
  await settled(ann, 0); // nothing is open there
  await titled(ann, 'Workshop');

  await page.locator('.back').tap();
  await page.locator('.find').fill('news');
  await settled(ann, 2);
  await page.locator('.room', { hasText: 'News' }).tap();
  await titled(ann, 'News');
  await settled(ann, 0);
  for (const title of ['Workshop', 'Lobby']) {
    await back(ann, 0);
    await titled(ann, title);
  }
  for (const title of ['Workshop', 'News']) {
    await page.goForward();
    await titled(ann, title);
    await settled(ann, 0);
  }
});

scene('a dialog that is opened again before the browser tells its end stays open', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await ann.add('Poll');
  await page.locator('.poll-form').waitFor();
  await settled(ann, 1);
  await page.evaluate(async () => {
    const form = document.querySelector('.poll-form');
    form.addEventListener('close', () => form.classList.add('heard'));
    form.close();
    document.querySelector('.plus').click();
    for (let i = 0; i < 30 && !form.open; i += 1) {
      [...document.querySelectorAll('.menu-row')].find(({ textContent }) => textContent === 'Poll')?.click();
      await null; // no task, and so no event, comes between
    }
    if (!form.open || form.classList.contains('heard')) throw new Error('too late');
  });
  await page.locator('.poll-form.heard').waitFor();
  assert.ok(await page.locator('.poll-form').isVisible());
  await settled(ann, 1);
  await back(ann, 0);
  assert.ok(await page.locator('.poll-form').isHidden());
});

scene('Back holds after a reload, a link to a room, leaving one, and signing out', async (stage) => {
  const ann = await stage.person('ann', phone);
  const { page } = ann;
  await turnTo(ann, 'Workshop');
  await page.locator('.show-people').tap();
  await settled(ann, 1);
  await page.reload();
  await ann.ready();
  await settled(ann, 0);
  await titled(ann, 'Workshop');
  await page.evaluate(() => {
    location.hash = '#news';
  });
  await titled(ann, 'News');
  await ann.ready();
  await back(ann, 0);
  await titled(ann, 'Workshop');

  await ann.roomMenu('Leave room');
  await eventually(async () => assert.notEqual(await page.locator('.head .title').textContent(), 'Workshop'));
  await (await ann.seek('Lobby')).tap();
  await titled(ann, 'Lobby');
  await settled(ann, 0);
  await back(ann, 0);
  await titled(ann, 'Lobby');
  await page.locator('.back').tap();
  assert.equal(await page.locator('.mine .room', { hasText: 'Workshop' }).count(), 0, 'nobody is put into it again');

  await ann.you('Sign out');
  await page.locator('.sign-out .danger').tap();
  await page.locator('.login input').waitFor();
  await settled(ann, 0);
  await ann.enter('bea');
  assert.ok(await page.locator('.side').isHidden());
});

scene('on a wide screen Back leads from room to room, and closes a question', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await ann.say('my words');
  await ann.open('Workshop');
  await ann.press('Control+k');
  await settled(ann, 0); // rooms and log are both there
  await back(ann, 0);
  await titled(ann, 'Lobby');
  await ann.choose('my words', 'Delete…');
  await settled(ann, 1);
  await ann.press('Escape');
  await settled(ann, 0);
  await ann.choose('my words', 'Delete…');
  await settled(ann, 1);
  await back(ann, 0);
  assert.equal(await page.locator('.question').count(), 0);
  await titled(ann, 'Lobby');
});
