/* login.js - the login page asks for a nick until the server accepts one. */

import { $ } from './dom.js';
import { sayFault } from './fault.js';
import { closeTop } from './overlay.js';

const AWAY = "Can't reach the server. Trying again…";
const CLOSED = "The server can't let new people in right now. Trying again…";

const REFUSALS = {
  nick_taken: () => 'Somebody already uses this name, or one that looks like it.',
  bad_nick: badNick,
};
const MOST = 32; // characters

/* What is wrong with it: see PROTOCOL.md. */
function badNick(nick) {
  const name = nick.normalize('NFKC');
  const count = [...name].length;
  if (count > MOST) return `Please use at most ${MOST} characters: these are ${count}.`;
  if (/ {2}/.test(name)) return 'Please use one space at a time.';
  if (/\p{Emoji}(\u200d|\ufe0f)/u.test(name))
    return 'This emoji has parts that are not seen. Please use another one, or letters.';
  return 'There is a character in it that is not seen, or that the server does not know. Please use another one.';
}

export class Login {
  constructor(model, chat) {
    Object.assign(this, { model, chat });
    this.page = $('.login');
    this.form = $('.login form');
    this.field = $('.login input');
    this.fault = $('.login .fault');
    this.button = $('.login .primary');
    model.watch('login', (fault) => this.#open(fault));
    model.watch('connection', () => this.#connectionChanged());
    this.form.onsubmit = (event) => this.#enter(event);
    this.field.oninput = () => this.#input();
  }

  #open(fault) {
    const isFirst = !this.page.hidden; // what is typed by now stays
    this.isOpen = true;
    document.documentElement.classList.remove('known'); // see boot.js
    while (closeTop());
    this.page.hidden = false;
    $('.app').hidden = true;
    this.button.disabled = false;
    if (fault) this.field.value ||= this.model.me;
    else if (!isFirst) this.field.value = '';
    const words = REFUSALS[fault?.code]?.(this.field.value.trim()) ?? fault?.message ?? '';
    this.#sayFault(words, fault?.code !== 'banned');
    this.field.focus();
    document.title = this.model.server;
  }

  /* Another name: the page does not go on trying with the one before. */
  #input() {
    this.#sayFault('');
    if (this.button.disabled) this.chat.connection.close();
    this.button.disabled = false;
  }

  #enter(event) {
    event.preventDefault();
    const nick = this.field.value.trim();
    if (!nick) return this.#sayFault('Type the name that others will see.');
    this.#sayFault('');
    this.button.disabled = true;
    this.chat.enter(nick);
  }

  #connectionChanged() {
    const { state, why } = this.model.connection;
    if (!this.isOpen || state === 'up') {
      this.isOpen = false;
      this.page.hidden = true;
      $('.app').hidden = false;
    } else if (state === 'down') this.#sayFault(why === 'unavailable' ? CLOSED : AWAY, false);
  }

  #sayFault(words, aboutNick = true) {
    sayFault(this.fault, words, 'login');
    this.field.ariaInvalid = words && aboutNick ? 'true' : null;
  }
}
