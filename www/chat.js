/* chat.js - my side of the protocol: what I can do here, and what the server's words do to the model.
 * For: views (they call the verbs), main. Uses wire, outbox, model. Never touches the document. */

import * as storage from './storage.js';
import { sanction, told } from './moderation.js';
import { Outbox } from './outbox.js';
import { newId, Connection } from './connection.js';

const PAGE = 50;
const KEPT = 300; // messages a room keeps when nobody reads it back
const KEPT_OPEN = 2000; // … and while somebody does
const OLDER_AGAIN_MS = 3000;
const READ_EVERY_MS = 1000;
const WHO_EVERY_MS = 3000;
const TYPING_EVERY_MS = 3000;
const DOUBT_MS = 2000;
const EVENTS = [
  'message',
  'edit',
  'delete',
  'gap',
  'poll',
  'vote',
  'poll_closed',
  'role',
  'kick',
  'ban',
  'unban',
  'mute',
  'unmute',
  'purge',
];
const FIRST_ROOM = 'lobby';

export class Chat {
  outbox = new Outbox();
  #posting = false;
  #wanted = null; // name of the room to be open when we are welcome
  #readTimers = new Map(); // room → timer of a `read` to be sent
  #readSent = new Map(); // room → the marker that the server has
  #whoAsked = new Map(); // room → whether to ask again after a while
  #typingSent = 0;
  #left = null; // a room that I was still in when the link went
  #banned = null; // by whom, for how long and why I was banned from the server, in words
  #counting = null; // my vote that is stored, until its tally has come: { room, poll, seq }

  constructor(model) {
    this.model = model;
    this.connection = new Connection({
      greet: () => this.#greet(),
      refused: (fault) => this.#refused(fault),
      heard: (frame) => this.#heard(frame),
      changed: (state, why) => this.#connectionChanged(state, why),
      late: (command) => this.#late(command),
    });
  }

  /* ---- coming in ---- */

  /** With a nick kept from last time, comes in by itself; else asks at the door. */
  start(wanted) {
    this.#wanted = wanted;
    const me = storage.load('me');
    if (me?.nick) this.enter(me.nick);
    else this.model.tell('login', null);
  }

  enter(nick) {
    const kept = [storage.load('me'), storage.load(`banned:${nick}`)].find((one) => one?.nick === nick);
    const token = kept?.token ?? newId() + newId();
    this.identity = { nick, token, claim: token };
    this.model.me = nick;
    this.outbox.restore(nick);
    this.connection.open();
  }

