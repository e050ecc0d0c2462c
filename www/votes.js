/* votes.js - polls apart from how they look: commands, events, receipts, ends. Never touches the document. */

import * as storage from './storage.js';
import { result, standing } from './tally.js';

export const MOST_OPTIONS = 20;
export const OPTION_BYTES = 200;
export const QUESTION_BYTES = 300;
const DOUBT_MS = 2000;
const chosen = ({ mine, options }) =>
  mine.length ? `My vote: ${mine.map((at) => options[at]).join(', ')}.` : 'My vote is removed.';

/* Polls that ended while I was here, from before our stretch of the log. */
const ends = (room) => (room.kept.ends ??= []);

/** poll: { question, options, max, secret, results, closes_at? } */
export const ask = (chat, room, poll) => chat.posting.add(room, { type: 'poll', ...poll });

export const close = (chat, room, seq) => chat.posting.add(room, { type: 'close_poll', poll: seq });

/** choices: indexes; none removes the vote. Replaces a vote that is on its way. */
export function vote(chat, room, seq, choices) {
  for (let old; (old = chat.outbox.last('vote', room.name, seq));) chat.outbox.remove(old.command.id);
  const inOrder = [...choices].sort((a, b) => a - b); // as the server returns them
  chat.posting.add(room, { type: 'vote', poll: seq, choices: inOrder });
}

const receiptName = (me, room, seq) => storage.own(me, `vote:${room.log}:${seq}`);

/** { receipt, choices }, or null. */
export const receipt = (me, room, seq) => storage.load(receiptName(me, room, seq));

export function begin(item) {
  const { options, secret, results } = item;
  const counts = results === 'live' && { counts: options.map(() => 0), ...(!secret && { votes: [] }) };
  Object.assign(item, { voters: 0, closed: false, mine: [], ...counts, ...item });
}

export function tally(chat, room, event) {
  const { type, poll: seq, voters, counts, from, choices, at, by, digest } = event;
  const isEnd = type === 'poll_closed';
  room.change(seq, () => {
    const poll = room.find(seq);
    if (!poll) return;
    Object.assign(poll, { voters, counts });
    if (from && poll.votes) poll.votes = withVote(poll.votes, { from, choices });
    if (from === chat.model.me && !isEnd) poll.mine = choices;
    if (isEnd) Object.assign(poll, { closed: true, closed_at: at, closed_by: by, digest });
  });
  if (isEnd) end(chat, room, seq);
}

function withVote(votes, { from, choices }) {
  const others = votes.filter((one) => one.from !== from);
  return choices.length ? [...others, { from, choices }] : others;
}

async function end(chat, room, seq) {
  const poll = room.find(seq) ?? (await fetchPoll(chat, room, seq));
  if (!poll?.digest) return;
  if (!room.find(seq)) ends(room).push(poll);
  chat.model.tell('announce', room, `The poll “${poll.question}” has ended. ${standing(poll)}`);
  chat.model.tell('log', room);
}

/** The events that are missing here may be votes: open polls have no result any more. */
export function lose(room, { at }) {
  for (const item of room.all)
    if (item.type === 'poll' && !item.closed)
      Object.assign(item, { closed: true, lost: true, closed_at: at, counts: undefined, votes: undefined });
}

export function forget(room, isGone) {
  room.kept.ends = ends(room).filter((poll) => !isGone(poll));
  for (const item of room.all)
    if (item.type === 'poll' && isGone(item)) Object.assign(item, { question: undefined, digest: undefined });
}

/** A line for each end: { key, at, of, text }. */
export function endLines(room) {
  const known = new Set(room.all.map(({ seq }) => seq));
  const all = [...room.all, ...ends(room).filter(({ seq }) => !known.has(seq))];
  return all
    .filter(({ digest }) => digest)
    .map((poll) => ({
      key: `end ${poll.seq}`,
      at: poll.closed_at,
      of: poll.seq,
      text: `Poll “${poll.question}” ended: ${result(poll)}.`,
    }));
}

export function voted(chat, room, { poll: of, choices, seq }, code) {
  storage.save(receiptName(chat.model.me, room, of), code ? { receipt: code, choices } : null);
  const poll = room.find(of);
  if (poll) poll.mine = choices;
  chat.kept.counting = { room, poll, seq };
  counted(chat, room);
}

/** Announces how the poll stands. The `ok` and the tally of my vote come in any order: only with both is it known. */
export function counted(chat, room) {
  const { counting } = chat.kept;
  if (counting?.room !== room || room.last < counting.seq) return;
  chat.kept.counting = null;
  if (counting.poll) chat.model.tell('announce', room, `${chosen(counting.poll)} ${standing(counting.poll)}`);
}

/** I may have voted on another device: then the receipt here belongs to a vote that does not count. */
export async function check(chat, room, seq) {
  const { mine } = (await fetchPoll(chat, room, seq)) ?? {};
  const poll = room.find(seq);
  if (!mine || !poll) return;
  poll.mine = mine;
  chat.model.tell('log', room);
  const name = receiptName(chat.model.me, room, seq);
  const stored = storage.load(name);
  if (stored && String(stored.choices) !== String(mine)) doubt(name, stored);
}

/* Another tab may be about to store the new receipt. */
function doubt(name, old) {
  setTimeout(() => storage.load(name)?.receipt === old.receipt && storage.save(name, null), DOUBT_MS);
}

async function fetchPoll(chat, room, seq) {
  const request = { type: 'history', room: room.name, before: seq + 1, limit: 1 };
  const { items } = await chat.connection.request(request).catch(() => ({ items: [] }));
  return items.find((item) => item.seq === seq && item.question);
}
