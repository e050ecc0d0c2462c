/* keys.js - the keyboard beyond Tab and what each part does itself: regions, rooms, Escape, help.
 * The help dialog of index.html lists the same. */

import { $ } from './dom.js';
import { closeTop } from './overlay.js';

export class Keys {
  /* parts: { rooms, log, composer, people }; toRooms(), toRoom(): a narrow screen shows one of them. */
  constructor(parts) {
    Object.assign(this, parts);
    this.help = $('.help');
    document.addEventListener('keydown', (event) => this.#key(event));
    $('.show-help').onclick = () => this.help.showModal();
    $('.help button').onclick = () => this.help.close();
  }

  #key(event) {
    if ($('.app').hidden || $('dialog[open]') || event.isComposing) return;
    const name =
      (event.altKey ? 'Alt+' : '') +
      (event.ctrlKey || event.metaKey ? 'Ctrl+' : '') +
      (event.shiftKey && event.key.length > 1 ? 'Shift+' : '') +
      event.key;
    const act = this.#acts[name.toLowerCase()];
    if (act && act(event) !== false) event.preventDefault();
  }

  /* An act that returns false leaves the key to the browser. */
  #acts = {
    f6: () => this.#region(1),
    'shift+f6': () => this.#region(-1),
    'alt+arrowup': () => this.rooms.step(-1),
    'alt+arrowdown': () => this.rooms.step(1),
    'alt+a': () => this.rooms.nextUnread(),
    'ctrl+k': () => {
      this.toRooms();
      this.rooms.find();
    },
    '?': ({ target }) => !target.matches('input, textarea') && this.help.showModal(),
    escape: () => this.#escape(),
  };

  #region(step) {
    const regions = [
      { is: $('.side'), part: this.rooms },
      { is: $('.log'), part: this.log },
      { is: $('.compose'), part: this.composer },
      { is: $('.people'), part: this.people },
    ].filter(({ is }) => is.checkVisibility());
    const at = regions.findIndex(({ is }) => is.contains(document.activeElement));
    const next = at < 0 && step < 0 ? regions.length - 1 : (at + step + regions.length) % regions.length;
    regions[next].part.focus();
  }

  #escape() {
    if (closeTop() || this.composer.cancel()) return;
    this.toRoom();
    this.composer.focus();
  }
}
