/* composer.js - where I write: a new message, a reply, or another wording of an old message.
 *
 * A draft is { text, reply: seq or null, photos: [{ id, alt }] }; the browser stores one for each room, and all tabs show
 * it. An edit is { seq, text } and belongs to this tab alone. While a message is edited, the draft of the next one waits unharmed. */

import { $, make } from './dom.js';
import { isComposing, isEnter, isTouch } from './enter.js';
import { sayFault } from './fault.js';
import { edit, say } from './message.js';
import { silence } from './silence.js';
import { run } from './slash.js';
import * as storage from './storage.js';
import { byteLength, charactersLeft, toSend } from './text.js';

const EDIT_GONE = 'The message you were editing was deleted. What you wrote stays here, as a new message.';
const nothing = () => ({ text: '', reply: null, photos: [] });
const isEmpty = ({ text, reply, photos }) => !text && reply === null && !photos.length;

export class Composer {
  #room = null;
  #draft = nothing();
  #edits = new Map(storage.overReload('chatd:edits', () => [...this.#edits])); // name of the draft → edit
  #sure = null; // a command that was entered once and asks for a second Enter
  #back = null; // where the focus was before "Edit" or "Reply"

  constructor(page) {
    const { model, chat } = page;
    Object.assign(this, { page, model, chat });
    this.form = $('.compose');
    this.area = $('.compose textarea');
    this.mode = $('.mode');
    this.space = $('.space');
    this.silence = $('.silence');
    model.watch('current', (room) => this.#open(room));
    model.watch('people log', (room) => room === this.#room && this.#permit());
    model.watch('log', (room) => room === this.#room && this.#endLostEdit());
    model.watch('stored', (name) => name === this.#name() && this.#follow());
    model.watch('login', () => this.#edits.clear());
    model.watch('hint', (words) => this.#note(words, true));
    this.area.oninput = () => this.#input();
    this.area.onkeydown = (event) => this.#key(event);
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    $('.cancel').onclick = () => this.cancel();
    addEventListener('resize', () => this.#grow());
  }

  /** Gives the focus to the field, or to what is in its place. */
  focus() {
    (this.silence.hidden ? this.area : this.silence).focus();
  }

  /** Puts words where the caret is, and a blank before them. */
  insert(words) {
    this.focus();
    const { value, selectionStart: start, selectionEnd: end } = this.area;
    const blank = /\S$/.test(value.slice(0, start)) ? ' ' : '';
    this.area.setRangeText(blank + words, start, end, 'end');
    this.#input();
  }

  reply(seq) {
    this.#back = document.activeElement;
    this.#edit = null;
    this.#change({ ...this.#draft, reply: seq });
  }

  edit(seq, text) {
    const item = this.#room.find(seq);
    if (!item || item.deleted) return text && this.putBack(text);
    this.#back = document.activeElement;
    this.#edit = { seq, text: text ?? item.text };
    this.#change(this.#draft);
  }

  putBack(text, photos = []) {
    const draft = this.#withText(text);
    this.#change({ ...draft, photos: [...photos, ...draft.photos] });
  }

  /* The draft that has `text`, in the place of an edit. */
  #withText(text) {
    const { text: old } = this.#draft;
    this.#edit = null;
    return { ...this.#draft, text: text && old ? `${text}\n${old}` : text || old };
  }

  /* The message that I edit may be deleted meanwhile. The focus stays where it is. */
  #endLostEdit() {
    const change = this.#edit;
    if (!change || !this.#room.find(change.seq)?.deleted) return;
    this.#draft = this.#withText(change.text);
    this.#save();
    this.#show();
    this.#note(EDIT_GONE, true);
  }

  /** Photos of the draft: see photo-mine.js. */
  get photos() {
    return this.#draft.photos;
  }

  get shownPhotos() {
    return this.#edit ? [] : this.photos;
  }

  set photos(photos) {
    this.#draft.photos = photos;
    this.#save();
    this.#showPhotos();
  }

  get isEditing() {
    return Boolean(this.#edit);
  }

  addPhoto(id) {
    this.photos = [...this.photos, { id, alt: '' }];
    if (!isTouch()) this.focus();
  }

  /** Ends an edit or a reply. False if there is none. */
  cancel() {
    const change = this.#edit;
    if (!change && this.#draft.reply === null) return false;
    this.#edit = null;
    this.#change(change ? this.#draft : { ...this.#draft, reply: null });
    if (this.#back?.isConnected && this.#back !== document.body) this.#back.focus();
    return true;
  }

  #name(room = this.#room) {
    return room && storage.own(this.model.me, `draft:${room.name}`);
  }

  get #edit() {
    return this.#edits.get(this.#name());
  }

  set #edit(change) {
    if (change) this.#edits.set(this.#name(), change);
    else this.#edits.delete(this.#name());
  }

  #load() {
    return { ...nothing(), ...(this.#room && storage.load(this.#name())) };
  }

  #open(room) {
    if (room === this.#room) return;
    this.#sure = null;
    this.#room = room;
    this.form.hidden = !room;
    this.#draft = this.#load();
    this.#permit();
    this.area.enterKeyHint = isTouch() ? 'enter' : 'send';
    this.#show();
    if (room) this.#endLostEdit();
    if (room && !isTouch()) this.focus();
  }

  /* Where I cannot write, the reason takes the place of the field; but moderators type commands there. */
  #permit() {
    const room = this.#room;
    const words = room ? silence(room) : '';
    this.area.ariaLabel = this.area.placeholder = words || `Message ${room?.title}`;
    $('.plus').hidden = Boolean(words);
    this.silence.hidden = !words || room.moderates;
    this.form.classList.toggle('silent', !this.silence.hidden);
    if (this.silence.textContent !== words) this.silence.textContent = words;
  }

  /* Another tab wrote or sent the draft. */
  #follow() {
    const draft = this.#load();
    if (JSON.stringify(draft) === JSON.stringify(this.#draft)) return;
    this.#sure = null;
    this.#draft = draft;
    this.#show();
  }

  #change(draft) {
    this.#draft = draft;
    this.#save();
    this.#show();
    this.focus();
    this.area.setSelectionRange(this.area.value.length, this.area.value.length);
  }

  #save() {
    storage.save(this.#name(), isEmpty(this.#draft) ? null : this.#draft);
  }

  #show() {
    this.area.value = (this.#edit ?? this.#draft).text;
    this.#showMode();
    this.#showSpace();
    this.#showPhotos();
    this.#grow();
  }

  #showPhotos() {
    this.model.tell('draft', this.shownPhotos);
  }

  #showMode() {
    const { reply } = this.#draft;
    const change = this.#edit;
    this.mode.hidden = !change && reply === null;
    const item = reply !== null && this.#room?.find(reply);
    const words = change ? ['Editing your message'] : ['Replying to ', make('bdi', {}, item?.from ?? 'a message')];
    $('span', this.mode).replaceChildren(...words);
  }

  #showSpace() {
    const { text_bytes: limit = Infinity } = this.model.limits;
    const text = toSend(this.area.value);
    const isFar = byteLength(text) < 0.9 * limit;
    const left = isFar ? 0 : charactersLeft(text, limit);
    const count = Math.abs(left);
    const words = `${count} character${count === 1 ? '' : 's'}`;
    this.#note(isFar ? '' : `${words} ${left < 0 ? 'too long' : 'left'}.`, left < 0);
  }

  #grow() {
    this.area.style.setProperty('height', 'auto');
    this.area.style.setProperty('height', `${this.area.scrollHeight}px`);
  }

  #input() {
    const { value } = this.area;
    this.#sure = null;
    (this.#edit ?? this.#draft).text = value;
    this.#save();
    this.#showSpace();
    this.#grow();
    if (toSend(value) && !value.startsWith('/') && !this.#edit) this.page.typing.go(this.#room);
  }

  #key(event) {
    const isPlain = !event.ctrlKey && !event.metaKey;
    if (isEnter(event) && !(isPlain && isTouch())) {
      event.preventDefault();
      if (!event.repeat) this.#submit();
    }
    if (event.key !== 'ArrowUp' || !isPlain || event.altKey || event.shiftKey || isComposing(event)) return;
    if (this.area.value || this.#edit) return;
    event.preventDefault();
    this.#editLast();
  }

  #editLast() {
    const mine = this.#room.items.findLast(
      (item) => item.from === this.model.me && !item.deleted && item.type === 'message',
    );
    if (mine) this.edit(mine.seq);
  }

  #submit() {
    const text = toSend(this.area.value);
    if (byteLength(text) > (this.model.limits.text_bytes ?? Infinity)) return this.#showSpace();
    if (!text && (this.#edit || !this.photos.length)) return;
    if (this.#edit) this.#submitEdit(text);
    else this.#submitNew(text);
  }

  #submitEdit(text) {
    const { seq } = this.#edit;
    if (text !== this.#room.find(seq)?.text) edit(this.chat, this.#room, seq, text);
    this.cancel();
  }

  #submitNew(text) {
    const result = run(text, this.page, this.#sure === text);
    if (result) this.#await(result, text);
    else say(this.chat, this.#room, text, this.#draft.reply, this.photos);
    this.#sure = null;
    this.page.typing.end();
    this.#change({ ...nothing(), photos: result ? this.photos : [] });
    if (!result) this.page.log.toEnd();
  }

  /* A refused command returns to the field, unless the user writes something else there by now. */
  async #await(result, text) {
    const room = this.#room;
    const name = this.#name();
    try {
      const words = await result;
      if (room !== this.#room) return;
      if (!words) this.page.log.toEnd();
      else if (!this.area.value) this.#note(words, false);
    } catch ({ message, about, isSure }) {
      if (name !== this.#name(room)) return; // signed out
      const isBack = this.#giveBack(room, text);
      if (isBack && isSure) this.#sure = text;
      if (isBack) this.#note(message, true, about);
      else this.model.tell('fault', { message: `${text}: ${message}`, about });
    }
  }

  /* Leaves the focus where it is. False: the field is in use, or another room is open. */
  #giveBack(room, text) {
    const isOpen = room === this.#room;
    const name = this.#name(room);
    const draft = { ...nothing(), ...storage.load(name) };
    if (!isEmpty({ ...draft, photos: [] }) || (isOpen && this.#edit)) return false;
    storage.save(name, { ...draft, text });
    if (!isOpen) return false;
    this.#draft = this.#load();
    this.area.value = text;
    this.#grow();
    return true;
  }

  /* Shows words below the text, until something is written. about: see fault.js */
  #note(words, isFault, about) {
    this.space.classList.toggle('fault', isFault);
    sayFault(this.space, words, about);
  }
}
