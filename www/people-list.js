/* people-list.js - the users in the open room, by presence and role, and search. Loaded when it is first shown. */

import { $, arrange, button, make, soon } from './dom.js';
import { avatar } from './avatar.js';
import { isModerator } from './role.js';
import { mixedSign } from './script.js';

const SEARCH_FROM = 12; // users; fewer need no search
const ROLES = { admin: 'Admin', moderator: 'Moderator' };

const { compare } = new Intl.Collator(undefined, { numeric: true });
const byNick = (a, b) => compare(a.nick, b.nick);

/** Content of the panel: see there. choose(nick): the user picked somebody. */
export function draw(body, model, choose) {
  const list = new List(body, model, choose);
  return () => list.end();
}

class List {
  #entries = new Map(); // nick → list element
  #watches;

  constructor(body, model, choose) {
    Object.assign(this, { model, choose });
    const redraw = soon(() => this.#draw());
    this.#watches = [
      model.watch('people', (room) => room === model.current && redraw()),
      model.watch('current', () => {
        this.search.value = '';
        this.#entries.clear();
        redraw();
      }),
    ];
    this.search = searchField(redraw);
    this.nobody = make('p.small.quiet', { role: 'status' });
    this.unlisted = make('p.unlisted.small.quiet');
    const [ranked, here, away] = ['ranked', 'here', 'away'].map(group);
    this.groups = { ranked, here, away };
    body.append(this.search, this.nobody, ...ranked, ...here, this.unlisted, ...away);
    this.#draw();
  }

  end() {
    for (const stop of this.#watches) stop();
  }

  #draw() {
    const { current: room } = this.model;
    const people = room ? [...room.people.values()].sort(byNick) : [];
    const unlisted = Math.max(0, (room?.count ?? 0) - people.length);
    this.search.hidden = people.length < SEARCH_FROM;
    const sought = this.search.hidden ? '' : this.search.value.trim().toLowerCase();
    const all = split(people);
    const found = split(people.filter(({ nick }) => nick.toLowerCase().includes(sought)));
    this.#group('ranked', 'Admins and moderators', found.ranked);
    this.#group('here', `Here · ${all.here.length + unlisted}`, found.here);
    this.#group('away', `Away · ${all.away.length}`, found.away);
    this.unlisted.textContent = unlisted && !sought ? `and ${unlisted} more` : '';
    this.nobody.textContent = sought && !Object.values(found).flat().length ? 'No one found' : '';
  }

  #group(name, words, people) {
    const [heading, list] = this.groups[name];
    heading.textContent = words;
    heading.hidden = list.hidden = !people.length;
    arrange(
      list,
      people.map((person) => this.#entry(person)),
    );
  }

  #entry({ nick, role, away }) {
    const entry = this.#entries.get(nick) ?? this.#row(nick);
    this.#entries.set(nick, entry);
    entry.classList.toggle('is-away', Boolean(away));
    $('.role', entry).textContent = ROLES[role] ?? '';
    return entry;
  }

  #row(nick) {
    const you = nick === this.model.me ? make('span.you', {}, '(you)') : null;
    const act = () => this.choose(nick);
    const row = button(
      'person',
      act,
      avatar(nick, 's'),
      make('bdi', {}, nick),
      you,
      mixedSign(nick),
      make('span.role'),
    );
    row.title = nick;
    return make('li', {}, row);
  }
}

function split(people) {
  const members = people.filter(({ role }) => !isModerator(role));
  return {
    ranked: people.filter(({ role }) => isModerator(role)),
    here: members.filter(({ away }) => !away),
    away: members.filter(({ away }) => away),
  };
}

function searchField(oninput) {
  return make('input.find-person', {
    type: 'search',
    placeholder: 'Find someone',
    ariaLabel: 'Find someone',
    autocomplete: 'off',
    spellcheck: false,
    hidden: true,
    oninput,
  });
}

function group(name) {
  const heading = make(`h3.${name}-count`, { id: `group-${name}` });
  return [heading, make(`ul.${name}`, { 'aria-labelledby': heading.id })];
}
