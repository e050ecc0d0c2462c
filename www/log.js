/* log.js - the open room's messages. Draws rows, follows or holds still, tells chat what was read.
 * For: main. Uses rows (what), message (how), scroll (where). Never touches the socket. */

import { $, arrange, button, make, soon } from './dom.js';
import { overlay } from './overlay.js';
import * as items from './item.js';
import { rows } from './rows.js';
import { Scroll } from './scroll.js';

const UNREAD_PAGE = 200; // fetched at once to find the "New" line
const TIME_LEFT_MS = 20_000; // how often open polls tell it

export class Log {
  #elements = new Map(); // row key → element
  #newAfter = null; // set when the room is opened; stays while one reads
  #placed = false; // the opening position has been found
  #seen = 0; // the newest message that was on screen
  #asking = null; // { seq, what }: the message that may be deleted, the poll that may be closed
  #closeQuestion = () => {};

  /* writer: { reply(seq), edit(seq), takeBack(command), focus() }, the composer; recount: { open(room, poll) }. */
  constructor(model, chat, writer, recount) {
    Object.assign(this, { model, chat, writer, recount });
    this.box = $('.log');
    this.list = $('.rows');
    this.begin = $('.begin');
    this.pill = $('.pill');
    this.scroll = new Scroll(this.box, this.list, () => this.#settle());
    this.draw = soon(() => this.#draw());
    this.verbs = this.#verbs();
    this.#listen();
  }

  get room() {
    return this.model.current;
  }

  toEnd() {
    this.scroll.toEnd();
    this.draw();
  }

  /** Gives the focus to the last message, or to the log if there is none. */
  focus() {
    (this.#messages.at(-1) ?? this.box).focus();
  }

  #listen() {
    this.model.watch('current', () => this.#open());
    this.model.watch('log', (room) => room === this.room && this.draw());
    this.model.watch('arrived', (room) => room === this.room && this.#arrived());
    document.addEventListener('visibilitychange', () => !document.hidden && this.#comeBack());
    setInterval(
      () => this.room?.items.some(({ closes_at, closed }) => closes_at && !closed) && this.draw(),
      TIME_LEFT_MS,
    );
    this.pill.onclick = () => {
      this.toEnd();
      this.writer.focus();
    };
    this.box.addEventListener('keydown', (event) => this.#key(event));
    for (const kind of ['pointerover', 'focusin'])
      this.box.addEventListener(kind, ({ target }) => {
        const element = target.closest('.msg');
        if (element) items.arm(element, this.verbs);
      });
  }

  /* ---- opening ---- */

  #open() {
    this.#placed = false;
    this.#newAfter = null;
    this.#elements.clear();
    this.list.replaceChildren();
    this.#closeQuestion();
    this.box.ariaLabel = this.room ? `Messages in ${this.room.title}` : 'Messages';
    this.#draw();
  }

  /* Messages that came while the tab was hidden are new to the reader. */
  #comeBack() {
    if (this.scroll.following && this.room?.unread(this.model.me).count) this.#placed = false;
    this.draw();
  }

  #arrived() {
    const reading = this.scroll.following && this.scroll.visible;
    if (this.#placed && !reading && this.#newAfter === null) this.#newAfter = this.#seen;
  }

  #place() {
    const { room } = this;
    const unread = room.unread(this.model.me);
    if (unread.more && room.read > 0 && room.live && room.items.length < UNREAD_PAGE) {
      this.chat.older(room, UNREAD_PAGE); // tells "log" when it is there
      return;
    }
    this.#placed = true;
    this.#seen = room.newest;
    this.#newAfter = room.read > 0 && unread.count > 0 ? room.read : null;
    this.#drawRows();
    const line = this.#elements.get('new') ?? (this.#newAfter !== null && this.list.firstElementChild);
    if (line) this.scroll.toRow(line);
    else this.scroll.toEnd();
  }

  /* ---- drawing ---- */

  #draw() {
    const { room } = this;
    if (!room) return this.#drawBegin();
    if (!room.loaded)
      this.#drawRows(); // posts that wait are shown even before the first join
    else if (!this.#placed && this.scroll.visible) this.#place();
    else if (this.#placed) this.scroll.hold(() => this.#drawRows());
    this.#settle();
  }

  #drawRows() {
    const { room, model, chat } = this;
    this.#drawBegin();
    if (this.#placed && this.scroll.following) chat.trim(room);
    const list = rows({
      room,
      outbox: chat.outbox,
      me: model.me,
      newAfter: this.#newAfter,
      asking: this.#asking,
      receipt: (seq) => chat.receipt(room, seq),
    });
    const elements = new Map();
    for (const row of list) elements.set(row.key, this.#element(row));
    this.#elements = elements;
    arrange(this.list, [...elements.values()]);
  }

  #element(row) {
    const element = this.#elements.get(row.key) ?? create(row, this.verbs);
    if (row.kind === 'message') items.draw(element, row, this.verbs);
    return element;
  }

  #drawBegin() {
    const { room } = this;
    const loading = room ? room.more || !room.loaded : this.model.connection.state !== 'up';
    this.begin.classList.toggle('loading', loading);
    this.begin.replaceChildren(...(loading ? [] : beginning(room)));
  }

  /* After every move and change: what is read, what is to be fetched, what the pill says. */
  #settle() {
    const { room, scroll } = this;
    this.#drawPill();
    if (!room || !this.#placed || !scroll.visible) return;
    if (scroll.following) {
      this.#seen = room.newest;
      this.chat.markRead(room);
    }
    if (this.box.scrollTop < 1.5 * this.box.clientHeight) this.chat.older(room);
  }

  #drawPill() {
    const { room, scroll, model } = this;
    const far = room && this.#placed && !scroll.following;
    const isNew = ({ seq, text, from }) => seq > this.#seen && text && from !== model.me;
    const fresh = far ? room.items.filter(isNew).length : 0;
    this.pill.hidden = !far || (!fresh && scroll.toGo < this.box.clientHeight);
    const words = fresh ? `${fresh} new message${fresh > 1 ? 's' : ''}` : 'Jump to latest';
    $('span', this.pill).textContent = words;
  }

  /* ---- what can be done with a message ---- */

  #verbs() {
    const { chat, writer } = this;
    return {
      reply: (seq) => writer.reply(seq),
      edit: (seq) => writer.edit(seq),
      ask: (seq, what) => this.#ask(seq, what),
      keep: () => this.#closeQuestion(),
      answer: (seq, what) => {
        this.#closeQuestion();
        if (what === 'delete') chat.remove(this.room, seq);
        else chat.closePoll(this.room, seq);
      },
      vote: (seq, choices) => {
        this.model.tell('hint', '');
        chat.vote(this.room, seq, choices);
      },
      recount: (seq) => this.recount.open(this.room, this.room.find(seq)),
      say: (words) => this.model.tell('hint', words),
      retry: (id) => chat.retry(this.room, id),
      takeBack: (id) => writer.takeBack(chat.takeBack(this.room, id)),
      jump: (seq) => this.#elementOf(seq)?.focus(),
      grown: () => this.#settle(),
    };
  }

  #ask(seq, what) {
    this.#closeQuestion();
    const element = this.#elementOf(seq);
    this.#asking = { seq, what };
    this.#draw();
    this.#closeQuestion = overlay(() => {
      this.#asking = null;
      this.#draw();
    }, element);
    const keep = $('.keep', element);
    keep.scrollIntoView({ block: 'nearest' });
    keep.focus();
  }

  #elementOf(seq) {
    return this.#messages.find((element) => element.row.seq === seq);
  }

  get #messages() {
    return [...this.list.children].filter((element) => element.row);
  }

  /* ---- keyboard ---- */

  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = this.#messages;
    if (!all.length) return;
    event.preventDefault();
    const at = all.indexOf(event.target.closest('.msg'));
    const next = at < 0 ? all.length - 1 : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next].focus();
  }
}

function create({ kind, text, of }, verbs) {
  if (kind === 'message') return items.create();
  if (kind === 'end')
    return make(
      'div.end',
      { role: 'note' },
      button('link', () => verbs.jump(of), text),
    );
  if (kind === 'note') return make('div.end', { role: 'note' }, text);
  return make(`div.day.${kind}`, { role: kind === 'gap' ? 'note' : 'separator' }, text);
}

function beginning(room) {
  if (!room) return [make('p', {}, 'Choose a room, or create one.')];
  const empty = room.items.length === 0;
  if (!empty) return [make('p', {}, 'This is where ', make('bdi', {}, room.title), ' begins.')];
  return [
    make('h2', {}, make('bdi', {}, room.title)),
    make('p', {}, room.topic),
    make('p', {}, 'Nobody has written here yet. The first word is yours.'),
  ];
}
