/* moderation.js - roles, bans, mutes, removals and purges: what they change on this page, and the commands. */

import { isRole } from './role.js';
import { refusal, sanction, told } from './moderation-words.js';
import { takeName } from './slash.js';

const NOTES = 50; // kept for a room; older ones are dropped
const SECONDS = { m: 60, h: 3600, d: 86_400 };
const PURGE = 'This deletes everything written here under that name, for everyone: messages and polls.';

/* ---- what moderators do ---- */

/* The log shows what a moderator did. An event without a number is a signal: if it names me, I have been removed. */
function act(chat, room, event) {
  if (!room?.live) return;
  const { model } = chat;
  const words = told(event, model.me);
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

/* ---- commands ---- */

const takeNothing = (words) => (words ? null : {});

/* How a command is written, and what it makes of the words after the name; null: it is not written like this. */
const COMMANDS = {
  '/role': { usage: '/role Bob moderator (or admin, member)', take: (role) => (isRole(role) ? { role } : null) },
  '/ban': { usage: '/ban Bob 2h Spam (or 30m, 7d, 0 until lifted)', take: takeTime },
  '/mute': { usage: '/mute Bob 30m (or 2h, 7d, 0 until lifted)', take: takeTime },
  '/kick': { usage: '/kick Bob', take: (reason) => (reason ? { reason } : {}), isRoomOnly: true },
  '/unban': { usage: '/unban Bob', take: takeNothing },
  '/unmute': { usage: '/unmute Bob', take: takeNothing },
  '/purge': { usage: '/purge Bob', take: takeNothing, isRoomOnly: true },
};

const TIME = /^(?:(?<zero>0)|(?<number>\d+)(?<unit>[mhd]))(?:\s+(?<reason>.+))?$/s;

function takeTime(words) {
  const { zero, number, unit, reason } = TIME.exec(words)?.groups ?? {};
  const seconds = zero ? 0 : number * SECONDS[unit];
  if (!zero && !seconds) return null; // nothing, or 0m, which would never end
  return reason === 'everywhere' ? null : { seconds, ...(reason && { reason }) };
}

function run(name, words, page, isSure) {
  const { usage, take, isRoomOnly } = COMMANDS[name];
  const { name: nick, rest } = takeName(words);
  const [place] = /^everywhere\b/.exec(rest) ?? [''];
  const more = nick && take(rest.slice(place.length).trim());
  if (!more || (place && isRoomOnly)) return { wrong: `Write it like this: ${usage}. ${hint(isRoomOnly)}` };
  if (name === '/purge' && !isSure)
    return { wrong: `${PURGE} This can't be undone. Press Enter again to delete.`, isSure: true };
  const isEverywhere = place || more.role === 'admin';
  const room = isEverywhere ? {} : { room: page.model.current.name };
  return { later: send(page, { type: name.slice(1), nick, ...more, ...room }) };
}

const hint = (isRoomOnly) =>
  `Put a name with spaces in quotes${isRoomOnly ? '' : ', and everywhere after it for all rooms'}.`;

async function send({ chat, model }, command) {
  const { current, me } = model;
  try {
    await chat.connection.request(command);
    return 'Done.';
  } catch (fault) {
    const { nick } = command;
    const target = current.people.get(nick)?.role;
    throw new Error(refusal(fault, command, { isMe: nick === me, role: current.role, target }), { cause: fault });
  }
}

export const moderation = {
  name: 'moderation',

  events: { role: act, kick: act, ban: act, unban: act, mute: act, unmute: act, purge },
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

  commands: Object.keys(COMMANDS).map((name) => ({ name, run: (...how) => run(name, ...how) })),
  help: [
    ['/role', '/ban'],
    'For moderators: /role Bob moderator, /mute Bob 10m, /kick Bob, /ban "Bob B" 2h Spam, /unmute, /unban, /purge Bob (deletes everything Bob wrote). /ban Bob everywhere 0: from all rooms, until lifted',
  ],
};
