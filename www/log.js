/* log.js - the open room's log. Draws rows, follows or holds still, marks what was read. */

import { $, arrange, button, make, soon } from './dom.js';
import * as items from './item.js';
import { isLooking, watchLooking } from './looking.js';
import { overlay } from './overlay.js';
import { isThere } from './room.js';
import { rows } from './rows.js';
import { Scroll } from './scroll.js';
import { silence } from './silence.js';

const UNREAD_PAGE = 200; // fetched at once to find the "New" line
const HIT_MS = 2000; // how long the row is marked to which the log was led

export class Log {
  #elements = new Map(); // row key → element
  #newAfter = null; // set when the room opens; stays while it is open
  #placed = false; // the reader's place after opening is found
  #goal = null; // seq of the item that is to be that place
  #seen = 0; // the newest item that was on screen
  #counted = 0; // the pill counts what is newer
  #caughtUp = 0; // the `missed` of the room that the line stands for
  #keepsLine = false;
  #asking = null; // { seq, what }: the item with a question below it, and which
  #closeQuestion = () => {};

  constructor(page) {
    const { model, chat } = page;
    Object.assign(this, { page, model, chat });
    this.box = $('.log');
    this.list = $('.rows');
    this.begin = $('.begin');
    this.pill = $('.pill');
    this.scroll = new Scroll(this.box, this.list, () => this.settle());
    this.draw = soon(() => this.#draw());
    this.#listen();
  }

  get room() {
    return this.model.current;
  }

  toEnd() {
    if (this.room.at !== null) this.chat.paging.go(this.room, null);
    this.scroll.toEnd();
    this.draw();
  }

  /** Gives the focus to the last item, or to the log if there is none. */
  focus() {
    (this.#items.at(-1) ?? this.box).focus();
  }

  #listen() {
    this.model.watch('current', () => this.#open());
    this.model.watch('log', (room) => room === this.room && this.draw());
    this.model.watch('arrived', (room) => room === this.room && this.#arrived());
    this.model.watch('arrive', (room, seq) => room === this.room && this.#turn(seq));
    watchLooking((is) => is && this.#comeBack());
    this.pill.onclick = () => {
      this.toEnd();
      this.page.composer.focus();
    };
    this.box.addEventListener('keydown', (event) => this.#key(event));
    for (const kind of ['pointerover', 'focusin'])
      this.box.addEventListener(kind, ({ target }) => {
        const element = target.closest('.msg');
        if (element) items.arm(element, this.page);
      });
  }

  /* ---- opening ---- */

  #open() {
    this.#placed = false;
    this.#goal = this.#newAfter = null;
    this.#seen = 0;
    this.#caughtUp = 0;
    this.#elements.clear();
    this.list.replaceChildren();
    this.#closeQuestion();
    this.box.ariaLabel = this.room ? `Messages in ${this.room.title}` : 'Messages';
    this.#draw();
  }

  /* Items that came while nobody looked are new to the reader. */
  #comeBack() {
    if (this.scroll.following && this.room?.unread(this.model.me).count) this.#placed = false;
    this.#draw(); // before a key that says so moves the reader
  }

  #arrived() {
    const reading = this.scroll.following && this.scroll.visible && isLooking();
    if (this.#placed && !reading && this.#newAfter === null) this.#newAfter = this.#seen;
  }

  /* Items that came while the connection was away, all at once: they are new even to a reader who looks. */
  get #hasMissed() {
    const { missed, items: all } = this.room;
    return missed > this.#seen && all.some(({ seq }) => seq > this.#seen && seq <= missed);
  }

  /* They come in pieces: the "New" line stands before the first one. */
  #catchUp() {
    this.#keepsLine = this.#newAfter !== null && this.#caughtUp === this.room.missed;
    this.#caughtUp = this.room.missed;
    this.#placed = false;
  }

  /* The log was led to item `seq`; null: back to now. */
  #turn(seq) {
    this.#placed = false;
    this.#goal = seq;
    this.#keepsLine = this.#newAfter !== null;
    this.#draw();
  }

  #place() {
    const { room } = this;
    if (this.#goal !== null) return this.#placeAt(this.#goal);
    if (room.at !== null) return; // the page around that item is on its way
    const unread = room.unread(this.model.me);
    if (unread.more && room.read > 0 && room.live && room.items.length < UNREAD_PAGE) {
      this.chat.paging.older(room, UNREAD_PAGE); // tells "log" when it is there
      return;
    }
    this.#begin(unread);
    this.#drawRows();
    const line = this.#elements.get('new') ?? (this.#newAfter !== null && this.list.firstElementChild);
    this.scroll.toEnd();
    if (line) this.scroll.toRow(line);
  }

  #begin(unread) {
    const { room } = this;
    this.#placed = true;
    this.#seen = room.newest;
    if (!this.#keepsLine) this.#newAfter = room.read > 0 && unread.count > 0 ? room.read : null;
    this.#keepsLine = false;
    this.#counted = this.#newAfter ?? room.newest;
  }

  /* Item `seq`, or the nearest one. */
  #placeAt(seq) {
    this.#goal = null;
    if (this.#seen) this.#placed = true;
    else this.#begin(this.room.unread(this.model.me));
    this.scroll.following = false;
    this.#drawRows();
    const all = this.#items;
    const element = all.find(({ row }) => row.seq >= seq) ?? all.at(-1);
    if (!element) return;
    this.scroll.toMiddle(element);
    if (element.row.seq === seq) this.#mark(element);
  }

  #mark(element) {
    element.focus({ preventScroll: true });
    element.dataset.hit = '';
    setTimeout(() => delete element.dataset.hit, HIT_MS);
  }

