/* notice.js - one quiet line when the connection has been gone for a while, and the dot beside the name.
 * For: main. */

import { $ } from './dom.js';

const GAP_MS = 2000;           // shorter gaps are nobody's business

export class Notice {
  #timer = 0;
  #late = false;

  constructor(model, outbox) {
    Object.assign(this, { model, outbox });
    this.line = $('.banner');
    this.dot = $('.dot');
    model.watch('link', () => this.#changed());
  }

  #changed() {
    if (this.model.link.state === 'up') {
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
    this.dot.classList.toggle('off', this.#late);
    this.dot.title = this.#late ? 'Not connected' : 'Connected';
  }

  #words() {
    const { link } = this.model;
    const start = link.why === 'flood'
      ? 'The server closed the connection because too much came at once. It is tried again in a few seconds.'
      : 'Reconnecting.';
    return `${start} ${this.#waiting(this.outbox.waiting)}`;
  }

  #waiting(count) {
    if (count === 0) return 'You can keep writing.';
    return `You can keep writing; ${count} message${count > 1 ? 's' : ''} will go out by ${count > 1 ? 'themselves' : 'itself'}.`;
  }
}
