/* spoken.js - what a screen reader says by itself: messages of others as they arrive in the open room,
 * each once, as "nick: text". Never the history, never my own. For: main. */

import { $, make, soon } from './dom.js';

const MANY = 5;                // arriving together; more are only counted
const STAYS_MS = 10_000;

export class Spoken {
  #waiting = [];

  constructor(model) {
    this.region = $('.spoken');
    const speak = soon(() => this.#speak());
    model.watch('arrived', (room, { from, text }) => {
      if (room !== model.current || !text) return;
      this.#waiting.push(`${from}: ${text}`);
      speak();
    });
    model.watch('current', () => {
      this.#waiting = [];
    });
  }

  #speak() {
    const words = this.#waiting.length > MANY ? [`${this.#waiting.length} new messages`] : this.#waiting;
    this.#waiting = [];
    for (const sentence of words) {
      const line = make('p', {}, sentence);
      this.region.append(line);
      setTimeout(() => line.remove(), STAYS_MS);
    }
  }
}
