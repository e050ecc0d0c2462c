/* room.js - one room as this page knows it: a stretch of its log, its people, how far I have read.
 * Never touches the connection or the document. */

import { isAbove, isModerator } from './role.js';

const WHO_MOST = 1000; // users in an answer to `who`

/** Neither a gap nor deleted. */
export const isThere = ({ from, deleted }) => Boolean(from) && !deleted;

/** Two stretches of a log as one. The gap at the end of the first may be the one that `later` begins with. */
export function together(items, later) {
  const [first] = later;
  const isNew = ({ seq, after }) => seq < (first?.seq ?? Infinity) && (after === undefined || after !== first?.after);
  return [...items.filter(isNew), ...later];
}

export class Room {
  /* described by the server */
  name;
  title;
  topic = '';
  post = 'member'; // the least role that may write
  joined = false; // I am a member
  live = false; // … on this very connection: events flow, posts may go out
  out = ''; // words: why I am not a member any more
  muted = null; // I am: { until (ms of the server's clock; 0: until that is lifted), reason }
  /* the log: items and gaps (no author, no text), oldest first, without holes up to `last` */
  items = [];
  more = false; // there are older ones
  at = null; // seq of the item to which the log is led
  place = null; // what the log shows in place of `items`, apart from the end: { items, more, newer, at }
  loaded = false;
  loading = false; // the next page before or behind what the log shows is on its way
  #late = new Set(); // for each page on its way the changes to make again when it is here
  log = null;
  missed = 0; // up to here items came while the connection was away
  last = 0; // with `log` the cursor: the next connection goes on from here
  read = 0; // my read marker, the furthest of all my devices
  readSent = 0; // … as the server has it
  held = 0; // I have set the marker back: what is on screen up to here is not read before the room is opened again
  /* people */
  people = new Map(); // nick → { nick, role, away }
  #roles = new Map(); // nick → role, also of those who have left
  isRanked = false; // … and of those who were never here, asked for on this connection
  count = 0;
  role = 'member'; // mine
  /* what features keep about this room, by their own names; leave() drops it */
  kept = {};

  constructor(name, features) {
    this.name = name;
    this.title = name;
    this.features = features;
  }

  describe({ title, topic, post, read }) {
    this.title = title || this.title;
    this.topic = topic ?? this.topic;
    this.post = post ?? this.post;
    this.read = Math.max(this.read, read ?? 0);
  }

  /** As the address has it; also a cause of faults: see fault.js. */
  get link() {
    return `#${this.name}`;
  }

  get cursor() {
    return this.log === null ? {} : { after: this.last, log: this.log };
  }

