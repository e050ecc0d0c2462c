/* mention-menu.js - the menu of names over the field, while one is typed behind an "@". The focus stays in the field.
 * Loaded when the first "@" is typed. */

import { avatar } from './avatar.js';
import { $, button, icon, make } from './dom.js';
import { isComposing } from './enter.js';
import { overlay } from './overlay.js';

const MOST = 8;

const { compare } = new Intl.Collator(undefined, { numeric: true });
const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

let shown = null; // { page, menu, rows, at, typed, isQuoted, close }
let waits = false; // nobody has such a name, but may come

const TYPED = /(?:^|[^\p{L}\p{N}\p{M}_+/])@("?[^\n@"]{0,32})$/u; // what stands behind the "@" before the caret

let isFollowing = false;

/** From now on the menu follows what is typed behind an "@". */
export function follow(page) {
  const { area, form } = page.composer;
  const look = () => {
    waits = false;
    const [, typed] = TYPED.exec(area.value.slice(0, area.selectionStart)) ?? [];
    if (typed === undefined || document.activeElement !== area) hide();
    else show(page, typed.replace('"', ''), typed[0] === '"');
  };
  look();
  if (isFollowing) return;
  isFollowing = true;
  page.model.watch('people', () => (shown || waits) && look());
  area.addEventListener('input', look);
  area.addEventListener('blur', hide);
  form.addEventListener('keydown', (event) => isComposing(event) || key(event), true);
}

/* Shows the names that begin with `typed`, or one of whose words does; none: hides the menu. */
function show(page, typed, isQuoted) {
  const choices = [...namesFor(page.model, typed), ...wholeRoom(page.model, typed)];
  waits = !choices.length;
  if (waits) return hide();
  shown ??= create(page);
  Object.assign(shown, { typed, isQuoted, rows: choices.map(row), at: 0 });
  shown.menu.replaceChildren(make('h2', { ariaHidden: 'true' }, 'People'), ...shown.rows);
  choose(0);
  return null;
}

function hide() {
  shown?.close();
}

/* Takes the keys that are the menu's from the field. */
function key(event) {
  if (!shown || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { rows, at } = shown;
  const act = {
    ArrowUp: () => choose((at - 1 + rows.length) % rows.length),
    ArrowDown: () => choose((at + 1) % rows.length),
    Enter: () => rows[at].click(),
    Tab: () => rows[at].click(),
    Escape: hide,
  }[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

/* ---- who ---- */

/* Who is here, then who is away, then who wrote here and has left. */
function namesFor({ current: room, me }, typed) {
  const people = new Map(room.people);
  for (const { from, deleted } of room.items)
    if (from && !deleted && !people.has(from)) people.set(from, { nick: from, isGone: true });
  people.delete(me);
  const sought = plain(typed);
  const fits = ({ nick }) =>
    plain(nick)
      .split(/[\s._-]+/)
      .some((word, i, all) => all.slice(i).join(' ').startsWith(sought));
  const whole = ({ nick }) => plain(nick).startsWith(sought);
  const order = (person) => (person.isGone ? 2 : Number(Boolean(person.away)));
  return [...people.values()]
    .filter((person) => fits(person) || whole(person))
    .sort((a, b) => whole(b) - whole(a) || order(a) - order(b) || compare(a.nick, b.nick))
    .slice(0, MOST);
}

const wholeRoom = ({ current: room }, typed) =>
  room.moderates && 'room'.startsWith(plain(typed)) ? [{ nick: 'room', isRoom: true, count: room.count }] : [];

/* ---- rows ---- */

function about({ role, away, isGone }) {
  const place = isGone ? 'Not here' : away ? 'Away' : 'Here';
  return role && role !== 'member' ? `${role[0].toUpperCase()}${role.slice(1)} · ${place.toLowerCase()}` : place;
}

function row(choice, i) {
  const { nick, isRoom, count } = choice;
  const words = isRoom ? `Tells ${count} people · moderators only` : about(choice);
  const element = button(
    `menu-row${isRoom ? '.whole' : ''}`,
    () => insert(choice),
    isRoom ? icon('people') : avatar(nick, 's'),
    make('bdi', {}, isRoom ? '@room' : nick),
    make('span.quiet', {}, words),
  );
  Object.assign(element, { id: `name-${i}`, tabIndex: -1, onpointerdown: (event) => event.preventDefault() });
  element.setAttribute('role', 'option');
  return element;
}

function choose(i) {
  shown.at = i;
  shown.rows.forEach((one, k) => one.setAttribute('aria-selected', String(k === i)));
  shown.rows[i].scrollIntoView({ block: 'nearest' });
  shown.page.composer.area.setAttribute('aria-activedescendant', shown.rows[i].id);
}

/* ---- the name in the field ---- */

/* As the server would find it: another name, or a letter behind it, must not make it a longer or a shorter one. */
function written(nick, { current: room }) {
  const known = [...room.people.keys(), ...room.items.map(({ from }) => from ?? '')];
  const isLonger = known.some((other) => other !== nick && plain(other).startsWith(plain(nick)));
  const isOdd = isLonger || /[`@]/.test(nick) || !/[\p{L}\p{N}]$/u.test(nick);
  return isOdd && !nick.includes('"') ? `@"${nick}"` : `@${nick}`;
}

function insert({ nick, isRoom }) {
  const { page, typed, isQuoted } = shown;
  const { area } = page.composer;
  const end = area.selectionStart;
  const begin = end - typed.length - 1 - Number(isQuoted);
  hide();
  area.focus();
  area.setRangeText(`${isRoom ? '@room' : written(nick, page.model)} `, begin, end, 'end');
  area.dispatchEvent(new Event('input', { bubbles: true }));
}

/* ---- the menu ---- */

function create(page) {
  const { area, form } = page.composer;
  const menu = make('div.menu.at-names', { id: 'names', role: 'listbox', ariaLabel: 'People' });
  $('.line', form).append(menu);
  area.setAttribute('aria-controls', menu.id);
  area.setAttribute('aria-autocomplete', 'list');
  const leave = ({ target }) => form.contains(target) || hide();
  document.addEventListener('pointerdown', leave);
  const close = overlay(() => {
    shown = null;
    document.removeEventListener('pointerdown', leave);
    for (const name of ['controls', 'autocomplete', 'activedescendant']) area.removeAttribute(`aria-${name}`);
    menu.remove();
  }, null);
  return { page, menu, close };
}
