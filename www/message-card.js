/* message-card.js - the text of a message in the log. Marks in it wait for format.js and markup.js, which load with the
 * first one; until then it is shown as typed. */

import { button, make } from './dom.js';
import { lazy } from './lazy.js';
import { isEmoji, nodes } from './text.js';
import { fullDate } from './when.js';

const LONG_LINES = 24;
const ROOM = 'room'; // behind an "@"
const MARK = /[`*_]|~~|^> ?/m;

let markup = null; // (text, mentions, me) → nodes
let isLoading = false;
const waiting = new Set(); // cards

/* If that fails, the next text with a mark asks again. */
async function loadMarkup({ log }) {
  if (isLoading) return;
  isLoading = true;
  try {
    const [{ format }, { drawn }] = await Promise.all([lazy('format.js'), lazy('markup.js', 'markup.css')]);
    markup = (text, mentions, me) => drawn(format(text, mentions), me);
    log.scroll.hold(() => waiting.forEach((card) => card.draw(card.part)));
    waiting.clear();
  } catch (fault) {
    console.warn(fault);
  } finally {
    isLoading = false;
  }
}

export class MessageCard {
  box = make('div');
  #isWhole = false;

  constructor(page) {
    this.page = page;
  }

  draw(part) {
    this.part = part;
    this.box.replaceChildren(...(part.deleted ? [make('div.text.gone', {}, 'Message deleted')] : this.#words(part)));
  }

  #words({ text: words, edited, mentions, room }) {
    const text = make('div.text', { dir: 'auto' }, ...this.#nodes(words, mentions, room));
    if (isEmoji(words)) text.classList.add('large');
    if (edited) text.append(make('span.edited', { title: fullDate(edited) }, ' (edited)'));
    if (this.#isWhole || words.split('\n', LONG_LINES + 1).length <= LONG_LINES) return [text];
    text.classList.add('long');
    const more = button('link', () => this.#showAll(text, more), 'Show more');
    return [text, more];
  }

  /* room: the text mentions everybody. */
  #nodes(words, mentions, room) {
    const { me } = this.page.model;
    if (!mentions && !MARK.test(words)) return nodes(words);
    if (markup) return room ? markup(words, [...mentions, ROOM], [me, ROOM]) : markup(words, mentions, [me]);
    waiting.add(this);
    loadMarkup(this.page);
    return nodes(words);
  }

  #showAll(text, more) {
    this.#isWhole = true;
    text.classList.remove('long');
    more.remove();
    this.page.log.settle();
  }
}