  /** Takes the reply to a `join` that asked for `limit` items. */
  enter(reply, limit) {
    if (reply.log !== this.log) this.read = reply.read; // the numbers of another log start again
    this.describe(reply);
    this.role = reply.role;
    if (this.loaded) this.missed = reply.last;
    this.log = reply.log;
    this.joined = this.live = this.loaded = true;
    this.out = '';
    this.isRanked = false;
    this.people = new Map(reply.here.map((nick) => [nick, this.people.get(nick) ?? { nick }]));
    this.count = reply.count;
    if (reply.recovered) return;
    for (const late of this.#late) late.length = 0;
    this.place = null;
    this.items = reply.items;
    this.last = reply.last;
    this.more = reply.items.length >= limit;
  }

  /** words: see `out` */
  leave(out) {
    const { title, topic, read, readSent } = this;
    Object.assign(this, new Room(this.name, this.features), { title, topic, read, readSent, out });
  }

  /** Moves the cursor over `event`. False if the room has it already. */
  advance({ seq }) {
    if (seq <= this.last) return false;
    this.last = seq;
    return true;
  }

  /** Puts an item in its place. False if it is there already, or before our stretch. */
  add(event) {
    let at = this.items.length;
    while (at > 0 && this.items[at - 1].seq > event.seq) at -= 1;
    if (at > 0 && this.items[at - 1].seq === event.seq) return false;
    if (at === 0 && this.more) return false;
    const item = { ...event, deleted: !event.text && !event.photos?.length };
    this.items.splice(at, 0, item);
    this.#tellFeatures('added', item);
    return true;
  }

  /** Events are missing here: a gap takes their place. */
  lose(event) {
    this.#tellFeatures('gap', event);
    this.add(event);
  }

  /** Runs `change` on item `of` (null: on any). A page on its way may hold the item as it was: then `change` runs a
   * second time when the page is here. */
  change(of, change) {
    if (!this.find(of)) for (const late of this.#late) late.push(change);
    change();
  }

  /** Takes the page that is `asked` for. */
  async load(asked, take) {
    const late = [];
    this.#late.add(late);
    try {
      await take(await asked);
      for (const change of late) change();
    } finally {
      this.#late.delete(late);
    }
  }

  /** Deletes the items for which `isGone({ seq, from })` is true. */
  forget(isGone) {
    for (const item of this.all)
      if (item.from && !item.deleted && isGone(item)) Object.assign(item, { text: '', deleted: true });
    this.#tellFeatures('forget', isGone);
  }

  #tellFeatures(hook, news) {
    for (const feature of this.features) feature[hook]?.(this, news);
  }

  /** Takes the page before what the log shows. */
  prepend({ items, more }) {
    const { stretch } = this;
    stretch.items = together(items, stretch.items);
    stretch.more = more;
  }

  /** Drops the oldest items so that `count` remain; they can be fetched again. */
  trim(count) {
    if (this.items.length <= count) return;
    this.items = this.items.slice(-count);
    this.more = true;
  }

  /** The part of the log that is shown: { items, more, newer }. */
  get stretch() {
    return this.place ?? this;
  }

  /** All items of which the page knows. */
  get all() {
    return this.place ? [...this.place.items, ...this.items] : this.items;
  }

  /** The item of that number; never a gap. */
  find(seq) {
    return this.all.find((item) => item.seq === seq && item.from);
  }

  get oldest() {
    return this.items[0]?.seq ?? Infinity;
  }

  get newest() {
    return this.items.at(-1)?.seq ?? 0;
  }

  /** Items of others after my marker; `more` if there are some that the page has not loaded. */
  unread(me) {
    let count = 0;
    for (let i = this.items.length - 1; i >= 0 && this.items[i].seq > this.read; i -= 1)
      if (isThere(this.items[i]) && this.items[i].from !== me) count += 1;
    return { count, more: count > 0 && this.more && this.oldest > this.read };
  }

  /* ---- people ---- */

  get moderates() {
    return isModerator(this.role);
  }

  /** Whether I may delete items of `nick`. */
  mayDelete(nick) {
    return this.moderates && isAbove(this.role, this.#roles.get(nick));
  }

  /** Takes the reply to `who`. */
  meet({ here, count }) {
    this.people = new Map();
    for (const person of here) this.#take(person);
    this.count = count;
  }

  #take(person) {
    this.people.set(person.nick, person);
    this.rank(person.nick, person.role);
  }

  rank(nick, role) {
    this.#roles.set(nick, role);
  }

  /** The higher of a user's roles counts. */
  rankAtLeast(nick, role) {
    if (isAbove(role, this.#roles.get(nick))) this.rank(nick, role);
  }

  /** Takes a `here` signal. False if only `who` can tell what changed: now, or in a signal that was dropped. */
  move({ came, left, count }) {
    this.count = count;
    for (const nick of left ?? []) this.people.delete(nick);
    for (const person of came ?? []) this.#take(person);
    return Boolean(came || left) && (this.people.size === count || !this.listsAll);
  }

  /** Whether `who` names everybody. */
  get listsAll() {
    return this.people.size < WHO_MOST;
  }
}
