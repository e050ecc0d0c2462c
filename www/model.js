/* model.js - everything the page knows, in one place, and who wants to hear of changes.
 * Data flows one way: wire → chat → model → views. For: chat (changes it), views (read and watch it).
 * Never touches: the socket, the document. */

import { Room } from './room.js';

export class Model {
  me = null; // my nick
  server = 'chatd';
  limits = {};
  rooms = new Map(); // name → Room, in the order to be shown
  current = null; // the Room that is open
  connection = { state: 'off' }; // wire's state; why it is down, as wire tells;
  // held: connected, but the server cannot store at the moment
  #watchers = new Map();

  /* What can be watched: 'connection' · 'rooms' (list, counts) · 'current' (another room is open) ·
   * 'log', 'people', 'typing' (room) · 'arrived' (room, item: it was said just now) ·
   * 'voted' (room, poll: my vote is in) · 'ended' (room, poll: it was closed just now) ·
   * 'noticed' (room, words: what a moderator has done just now) ·
   * 'hint' (words: why what was just done has no effect) · 'login' (fault or null: a nick is needed) · 'fault' (fault of something nobody clicked;
   * with a room's name as `about` it is over, or without words never was, when I am in it). */
  watch(kinds, hear) {
    for (const kind of kinds.split(' ')) this.#watchers.set(kind, [...(this.#watchers.get(kind) ?? []), hear]);
  }

  tell(kinds, ...news) {
    for (const kind of kinds.split(' ')) for (const hear of this.#watchers.get(kind) ?? []) hear(...news);
  }

  /** The room of that name, made if it is new. */
  room(name) {
    if (!this.rooms.has(name)) this.rooms.set(name, new Room(name));
    return this.rooms.get(name);
  }

  get joined() {
    return [...this.rooms.values()].filter((room) => room.joined);
  }

  get unread() {
    return this.joined.reduce((sum, room) => sum + room.unread(this.me).count, 0);
  }
}
