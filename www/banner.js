/* banner.js - one quiet line when the connection has been gone, or the server could not store, for a
 * while, and the dot beside the name. */

import { $ } from './dom.js';

const GAP_MS = 2000; // shorter gaps are nobody's business

export class Banner {
  #timer = 0;
  #late = false;

  constructor(model, outbox) {
    Object.assign(this, { model, outbox });
    this.line = $('.banner');
    this.dot = $('.dot');
    model.watch('connection', () => this.#changed());
  }

  #changed() {
    const { state, held } = this.model.connection;
    if (state === 'up' && !held) {
      clearTimeout(this.#timer);
      this.#timer = 0;
      this.#late = false;
    } else if (!this.#timer) {
      this.#timer = setTimeout(() => {
        this.#late = true;
        this.#draw();
      }, GAP_MS);
    }
    this.#draw();
  }

  #draw() {
    const words = this.#late ? this.#words() : '';
    this.line.hidden = !words;
    if (this.line.textContent !== words) this.line.textContent = words;
    const off = this.#late && !this.model.connection.held;
    this.dot.classList.toggle('off', off);
    this.dot.title = off ? 'Not connected' : 'Connected';
  }

  #words() {
    const { held, why } = this.model.connection;
    let start = 'Reconnecting.';
    if (held) start = 'The server cannot store messages right now.';
    if (why === 'flood')
      start = 'The server closed the connection because too much came at once. It is tried again in a few seconds.';
    return `${start} You can keep writing${this.#waiting(this.outbox.waiting)}.`;
  }

  #waiting({ count, what }) {
    if (count === 0) return '';
    return count > 1 ? `; ${count} ${what}s will go out by themselves` : `; 1 ${what} will go out by itself`;
  }
}
