/* composer.js - where I write: a new message, a reply, or another wording of an old one.
 * For: main, log (through reply, edit, takeBack). Keeps a draft per room in the browser; sends through chat.
 *
 * A draft is { text, reply: seq or null, edit: { seq, text } or null }: while a message is edited,
 * the draft of the next one waits unharmed. */

import { $, make } from './dom.js';
import * as storage from './storage.js';
import { refusal } from './moderation.js';
import { parse } from './slash.js';

const bytes = (text) => new TextEncoder().encode(text).length;
const nothing = () => ({ text: '', reply: null, edit: null });

export class Composer {
  #room = null;
  #draft = nothing();
  #sure = null; // a purge that was asked for once
  #back = null; // where the focus was before "Edit" or "Reply"

  /* sent(): called after a new message has been handed to chat. */
  constructor(model, chat, sent) {
    Object.assign(this, { model, chat, sent });
    this.form = $('.compose');
    this.area = $('.compose textarea');
    this.mode = $('.mode');
    this.space = $('.space');
    model.watch('current', (room) => this.#open(room));
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

  focus() {
    this.area.focus();
  }

  reply(seq) {
    this.#back = document.activeElement;
    this.#change({ ...this.#draft, reply: seq, edit: null });
  }

  edit(seq, text) {
    const item = this.#room.find(seq);
    if (!item || item.deleted) return;
    this.#back = document.activeElement;
    this.#change({ ...this.#draft, edit: { seq, text: text ?? item.text } });
  }

  /** Puts the words of a post that did not go out back, before what is being written. */
  takeBack({ type, of, text, ...poll }) {
    const { text: old } = this.#draft;
    if (type === 'poll') this.pollForm.open(poll);
    if (type === 'edit') this.edit(of, text);
    if (type === 'say') this.#change({ ...this.#draft, edit: null, text: old ? `${text}\n${old}` : text });
  }

  /** Ends editing or replying. False if there was nothing to end. */
  cancel() {
    if (!this.#draft.edit && this.#draft.reply === null) return false;
    this.#change(this.#draft.edit ? { ...this.#draft, edit: null } : { ...this.#draft, reply: null });
    if (this.#back?.isConnected && this.#back !== document.body) this.#back.focus();
    return true;
  }

  #open(room) {
    if (room === this.#room) return;
    this.#sure = null;
    this.#room = room;
    this.form.hidden = !room;
    this.#draft = (room && storage.load(`draft:${room.name}`)) ?? nothing();
    this.area.placeholder = room ? `Message ${room.title}` : '';
    this.area.ariaLabel = this.area.placeholder;
    this.#show();
    if (room && matchMedia('(hover: hover)').matches) this.focus();
  }

  #change(draft) {
    this.#draft = draft;
    this.#save();
    this.#show();
    this.focus();
    this.area.setSelectionRange(this.area.value.length, this.area.value.length);
  }

  #save() {
    const { text, reply, edit } = this.#draft;
    storage.save(`draft:${this.#room.name}`, text || reply !== null || edit ? this.#draft : null);
  }

  #show() {
    const { text, edit } = this.#draft;
    this.area.value = edit ? edit.text : text;
    this.#showMode();
    this.#showSpace();
    this.#grow();
  }

  #showMode() {
    const { reply, edit } = this.#draft;
    this.mode.hidden = !edit && reply === null;
    const item = reply !== null && this.#room?.find(reply);
    const words = edit ? ['Editing your message'] : ['Replying to ', make('bdi', {}, item?.from ?? 'a message')];
    $('span', this.mode).replaceChildren(...words);
  }

  #showSpace() {
    const { text_bytes: limit = Infinity } = this.model.limits;
    const left = limit - bytes(this.area.value.trim());
    this.space.hidden = left > limit / 10;
    this.space.classList.toggle('fault', left < 0);
    this.space.textContent = left < 0 ? `Too long by ${-left} characters.` : `Room for ${left} more characters.`;
  }

