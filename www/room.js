/* room.js - one room as this page knows it: a stretch of its log, its people, how far I have read.
 * For: model and chat (change it), views (read it). Never touches: the socket, the document. */

import { isAbove, isModerator } from './moderation.js';

const TYPING_MS = 6000;
const NOTES = 50; // what moderators have done; older ones are forgotten

export class Room {
  /* said by the server about the room */
  name;
  title;
  topic = '';
  joined = false; // I am a member
  live = false; // … on this very connection: events flow, posts may go out
  /* the log: messages and gaps (from nobody, no text), oldest first, without holes up to `last` */
  items = [];
  more = false;
  loaded = false;
  loading = false;
  role = 'member'; // mine, in this room
  notes = []; // what moderators have done while we look: { key, at, text }
  #purged = new Map(); // nick → what she had written up to that seq is deleted
  ends = []; // polls that have closed while we look, and stand before the stretch
  #late = []; // changes of items that an older page on its way may bring, unchanged
  log = null;
  last = 0; // the cursor: where the next connection goes on
  read = 0; // my read marker, the furthest of all my devices
  /* people */
  people = new Map();
  count = 0;
  #typing = new Map(); // nick → time when it is forgotten

  constructor(name) {
    this.name = name;
    this.title = name;
  }

  describe({ title, topic, read }) {
    this.title = title || this.title;
    this.topic = topic ?? this.topic;
    this.read = Math.max(this.read, read ?? 0);
  }

  get cursor() {
    return this.log === null ? {} : { after: this.last, log: this.log };
  }

  /** Takes the answer to a `join` that asked for `limit` items. */
  enter(reply, limit) {
    if (reply.log !== this.log) {
      // another log: its numbers mean other things
      this.read = reply.read;
      this.#purged.clear();
    }
    this.describe(reply);
    this.role = reply.role;
    this.log = reply.log;
    this.joined = this.live = this.loaded = true;
    this.people = new Map(reply.here.map((nick) => [nick, this.people.get(nick) ?? { nick }]));
    this.count = reply.count;
    if (reply.recovered) return;
    this.items = reply.items;
    this.last = reply.last;
    this.more = reply.items.length >= limit;
  }

  leave() {
    this.#purged.clear();
    Object.assign(this, new Room(this.name), { title: this.title, topic: this.topic, read: this.read });
  }

  /** Applies an event. False if it is old news. */
  apply(event) {
    if (event.seq <= this.last) return false;
    this.last = event.seq;
    if (event.type === 'gap') this.#lose(event);
    if (event.nick) return this.#aboutSomebody(event);
    if (!event.poll && !event.of) return this.add(event);
    if (this.loading && !this.find(event.poll ?? event.of)) this.#late.push(event);
    this.#touch(event);
    return true;
  }

