/* Logging in, and coming back. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

scene('a refused nick says why beside the field', async (stage) => {
  await stage.person('ann');
  const other = await stage.person();
  const field = other.page.locator('.login input');
  const fault = other.page.locator('.login .fault');
  const refused = async (nick, words) => {
    await field.fill(nick);
    await other.press('Enter');
    await eventually(async () => assert.match(await fault.innerText(), words));
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.equal(await other.focused(), 'nick');
    assert.equal(await field.getAttribute('aria-describedby'), await fault.getAttribute('id'));
  };
  await refused(' ', /name/);
  await refused('a\u200bnn', /^There is a character in it that is not seen/);
  await refused('\u3164', /^There is a character in it that is not seen/);
  await refused('x'.repeat(33), /^Please use at most 32 characters: these are 33\.$/);
  await refused('ann  b', /^Please use one space at a time\.$/);
  await refused('\u2764\ufe0f', /^This emoji has parts/);
  await refused('\u{1F468}\u200d\u{1F467}', /^This emoji has parts/);
  await refused('ann', /./);
  await refused('\uff41nn', /./);
  await other.shot('login-refused');
  await other.enter('bob');
  assert.equal(await other.page.locator('.self .nick').innerText(), 'bob');
});

scene('a name typed while the server cannot be reached takes the place of the one before', async (stage) => {
  const ann = await stage.person();
  const { page } = ann;
  await stage.daemon.stop('SIGKILL');
  const field = page.locator('.login input');
  await field.fill('ann');
  await ann.press('Enter');
  const fault = page.locator('.login .fault');
  await eventually(async () => assert.match(await fault.innerText(), /^Can't reach the server/));
  await field.fill('');
  assert.equal(await fault.innerText(), '');
  await ann.press('Enter');
  assert.match(await fault.innerText(), /^Type the name/);
  await field.fill('eve');
  await ann.press('Enter');
  await eventually(async () => assert.match(await fault.innerText(), /^Can't reach the server/));
  await stage.daemon.start();
  await ann.ready();
  assert.equal(await page.locator('.self .nick').innerText(), 'eve');
});

scene('a reload keeps nick, room and draft', async (stage) => {
  const ann = await stage.person('ann');
  await ann.page.locator('textarea').fill('for the lobby');
  await ann.open('Workshop');
  await ann.page.locator('textarea').fill('for the\nworkshop');
  await ann.page.reload();
  await ann.ready();
  assert.equal(await ann.page.locator('.self .nick').innerText(), 'ann');
  assert.equal(await ann.page.locator('.head .title').innerText(), 'Workshop');
  assert.equal(await ann.page.locator('textarea').inputValue(), 'for the\nworkshop');
  await ann.open('Lobby');
  assert.equal(await ann.page.locator('textarea').inputValue(), 'for the lobby');
});

scene('a lost nick leads back to the login page', async (stage) => {
  await stage.person('ann');
  const other = await stage.person();
  await other.page.evaluate(() => localStorage.setItem('chatd:me', '{"nick":"ann","token":"not-the-one"}'));
  await other.page.reload();
  await eventually(async () => assert.match(await other.page.locator('.login .fault').innerText(), /./));
  assert.equal(await other.page.locator('.login input').inputValue(), 'ann');
  await other.enter('not ann');
});

scene('a user creates a room, names it and leaves it', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  const make = async (title) => {
    await ann.page.locator('.create [name=title]').fill(title);
    await ann.press('Enter');
  };
  await ann.page.locator('.new-room').click();
  await make('Lobby');
  const fault = ann.page.locator('.create .fault');
  await eventually(async () => assert.match(await fault.innerText(), /already/));
  await ann.shot('room-refused');
  await make('Tides & weather');
  await eventually(async () => assert.equal(await ann.page.locator('.head .title').innerText(), 'Tides & weather'));
  await ann.page.getByText('No messages yet').waitFor();
  await ann.shot('empty-room');
  await bob.open('Tides & weather');
  await ann.roomMenu('Leave room');
  await (await ann.find('Tides')).waitFor();
  await eventually(async () => assert.equal(await ann.page.locator('.head .title').innerText(), 'Lobby'));
});
