/* announcer.js - what a screen reader says unasked about the open room: items of others as they arrive, each
 * once, as "nick: text", and what features announce. Never the history, never my own items. */

import { $, make, soon } from './dom.js';
import { textOf } from './rows.js';

const MANY = 5; // arriving together; more are only counted
const STAYS_MS = 10_000;

export class Announcer {
  #waiting = [];

  constructor(model) {
    this.region = $('.announcer');
    const speak = soon(() => this.#speak());
    const say = (room, sentence) => {
      if (room !== model.current) return;
      this.#waiting.push(sentence);
      speak();
    };
    model.watch('arrived', (room, item) => {
      const text = textOf(item, model.features);
      if (text) say(room, `${item.from}: ${text}`);
    });
    model.watch('announce', (room, words) => say(room, words));
    model.watch('hint', (words) => words && say(model.current, words));
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
