/* reaction.js - reactions to messages and polls. reaction-card.js gives and draws them, emoji-picker.js offers
 * more. */

import { lazy } from './lazy.js';
import { silence } from './silence.js';

let more = null; // reaction-card.js, once a room is there
const loadCard = async () => {
  more = await lazy('reaction-card.js', 'reaction.css');
  return more.ReactionCard;
};
const loadPicker = () => lazy('emoji-picker.js', 'dialog.css');

/* The list with `news(old)` for that emoji. */
function changed(list, emoji, news) {
  const old = list.find((one) => one.emoji === emoji) ?? { emoji, count: 0, nicks: [], mine: false };
  const now = { ...old, ...news(old) };
  const others = list.includes(old) ? list.map((one) => (one === old ? now : one)) : [...list, now];
  return others.filter(({ count }) => count > 0);
}

/* What I did, not counted yet. */
function withMine(me, on) {
  return ({ mine, count, nicks }) => {
    if (mine === on) return {};
    const others = nicks.filter((nick) => nick !== me);
    return { mine: on, count: count + (on ? 1 : -1), nicks: on ? [...others, me] : others };
  };
}

function change(room, of, emoji, news) {
  room.change(of, () => {
    const item = room.find(of);
    if (item && !item.deleted) item.reactions = changed(item.reactions ?? [], emoji, news);
  });
}

export const reaction = {
  name: 'reaction',

  events: {
    reaction: ({ model }, room, { of, emoji, from, on, count, nicks }) =>
      change(room, of, emoji, ({ mine }) => ({ count, nicks, mine: from === model.me ? on : mine })),
  },

  /* Another of my devices: its event may be left out. */
  signals: {
    reacted({ model }, { of, emoji, on }, room) {
      if (!room) return;
      change(room, of, emoji, withMine(model.me, on));
      model.tell('log', room);
    },
  },

  posts: {
    react: {
      of: (command) => command.of,
      isQuiet: true,
      silence: ({ muted }) => silence({ muted }), // where only moderators write, all react
      noun: 'reaction',
      drop: (fault, model) => more?.words(fault, model) ?? fault.message,
      done: ({ model }, room, { of, emoji, on }) => change(room, of, emoji, withMine(model.me, on)),
    },
  },

  joined: () => [loadCard, loadPicker].forEach((load) => load().catch(() => {})),

  forget(room, isGone) {
    for (const item of room.all) if (item.from && isGone(item)) delete item.reactions;
  },

  part({ seq, deleted, reactions = [] }, { room, outbox, me }) {
    if (deleted || seq === null) return null;
    const waiting = outbox.changes('react', room.name, seq).map(({ command }) => command);
    const list = waiting.reduce((all, { emoji, on }) => changed(all, emoji, withMine(me, on)), reactions);
    return list.length ? { seq, list } : null;
  },
  loadCard,

  quick: (row, page) => (page.model.current.muted ? [] : (more?.quick(row, page) ?? [])),
};
