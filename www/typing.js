/* typing.js - typing: the line that names the users who type in the open room, and the signal that I do. */

import { $, make } from './dom.js';

const LASTS_MS = 6000; // after the last signal
const LOOK_AGAIN_MS = 1000;
const SEND_EVERY_MS = 3000;

/** room.kept.typing: nick → when the name goes. */
const typists = (room) => (room.kept.typing ??= new Map());

function stop(room, nick) {
  typists(room).delete(nick);
}

export const typing = {
  signals: {
    typing({ model }, { from }, room) {
      if (!room || from === model.me) return;
      typists(room).set(from, Date.now() + LASTS_MS);
      model.tell('typing', room);
    },
  },

  added: (room, { from }) => stop(room, from),
  after: (_chat, room, { nick }) => nick && stop(room, nick),

  mount(page) {
    page.typing = new Typing(page);
  },
};

class Typing {
  #timer = 0;
  #sent = 0;

  constructor({ model, chat }) {
    Object.assign(this, { model, chat });
    this.line = $('.typing');
    const look = (room = model.current) => room === model.current && this.#draw();
    model.watch('typing log', look);
    model.watch('current', () => look());
  }

  /** I am writing in that room. */
  go(room) {
    if (!room.live || Date.now() - this.#sent < SEND_EVERY_MS) return;
    this.#sent = Date.now();
    this.chat.connection.post({ type: 'typing', room: room.name });
  }

  /** My message is written: the next one is signalled at once. */
  end() {
    this.#sent = 0;
  }

  #draw() {
    clearTimeout(this.#timer);
    const nicks = this.model.current ? now(this.model.current) : [];
    this.line.replaceChildren(...words(nicks));
    if (nicks.length) this.#timer = setTimeout(() => this.#draw(), LOOK_AGAIN_MS);
  }
}

/* Drops those that have stopped. */
function now(room) {
  for (const [nick, until] of typists(room)) if (until <= Date.now()) stop(room, nick);
  return [...typists(room).keys()];
}

function words(nicks) {
  const [one, two] = nicks.map((nick) => make('bdi', {}, nick));
  if (nicks.length === 0) return [];
  if (nicks.length === 1) return [one, ' is typing…'];
  if (nicks.length === 2) return [one, ' and ', two, ' are typing…'];
  return ['Several people are typing…'];
}
