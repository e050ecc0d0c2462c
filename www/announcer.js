/* announcer.js - what a screen reader says by itself: messages of others as they arrive in the open room,
 * each once, as "nick: text"; my vote, how polls end, and what moderators do. Never the history, never my own. */

import { $, make, soon } from './dom.js';
import { standing } from './tally.js';

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
    model.watch('arrived', (room, { from, text }) => text && say(room, `${from}: ${text}`));
    model.watch('voted', (room, poll) => poll && say(room, `${chosen(poll)} ${standing(poll)}`));
    model.watch(
      'ended',
      (room, poll) => poll && say(room, `The poll “${poll.question}” has closed. ${standing(poll)}`),
    );
    model.watch('noticed', (room, words) => say(room, words));
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

const chosen = ({ mine, options }) =>
  mine.length ? `My vote: ${mine.map((at) => options[at]).join(', ')}.` : 'My vote is taken back.';