  /* ---- drawing ---- */

  #draw() {
    const { room } = this;
    if (!room) return this.#drawBegin();
    if (this.#placed && this.scroll.following && this.#hasMissed) this.#catchUp();
    if (!room.loaded)
      this.#drawRows(); // waiting posts show even before the first join
    else if (!this.#placed && this.scroll.visible) this.#place();
    else if (this.#placed) this.scroll.hold(() => this.#drawRows());
    this.settle();
  }

  #drawRows() {
    const { room, model, chat } = this;
    this.#drawBegin();
    this.scroll.hasEnd = !room.place;
    this.scroll.following &&= !room.place;
    if (this.#placed && this.scroll.following) chat.trim(room);
    const context = { room, outbox: chat.outbox, me: model.me, features: this.page.features };
    const list = rows(context, { newAfter: this.#newAfter, asking: this.#asking });
    const elements = new Map();
    for (const row of list) elements.set(row.key, this.#element(row));
    this.#elements = elements;
    arrange(this.list, [...elements.values()]);
  }

  #element(row) {
    const element = this.#elements.get(row.key) ?? this.#create(row);
    if (row.kind === 'item') items.draw(element, row, this.page);
    return element;
  }

  #drawBegin() {
    const { room } = this;
    const loading = room ? room.stretch.more || !room.loaded : this.model.connection.state !== 'up';
    this.begin.classList.toggle('loading', loading);
    this.begin.replaceChildren(...(loading ? [] : beginning(room)));
  }

  /** After every scroll and change: marks what was read, fetches older items, draws the pill. */
  settle() {
    const { room, scroll } = this;
    this.#drawPill();
    if (!room || !this.#placed || !scroll.visible) return;
    const isNew = this.#caughtUp !== room.missed && this.#hasMissed; // not drawn yet
    if (scroll.following && isLooking() && !isNew) {
      this.#seen = this.#counted = room.newest;
      this.chat.reading.mark(room);
    }
    const near = 1.5 * this.box.clientHeight;
    if (this.box.scrollTop < near) this.chat.paging.older(room);
    if (scroll.toGo < near) this.chat.paging.newer(room);
  }

  #drawPill() {
    const { room, scroll, model } = this;
    const far = room && this.#placed && !scroll.following;
    const isNew = (item) => item.seq > this.#counted && isThere(item) && item.from !== model.me;
    const fresh = far ? room.items.filter(isNew).length : 0;
    this.pill.hidden = !far || (!fresh && !room.place && scroll.toGo < this.box.clientHeight);
    const words = fresh ? `${fresh} new message${fresh > 1 ? 's' : ''}` : 'Jump to latest';
    $('span', this.pill).textContent = room?.place ? 'Back to now' : words;
  }

  #create({ kind, text, of }) {
    if (kind === 'item') return items.create();
    const isSeparator = kind === 'day' || kind === 'new';
    if (kind !== 'line') return make(`div.day.${kind}`, { role: isSeparator ? 'separator' : 'note' }, text);
    return make('div.end', { role: 'note' }, of ? button('link', () => this.jump(of), text) : text);
  }

  /* ---- actions on items ---- */

  /** Asks question `what` of a feature below item `seq`. */
  ask(seq, what) {
    this.keep();
    const element = this.#elementOf(seq);
    this.#asking = { seq, what };
    this.#draw();
    this.#closeQuestion = overlay(() => {
      this.#asking = null;
      this.#draw();
    }, element);
    const no = $('.keep', element);
    no.scrollIntoView({ block: 'nearest' });
    no.focus();
  }

  /** The answer to the question is no. */
  keep() {
    this.#closeQuestion();
  }

  /** The answer is yes. */
  answer(seq, what) {
    this.keep();
    this.page.questions[what].answer(this.chat, this.room, seq);
  }

  retry(id) {
    this.chat.posting.retry(this.room, id);
  }

  takeBack(id) {
    const command = this.chat.posting.takeBack(this.room, id);
    this.chat.outbox.kinds[command.type].takeBack?.(command, this.page);
  }

  /** Shows item `seq`, loaded or not. */
  jump(seq) {
    if (this.#elementOf(seq)) this.#placeAt(seq);
    else this.chat.paging.go(this.room, seq);
  }

  #elementOf(seq) {
    return this.#items.find((element) => element.row.seq === seq);
  }

  get #items() {
    return [...this.list.children].filter((element) => element.row);
  }

  /* ---- keyboard ---- */

  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = this.#items;
    if (!all.length) return;
    event.preventDefault();
    const at = all.indexOf(event.target.closest('.msg'));
    const next = at < 0 ? all.length - 1 : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next].focus();
  }
}

function beginning(room) {
  if (!room) return [make('p', {}, 'Choose a room, or create one.')];
  const empty = room.stretch.items.length === 0;
  if (!empty) return [make('p', {}, 'This is the start of ', make('bdi', {}, room.title), '.')];
  return [
    make('h2', {}, make('bdi', {}, room.title)),
    make('p', {}, room.topic),
    make('p', {}, silence(room) ? 'No messages yet.' : 'No messages yet. Say hello!'),
  ];
}
