/* rooms.js - the list of rooms: a dot where something is unread, the number of what mentions me; and search. Never
 * changes a room. */

import { $, arrange, button, make, soon } from './dom.js';
import { isComposing, isEnter } from './enter.js';
import { sayFault } from './fault.js';
import { levelOf, mentionsIn } from './mention.js';
import { overlay } from './overlay.js';

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
    this.search.oninput = () => this.#sought();
    this.search.onkeydown = (event) => this.#searchKey(event);
    $('.rooms').addEventListener('keydown', (event) => this.#key(event));
  }

  focus() {
    ($('[aria-current]', this.nav) ?? $('.room', this.nav) ?? this.search).focus();
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
    const next = [...joined.slice(at), ...joined.slice(0, at)].find(
      (room) => levelOf(room) !== 'none' && room.unread(me).count,
    );
    if (next) this.choose(next);
  }

  #draw() {
    const sought = this.search.value.trim().toLowerCase();
    const fits = (room) => `${room.title} ${room.name}`.toLowerCase().includes(sought);
    const found = this.model.inOrder.filter(fits);
    const list = (where, isMine) => {
      const entries = found.filter(({ joined }) => joined === isMine).map((room) => this.#entry(room));
      arrange($(where), entries);
      return entries.length;
    };
    list('.mine', true);
    $('.more-rooms').hidden = !list('.others', false);
    $('.no-rooms').hidden = found.length > 0 || !sought;
    $('.browse-rooms').hidden = !this.model.moreRooms;
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
      make('span.hash', { ariaHidden: 'true' }, '#'),
      make('bdi.title'),
      make('span.count'),
    );
  }

  #mark(link, room) {
    const { me } = this.model;
    const isMuted = levelOf(room) === 'none';
    const { count, more } = room.joined ? room.unread(me) : { count: 0 };
    const named = room.joined && !isMuted ? mentionsIn(room, me) : 0;
    const shown = `${count}${more ? '+' : ''}`;
    link.classList.toggle('unread', count > 0 && !isMuted);
    link.classList.toggle('muted', isMuted);
    link.ariaCurrent = room === this.model.current ? 'page' : null;
    set($('.title', link), room.title);
    set($('.count', link), named ? `${Math.min(named, 99)}${named > 99 ? '+' : ''}` : '');
    link.title = room.title === room.name ? '' : `#${room.name}`;
    const names = named ? `, ${named} ${named === 1 ? 'mention' : 'mentions'}` : '';
    link.ariaLabel = `${room.title}${count ? `, ${shown} unread` : ''}${names}`;
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