  async #greet() {
    const welcome = await this.connection.request({ type: 'hello', ...this.identity });
    const { model } = this;
    this.identity = { nick: welcome.nick, token: welcome.token };
    storage.save('me', this.identity);
    storage.save(`banned:${welcome.nick}`, null);
    this.#banned = null;
    this.outbox.restore(welcome.nick);
    model.me = welcome.nick;
    model.server = welcome.server.name;
    model.limits = { ...this.connection.limits, ...welcome.server.limits };
    this.connection.limits = model.limits;
    for (const about of welcome.rooms) this.#know(about);
  }

  #know({ room: name, joined, read, ...about }) {
    const room = this.model.room(name);
    room.describe({ ...about, read });
    this.#readSent.set(name, read);
    if (room.joined && !joined) {
      // left on another device meanwhile, or put out
      this.outbox.refuseAll(name, 'You are not in this room any more.');
      this.#left = room;
      room.leave();
      if (this.#wanted === name) this.#wanted = null;
    }
    room.joined = joined;
  }

  #refused(fault) {
    const isBan = fault.code === 'banned';
    if (isBan)
      storage.save(`banned:${this.identity.nick}`, this.identity); // the name waits for its owner
    else storage.save('me', null);
    if (isBan) fault.message = `${this.#banned ?? ''} ${sanction(fault)}`.trim();
    this.model.rooms.clear();
    this.model.current = null;
    this.model.tell('login', fault);
  }

  #connectionChanged(state, why) {
    this.model.connection = { state, why };
    if (state !== 'up') for (const room of this.model.rooms.values()) room.live = false;
    this.model.tell('connection');
    if (state === 'up') this.#comeBack();
  }

  /* While the server cannot store, what has to be stored waits. `who` never does: it tells whether
   * the link is alive. */
  #late({ type }) {
    const { connection, current } = this.model;
    if (!connection.held || !current || type === 'who') return false;
    this.askWho(current);
    return true;
  }

  /* The open room first: it is the one that somebody is looking at. */
  async #comeBack() {
    const { model } = this;
    const first = model.current?.joined ? null : this.#firstRoom();
    this.open(first).catch(({ message }) =>
      model.tell('fault', { message: `“${first.title}” could not be opened. ${message}` }),
    );
    if (this.#left)
      model.tell('fault', { message: `You are not in “${this.#left.title}” any more.`, about: this.#left.name });
    this.#left = null;
    model.tell('rooms');
    const rooms = model.joined.sort((a, b) => (b === model.current) - (a === model.current));
    await Promise.allSettled(rooms.map((room) => this.#join(room)));
  }

  #firstRoom() {
    const { model } = this;
    const wanted = model.rooms.get(this.#wanted);
    const known = [...model.rooms.values()];
    return wanted ?? model.joined[0] ?? model.rooms.get(FIRST_ROOM) ?? known[0];
  }

  /* ---- rooms ---- */

  /** Shows a room, joining it if need be. Resolves when it is there, rejects with a Fault. */
  async open(room) {
    if (!room) return;
    const before = this.model.current;
    this.#show(room);
    if (room.live) this.askWho(room);
    else if (this.connection.state === 'up' && !room.joined)
      await this.#join(room).catch((fault) => {
        if (fault.code !== 'offline' && this.model.current === room) this.#goBack(before === room ? null : before);
        throw fault;
      });
  }

  #goBack(room) {
    this.#show(room);
    if (!room) this.open(this.model.joined[0]);
  }

  #show(room) {
    this.#wanted = room?.name ?? null;
    this.model.current = room;
    this.model.tell('current rooms', room);
  }

  async #join(room) {
    const reply = await this.connection
      .request({ type: 'join', room: room.name, limit: PAGE, ...room.cursor })
      .catch((fault) => {
        if (fault.code === 'banned') fault.message = sanction(fault);
        if (fault.code === 'banned' && room.joined) this.#putOut(room, fault.message);
        throw fault;
      });
    const before = room.read;
    room.enter(reply, PAGE);
    this.#readSent.set(room.name, reply.read);
    if (before > reply.read && room.read === before) this.#sendRead(room);
    for (const item of reply.items) if (item.from === this.model.me) this.outbox.remove(item.key);
    for (const item of room.items) if (item.type === 'poll' && !item.closed) this.#lookAt(room, item.seq);
    this.model.tell('rooms log people', room);
    this.model.tell('fault', { message: '', about: room.name });
    if (room === this.model.current) this.askWho(room);
    this.#post();
  }

  /** Resolves with the new room, already joined. */
  async create(name, title, topic) {
    const reply = await this.connection.request({ type: 'create', room: name, title, topic });
    const room = this.model.room(reply.room);
    room.describe({ title, topic });
    await this.#join(room);
    return room;
  }

  async leave(room) {
    await this.connection.request({ type: 'leave', room: room.name });
    await this.#forget(room);
  }

  /* I am no member any more: another room is opened in its place. */
  async #forget(room) {
    const { model } = this;
    room.leave();
    model.tell('rooms');
    if (room !== model.current) return;
    this.#show(null);
    await this.open(model.joined[0]);
  }

  /** Fetches the page before what we have of the room. */
  async older(room, limit = PAGE) {
    if (room.loading || !room.more || !room.live) return;
    room.loading = true;
    const before = room.oldest;
    try {
      const page = await this.connection.request({ type: 'history', room: room.name, before, limit });
      if (room.oldest === before) room.prepend(page);
    } catch {
      await new Promise((done) => setTimeout(done, OLDER_AGAIN_MS));
    } finally {
      room.loading = false;
      this.model.tell('log', room);
    }
  }

  trim(room) {
    room.trim(KEPT);
  }

  /* ---- reading ---- */

  /** Everything up to the newest message was on screen. */
  markRead(room) {
    if (room.newest <= room.read) return;
    room.read = room.newest;
    this.model.tell('rooms');
    this.#sendRead(room);
  }

  #sendRead(room) {
    if (this.#readTimers.has(room)) return;
    const send = () => {
      this.#readTimers.delete(room);
      if (!room.live || room.read <= this.#readSent.get(room.name)) return;
      this.#readSent.set(room.name, room.read);
      this.connection.request({ type: 'read', room: room.name, seq: room.read }).catch(() => {});
      this.#readTimers.set(room, setTimeout(send, READ_EVERY_MS));
    };
    this.#readTimers.set(room, setTimeout(send, 0));
  }

  /* ---- people ---- */

  askWho(room) {
    const asked = this.#whoAsked.has(room);
    this.#whoAsked.set(room, asked);
    if (asked) return;
    setTimeout(() => {
      const again = this.#whoAsked.get(room);
      this.#whoAsked.delete(room);
      if (again && room === this.model.current) this.askWho(room);
    }, WHO_EVERY_MS);
    this.connection.request({ type: 'who', room: room.name }).then(
      (reply) => {
        room.meet(reply);
        this.#met(room);
      },
      () => {},
    );
  }

  /* Who is here has changed; what I may do here, perhaps, too. */
  #met(room) {
    const before = room.role;
    room.role = room.people.get(this.model.me)?.role ?? before;
    this.model.tell(room.role === before ? 'people' : 'people log', room);
  }

  typing(room) {
    if (!room.live || Date.now() - this.#typingSent < TYPING_EVERY_MS) return;
    this.#typingSent = Date.now();
    this.connection.post({ type: 'typing', room: room.name });
  }

  /** Also finds out whether the link is still alive after a sleep. */
  away(on) {
    this.connection.hurry();
    this.connection.request({ type: 'away', on }).catch(() => {});
  }

  /* ---- writing ---- */

  say(room, text, replyTo) {
    this.#typingSent = 0;
    this.#add(room, { type: 'say', text, ...(replyTo && { reply_to: replyTo }) });
  }

  edit(room, seq, text) {
    this.#add(room, { type: 'edit', of: seq, text });
  }

  remove(room, seq) {
    this.#add(room, { type: 'delete', of: seq });
  }

  /** poll: { question, options, max, secret, results, closes_at? } */
  ask(room, poll) {
    this.#add(room, { type: 'poll', ...poll });
  }

  /** choices: indexes; none takes the vote back. What is not acknowledged yet is replaced. */
  vote(room, seq, choices) {
    for (let old; (old = this.outbox.voteOf(room.name, seq));) this.outbox.remove(old.command.id);
    const inOrder = [...choices].sort((a, b) => a - b); // as the server tells them
    this.#add(room, { type: 'vote', poll: seq, choices: inOrder });
  }

  closePoll(room, seq) {
    this.#add(room, { type: 'close_poll', poll: seq });
  }

  /** command: role, kick, ban, unban, mute, unmute or purge, with a `room` or for the whole server. Rejects with a Fault. */
  moderate(command) {
    return this.connection.request(command);
  }

  /** All that was voted in a closed poll, by nobody. */
  async ballots(room, seq) {
    const all = [];
    for (let more = true; more;) {
      const page = await this.connection.request({ type: 'ballots', room: room.name, poll: seq, after: all.length });
      all.push(...page.ballots);
      more = page.more;
    }
    return all;
  }

  #receiptOf = (room, seq) => `vote:${this.model.me}:${room.log}:${seq}`;

  /** What this browser knows of my last vote: { receipt, choices }, or null. */
  receipt(room, seq) {
    return storage.load(this.#receiptOf(room, seq));
  }

  retry(room, id) {
    this.outbox.retry(id);
    this.#outboxChanged(room);
    this.#post();
  }

  /** Gives up on a post that has not gone out. Returns its command. */
  takeBack(room, id) {
    const { command } = this.outbox.find(id);
    this.outbox.remove(id);
    this.#outboxChanged(room);
    return command;
  }

  #add(room, command) {
    const old = command.of && this.outbox.changeOf(room.name, command.of);
    if (old?.fault) this.outbox.remove(old.command.id);
    this.outbox.add({ ...command, room: room.name });
    this.#outboxChanged(room);
    this.#post();
  }

  #outboxChanged(room) {
    this.model.tell('log connection', room);
  }

  /* One at a time: what I wrote first is numbered first, even when the server asks to slow down. */
  async #post() {
    if (this.#posting) return;
    this.#posting = true;
    const mayPost = (name) => this.model.rooms.get(name)?.live;
    for (let post; this.connection.state === 'up' && (post = this.outbox.next(mayPost));)
      if (!(await this.#postOne(post))) break;
    this.#posting = false;
  }

  /* Where the server's words are for any client, these are for people. */
  #refusals = {
    forbidden: () => 'You may not write in this room.',
    muted: sanction,
    banned: sanction,
    'delete forbidden': () => 'What somebody of your own or a higher role has written stays.',
    'vote closed': () => 'Your vote was not counted: the poll had closed.',
    'vote not_found': () => 'Your vote was not counted: the poll was deleted.',
    'poll full': () => `${this.model.limits.polls} polls are open in this room. One has to be closed first.`,
    'poll bad_field': () => 'The time at which it should end is over, or more than a year away.',
  };

  async #postOne({ command }) {
    const room = this.model.rooms.get(command.room);
    try {
      this.#acknowledged(room, command, await this.connection.request(command));
    } catch (fault) {
      if (fault.code === 'offline' || (fault.code === 'unavailable' && this.model.connection.held)) return false;
      if (command.type === 'close_poll') {
        // there is nothing to be kept of it
        this.outbox.remove(command.id);
        this.model.tell('fault', { message: `The poll was not closed. ${fault.message}` });
      }
      const words = this.#refusals[`${command.type} ${fault.code}`] ?? this.#refusals[fault.code];
      this.outbox.refuse(
        command.id,
        words?.(fault) ?? fault.message,
        command.type === 'vote' && fault.code !== 'unavailable',
      );
    }
    this.#outboxChanged(room);
    return true;
  }

  /* The cursor stays where it is: events of others with smaller numbers may still be on their way. */
  #acknowledged(room, command, { seq, at, receipt }) {
    this.outbox.remove(command.id);
    const { type, id: key, room: _, ...said } = command;
    const item = { ...said, seq, at, from: this.model.me, key };
    if (type === 'say') room.add({ type: 'message', ...item });
    else if (type === 'poll') room.add({ type, text: said.question, ...item });
    else if (type === 'vote') this.#voted(room, command, receipt, seq);
    else if (said.of && seq > room.last) room.change({ type, of: said.of, text: said.text, at });
  }

  #voted(room, { poll: of, choices }, receipt, seq) {
    const poll = room.find(of);
    storage.save(this.#receiptOf(room, of), receipt ? { receipt, choices } : null);
    if (poll) poll.mine = choices;
    this.#counting = { room, poll, seq };
    this.#counted(room);
  }

  /* The `ok` and the tally come in any order: with both it is known how the poll stands. */
  #counted(room) {
    const { poll, seq } = this.#counting?.room === room ? this.#counting : {};
    if (!poll || room.last < seq) return;
    this.#counting = null;
    this.model.tell('voted', room, poll);
  }

  /* ---- hearing ---- */

  #heard(frame) {
    if (frame.seq !== undefined && EVENTS.includes(frame.type)) this.#event(frame);
    else this.#signals[frame.type]?.call(this, frame, this.model.rooms.get(frame.room));
  }

  #event(event) {
    const { model } = this;
    const room = model.rooms.get(event.room);
    if (!room?.live) return;
    const mine = event.from === model.me;
    if (mine) this.outbox.remove(event.key);
    if (!room.apply(event)) return;
    if (mine && event.type === 'vote' && room.find(event.poll)) room.find(event.poll).mine = event.choices;
    if (room.items.length > 2 * KEPT) room.trim(room === model.current ? KEPT_OPEN : KEPT);
    if (['message', 'poll'].includes(event.type) && !mine) model.tell('arrived', room, event);
    this.#counted(room);
    this.#noticed(event, room);
    if (event.type === 'poll_closed') this.#ended(room, event.poll);
    model.tell('log rooms', room);
  }

  /* What a moderator has done: to me, it may be that I am no member any more. */
  #noticed(event, room) {
    const words = told(event, this.model.me);
    if (!words || !room?.live) return;
    const isOut = event.seq === undefined && event.nick === this.model.me && ['kick', 'ban'].includes(event.type);
    if (isOut && event.everywhere) this.#banned = words;
    else if (isOut) return this.#putOut(room, words);
    room.note(event, words);
    this.model.tell('noticed log', room, words);
  }

  /* What was not sent yet is there when I may come back. */
  #putOut(room, words) {
    const wasMember = room.joined;
    this.outbox.refuseAll(room.name, words);
    this.#forget(room);
    if (wasMember)
      this.model.tell('fault', { message: `You are not in “${room.title}” any more. ${words}`, about: room.name });
  }

  async #ended(room, seq) {
    const poll = room.find(seq) ?? (await this.#itemOf(room, seq));
    if (!poll?.digest) return;
    if (!room.find(seq)) room.ends.push(poll);
    this.model.tell('ended log', room, poll);
  }

  /* A poll as the server has it now. */
  async #itemOf(room, seq) {
    const ask = { type: 'history', room: room.name, before: seq + 1, limit: 1 };
    const { items } = await this.connection.request(ask).catch(() => ({ items: [] }));
    return items.find((item) => item.seq === seq && item.question);
  }

  /* I may have voted somewhere else: then the receipt that is kept here is of a vote that does not count. */
  async #lookAt(room, seq) {
    const { mine } = (await this.#itemOf(room, seq)) ?? {};
    const poll = room.find(seq);
    if (!mine || !poll) return;
    poll.mine = mine;
    this.model.tell('log', room);
    const kept = this.receipt(room, seq);
    if (kept && String(kept.choices) !== String(mine)) this.#doubt(this.#receiptOf(room, seq), kept);
  }

  /* Another tab may have the new one, and be about to keep it. */
  #doubt(name, old) {
    setTimeout(() => storage.load(name)?.receipt === old.receipt && storage.save(name, null), DOUBT_MS);
  }

  #signals = {
    here(signal, room) {
      if (!room) return;
      if (!room.move(signal) && room === this.model.current) this.askWho(room);
      this.#met(room);
    },
    role: this.#noticed,
    kick: this.#noticed,
    ban: this.#noticed,
    unban: this.#noticed,
    mute: this.#noticed,
    unmute: this.#noticed,
    typing({ from }, room) {
      if (!room || from === this.model.me) return;
      room.typed(from);
      this.model.tell('typing', room);
    },
    read({ seq }, room) {
      if (!room || seq <= room.read) return;
      room.read = seq;
      this.#readSent.set(room.name, seq);
      this.model.tell('rooms');
    },
    voted({ poll: seq }, room) {
      if (room?.find(seq)) this.#lookAt(room, seq);
    },
    writable({ on }) {
      this.model.connection.held = !on;
      this.model.tell('connection');
      this.#post();
    },
    room({ room: name, title, topic }) {
      this.model.room(name).describe({ title, topic });
      this.model.tell('rooms');
    },
  };
}
