/* keys.js - the keyboard beyond Tab and what each part does itself: regions, rooms, Escape, letters. */

import { $ } from './dom.js';
import { isComposing } from './enter.js';
import { closeTop } from './overlay.js';

export class Keys {
  constructor(page) {
    this.page = page;
    document.addEventListener('keydown', (event) => this.#key(event));
  }

  #key(event) {
    if ($('.app').hidden || $('dialog[open]') || isComposing(event)) return;
    const name =
      (event.altKey ? 'Alt+' : '') +
      (event.ctrlKey || event.metaKey ? 'Ctrl+' : '') +
      (event.shiftKey && event.key.length > 1 ? 'Shift+' : '') +
      event.key;
    const act = this.#acts[name.toLowerCase()];
    if (act && act(event) !== false) event.preventDefault();
    const isText = !act && name.length === 1 && name !== ' ';
    if (isText && !event.target.matches('input, textarea, select')) this.page.composer.focus();
  }

  /* An act that returns false leaves the key to the browser. */
  #acts = {
    f6: () => this.#region(1),
    'shift+f6': () => this.#region(-1),
    'alt+arrowup': () => this.page.rooms.step(-1),
    'alt+arrowdown': () => this.page.rooms.step(1),
    'alt+a': () => this.page.rooms.nextUnread(),
    'ctrl+k': () => {
      this.page.drawer.open();
      this.page.rooms.find();
    },
    'ctrl+m': ({ shiftKey }) => (shiftKey ? this.page.panel.toggle('mentions') : false),
    '?': ({ target }) => !target.matches('input, textarea') && this.page.open('settings', 'Keyboard'),
    escape: () => this.#escape(),
  };

  #region(step) {
    const regions = [
      { is: $('.side'), part: this.page.rooms },
      { is: $('.log'), part: this.page.log },
      { is: $('.compose'), part: this.page.composer },
      { is: $('.panel'), part: this.page.panel },
    ].filter(({ is }) => is.getClientRects().length);
    const at = regions.findIndex(({ is }) => is.contains(document.activeElement));
    const next = at < 0 && step < 0 ? regions.length - 1 : (at + step + regions.length) % regions.length;
    regions[next].part.focus();
  }

  #escape() {
    if (closeTop() || this.page.panel.escape() || this.page.composer.cancel()) return;
    this.page.composer.focus();
  }
}
