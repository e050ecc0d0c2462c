/* moderation.js - roles, bans, mutes, removals and purges: what they change on this page. */

import { sanction, told } from './moderation-words.js';
import { typed } from './slash.js';

const NOTES = 50; // kept for a room; older ones are dropped

/* ---- what moderators do ---- */

/* The log shows what a moderator did. An event without a number is a signal: if it names me, I have been removed. */
function act(chat, room, event) {
  if (!room?.live) return;
  const { model } = chat;
  const words = told(event, model.me);
  if (event.type === 'role') room.rank(event.nick, event.role);
  if (event.type === 'role' && event.nick === model.me) chat.presence.ask(room); // the higher of all my roles counts
  const isOut = event.seq === undefined && event.nick === model.me && ['kick', 'ban'].includes(event.type);
  if (isOut && !event.everywhere) return chat.putOut(room, words);
  if (isOut) chat.kept.banned = words;
  note(room, event, words);
  model.tell('announce', room, words);
  model.tell('log', room);
}

function note(room, { key, by = '', at = Date.now() }, text) {
  room.kept.notes = [...(room.kept.notes ?? []), { key: `note ${by} ${key}`, at, text }].slice(-NOTES);
}

/* Per nick and log, the number up to which the user's items are deleted. */
const purged = (room) => (room.kept.purged ??= new Map());

function purge(chat, room, event) {
  const { nick, seq } = event;
  purged(room).set(`${room.log} ${nick}`, seq);
  room.change(null, () => room.forget((item) => item.from === nick && item.seq < seq));
  act(chat, room, event);
}

const signal = (chat, event, room) => act(chat, room, event);

/* Each act is an event, and a command of its name: see moderation-commands.js. */
const ACTS = { role: act, kick: act, ban: act, unban: act, mute: act, unmute: act, purge };

export const moderation = {
  name: 'moderation',

  events: ACTS,
  signals: { role: signal, kick: signal, ban: signal, unban: signal, mute: signal, unmute: signal },

  refusals: { muted: sanction, banned: sanction },

  welcomed(chat) {
    chat.kept.banned = null;
  },

  refused(chat, fault, room) {
    if (fault.code !== 'banned') return false;
    fault.message = room ? sanction(fault) : `${chat.kept.banned ?? ''} ${sanction(fault)}`.trim();
    if (room?.joined) chat.putOut(room, fault.message);
    return true;
  },

  added(room, item) {
    if (item.seq < purged(room).get(`${room.log} ${item.from}`)) item.deleted = true;
  },

  lines: (room) => room.kept.notes ?? [],

  commands: Object.keys(ACTS).map((name) => typed(name, 'moderation-commands.js')),
  help: [
    ['/role', '/ban'],
    'For moderators: /role Bob moderator, /mute Bob 10m, /kick Bob, /ban "Bob B" 2h Spam, /unmute, /unban, /purge Bob (deletes everything Bob wrote). /ban Bob everywhere 0: from all rooms, until lifted',
  ],
};
