/* banner.js - one quiet line while there is no connection, or the server or this browser cannot store, and the dot
 * beside the server's name. */

import { $ } from './dom.js';
import { isStored } from './storage.js';

const GAP_MS = 2000; // shorter gaps are not worth a line

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
    const { state, held, silent } = this.model.connection;
    if (state === 'up' && !held && !silent) {
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
    const words = [this.#late && this.#words(), unstored()].filter(Boolean).join(' ');
    this.line.hidden = !words;
    if (this.line.textContent !== words) this.line.textContent = words;
    const { state, held, silent } = this.model.connection;
    const off = this.#late && (silent || !(state === 'up' && held));
    this.dot.classList.toggle('off', off);
    this.dot.title = off ? 'Not connected' : 'Connected';
  }

  #words() {
    const { held, why } = this.model.connection;
    let start = 'Reconnecting…';
    if (held) start = "The server can't save messages right now.";
    if (why === 'flood')
      start = 'The server closed the connection: too much came at once. Trying again in a few seconds.';
    return `${start} Keep writing${this.#waiting(this.outbox.waiting)}.`;
  }

  #waiting({ count, noun }) {
    if (count === 0) return '';
    return `: ${count} ${noun}${count > 1 ? 's' : ''} will be sent when ${this.model.connection.held ? 'it can' : "we're back"}`;
  }
}

function unstored() {
  if (isStored('')) return '';
  const what = isStored('me') ? 'what you write' : 'your name';
  return `This browser can't store ${what}: its storage is full or off. Keep this page open.`;
}
