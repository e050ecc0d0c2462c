/* rooms.js - the list of my rooms: a dot where something is unread, the number of what mentions me; and search, which
 * finds other rooms, too. On a phone a room has its last line. Never changes a room. */

import { $, arrange, button, icon, make, soon } from './dom.js';
import { isComposing, isEnter } from './enter.js';
import { sayFault } from './fault.js';
import { isUnread, levelOf, mentionsIn } from './mention.js';
import { overlay } from './overlay.js';
import { isThere } from './room.js';
import { textOf } from './rows.js';
import { recent } from './when.js';

const phone = matchMedia('(max-width: 640px)'); // as in narrow.css

/** The sign before its title: whether everybody may write there. */
export const roomIcon = ({ post }) => (post === 'member' ? '#' : icon('mega'));

const LINKS = '.room, .browse-rooms:not([hidden])';

export class Rooms {
  #links = new Map(); // room → its list element
  #endSearch = null; // while rooms are sought

  /* shown(): called when the user picks a room, so that a narrow screen can turn to it. */
  constructor(model, chat, shown) {
    Object.assign(this, { model, chat, shown });
    this.nav = $('.side');
    this.search = $('.find');
    this.fault = $('.rooms > .fault');
    this.draw = soon(() => this.#draw());
    model.watch('rooms current', () => this.draw());
    phone.onchange = this.draw;
    this.search.oninput = () => this.#sought();
    this.search.onkeydown = (event) => this.#searchKey(event);
    $('.rooms').addEventListener('keydown', (event) => this.#key(event));
  }

  focus() {
    ($('.room[aria-current]', this.nav) ?? $('.room', this.nav) ?? this.search).focus();
  }

  find() {
    this.search.focus();
    this.search.select();
  }

  /** Opens my room `by` places further down, around the ends. */
  step(by) {
    const { joined, current } = this.model;
    if (joined.length) this.choose(joined.at((joined.indexOf(current) + by) % joined.length));
  }

  nextUnread() {
    const { joined, current, me } = this.model;
    const at = joined.indexOf(current) + 1;
    const next = [...joined.slice(at), ...joined.slice(0, at)].find((room) => isUnread(room, me));
    if (next) this.choose(next);
  }

  #draw() {
    const { inOrder } = this.model;
    const sought = this.search.value.trim().toLowerCase();
    const fits = (room) => `${room.title} ${room.name}`.toLowerCase().includes(sought);
    const mine = inOrder.filter((room) => room.joined);
    const others = inOrder.filter((room) => !room.joined);
    if (phone.matches) mine.sort((a, b) => this.#need(b) - this.#need(a));
    const entries = (rooms) => rooms.filter(fits).map((room) => this.#entry(room));
    const found = entries(mine);
    const joinable = sought || !mine.length ? entries(others) : [];
    const { activeElement: at } = document;
    arrange($('.mine'), found);
    arrange($('.others'), joinable);
    $('.more-rooms').hidden = !joinable.length;
    $('.no-rooms').hidden = !sought || found.length + joinable.length > 0;
    $('.create-sought').textContent = `Create “${this.search.value.trim()}”?`;
    this.#offerMore(others.length);
    if (found.concat(joinable).some((entry) => entry.contains(at))) at.focus(); // it may have moved
  }

  /* count: of the rooms that are known, and not mine. */
  #offerMore(count) {
    const { moreRooms } = this.model;
    const more = $('.browse-rooms');
    more.hidden = !moreRooms && !count;
    const words = moreRooms ? 'Browse more rooms' : `Browse ${count} more room${count > 1 ? 's' : ''}`;
    set($('span', more), words);
  }

  /* How far up it stands on a phone: mentions, then what is unread, then what is newest. */
  #need(room) {
    const { me } = this.model;
    const rank = isUnread(room, me) ? 1 + Math.min(mentionsIn(room, me), 1) : 0;
    return rank * 1e15 + (room.items.at(-1)?.at ?? 0);
  }

  #entry(room) {
    if (!this.#links.has(room)) this.#links.set(room, make('li', {}, this.#link(room)));
    const entry = this.#links.get(room);
    this.#mark(entry.firstChild, room);
    return entry;
  }

  #link(room) {
    return button(
      'room',
      () => this.choose(room),
      make('span.hash', { ariaHidden: 'true' }, roomIcon(room)),
      make('span.words', {}, make('bdi.title'), make('bdi.last')),
      make('span.signs', {}, make('time'), make('span.count')),
    );
  }

  #mark(link, room) {
    const { me } = this.model;
    const { title, name } = room;
    const isMuted = levelOf(room) === 'none';
    const { count, more } = room.joined ? room.unread(me) : { count: 0 };
    const named = room.joined && !isMuted ? mentionsIn(room, me) : 0;
    const unread = count ? `, ${count}${more ? '+' : ''} unread` : '';
    const told = named ? `, ${named} mention${named > 1 ? 's' : ''}` : '';
    link.classList.toggle('muted', isMuted);
    link.classList.toggle('unread', count > 0 && !isMuted);
    link.ariaCurrent = room === this.model.current ? 'page' : null;
    set($('.title', link), title);
    set($('.count', link), named ? `${Math.min(named, 99)}${named > 99 ? '+' : ''}` : '');
    link.title = title === name ? '' : `#${name}`;
    link.ariaLabel = title + unread + told;
    if (phone.matches && room.joined) this.#showLast(link, room);
  }

  #showLast(link, room) {
    const { me, features } = this.model;
    const item = room.items.findLast(isThere);
    const said = item && `${item.from === me ? 'You' : item.from}: ${textOf(item, features)}`;
    set($('.last', link), levelOf(room) === 'none' ? 'Muted' : (said ?? ''));
    set($('time', link), item ? recent(item.at) : '');
  }

  async choose(room) {
    sayFault(this.fault, '');
    this.#endSearch?.();
    this.shown();
    try {
      await this.chat.open(room);
    } catch (fault) {
      sayFault(this.fault, fault.message, fault.about);
    }
  }

  #key(event) {
    const links = [...this.nav.querySelectorAll(LINKS)];
    const at = links.indexOf(event.target);
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (at < 0 || !step || event.altKey) return;
    event.preventDefault();
    if (at + step < 0) this.search.focus();
    else links[at + step]?.focus();
  }

  #searchKey(event) {
    if (isComposing(event)) return;
    const first = $(LINKS, this.nav);
    if (isEnter(event) && this.search.value && first) first.click();
    if (event.key === 'ArrowDown') first?.focus();
  }

  /* A search is an overlay: Escape and Back end it. */
  #sought() {
    this.draw();
    if (!this.search.value) this.#endSearch?.();
    else
      this.#endSearch ??= overlay(() => {
        this.#endSearch = null;
        this.search.value = '';
        this.draw();
      }, null);
  }
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
