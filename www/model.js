/* model.js - everything the page knows, in one place, and the views that watch it.
 * Data flows one way: connection → chat → model → views. Never touches the connection or the document. */

import { Room } from './room.js';

const { compare } = new Intl.Collator(undefined, { numeric: true });

export class Model {
  me = null; // my nick
  role = 'member'; // mine, in all rooms
  server = 'chatd';
  version = ''; // the server's
  limits = {};
  rooms = new Map(); // name → Room
  moreRooms = false; // the server has rooms that are not among them
  current = null; // the open Room
  /* state: Connection's; why: Connection's reason for being down; held: connected, but the server cannot store;
   * silent: connected, but nothing answers */
  connection = { state: 'off' };
  #watchers = new Map();

  constructor(features) {
    this.features = features;
  }

  /* Topics: 'connection' · 'rooms' (list, counts) · 'current' (another room is open) ·
   * 'log', 'people', 'typing' (room) · 'arrived' (room, item: a live item of another user) ·
   * 'arrive' (room, seq: its log was led to that item; null: back to now) · 'address' (Back may have to change it) ·
   * 'announce' (room, words: something just happened) · 'hint' (words: why the last action had no effect) ·
   * 'login' (fault, if any: a nick is needed, and what somebody wrote goes) ·
   * 'draft' (photos: those of the draft in the field changed) · 'photo' (id: one of mine changed, see photo-mine.js) ·
   * 'upload' (ids: photos that are to go up, others may have gone) ·
   * 'stored' (name: see storage.js) · 'fault' (of something nobody clicked: { message, about, browse }) ·
   * 'told' (what I want to be told of: see mention.js) · 'over' (about: the cause of a fault, see fault.js). */
  /** Calls hear(…news) for each of these topics. Returns a function that ends it. */
  watch(topics, hear) {
    const names = topics.split(' ');
    const set = (topic, all) => this.#watchers.set(topic, all);
    for (const topic of names) set(topic, [...this.#heard(topic), hear]);
    return () => {
      for (const topic of names)
        set(
          topic,
          this.#heard(topic).filter((one) => one !== hear),
        );
    };
  }

  #heard(topic) {
    return this.#watchers.get(topic) ?? [];
  }

  tell(topics, ...news) {
    for (const topic of topics.split(' ')) for (const hear of this.#heard(topic)) hear(...news);
  }

  room(name) {
    if (!this.rooms.has(name)) this.rooms.set(name, new Room(name, this.features));
    return this.rooms.get(name);
  }

  /** All rooms by their titles, so that places are stable. */
  get inOrder() {
    return [...this.rooms.values()].sort((a, b) => compare(a.title, b.title));
  }

  get joined() {
    return this.inOrder.filter((room) => room.joined);
  }
}
