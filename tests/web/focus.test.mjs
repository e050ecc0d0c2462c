/* Where the focus goes when its element vanishes. */

import assert from 'node:assert/strict';
import { eventually, REFUSED, scene } from './harness.mjs';

const lobby = ({ daemon }, ...words) => daemon.ctl('--room', 'lobby', ...words);
const focusIs = (person, what) => eventually(async () => assert.match(await person.focused(), what));

scene('after Try again and Discard the focus is at the message, then in the field', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await ann.write(REFUSED);
  await page.locator('.fail').waitFor();
  await page.getByRole('button', { name: 'Try again' }).focus();
  await ann.press('Enter');
  await focusIs(ann, /^ann, /);
  await page.locator('.fail').waitFor();
  await ann.press('Tab', 'Tab', 'Enter');
  await focusIs(ann, /^Message Lobby$/);
});

scene('a user who is put out, muted or banned keeps the focus', async (stage) => {
  const bob = await stage.person('bob');
  const { page } = bob;
  await focusIs(bob, /^Message Lobby$/);
  lobby(stage, 'mute', 'bob', '2h');
  await page.locator('.silence').waitFor();
  await focusIs(bob, /^silence$/);
  lobby(stage, 'unmute', 'bob');
  await focusIs(bob, /^Message Lobby$/);
  lobby(stage, 'kick', 'bob');
  await focusIs(bob, /^Lobby$/);
  await bob.press('Enter');
  await focusIs(bob, /^Message Lobby$/);
  await bob.open('Workshop');
  await bob.open('Lobby');
  lobby(stage, 'ban', 'bob', '2h');
  await focusIs(bob, /^Message Workshop$/);
  lobby(stage, 'unban', 'bob');
  await (await bob.find('Lobby')).focus();
  await bob.press('Enter');
  await focusIs(bob, /^Message Lobby$/);
  stage.daemon.ctl('ban', 'bob', '2h');
  await focusIs(bob, /^nick$/);
  stage.daemon.ctl('unban', 'bob');
  await bob.press('Enter');
  await focusIs(bob, /^Message (Lobby|Workshop)$/);
});

scene('a message deleted under the focus keeps it; a click into nothing moves it nowhere', async (stage) => {
  const [ann, bob] = [await stage.person('ann'), await stage.person('bob')];
  await ann.say('one');
  await bob.sees('one');
  await bob.message('one').focus();
  await bob.press('Tab');
  await focusIs(bob, /^React with 👍$/);
  lobby(stage, 'purge', 'ann');
  await focusIs(bob, /^ann, .*: message deleted$/);
  await bob.page.locator('.rooms h2').first().click();
  await ann.say('two');
  await bob.sees('two');
  assert.equal(await bob.page.evaluate(() => document.activeElement === document.body), true);
});