  #grow() {
    this.area.style.setProperty('height', 'auto');
    this.area.style.setProperty('height', `${this.area.scrollHeight}px`);
  }

  #input() {
    const { value } = this.area;
    this.#sure = null;
    if (this.#draft.edit) this.#draft.edit.text = value;
    else this.#draft.text = value;
    this.#save();
    this.#showSpace();
    this.#grow();
    if (value.trim() && !value.startsWith('/') && !this.#draft.edit) this.chat.typing(this.#room);
  }

  #key(event) {
    if (event.repeat && event.key === 'Enter' && !event.shiftKey) return event.preventDefault();
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      this.#submit();
    }
    if (event.key === 'ArrowUp' && !this.area.value && !this.#draft.edit) {
      event.preventDefault();
      this.#editLast();
    }
  }

  #editLast() {
    const mine = this.#room.items.findLast(
      (item) => item.from === this.model.me && !item.deleted && item.type !== 'poll',
    );
    if (mine) this.edit(mine.seq);
  }

  #submit() {
    const text = this.area.value.replace(/^\s*\n/, '').trimEnd();
    if (!text.trim() || bytes(text) > (this.model.limits.text_bytes ?? Infinity)) return;
    const { edit, reply } = this.#draft;
    if (edit) {
      if (text !== this.#room.find(edit.seq)?.text) this.chat.edit(this.#room, edit.seq, text);
      this.cancel();
      return;
    }
    const { wrong, done } = this.#command(text, reply);
    if (wrong) {
      this.#note(wrong, true);
      return;
    }
    this.#change(nothing());
    if (done) this.#note(done, false);
    else this.sent();
  }

  /* Carries out what was written. { wrong: why it cannot be } or { done: what has happened out of sight }. */
  #command(text, reply) {
    const { poll, vote, order, everywhere, wrong } = parse(text) ?? {};
    if (vote) return this.#vote(vote);
    if (order) return this.#order(text, everywhere ? order : { ...order, room: this.#room.name });
    if (poll) this.chat.ask(this.#room, poll);
    else if (!wrong) this.chat.say(this.#room, text, reply);
    return { wrong };
  }

  /* What comes of it stands in the log. What was refused is there again, to be written better. */
  #order(text, order) {
    const room = this.#room;
    if (order.type === 'purge' && this.#sure !== text) {
      this.#sure = text;
      return {
        wrong:
          'This deletes all that was written here under that name, polls with their votes too, for good. Enter once more does it.',
      };
    }
    this.#sure = null;
    this.chat.moderate(order).then(
      () => room === this.#room && !this.area.value && this.#note('Done.', false),
      (fault) => {
        const words = refusal(fault, order);
        if (this.#giveBack(room, text)) this.#note(words, true);
        else this.model.tell('fault', { message: `${text}: ${words}` });
      },
    );
    return { done: 'One moment …' };
  }

  /* Takes neither the focus nor the place of what is being written. False: something is, or another room is open. */
  #giveBack(room, text) {
    const draft = room === this.#room ? this.#draft : storage.load(`draft:${room.name}`);
    if (draft?.text || draft?.edit || (draft?.reply ?? null) !== null) return false;
    storage.save(`draft:${room.name}`, { ...nothing(), text });
    if (room !== this.#room) return false;
    this.#draft = { ...nothing(), text };
    this.area.value = text;
    this.#grow();
    return true;
  }

  /* In the newest poll that is open. */
  #vote(numbers) {
    const poll = this.#room.items.findLast(({ type, closed, deleted }) => type === 'poll' && !closed && !deleted);
    const { question, options, max } = poll ?? {};
    if (!poll) return { wrong: 'No open poll is among the messages that are loaded here. Scroll up to find it.' };
    if (numbers.some((number) => number > options.length))
      return { wrong: `“${question}” has ${options.length} options.` };
    if (numbers.length > max)
      return { wrong: `In “${question}” one can choose ${max === 1 ? 'one option' : `up to ${max} options`}.` };
    const choices = [...new Set(numbers.map((number) => number - 1))];
    this.chat.vote(this.#room, poll.seq, choices);
    return { done: `My vote in “${question}”: ${choices.map((at) => options[at]).join(', ') || 'none'}.` };
  }

  /* Words below the text, until something is written. */
  #note(words, isFault) {
    this.space.hidden = !words;
    this.space.classList.toggle('fault', isFault);
    this.space.textContent = words;
  }
}
