/* room.test.mjs - a room's stretch of the log, without a browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { append, turn, visit } from '../../www/place.js';
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

/* A page that is on its way until come(page) or lose(). */
function underWay(room, take = (page) => room.prepend(page)) {
  let come;
  let lose;
  const asked = new Promise((done, fail) => {
    come = done;
    lose = fail;
  });
  const end = room.load(asked, take).catch(() => {});
  return { come: (page) => (come(page), end), lose: () => (lose(), end) };
}

test('a change that came while a page was on its way is made once that page is here', async () => {
  const room = new Room('lobby', []);
  enter(room, 'log');
  const [older, place] = [underWay(room), underWay(room, (page) => visit(room, page))];
  edit(room, 10, 'edited');
  await place.come({ more: true, newer: true, items: [item(9), item(10)] });
  assert.equal(room.place.items[1].text, 'edited');
  room.place = null;
  await older.come({ more: true, items: [item(10)] });
  assert.equal(room.find(10).text, 'edited');
});

test('a change is not made again when that page never came, but a later one', async () => {
  const room = new Room('lobby', []);
  enter(room, 'log');
  const page = underWay(room);
  edit(room, 10, 'first edit');
  await page.lose();
  edit(room, 10, 'second edit');
  room.prepend({ more: true, items: [item(10, 'second edit')] });
  assert.equal(room.find(10).text, 'second edit');
});

test('a change of another log is not made', async () => {
  const room = new Room('lobby', []);
  enter(room, 'log');
  const page = underWay(room);
  edit(room, 10, 'of the log before');
  enter(room, 'another log');
  await page.come({ more: true, items: [item(10, 'in another log', 'bob')] });
  assert.equal(room.find(10).text, 'in another log');
});

const seqs = (items) => items.map(({ seq }) => seq);

test('a place away from the end is apart from it, until its pages meet the end', () => {
  const room = new Room('lobby', []);
  enter(room, 'log');
  room.more = true;
  visit(room, { items: [item(20), item(21)], more: true, newer: true });
  room.add(item(101)); // a live one
  assert.deepEqual(seqs(room.stretch.items), [20, 21]);
  edit(room, 21, 'edited');
  edit(room, 101, 'edited, too');
  assert.deepEqual([room.find(21).text, room.find(101).text], ['edited', 'edited, too']);
  room.prepend({ items: [item(19)], more: false });
  append(room, { items: [item(22), item(49)], newer: true });
  assert.deepEqual(seqs(room.stretch.items), [19, 20, 21, 22, 49]);
  assert.ok(room.place && room.more, 'the end is as it was');
  append(room, { items: [item(50), item(51), item(52)], newer: true });
  assert.equal(room.place, null);
  assert.deepEqual(seqs(room.items), [19, 20, 21, 22, 49, 50, ...seqs(room.items).slice(6)]);
  assert.deepEqual([room.items.at(6).seq, room.newest, room.more], [51, 101, false]);
});

test('a page around an item that reaches the end, or has the same gap, goes into it', () => {
  const room = new Room('lobby', []);
  enter(room, 'log');
  room.more = true;
  room.items.unshift({ type: 'gap', seq: 50, after: 40, at: 1 });
  visit(room, { items: [item(40), { type: 'gap', seq: 50, after: 40, at: 1 }], more: true, newer: true });
  assert.equal(room.place, null);
  assert.deepEqual(seqs(room.items).slice(0, 3), [40, 50, 51]);
});

test('the log turns to what is loaded, and another log has no place', () => {
  const room = new Room('lobby', []);
  enter(room, 'log');
  visit(room, { items: [item(20)], more: true, newer: true });
  assert.ok(turn(room, 20) && room.place);
  assert.ok(!turn(room, 30) && room.place);
  assert.ok(turn(room, 60) && !room.place);
  visit(room, { items: [item(20)], more: true, newer: true });
  enter(room, 'another log');
  assert.equal(room.place, null);
});
