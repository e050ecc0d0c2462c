/* reaction-card.js - the reactions below an item: a pill for each emoji, and one to add another. Also how to react, and
 * what a refusal says. Loaded once a room is there. */

import { addIcon, arrange, button, icon, make, tool } from './dom.js';
import * as storage from './storage.js';

addIcon('smile', 'M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17M8.5 14.5c1.5 2.3 5.5 2.3 7 0M9 9.8h.01M15 9.8h.01');

const QUICK = 3;
const FIRST = ['👍', '❤️', '😂']; // until others are used more often
const REFUSALS = {
  full: ({ reactions }) => `This message has ${reactions} different reactions already.`,
  not_found: () => 'The message was deleted meanwhile.',
  bad_field: () => 'A reaction is exactly one emoji.',
};

const usedName = (me) => storage.own(me, 'emoji');

/** Those that I use most, the first first. */
export function favourites(me, most = QUICK) {
  const used = storage.load(usedName(me)) ?? {};
  return [...new Set([...Object.keys(used), ...FIRST])].sort((a, b) => (used[b] ?? 0) - (used[a] ?? 0)).slice(0, most);
}

/** Counts a use of that emoji. */
export function use(me, emoji) {
  const used = storage.load(usedName(me)) ?? {};
  storage.save(usedName(me), { ...used, [emoji]: (used[emoji] ?? 0) + 1 });
}

function react(chat, room, of, emoji, on) {
  if (on) use(chat.model.me, emoji);
  chat.posting.add(room, { type: 'react', of, emoji, on });
}

/* Lets the user choose any emoji for item `seq` of the open room. */
function reactWithAny(page, seq) {
  const { current: room } = page.model;
  page.open('emoji-picker', 'React', (emoji) => react(page.chat, room, seq, emoji, true));
}

export const words = ({ code, message }, { limits }) => REFUSALS[code]?.(limits) ?? `You cannot react now. ${message}`;

/** The first buttons of an item's bar. */
export const quick = ({ seq }, page) => [
  ...favourites(page.model.me).map((emoji) => {
    const act = () => react(page.chat, page.model.current, seq, emoji, true);
    return Object.assign(button('tool', act, emoji), {
      title: `React with ${emoji}`,
      ariaLabel: `React with ${emoji}`,
    });
  }),
  tool('smile', 'React…', () => reactWithAny(page, seq)),
];

/* "ann, bob and 3 more" */
function names({ nicks, count }) {
  const more = count - nicks.length;
  return more > 0 ? `${nicks.join(', ')} and ${more} more` : nicks.join(', ');
}

export class ReactionCard {
  box = make('div.reacts', { role: 'group', ariaLabel: 'Reactions' });
  #pills = new Map(); // emoji → its button
  #who = make('p.who', { hidden: true });

  constructor(page) {
    this.page = page;
    const add = button('react.add', () => reactWithAny(page, this.seq), icon('smile'));
    this.add = Object.assign(add, { title: 'React…', ariaLabel: 'React…' });
  }

  draw({ seq, list }) {
    this.seq = seq;
    const pills = new Map(list.map((one) => [one.emoji, this.#pills.get(one.emoji) ?? this.#create(one.emoji)]));
    this.#pills = pills;
    for (const one of list) this.#draw(pills.get(one.emoji), one);
    this.#who.hidden = true;
    arrange(this.box, [...pills.values(), this.add, this.#who]);
  }

  #create(emoji) {
    const toggle = () => react(this.page.chat, this.page.model.current, this.seq, emoji, pill.ariaPressed !== 'true');
    const pill = button('react', toggle, make('span', {}, emoji), make('b'));
    pill.oncontextmenu = (event) => {
      event.preventDefault();
      this.#tell(pill);
    };
    return pill;
  }

  #draw(pill, one) {
    pill.lastChild.textContent = one.count;
    pill.ariaPressed = String(one.mine);
    pill.title = names(one);
    pill.ariaLabel = `${one.emoji} ${one.count}: ${names(one)}`;
  }

  /* A long press shows what hovering does. */
  #tell(pill) {
    this.#who.hidden = false;
    this.#who.textContent = `${pill.firstChild.textContent} ${pill.title}`;
  }
}
