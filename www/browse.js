/* browse.js - the dialog with all rooms, a page at a time, for servers with more than the list beside the log has.
 * Loaded when it is first opened. */

import { $, button, dialog, make } from './dom.js';
import { isComposing, isTouch } from './enter.js';
import { sayFault } from './fault.js';
import { showDialog } from './overlay.js';
import { serverNow } from './server-time.js';

const PAGE = 50; // rooms
const TYPED_MS = 200; // after the last key
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const age = new Intl.RelativeTimeFormat('en');

/** text: what to look for at first. */
export function open(page, text) {
  new Browse(page, text);
}

class Browse {
  #asked = 0; // counts the questions: only the last one's answer is shown
  #timer = 0;
  #next = null; // where the next page begins

  constructor(page, text) {
    this.page = page;
    this.field = make('input', {
      type: 'search',
      placeholder: 'Find a room',
      ariaLabel: 'Find a room by its name or topic',
      value: text,
      maxLength: 100,
      autocomplete: 'off',
      spellcheck: false,
      autofocus: !isTouch(), // a keyboard would hide the list
    });
    this.status = make('p.small.quiet', { role: 'status' });
    this.list = make('ul.found', { ariaLabel: 'Rooms' });
    this.fault = make('p.fault', { role: 'alert' });
    this.more = button('small-button.more', () => this.#ask(this.#next), 'Load more');
    this.more.hidden = true;
    const end = button('small-button', () => this.close(), 'Close');
    end.autofocus = isTouch();
    const parts = [this.field, this.status, this.list, this.fault, make('div.buttons', {}, this.more, end)];
    this.dialog = dialog('browse', 'Browse rooms', ...parts);
    this.#listen();
    this.close = showDialog(this.dialog);
    this.#ask();
  }

  #listen() {
    this.field.oninput = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask(), TYPED_MS);
    };
    this.dialog.onkeydown = (event) => this.#key(event);
    this.dialog.onclose = () => {
      clearTimeout(this.#timer);
      this.#asked += 1;
      this.dialog.remove();
    };
  }

  /* next: of the answer before; none: from the start. */
  async #ask(next) {
    const asked = (this.#asked += 1);
    const text = this.field.value.trim();
    const command = { type: 'rooms', limit: PAGE, ...(text && { text }), ...(next && { next }) };
    try {
      const reply = await this.page.chat.connection.request(command);
      if (asked === this.#asked) this.#show(reply, Boolean(next));
    } catch (fault) {
      if (asked === this.#asked) sayFault(this.fault, fault.message, fault.about, () => this.#ask(next));
    }
  }

  #show({ rooms, more, next }, isNext) {
    const entries = rooms.map((about) => this.#entry(about));
    if (isNext) this.list.append(...entries);
    else this.list.replaceChildren(...entries);
    this.#next = next;
    sayFault(this.fault, '');
    const count = this.list.children.length;
    const words = counted(count, 'room', 'rooms');
    this.status.textContent = more ? `The first ${words}` : count ? words : 'No room found.';
    if (isNext) $('button', entries[0])?.focus();
    this.more.hidden = !more;
  }

  #entry(about) {
    const { room: name, title, topic, people, last_at: at, joined } = about;
    const facts = [`${people ? counted(people, 'person', 'people') : 'Nobody'} here`, at && `active ${ago(at)}`].filter(
      Boolean,
    );
    const act = button('small-button', () => this.#choose(about), joined ? 'Open' : 'Join');
    act.ariaLabel = `${act.textContent} ${title || name}, ${facts.join(', ')}`;
    const words = make(
      'div.words',
      {},
      make('bdi.title', {}, title || name),
      topic ? make('bdi.small', {}, topic) : null,
      make('span.small.quiet', {}, facts.join(' · ')),
    );
    return make('li', {}, words, act);
  }

  #choose({ room: name, title, topic, post }) {
    const room = this.page.model.room(name);
    room.describe({ title, topic, post });
    this.close();
    this.page.rooms.choose(room);
  }

  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const stops = [this.field, ...this.list.querySelectorAll('button')];
    const at = stops.indexOf(document.activeElement);
    if (!step || at < 0 || isComposing(event)) return;
    event.preventDefault();
    stops[at + step]?.focus();
  }
}

const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;

function ago(at) {
  const ms = serverNow() - at;
  const [unit, size] = UNITS.find(([, one]) => ms >= one) ?? [];
  return unit ? age.format(-Math.floor(ms / size), unit) : 'just now';
}
