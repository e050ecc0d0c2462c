/* typing.js - the line that says who is typing in the open room. */

import { $, make } from './dom.js';

const LOOK_AGAIN_MS = 1000;

export class Typing {
  #timer = 0;

  constructor(model) {
    this.model = model;
    this.line = $('.typing');
    const look = (room = model.current) => room === model.current && this.#draw();
    model.watch('typing log', look);
    model.watch('current', () => look());
  }

  #draw() {
    clearTimeout(this.#timer);
    const nicks = this.model.current?.typing ?? [];
    this.line.replaceChildren(...words(nicks));
    if (nicks.length) this.#timer = setTimeout(() => this.#draw(), LOOK_AGAIN_MS);
  }
}

function words(nicks) {
  const [one, two] = nicks.map((nick) => make('bdi', {}, nick));
  if (nicks.length === 0) return [];
  if (nicks.length === 1) return [one, ' is typing…'];
  if (nicks.length === 2) return [one, ' and ', two, ' are typing…'];
  return ['Several people are typing…'];
}