  #touch(event) {
    if (event.type === 'purge') this.#purge(event);
    else if (event.poll) this.tally(event);
    else this.change(event);
  }

  #aboutSomebody(event) {
    this.#typing.delete(event.nick);
    if (event.type === 'purge' && this.loading) this.#late.push(event);
    if (event.type === 'purge') this.#purge(event);
    return true;
  }

  /* All that she has written up to there is deleted. */
  #purge({ nick, seq }) {
    this.#purged.set(nick, seq);
    this.ends = this.ends.filter(({ from }) => from !== nick);
    for (const item of this.items)
      if (item.from === nick && item.seq < seq) this.change({ type: 'delete', of: item.seq });
  }

  /** What a moderator has done, in words. */
  note({ key, by = '', at = Date.now() }, text) {
    this.notes = [...this.notes, { key: `${by} ${key}`, at, text }].slice(-NOTES);
  }

  get moderates() {
    return isModerator(this.role);
  }

  /** Whether I may delete what that one has written. */
  mayDelete(nick) {
    return this.moderates && isAbove(this.role, this.people.get(nick)?.role);
  }

  /* What this server does not have may be votes. */
  #lose({ at }) {
    for (const item of this.items)
      if (item.type === 'poll' && !item.closed)
        Object.assign(item, { closed: true, lost: true, closed_at: at, counts: undefined, votes: undefined });
  }

  /** A vote, or the end of a poll. */
  tally({ type, poll: seq, voters, counts, from, choices, at, by, digest }) {
    const poll = this.find(seq);
    if (!poll) return;
    Object.assign(poll, { voters, counts });
    if (from && poll.votes)
      poll.votes = [...poll.votes.filter((vote) => vote.from !== from), ...(choices.length ? [{ from, choices }] : [])];
    if (type === 'poll_closed') Object.assign(poll, { closed: true, closed_at: at, closed_by: by, digest });
  }

  /** Puts a message in its place. False if it is there already, or before the stretch we have. */
  add(item) {
    let at = this.items.length;
    while (at > 0 && this.items[at - 1].seq > item.seq) at -= 1;
    if (at > 0 && this.items[at - 1].seq === item.seq) return false;
    if (at === 0 && this.more) return false;
    this.items.splice(at, 0, {
      ...(item.type === 'poll' && fresh(item)),
      ...item,
      deleted: !item.text || item.seq < this.#purged.get(item.from),
    });
    this.#typing.delete(item.from);
    return true;
  }

  /** An edit or a delete. */
  change({ type, of, text, at }) {
    if (type === 'delete') this.ends = this.ends.filter(({ seq }) => seq !== of);
    const item = this.find(of);
    if (!item || item.deleted) return;
    if (type === 'edit') Object.assign(item, { text, edited: at });
    if (type === 'delete') Object.assign(item, { text: '', deleted: true, question: undefined, digest: undefined });
  }

  /** An older page; the gap at its end may be the one that we begin with. */
  prepend({ items, more }) {
    const [first] = this.items;
    const isNew = ({ seq, after }) => seq < this.oldest && (after === undefined || after !== first?.after);
    this.items = [...items.filter(isNew), ...this.items];
    for (const event of this.#late.splice(0)) this.#touch(event);
    this.more = more;
  }

  /** Forgets the oldest so that `count` remain; they can be fetched again. */
  trim(count) {
    if (this.items.length <= count) return;
    this.items = this.items.slice(-count);
    this.more = true;
  }

  /** The message of that number. */
  find(seq) {
    return this.items.find((item) => item.seq === seq && item.from);
  }

  get oldest() {
    return this.items[0]?.seq ?? Infinity;
  }

  get newest() {
    return this.items.at(-1)?.seq ?? 0;
  }

  /** Others' messages after my marker; `more` if there are some that the page does not know. */
  unread(me) {
    let count = 0;
    for (let i = this.items.length - 1; i >= 0 && this.items[i].seq > this.read; i -= 1)
      if (this.items[i].text && this.items[i].from !== me) count += 1;
    return { count, more: count > 0 && this.more && this.oldest > this.read };
  }

  /* people */

  /** Takes the answer to `who`. */
  meet({ here, count }) {
    this.people = new Map(here.map((person) => [person.nick, person]));
    this.count = count;
  }

  /** Takes a `here` signal. False if only `who` can tell what changed. */
  move({ came, left, count }) {
    this.count = count;
    for (const nick of left ?? []) this.people.delete(nick);
    for (const person of came ?? []) this.people.set(person.nick, person);
    return Boolean(came || left);
  }

  typed(nick) {
    this.#typing.set(nick, Date.now() + TYPING_MS);
  }

  /** Who is typing now. */
  get typing() {
    const now = Date.now();
    for (const [nick, until] of this.#typing) if (until <= now) this.#typing.delete(nick);
    return [...this.#typing.keys()];
  }
}

/* A poll that nobody has voted in. */
const fresh = ({ options, secret, results }) => ({
  voters: 0,
  closed: false,
  mine: [],
  ...(results === 'live' && { counts: options.map(() => 0), ...(!secret && { votes: [] }) }),
});
