/* place.js - the log away from its end: at the message of a link, or of a quote that is not loaded. What came later is
 * kept apart until the pages from there meet it. */

import { isThere, together } from './room.js';

const DELETED = 'This message was deleted.';
const NEVER = 'There is no such message in this room.';

/** Leads the log to item `seq`, or to the nearest one. Rejects with a Fault. */
export async function go(chat, room, seq) {
  if (!turn(room, seq)) {
    if (!room.live && chat.connection.state === 'up') return; // the join goes on from here
    await room.load(chat.paging.ask(room, { around: seq }), (page) => room.at === seq && visit(room, page));
  }
  if (room !== chat.model.current || room.at !== seq) return;
  chat.paging.arrive(room, seq);
  const item = room.find(seq);
  if (!item || !isThere(item)) chat.model.tell('fault', { message: item ? DELETED : NEVER, about: 'place' });
}

/** Has the log show item `seq` where that is loaded. False if it is not. */
export function turn(room, seq) {
  const has = ({ items }) => items.some((item) => item.seq === seq);
  if (room.place && has(room.place)) return true;
  if (!has(room)) return false;
  room.place = null;
  return true;
}

/** Takes the page around an item. */
export function visit(room, { items, more, newer }) {
  room.place = { items, more, newer };
  meet(room);
}

/** Takes the page behind the place. */
export function append(room, { items, newer }) {
  const { place } = room;
  const last = place.items.at(-1).seq;
  place.items = [...place.items, ...items.filter(({ seq }) => seq > last)];
  place.newer = newer;
  meet(room);
  if (!room.place) room.at = null;
}

/* A place that reaches the end is none any more: the log goes on there. */
function meet(room) {
  const { items, more, newer } = room.place;
  if (newer && items.at(-1).seq < room.oldest) return;
  room.items = together(items, room.items);
  room.more = more;
  room.place = null;
}
