/* chat.js - my side of the protocol: the login, rooms, and the way of the server's frames to the features
 * that know them. Uses connection, outbox, model. Never touches the document. */

import { Connection, newId, pause } from './connection.js';
import { Outbox } from './outbox.js';
import { Paging } from './paging.js';
import { Posting } from './posting.js';
import { Presence } from './presence.js';
import { Reading } from './reading.js';
import { setServerTime } from './server-time.js';
import * as storage from './storage.js';

const PAGE = 50;
const KEPT = 300; // items that a room keeps; where somebody reads it back, it keeps all
const REJOIN_S = 3;
const FIRST_ROOM = 'lobby';
const LEFT = 'You are no longer in this room.';
const ROOM_NAME = /^[a-z0-9_-]{1,48}$/;

/* Where the login of a nick waits while it is refused, or another is in use. */
const aside = (nick) => `banned:${nick}`;

/* browse: the fault offers the list of all rooms. */
const noRoom = (name) => ({ message: `There is no room “${name}”.`, browse: true });

function cannotOpen({ title, link }, fault) {
  if (fault.code === 'no_such_room') return Object.assign(fault, noRoom(title));
  const message = `Can't open “${title}”. ${fault.message}`;
  return Object.assign(fault, { message, about: fault.code === 'offline' ? fault.about : link });
}

export class Chat {
  kept = {}; // what features keep about the server, by their own names
  #wanted = null; // name of the room to open after the login
  #wantedAt = null; // … and the seq to which its log is led
  #left = null; // a room that I was still in when the connection went
  #returning = new Set(); // rooms that I am in, on their way back after the connection was away

  constructor(model, features) {
    this.model = model;
    this.features = features;
    this.connection = new Connection({
      greet: () => this.#greet(),
      refused: (fault) => this.#refused(fault),
      heard: (frame) => this.#heard(frame),
      changed: (state, why) => this.#connectionChanged(state, why),
      question: () => this.presence.question,
      silent: (is) => this.#silent(is),
    });
    this.posting = new Posting(this, features);
    this.outbox = new Outbox(this.posting.kinds);
    this.reading = new Reading(this);
    this.paging = new Paging(this);
    this.presence = new Presence(this);
    const parts = [this.#own, this.reading, this.presence, ...features];
    const none = () => Object.create(null); // a type such as "constructor" finds nothing
    this.events = Object.assign(none(), ...parts.map(({ events }) => events));
    this.signals = Object.assign(none(), ...parts.map(({ signals }) => signals));
    storage.watch((name) => this.#stored(name));
  }

  /** Logs in with the stored nick; without one, asks for it. */
  start(wanted, at) {
    this.#wanted = wanted;
    this.#wantedAt = at;
    const me = storage.load('me');
    if (me?.nick) this.enter(me.nick);
    else this.model.tell('login');
  }

  enter(nick) {
    const stored = [storage.load('me'), storage.load(aside(nick))].find((one) => one?.nick === nick);
    const token = stored?.token ?? newId() + newId();
    this.identity = { nick, token, claim: token };
    this.model.me = nick;
    this.outbox.restore(nick);
    this.connection.open();
  }

  async #greet() {
    const welcome = await this.connection.request({ type: 'hello', ...this.identity });
    const { model, connection } = this;
    this.identity = { nick: welcome.nick, token: welcome.token };
    const before = storage.load('me');
    if (before && before.nick !== welcome.nick) storage.save(aside(before.nick), before);
    storage.save('me', this.identity);
    storage.save(aside(welcome.nick), null);
    this.outbox.restore(welcome.nick);
    model.me = welcome.nick;
    model.role = welcome.role;
    model.server = welcome.server.name;
    model.version = welcome.server.version;
    setServerTime(welcome.server.now);
    connection.limits = model.limits = { ...connection.limits, ...welcome.server.limits };
    for (const about of welcome.rooms) this.#know(about);
    this.#refuseLost();
    model.moreRooms = welcome.more_rooms;
    this.#tellFeatures('welcomed', welcome);
  }

  #know({ room: name, joined, read, ...about }) {
    const room = this.model.room(name);
    room.describe({ ...about, read });
    room.readSent = read;
    if (room.joined && !joined) {
      // left on another device, or removed
      this.#left = room;
      room.leave(LEFT);
      if (this.#wanted === name) this.#wanted = null;
    }
    room.joined = joined;
  }

  /* What waits for a room that I have left, or was removed from, does not go out when I come back. */
  #refuseLost() {
    const { rooms, current } = this.model;
    for (const name of this.outbox.rooms) {
      const room = rooms.get(name);
      const isJoining = room && room === current && !room.out; // for the first time
      if (!room?.joined && !isJoining) this.outbox.refuseAll(name, LEFT);
    }
  }

