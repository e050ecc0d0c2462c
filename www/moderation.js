/* moderation.js - roles, bans, mutes, removals and purges: what they change on this page. */

import { $ } from './dom.js';
import { lazy } from './lazy.js';
import { sanction, told } from './moderation-words.js';
import { serverNow } from './server-time.js';
import { typed } from './slash.js';

const NOTES = 50; // kept for a room; older ones are dropped
const SAME_MS = 5000; // two ends of one mute differ by less

const after = (ms, then) => setTimeout(then, Math.min(ms, 2 ** 31 - 1)); // more would be at once

/* ---- what moderators do ---- */

/* The log shows what a moderator did. An event without a number is a signal: if it names me, I have been removed. */
function act(chat, room, event) {
  if (!room?.live) return;
  const { model } = chat;
  const words = told(event, model.me);
  if (event.nick === model.me) silenced(chat, room, event);
  if (event.type === 'role') room.rank(event.nick, event.role);
  if (event.type === 'role' && event.everywhere && event.nick === model.me) model.role = event.role;
  if (event.type === 'role' && event.nick === model.me) chat.presence.ask(room); // the higher of all my roles counts
  const isOut = event.seq === undefined && event.nick === model.me && ['kick', 'ban'].includes(event.type);
  if (isOut && !event.everywhere) return chat.putOut(room, words);
  if (isOut) chat.kept.banned = words;
  note(room, event, words);
  model.tell('announce', room, words);
  model.tell('log', room);
}

function silenced(chat, room, { type, at = serverNow(), seconds, reason }) {
  if (type === 'unmute') mute(chat, room, null);
  if (type === 'mute') mute(chat, room, seconds && at + seconds * 1000, reason);
}

/* until: see room.js; null: I am not muted. */
function mute(chat, room, until, reason) {
  const before = room.muted;
  const isSame = before && Math.abs(before.until - until) < SAME_MS;
  const muted = until === null ? null : { until, reason: reason ?? (isSame ? before.reason : '') };
  room.muted = muted;
  if (until) after(until - serverNow(), () => room.muted === muted && mute(chat, room, null));
  if (!muted) chat.model.tell('over', 'muted');
  chat.model.tell('people log', room);
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

/* The panel's content, for the open room and for all. */
function mount(page) {
  const { model, panel } = page;
  const shield = $('.show-moderation');
  const draw = (isServer) => async (body) =>
    (await lazy('moderation-panel.js', 'moderation.css', 'dialog.css')).draw(body, page, isServer);
  model.watch('current people log', () => {
    shield.hidden = !model.current?.moderates;
    if (shield.hidden && panel.name === 'moderation') panel.close();
  });
  panel.add({
    name: 'moderation',
    title: () => `Moderation · ${model.current?.title ?? ''}`,
    button: shield,
    draw: draw(false),
  });
  panel.add({ name: 'server', title: 'Moderation · all rooms', draw: draw(true) });
}

export const moderation = {
  name: 'moderation',

  events: ACTS,
  signals: { role: signal, kick: signal, ban: signal, unban: signal, mute: signal, unmute: signal },

  refusals: { muted: sanction, banned: sanction },

  welcomed(chat) {
    chat.kept.banned = null;
  },

  joined: (chat, room, { muted_until: until = null }) => mute(chat, room, until),

  refused(chat, fault, room) {
    const { code, retryAfter } = fault;
    if (code === 'muted' && room) mute(chat, room, retryAfter ? serverNow() + retryAfter * 1000 : 0);
    if (code !== 'banned') return false;
    if (retryAfter) after(retryAfter * 1000, () => chat.model.tell('over', room?.link ?? 'login'));
    fault.message = room ? sanction(fault) : `${chat.kept.banned ?? ''} ${sanction(fault)}`.trim();
    if (room?.joined) chat.putOut(room, fault.message);
    else if (room) chat.outbox.refuseAll(room.name, fault.message);
    return true;
  },

  added(room, item) {
    if (item.seq < purged(room).get(`${room.log} ${item.from}`)) item.deleted = true;
  },

  lines: (room) => room.kept.notes ?? [],

  icons: { shield: 'M12 3.5l7 2.5v5c0 4.5-3 7.8-7 9.5-4-1.7-7-5-7-9.5V6z' },
  mount,

  commands: Object.keys(ACTS).map((name) => typed(name, 'moderation-commands.js')),
  help: [
    ['/role', '/ban'],
    'For moderators: /role Bob moderator, /mute Bob 10m, /kick Bob, /ban "Bob B" 2h Spam, /unmute, /unban, /purge Bob (deletes everything Bob wrote). /ban Bob everywhere 0: from all rooms, until lifted',
  ],
};
