/* room.test.mjs - a room's stretch of the log, without a browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Room } from '../../www/room.js';

const item = (seq, text = 'as it was', from = 'ann') => ({ type: 'message', seq, from, text, at: 1 });

const edit = (room, of, text) =>
  room.change(of, () => {
    const found = room.find(of);
    if (found) found.text = text;
  });

function enter(room, log) {
  const items = Array.from({ length: 50 }, (_, i) => item(51 + i));
  const about = { title: 'Lobby', topic: '', role: 'member', here: [], count: 1, read: 0, last: 100 };
  room.enter({ ...about, log, items, recovered: false }, 50);
}

test('a change that came while an older page was on its way is made once that page is here', () => {
  const room = new Room('lobby', []);
  enter(room, 'log');
  room.loading = true;
  edit(room, 10, 'edited');
  room.prepend({ more: true, items: [item(10)] });
  room.endLoading();
  assert.equal(room.find(10).text, 'edited');
});

test('a change is not made again when that page never came, but a later one', () => {
  const room = new Room('lobby', []);
  enter(room, 'log');
  room.loading = true;
  edit(room, 10, 'first edit');
  room.endLoading();
  edit(room, 10, 'second edit');
  room.prepend({ more: true, items: [item(10, 'second edit')] });
  assert.equal(room.find(10).text, 'second edit');
});

test('a change of another log is not made', () => {
  const room = new Room('lobby', []);
  enter(room, 'log');
  room.loading = true;
  edit(room, 10, 'of the log before');
  enter(room, 'another log');
  room.prepend({ more: true, items: [item(10, 'in another log', 'bob')] });
  room.endLoading();
  assert.equal(room.find(10).text, 'in another log');
});