  #refused(fault) {
    const { nick } = this.identity;
    if (this.refused(fault)) storage.save(aside(nick), this.identity);
    else if (storage.load('me')?.nick === nick) storage.save('me', null);
    this.#shut(fault);
  }

  /** Deletes what this browser stores for me, sent or not. */
  signOut() {
    const { nick } = this.identity;
    this.#shut();
    for (const name of ['me', aside(nick), ...storage.names(storage.own(nick))]) storage.save(name, null);
  }

  /* Ends the login and removes everything of the user from this page. */
  #shut(fault) {
    const { model } = this;
    this.connection.close();
    const wanted = fault ? this.#wanted : null;
    this.identity = this.#left = null;
    this.kept = {};
    this.outbox.restore(null);
    model.rooms.clear();
    this.#show(null);
    this.#wanted = wanted;
    model.tell('login', fault);
    model.me = null;
  }

  /* Another tab stored something. Who logs in or signs out there does so here: a browser has one user. */
  #stored(name) {
    const nick = name === 'me' ? storage.load('me')?.nick : this.identity?.nick;
    if (nick !== this.identity?.nick) {
      if (this.identity) this.#shut();
      if (nick) this.enter(nick);
    }
    this.outbox.follow(name);
    this.model.tell('stored', name);
  }

  /** The server refused my login, or (`room`) a join or a post. True: it may take that later. */
  refused(fault, room) {
    return this.features.some((feature) => feature.refused?.(this, fault, room));
  }

  #tellFeatures(hook, ...news) {
    for (const feature of this.features) feature[hook]?.(this, ...news);
  }

  #connectionChanged(state, why) {
    this.model.connection = { state, why };
    if (state !== 'up') for (const room of this.model.rooms.values()) room.live = false;
    this.model.tell('connection');
    if (state !== 'up') return;
    this.model.tell('over', 'connection');
    this.#comeBack();
  }

  #silent(is) {
    this.model.connection.silent = is;
    this.model.tell('connection');
  }

  /* The open room first: somebody is looking at it. */
  async #comeBack() {
    const { model } = this;
    const wanted = this.#wanted;
    const first = model.current?.joined ? null : this.#firstRoom();
    this.open(first, first?.name === wanted ? this.#wantedAt : undefined).catch((fault) =>
      this.#notOpened(first, fault),
    );
    if (wanted && !this.find(wanted)) this.missed(wanted);
    if (this.#left) this.#tellLeft(this.#left);
    this.#left = null;
    this.presence.cameBack();
    model.tell('rooms');
    const rooms = model.joined.sort((a, b) => (b === model.current) - (a === model.current));
    for (const room of rooms) this.#rejoin(room);
  }

  /* A room that I am in may be out of reach for a while: the server is busy, or it cannot reach the others and does
   * not know it yet. */
  async #rejoin(room) {
    const { model, connection } = this;
    if (this.#returning.has(room)) return;
    this.#returning.add(room);
    while (room.joined && !room.live && connection.state === 'up')
      try {
        await this.#join(room);
      } catch (fault) {
        if (fault.code === 'offline') break;
        if (fault.code === 'no_such_room' && !model.connection.held) {
          this.#end(room);
          break;
        }
        if (room === model.current) model.tell('fault', cannotOpen(room, fault));
        await pause((fault.retryAfter ?? REJOIN_S) * 1000);
      }
    this.#returning.delete(room);
  }

  /** The room that a link names. `welcome` may not list it: then only the server knows whether there is one. */
  find(name) {
    const { model } = this;
    const mayBe = name && model.moreRooms && ROOM_NAME.test(name);
    return model.rooms.get(name) ?? (mayBe ? model.room(name) : undefined);
  }

  /** A link names a room that is not there. */
  missed(name) {
    this.model.tell('fault', noRoom(name));
  }

  #firstRoom() {
    const { model } = this;
    const known = [...model.rooms.values()];
    return this.find(this.#wanted) ?? model.joined[0] ?? this.find(FIRST_ROOM) ?? known[0];
  }

  /* A first room that does not exist was a guess: then any room will do. */
  #notOpened(room, fault) {
    const { model } = this;
    const isGuess = fault.code === 'no_such_room' && !model.current;
    if (isGuess) this.open([...model.rooms.values()][0]).catch(() => {});
    if (!isGuess || room.name !== FIRST_ROOM) model.tell('fault', fault);
  }

  /** Shows a room, joining it if need be, at item `at` (null: its end; undefined: as it was). Resolves when it is
   * there, rejects with a Fault. */
  async open(room, at) {
    if (!room) return;
    const before = this.model.current;
    if (at !== undefined && room.loaded && room === before) return this.paging.go(room, at);
    if (at !== undefined) room.at = at;
    this.#show(room);
    if (room.loaded && room.at !== null) this.paging.go(room, room.at);
    if (room.live) this.presence.ask(room);
    else if (this.connection.state === 'up' && room.joined) this.#rejoin(room);
    else if (this.connection.state === 'up')
      await this.#join(room).catch((fault) => {
        if (fault.code === 'no_such_room') this.model.rooms.delete(room.name);
        if (fault.code !== 'offline' && this.model.current === room) this.#goBack(before === room ? null : before);
        throw cannotOpen(room, fault);
      });
  }

  #goBack(room) {
    this.#show(room);
    if (!room) this.open(this.model.joined[0]);
  }

  #show(room) {
    const { current } = this.model;
    if (current && current !== room) current.place = current.at = null;
    this.#wanted = room?.name ?? null;
    this.model.current = room;
    this.model.tell('current rooms', room);
  }

  async #join(room) {
    const ask = { type: 'join', room: room.name, limit: PAGE, ...room.cursor };
    const reply = await this.connection.request(ask).catch((fault) => {
      this.refused(fault, room);
      throw fault;
    });
    const before = room.read;
    room.enter(reply, PAGE);
    room.readSent = reply.read;
    if (before > reply.read && room.read === before) this.reading.send(room);
    for (const item of reply.items) if (item.from === this.model.me) this.outbox.remove(item.key);
    this.paging.prepare();
    this.#tellFeatures('joined', room, reply);
    this.model.tell('rooms log people', room);
    this.model.tell('over', room.link);
    if (room === this.model.current) this.presence.ask(room);
    if (room.at !== null && room.at !== room.place?.at) this.paging.go(room, room.at);
    this.posting.go();
  }

  async create(name, title, topic) {
    const reply = await this.connection.request({ type: 'create', room: name, title, topic });
    const room = this.model.room(reply.room);
    room.describe({ title, topic });
    await this.#join(room);
    return room;
  }

  async leave(room) {
    await this.connection.request({ type: 'leave', room: room.name });
    await this.#forget(room, LEFT);
  }

  /** The server has ended my membership, for the reason in `words`. Posts stay, for when I come back. */
  putOut(room, words) {
    const wasMember = room.joined;
    this.outbox.refuseAll(room.name, words);
    this.#forget(room, words);
    if (wasMember) this.#tellLeft(room, ` ${words}`);
  }

  #tellLeft({ title, link: about }, words = '') {
    this.model.tell('fault', { message: `You are no longer in “${title}”.${words}`, about });
  }

  /* The server has no such room any more. */
  #end(room) {
    this.model.rooms.delete(room.name);
    this.putOut(room, 'It was deleted.');
  }

  async #forget(room, words) {
    const { model } = this;
    room.leave(words);
    model.tell('rooms');
    if (room !== model.current) return;
    this.#show(null);
    await this.open(model.joined[0]);
  }

  trim(room) {
    room.trim(KEPT);
  }

  #heard(frame) {
    const room = this.model.rooms.get(frame.room);
    if (frame.seq !== undefined && this.events[frame.type]) this.#event(frame, room);
    else this.signals[frame.type]?.(this, frame, room);
  }

  #event(event, room) {
    const { model } = this;
    if (!room?.live) return;
    if (event.from === model.me) this.outbox.remove(event.key);
    if (!room.advance(event)) return;
    this.events[event.type](this, room, event);
    this.presence.heard(room, event.from);
    if (room !== model.current && room.items.length > 2 * KEPT) this.trim(room); // log.js trims the open one
    this.#tellFeatures('after', room, event);
    model.tell('log rooms', room);
  }

  add(room, item) {
    if (room.add(item) && item.from !== this.model.me) this.model.tell('arrived', room, item);
  }

  #own = {
    events: {
      gap: (chat, room, event) => room.lose(event),
    },
    signals: {
      writable({ model, posting }, { on }) {
        model.connection.held = !on;
        if (on) model.tell('over', 'store');
        model.tell('connection');
        posting.go();
      },
      room({ model }, { room: name, title, topic }) {
        model.room(name).describe({ title, topic });
        model.tell('rooms');
      },
      room_gone: (chat, frame, room) => room && this.#end(room),
    },
  };
}
