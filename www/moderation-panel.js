/* moderation-panel.js - who is banned or muted, and who moderates, in a room or in all: content of the panel. Loaded when it
 * is first shown. */

import { button, make, soon } from './dom.js';
import { avatar } from './avatar.js';
import { sayFault } from './fault.js';
import { openMenu } from './menu.js';
import { left } from './moderation-words.js';
import { isModerator } from './role.js';
import { serverNow } from './server-time.js';
import { toast } from './toast.js';

const AGAIN_MS = 30_000; // the time left is told in minutes

const KINDS = [
  { what: 'banned', words: 'Banned', lift: 'unban', done: 'unbanned' },
  { what: 'muted', words: 'Muted', lift: 'unmute', done: 'unmuted' },
];
const ROLES = { admin: 'Admin', moderator: 'Moderator' };

/** Content of the panel: see there. isServer: for all rooms, else for the open one. */
export function draw(body, page, isServer) {
  const panel = new Moderation(body, page, isServer);
  return () => panel.end();
}

class Moderation {
  constructor(body, page, isServer) {
    const { model } = page;
    Object.assign(this, { page, model, isServer });
    this.fault = make('p.fault', { role: 'alert' });
    this.bans = make('div.standings');
    this.staff = make('div.standings');
    body.append(this.fault, this.bans, this.staff);
    const ask = soon(() => this.#ask());
    this.watches = ['announce', 'current', 'connection'].map((topic) => model.watch(topic, ask));
    this.timer = setInterval(ask, AGAIN_MS);
    this.#ask();
  }

  end() {
    clearInterval(this.timer);
    for (const stop of this.watches) stop();
  }

  get people() {
    return (!this.isServer && this.model.current?.people.values()) || [];
  }

  get place() {
    return this.isServer ? {} : { room: this.model.current?.name };
  }

  async #ask() {
    const { room } = this.place;
    try {
      const own = await this.#standings(this.place);
      const everywhere = this.isServer ? [] : await this.#standings({}).catch(() => []);
      if (room === this.place.room) this.#draw(own, everywhere);
      sayFault(this.fault, '');
    } catch ({ message, about }) {
      sayFault(this.fault, message, about);
    }
  }

  async #standings(place) {
    return (await this.page.chat.connection.request({ type: 'standings', ...place })).standings;
  }

  #draw(own, everywhere) {
    const held = KINDS.flatMap((kind) => own.filter((one) => kind.what in one).map((one) => this.#heldRow(one, kind)));
    const ranked = (all) => all.filter(({ role }) => isModerator(role));
    const listed = [...own, ...everywhere].map(({ nick }) => nick);
    const others = [...this.people].filter(({ nick }) => !listed.includes(nick)); // here, with a role that is not told
    const staff = [
      ...ranked([...everywhere, ...others]).map((one) => this.#staffRow(one, true)),
      ...ranked(own).map((one) => this.#staffRow(one, this.isServer)),
    ];
    const empty = make('p.small.quiet', {}, 'No one is banned or muted.');
    const noStaff = make('p.small.quiet', {}, 'Nobody yet.');
    const count = held.length ? ` · ${held.length}` : '';
    show(this.bans, make('h3', {}, `Banned and muted${count}`), held.length ? list(held) : empty);
    show(this.staff, make('h3', {}, 'Admins and moderators'), staff.length ? list(staff) : noStaff);
  }

  #heldRow(one, { what, words, lift, done }) {
    const until = one[what];
    const end = until ? `${words} · ${left(until - serverNow())} left` : `${words} until lifted`;
    const act = button(
      'small-button',
      () => this.#send({ type: lift, nick: one.nick }, `${one.nick} is ${done}`),
      'Lift',
    );
    act.ariaLabel = `Lift: ${one.nick}, ${end}`;
    return row(one.nick, end, act);
  }

  /* A role for all rooms is changed where all rooms are. */
  #staffRow({ nick, role }, isEverywhere) {
    const where = isEverywhere ? 'of all rooms' : 'here';
    const words = `${ROLES[role]} ${where}`;
    const mayChange = this.#mayChange(nick) && isEverywhere === this.isServer;
    const act = mayChange ? button('small-button', () => this.#change(act, nick, role), 'Change') : null;
    if (act) act.ariaLabel = `Change: ${nick}, ${words}`;
    return row(nick, words, act);
  }

  #mayChange(nick) {
    const { me, role, current } = this.model;
    return nick !== me && (this.isServer ? role : current.role) === 'admin';
  }

  #change(opener, nick, role) {
    const roles = ['member', 'moderator', ...(this.isServer ? ['admin'] : [])].filter((one) => one !== role);
    const rows = roles.map((one) => ({
      icon: 'shield',
      words: `Make ${ROLES[one]?.toLowerCase() ?? 'member'}`,
      run: () => this.#send({ type: 'role', nick, role: one }, `${nick} is now ${WITH_ARTICLE[one]}`),
    }));
    openMenu(opener, `Role of ${nick}`, rows, 'at-end');
  }

  async #send(command, words) {
    try {
      await this.page.chat.connection.request({ ...command, ...this.place });
      toast(words);
      this.#ask();
    } catch ({ message, about }) {
      sayFault(this.fault, message, about);
    }
  }
}

const WITH_ARTICLE = { member: 'a member', moderator: 'a moderator', admin: 'an admin' };

/* What has the focus stays, if nothing is new. */
function show(box, ...parts) {
  const words = parts.map(({ textContent }) => textContent).join('');
  if (box.textContent !== words && !box.querySelector('.menu')) box.replaceChildren(...parts);
}

const list = (rows) => make('ul', {}, ...rows);

function row(nick, words, act) {
  return make(
    'li.standing',
    {},
    avatar(nick, 's'),
    make('div.words', {}, make('bdi', { title: nick }, nick), make('span.small.quiet', {}, words)),
    act,
  );
}
