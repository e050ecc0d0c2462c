/* settings.js - the dialog with what the user sets once, a page for each subject; on a phone each is a screen. Loaded when
 * it is first opened. What is set here stays in this browser. */

import { button, dialog, icon, make } from './dom.js';
import { drawKeys } from './help.js';
import { overlay, showDialog } from './overlay.js';
import { load, save } from './storage.js';
import { setClock } from './when.js';

/* name, label, [value, words] of each choice; null: what the browser says. See theme.js, when.js. */
const CHOICES = [
  ['theme', 'Theme', [null, 'System'], ['light', 'Light'], ['dark', 'Dark']],
  ['text', 'Text size', ['14', 'Small'], [null, 'Normal'], ['17', 'Large']],
  ['density', 'Messages', [null, 'Comfortable'], ['compact', 'Compact']],
  ['clock', 'Time', [null, 'As your browser'], ['12', '12 hours'], ['24', '24 hours']],
];

const PAGES = [
  { words: 'Appearance', draw: drawAppearance },
  { words: 'Keyboard', draw: (body, { features }) => drawKeys(body, features) },
];

const isPhone = () => matchMedia('(max-width: 640px)').matches;

/** words: of the page to show; without them the first one, and on a phone the list of pages. */
export function open(page, words) {
  new Settings(page).show(words);
}

class Settings {
  #endPage = null; // on a phone, where the list of pages lies below

  constructor(page) {
    this.page = page;
    this.pages = [...page.features.flatMap(({ settings }) => settings ?? []), ...PAGES];
    this.links = this.pages.map((one) => button('menu-row', () => this.#choose(one), one.words));
    this.heading = make('h2', { tabIndex: -1 });
    this.body = make('div.settings-body', { tabIndex: 0 });
    const list = make('nav', { ariaLabel: 'Settings' }, ...this.links);
    const back = Object.assign(
      button('tool', () => this.#back(), icon('back')),
      { ariaLabel: 'Back' },
    );
    const close = Object.assign(
      button('tool', () => this.dialog.close(), icon('close')),
      { ariaLabel: 'Close' },
    );
    const done = button('small-button.yes', () => this.dialog.close(), 'Done');
    const head = make('div.settings-head', {}, back, this.heading);
    const right = make('section', {}, head, this.body, make('div.buttons', {}, done));
    this.dialog = dialog('settings', 'Settings', close, list, right);
    this.dialog.onclose = () => this.dialog.remove();
  }

  show(words) {
    const named = this.pages.find((one) => one.words === words);
    this.#draw(named ?? this.pages[0]);
    this.dialog.classList.toggle('at-page', Boolean(named));
    showDialog(this.dialog);
    if (named || !isPhone()) this.heading.focus();
  }

  #choose(one) {
    this.#draw(one);
    if (!isPhone()) return;
    this.dialog.classList.add('at-page');
    const hide = () => {
      this.#endPage = null;
      this.dialog.classList.remove('at-page');
    };
    this.#endPage = overlay(hide, document.activeElement);
    this.heading.focus();
  }

  /* To the list of pages, if the user came from there. */
  #back() {
    if (this.#endPage) this.#endPage();
    else this.dialog.close();
  }

  #draw(one) {
    this.heading.textContent = one.words;
    for (const link of this.links) link.ariaCurrent = link.textContent === one.words ? 'page' : null;
    this.body.replaceChildren();
    this.body.className = `settings-body ${one.words.toLowerCase()}`;
    one.draw(this.body, this.page);
  }
}

function drawAppearance(body, page) {
  body.append(
    ...CHOICES.map((choice) => choiceRow(page, ...choice)),
    make('p.small.quiet', {}, 'This browser remembers what you choose here.'),
  );
}

function choiceRow(page, name, words, ...choices) {
  const now = load('settings')?.[name] ?? null;
  const row = make('fieldset.set', {}, make('legend', {}, words));
  for (const [value, label] of choices) {
    const onchange = () => set(page, name, value);
    const input = make('input', { type: 'radio', name, checked: value === now, onchange });
    row.append(make('label.choose', {}, input, label));
  }
  return row;
}

function set({ model }, name, value) {
  const { [name]: _before, ...others } = load('settings') ?? {};
  const settings = value === null ? others : { ...others, [name]: value };
  save('settings', Object.keys(settings).length ? settings : null);
  dispatchEvent(new CustomEvent('settings', { detail: settings }));
  setClock(settings.clock);
  model.tell('rooms');
  if (model.current) model.tell('log people', model.current);
}
