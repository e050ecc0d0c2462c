/* people.js - the users in the open room: a column beside the log, or over it on a narrow screen. */

import { $, arrange, make, soon } from './dom.js';
import { avatar } from './avatar.js';
import { overlay } from './overlay.js';
import { mixedSign } from './script.js';

const SEARCH_FROM = 20; // users; fewer need no search

export class People {
  #entries = new Map(); // nick → list element
  #close = () => {};

  constructor(model) {
    this.model = model;
    this.panel = $('.people');
    this.search = $('.people input');
    this.button = $('.show-people');
    this.draw = soon(() => this.#draw());
    model.watch('people', (room) => room === model.current && this.draw());
    model.watch('current', () => this.#forget());
    this.search.oninput = () => this.draw();
    this.button.onclick = () => this.toggle();
    $('.hide-people').onclick = () => this.#close();
  }

  focus() {
    this.panel.focus();
  }

  toggle() {
    if (this.panel.classList.contains('open')) return this.#close();
    this.panel.classList.add('open');
    this.button.ariaExpanded = 'true';
    this.#close = overlay(() => {
      this.panel.classList.remove('open');
      this.button.ariaExpanded = 'false';
    }, this.button);
    this.focus();
  }

  #forget() {
    this.search.value = '';
    this.#entries.clear();
    this.draw();
  }

  #draw() {
    const room = this.model.current;
    const people = room ? [...room.people.values()].sort(byNick) : [];
    const sought = this.search.value.trim().toLowerCase();
    const found = people.filter(({ nick }) => nick.toLowerCase().includes(sought));
    this.search.hidden = people.length < SEARCH_FROM;
    const list = (where, isAway) => {
      const shown = found.filter(({ away }) => Boolean(away) === isAway);
      arrange(
        $(where, this.panel),
        shown.map((person) => this.#entry(person)),
      );
    };
    list('.here', false);
    list('.away', true);
    this.#countUp(people, room?.count ?? 0);
  }

  #countUp(people, count) {
    const away = people.filter((person) => person.away).length;
    const unseen = Math.max(0, count - people.length);
    $('.here-count').textContent = `Here · ${Math.max(count, people.length) - away}`;
    $('.away-count').textContent = `Away · ${away}`;
    $('.away-count').hidden = away === 0;
    $('.unlisted').textContent = unseen ? `and ${unseen} more` : '';
    this.button.ariaLabel = `People: ${count}`;
  }

  #entry({ nick, role }) {
    const badge = role && role !== 'member' ? role : '';
    const fresh = () =>
      make('li.person', { title: nick }, avatar(nick, 's'), make('bdi', {}, nick), mixedSign(nick), make('span.badge'));
    const entry = this.#entries.get(nick) ?? fresh();
    this.#entries.set(nick, entry);
    $('.badge', entry).textContent = badge;
    return entry;
  }
}

const { compare } = new Intl.Collator(undefined, { numeric: true });
const byNick = (a, b) => compare(a.nick, b.nick);
