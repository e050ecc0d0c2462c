/* drawer.js - the list of rooms on a narrow screen: an overlay in the place of the open room. While no room is open, the
 * list is all there is, and cannot be closed. */

import { $ } from './dom.js';
import { overlay } from './overlay.js';

export class Drawer {
  #app = $('.app');
  #end = () => {};

  constructor(model) {
    this.model = model;
    model.watch('current', (room) => room || this.#turn(true));
    model.watch('login', () => this.close());
  }

  /** Does nothing on a screen that shows rooms and log together. */
  open() {
    if (this.#isOpen) return;
    this.#turn(true);
    if ($('.main').getClientRects().length) this.#turn(false);
    else this.#end = overlay(() => this.model.current && this.#turn(false), $('.back'));
  }

  close() {
    this.#end();
    this.#turn(false);
  }

  get #isOpen() {
    return this.#app.classList.contains('at-rooms');
  }

  #turn(isOpen) {
    this.#app.classList.toggle('at-rooms', isOpen);
  }
}
