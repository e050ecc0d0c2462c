/* panel.js - the right panel: one place beside the log for several contents, each under the same head (title, ×).
 *
 *   page.panel.add({ name, title, button, draw })
 *     name     what show() is called with: 'search'
 *     title    words, or a function that returns them: called again when another room opens
 *     button   optional: the button that opens and closes this content
 *     draw(body) → end
 *              fills an empty element of the page; what has `autofocus` gets the focus. end(), if there is one, is called
 *              when the content goes. A promise of it is as good, so that the content can load when it is first shown:
 *              draw: async (body) => (await lazy('search.js', 'search.css')).draw(page, body)
 *   page.panel.show(name) · toggle(name) · close() · leave() · name: what is shown, or null
 *
 * On a wide screen it is a column with the people, unless the user has closed that; other content lies over the people
 * until it is closed. On a narrow screen it is an overlay. */

import { $, make } from './dom.js';
import { sayFault } from './fault.js';
import { overlay } from './overlay.js';
import { load, save } from './storage.js';

const REST = 'people';
const wide = matchMedia('(min-width: 1001px)'); // as in narrow.css

export class Panel {
  name = null;
  #contents = new Map(); // by name
  #end = () => {}; // … of what is shown
  #closeOverlay = null;
  #before = null; // what had the focus when the panel was opened

  constructor(model) {
    this.element = $('.panel');
    $('.close-panel').onclick = () => this.close();
    wide.onchange = () => this.#resized();
    model.watch('current', () => this.#entitle());
    model.watch('login', () => this.#rest());
  }

  add(content) {
    const { name, button } = content;
    this.#contents.set(name, content);
    if (button) button.onclick = () => this.toggle(name);
    if (name === REST) this.#rest();
  }

  show(name) {
    const { activeElement: at } = document;
    if (!this.element.contains(at)) this.#before = at;
    if (!wide.matches) this.#closeOverlay ??= overlay(() => this.#hide(), at);
    else if (name === REST) save('panel', null);
    this.#fill(name);
    this.focus();
  }

  toggle(name) {
    if (this.name === name) this.close();
    else this.show(name);
  }

  close() {
    if (this.#closeOverlay) return this.#closeOverlay();
    const hadFocus = this.element.contains(document.activeElement);
    const { button } = this.#contents.get(this.name) ?? {};
    if (this.name === REST) save('panel', 'closed');
    this.#rest();
    if (hadFocus) (this.#before?.isConnected ? this.#before : button)?.focus();
    this.#before = null;
    return undefined;
  }

  /** The user turns to the log: closes the panel where it covers that. */
  leave() {
    this.#closeOverlay?.();
  }

  /** Closes what lies over the people, if the focus is in it. False if there is nothing to close. */
  escape() {
    if (!this.name || this.name === REST || !this.element.contains(document.activeElement)) return false;
    this.close();
    return true;
  }

  focus() {
    ($('[autofocus]', this.element) ?? this.element).focus();
  }

  #hide() {
    this.#closeOverlay = null;
    this.#fill(null);
  }

  #rest() {
    this.#fill(wide.matches && load('panel') !== 'closed' ? REST : null);
  }

  /* What the user has opened stays. */
  #resized() {
    const { name } = this;
    this.#closeOverlay?.();
    this.#rest();
    if (name && name !== REST) this.show(name);
  }

  #fill(name) {
    if (name === this.name) return;
    this.#end();
    this.#end = () => {};
    this.name = name;
    for (const { name: one, button } of this.#contents.values()) if (button) button.ariaExpanded = `${one === name}`;
    const body = make('div.panel-body');
    $('.panel-body').replaceWith(body);
    $('.app').classList.toggle('with-panel', name !== null);
    if (name) this.#draw(this.#contents.get(name), body);
  }

  #draw({ draw }, body) {
    this.#entitle();
    const drawn = draw(body);
    if (!drawn?.then) this.#end = drawn ?? this.#end;
    else {
      this.#end = () => drawn.then((end) => end?.(), console.warn);
      drawn.then(
        () => document.activeElement === this.element && body.isConnected && this.focus(),
        ({ message, about }) => sayFault(body.appendChild(make('p.fault', { role: 'alert' })), message, about),
      );
    }
  }

  #entitle() {
    const { title } = this.#contents.get(this.name) ?? {};
    if (!title) return;
    const words = typeof title === 'function' ? title() : title;
    this.element.ariaLabel = $('.panel-title').textContent = words;
  }
}
