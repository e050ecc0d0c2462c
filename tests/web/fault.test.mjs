/* Words about what went wrong, and when they go. */

import assert from 'node:assert/strict';
import { eventually, REFUSED, scene } from './harness.mjs';

const head = (person) => person.page.locator('.head-fault');
const says = (where, words) => eventually(async () => assert.match(await where.innerText(), words));
const isGone = (where) => eventually(async () => assert.equal(await where.innerText(), ''), 60_000);
const lobby = ({ daemon }, ...words) => daemon.ctl('--room', 'lobby', ...words);

const hint = (person) => person.page.locator('.space');

scene('what went wrong without a connection is forgotten once it is back', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await ann.write('/poll "Tea?" yes | no');
  await page.locator('button.choice', { hasText: 'yes' }).click();
  await page.locator('.poll').getByRole('button', { name: 'End poll' }).click();
  await page.getByRole('button', { name: 'End it' }).click();
  await page.getByRole('button', { name: 'Check the count' }).click();
  await page.locator('.recount [role=status]').waitFor(); // loaded
  await ann.press('Escape');
  await ann.write('/ban bob 2h');
  await says(hint(ann), /^(Only|No one)/);
  await page.locator('.new-room').click();
  await page.locator('.create [name=title]').fill('Sails');
  await stage.daemon.stop('SIGKILL');
  await page.locator('.dot.off').waitFor();
  await ann.press('Enter');
  const inForm = page.locator('.create .fault');
  await says(inForm, /^There is no connection/);
  assert.equal(await page.locator('.create [name=title]').getAttribute('aria-invalid'), null);
  await ann.write('/ban bob 2h');
  await says(hint(ann), /^There is no connection/);
  await ann.roomMenu('Leave room');
  await says(head(ann), /^You are still in “Lobby”/);
  await ann.shot('fault-offline');
  await page.getByRole('button', { name: 'Check the count' }).click();
  await says(page.locator('.recount .fault'), /^There is no connection/);
  await stage.daemon.start();
  for (const where of [inForm, hint(ann), head(ann)]) await isGone(where);
  await says(page.locator('.recount [role=status]'), /^✓ The count is right/);
  assert.equal(await page.locator('textarea').inputValue(), '/ban bob 2h');
});

scene('the list of all rooms fills once the connection is back', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await page.locator('.browse-rooms').evaluate((button) => button.click());
  await page.locator('.found li').first().waitFor();
  await ann.press('Escape');
  await stage.daemon.stop('SIGKILL');
  await page.locator('.dot.off').waitFor();
  await page.locator('.browse-rooms').evaluate((button) => button.click());
  await says(page.locator('.browse .fault'), /^There is no connection/);
  await stage.daemon.start();
  await isGone(page.locator('.browse .fault'));
  await page.locator('.found li').first().waitFor();
});

scene('what a mute refused is forgotten once it ends', async (stage) => {
  const [ann, mia] = [await stage.person('ann'), await stage.person('mia')];
  lobby(stage, 'role', 'mia', 'moderator');
  lobby(stage, 'mute', 'mia', '2h');
  await eventually(async () => assert.match(await mia.page.locator('textarea').getAttribute('placeholder'), /muted/));
  await mia.write('/kick ann Go for a walk');
  await says(hint(mia), /^You are muted/);
  lobby(stage, 'unmute', 'mia');
  await isGone(hint(mia));
  assert.ok(await ann.page.locator('.head').isVisible());
});

scene('what a ban refused is forgotten once it ends by the clock', async (stage) => {
  const bob = await stage.person('bob');
  const { page } = bob;
  await bob.open('Workshop');
  await bob.open('Lobby');
  await page.clock.install();
  lobby(stage, 'ban', 'bob', '1m');
  await says(head(bob), /^You are no longer in “Lobby”/);
  await (await bob.find('Lobby')).click();
  const list = page.locator('.rooms > .fault');
  await says(list, /^Can't open “Lobby”\. You are banned here for/);
  await page.clock.runFor(61_000);
  await isGone(list);
  stage.daemon.ctl('ban', 'bob', '1m');
  await says(page.locator('.login .fault'), /You are banned here for/);
  await page.clock.runFor(61_000);
  await isGone(page.locator('.login .fault'));
});

scene('what did not load is forgotten once it does', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await page.route(/new-room\.js/, (route) => route.abort());
  await page.locator('.new-room').click();
  await says(head(ann), /^This didn't load/);
  await page.unroute(/new-room\.js/);
  await page.locator('.new-room').click();
  await page.locator('.create').waitFor();
  await isGone(head(ann));
});

scene('a refused message keeps its words, and a new room its fault until it is typed in', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await ann.write(REFUSED);
  await page.locator('.fail').waitFor();
  await page.locator('.new-room').click();
  await page.locator('.create [name=title]').fill('Lobby');
  await ann.press('Enter');
  await says(page.locator('.create .fault'), /already/);
  await page.locator('.create [name=title]').fill('Lobby 2');
  assert.equal(await page.locator('.create .fault').innerText(), '');
  assert.match(await page.locator('.fail').innerText(), /^Not sent\. .+/);
});
