/* emoji-picker.js - the dialog that chooses an emoji: found by name, or by group, those used most first; in the skin tone
 * that the user has chosen. Loaded once a room is there; emoji-data.js and emoji.js with the first use. */

import { $, button, dialog, make } from './dom.js';
import { isEnter, isTouch } from './enter.js';
import { lazy } from './lazy.js';
import { showDialog } from './overlay.js';
import { favourites, use } from './reaction-card.js';
import * as storage from './storage.js';

const COLUMNS = 8;
const MOST_USED = 2 * COLUMNS;
const MOST_FOUND = 10 * COLUMNS;
const TONE_NAMES = ['Default', 'Light', 'Medium-light', 'Medium', 'Medium-dark', 'Dark'];

const toneName = (me) => storage.own(me, 'tone');

class Picker {
  constructor(page, groups, emoji) {
    this.model = page.model;
    this.emoji = emoji; // emoji.js
    this.groups = emoji.read(groups);
    this.all = this.groups.flatMap(([, list]) => list);
    this.byEmoji = new Map(this.all.map((one) => [one.emoji, one]));
    this.#build();
    this.field.oninput = () => this.#draw();
    this.dialog.onkeydown = (event) => this.#key(event);
  }

  #build() {
    this.field = make('input', {
      type: 'search',
      autocomplete: 'off',
      maxLength: 32,
      placeholder: 'Find an emoji',
      ariaLabel: 'Find an emoji',
    });
    this.list = make('div.emoji-list', {});
    this.none = make('p.small.quiet', { role: 'status' });
    this.tones = make('div.tones', { role: 'group', ariaLabel: 'Skin tone' });
    this.jumps = make('div.jumps', { role: 'group', ariaLabel: 'Groups' });
    const close = button('small-button', () => this.dialog.close(), 'Cancel');
    const foot = make('div.picker-foot', {}, this.tones, close);
    this.dialog = dialog('emoji-picker', '', this.field, this.jumps, this.list, this.none, foot);
    Object.assign($('h1', this.dialog), { tabIndex: -1 });
  }

  open(title, chosen) {
    const heading = $('h1', this.dialog);
    heading.textContent = title;
    this.chosen = chosen;
    this.field.value = '';
    this.tone = this.emoji.TONES[storage.load(toneName(this.model.me))] ?? '';
    this.#draw();
    showDialog(this.dialog);
    this.list.scrollTop = 0;
    (isTouch() ? heading : this.field).focus(); // a phone's keyboard would cover the list
  }

  #choose(emoji) {
    this.dialog.close();
    use(this.model.me, emoji);
    this.chosen(emoji);
  }

  /* ---- drawing ---- */

  #draw() {
    const sought = this.field.value.trim().toLowerCase();
    const found = sought ? this.emoji.find(this.all, sought).slice(0, MOST_FOUND) : null;
    const sections = sought ? [['Found', found]] : [['Most used', this.#used()], ...this.groups];
    const boxes = sections.map((section) => this.#section(section));
    this.list.replaceChildren(...(found?.length === 0 ? [] : boxes));
    this.jumps.hidden = Boolean(sought);
    this.none.textContent = found?.length === 0 && !this.emoji.isSign(sought) ? 'No emoji found.' : '';
    this.#drawJumps(sections, boxes);
    this.#drawTones();
    this.#rove($('button', this.list));
  }

  #used = () =>
    favourites(this.model.me, MOST_USED).map((emoji) => {
      const known = this.byEmoji.get(emoji);
      return { emoji, name: known?.name ?? emoji };
    });

  #section([title, list]) {
    const heading = make('h2', {}, title);
    const all = list.map((one) => {
      const emoji = one.isToned ? this.emoji.toned(one.emoji, this.tone) : one.emoji;
      const sign = button('glyph', () => this.#choose(emoji), emoji);
      return Object.assign(sign, { title: one.name, ariaLabel: one.name, tabIndex: -1 });
    });
    return make('section', { ariaLabel: title }, heading, make('div.glyphs', {}, ...all));
  }

  #drawJumps(sections, boxes) {
    const jump = ([title, [first]], at) => {
      const sign = button('glyph', () => boxes[at].scrollIntoView({ block: 'start' }), first.emoji);
      return Object.assign(sign, { title, ariaLabel: title });
    };
    if (!this.jumps.hidden) this.jumps.replaceChildren(...sections.map(jump));
  }

  #drawTones() {
    const one = (tone, at) => {
      const sign = button('glyph', () => this.#setTone(at), `✋${tone}`);
      return Object.assign(sign, {
        title: TONE_NAMES[at],
        ariaLabel: TONE_NAMES[at],
        ariaPressed: String(tone === this.tone),
      });
    };
    this.tones.replaceChildren(...this.emoji.TONES.map(one));
  }

  #setTone(at) {
    storage.save(toneName(this.model.me), at || null);
    this.tone = this.emoji.TONES[at];
    const { scrollTop } = this.list;
    this.#draw();
    this.list.scrollTop = scrollTop;
    this.tones.children[at].focus();
  }

  /* ---- keyboard ---- */

  /* Of all emoji, Tab reaches one. */
  #rove(next) {
    for (const old of this.list.querySelectorAll('[tabindex="0"]')) old.tabIndex = -1;
    if (next) next.tabIndex = 0;
  }

  #key(event) {
    const { target, key } = event;
    if (target === this.field) {
      if (isEnter(event)) this.#enter(event);
      else if (key === 'ArrowDown') this.#go(event, $('button', this.list));
    } else if (this.list.contains(target)) this.#move(event);
  }

  /* Enter takes the first one found, or an emoji that the keyboard has. */
  #enter(event) {
    event.preventDefault();
    const typed = this.field.value.trim();
    if (this.emoji.isSign(typed)) this.#choose(typed);
    else if (typed) $('button', this.list)?.click();
  }

  #move(event) {
    const { target, key } = event;
    const all = [...this.list.querySelectorAll('button')];
    const at = all.indexOf(target);
    const side = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (side) this.#go(event, all[at + side]);
    const step = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (step) this.#go(event, vertical(all, at, step) ?? (step < 0 && this.field));
  }

  #go(event, next) {
    event.preventDefault();
    if (!next) return;
    if (next !== this.field) this.#rove(next);
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  }
}

/* The nearest one in the next line of the grid, above or below. */
function vertical(all, at, step) {
  const from = all[at].getBoundingClientRect();
  let best = null;
  let line = null;
  for (let next = at + step; all[next]; next += step) {
    const box = all[next].getBoundingClientRect();
    if (Math.abs(box.top - from.top) < 2) continue;
    line ??= box.top;
    if (Math.abs(box.top - line) > 2) break;
    const far = Math.abs(box.left - from.left);
    if (!best || far < best.far) best = { far, element: all[next] };
  }
  return best?.element;
}

let picker = null;

/** Lets the user choose: chosen(emoji). */
export function open(page, title, chosen) {
  const parts = [lazy('emoji-data.js', 'emoji-picker.css'), lazy('emoji.js')];
  return Promise.all(parts).then(
    ([{ groups }, emoji]) => {
      picker ??= new Picker(page, groups, emoji);
      picker.open(title, chosen);
    },
    (fault) => page.model.tell('fault', fault),
  );
}
