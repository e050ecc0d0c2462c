/* Rooms that are deleted on the server: they go from the list, and from the page of whoever has one open. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const rooms = (person) => person.page.locator('.room .title').allInnerTexts();
const open = (person) => person.page.locator('.head .title').innerText();
const without = (person, title) =>
  eventually(async () => assert.ok(!(await rooms(person)).includes(title), await rooms(person)));

const more = (person, count) =>
  eventually(async () => assert.match(await person.page.locator('.browse-rooms').innerText(), RegExp(`${count} more`)));

async function create(person, title) {
  await person.page.locator('.new-room').click();
  await person.page.locator('.create [name=title]').fill(title);
  await person.press('Enter');
  await eventually(async () => assert.equal(await open(person), title));
  await person.ready();
}

scene('a deleted room goes from the list, with a sentence where it was open', async (stage) => {
  const [ann, bob] = [await stage.person('ann'), await stage.person('bob')];
  await create(ann, 'Attic');
  await ann.say('a word up here');
  await more(bob, 3);
  stage.daemon.ctl('room', 'delete', 'attic');
  await without(ann, 'Attic');
  await more(bob, 2);
  await eventually(async () => assert.equal(await open(ann), 'Lobby'));
  const why = ann.page.locator('.head-fault');
  await eventually(async () => assert.match(await why.innerText(), /in “Attic”. It was deleted\./));
  assert.equal(await bob.page.locator('.head-fault').innerText(), '');
  await ann.say('down here');
  await bob.sees('down here');
  await create(bob, 'Attic');
  await more(ann, 3);
  await ann.open('Attic');
  assert.equal(await ann.message('a word up here').count(), 0);
});

scene('a room that was deleted while the page was away goes when it is back', async (stage) => {
  const { daemon } = stage;
  const ann = await stage.person('ann');
  await create(ann, 'Attic');
  await ann.say('a word up here');
  await ann.tap((frame) => (frame.type === 'room_gone' ? null : frame)); // as if it had not come
  daemon.ctl('room', 'delete', 'attic');
  await ann.write('is anybody here?');
  await eventually(async () => assert.equal(await open(ann), 'Attic'));
  await daemon.stop('SIGKILL');
  await daemon.start();
  await without(ann, 'Attic');
  await eventually(async () => assert.equal(await open(ann), 'Lobby'));
  await eventually(async () =>
    assert.match(await ann.page.locator('.head-fault').innerText(), /in “Attic”. It was deleted\./),
  );
});
