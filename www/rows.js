/* rows.js - what a room's log shows, from top to bottom, as plain data: days, the "New" line, messages,
 * ends of polls, what moderators did, gaps, posts on their way. For: log.js. Pure: reads room and outbox, touches nothing. */

import { result, terms } from './tally.js';
import { day, dayKey } from './when.js';

const GROUP_MS = 5 * 60_000;
const QUOTE_LENGTH = 120;

/** receipt(seq): what is kept of my vote in a poll, or null.
 * asking: { seq, what: 'delete' or 'close' }, of the message that it may happen to, or null.
 * newAfter: the "New" line stands before the first message of others with a greater seq; null: no line. */
export function rows({ room, outbox, me, newAfter, asking, receipt }) {
  const list = [];
  let before = null;
  let lineDone = newAfter === null || (room.more && room.oldest > newAfter);
  for (const message of withNotes(messages(room, outbox, me, receipt), room)) {
    if (message.kind === 'gap' && before?.kind === 'gap') continue;
    if (!before || dayKey(before.at) !== dayKey(message.at)) list.push(dayRow(message.at));
    if (!lineDone && message.seq > newAfter && !message.mine) {
      list.push({ key: 'new', kind: 'new', text: 'New' });
      lineDone = true;
    }
    message.first = list.at(-1)?.kind !== 'message' || !continues(before, message);
    message.asking =
      message.kind === 'message' && message.seq !== null && message.seq === asking?.seq ? asking.what : null;
    list.push(message);
    before = message;
  }
  return list;
}

const dayRow = (at) => ({ key: `day ${dayKey(at)}`, kind: 'day', text: day(at) });

const continues = (before, message) => before.from === message.from && message.at - before.at < GROUP_MS;

/* Where a poll was closed, a line says how it ended; where a moderator has done something, what. */
function withNotes(list, room) {
  const known = new Set(room.items.map(({ seq }) => seq));
  const ends = [...room.items, ...room.ends.filter(({ seq }) => !known.has(seq))].filter(({ digest }) => digest);
  const notes = [
    ...ends.map(({ seq, closed_at: at, ...poll }) => ({
      key: `end ${seq}`,
      kind: 'end',
      at,
      of: seq,
      text: ended(poll),
    })),
    ...room.notes.map(({ key, at, text }) => ({ key: `note ${key}`, kind: 'note', at, text })),
  ];
  for (const note of notes.sort((a, b) => a.at - b.at).reverse())
    list.splice(list.findLastIndex((row) => row.at <= note.at && row.seq !== null) + 1, 0, { ...note, seq: null });
  return list;
}

const ended = (poll) => `The poll “${poll.question}” has closed: ${result(poll)}.`;

function messages(room, outbox, me, receipt) {
  return [
    ...room.items.map((item) => fromItem(item, room, outbox, me, receipt)),
    ...outbox.says(room.name).map((post) => fromPost(post, room, me)),
  ];
}

/* My messages go by their key from the first echo on, so the element stays when the number comes. */
function fromItem(item, room, outbox, me, receipt) {
  if (item.type === 'gap')
    return { key: `s${item.seq}`, kind: 'gap', at: item.at, text: 'Some messages are missing here.' };
  const mine = item.from === me;
  const isPoll = item.type === 'poll' && !item.deleted;
  const vote = isPoll ? outbox.voteOf(room.name, item.seq) : undefined;
  const change = outbox.changeOf(room.name, item.seq) ?? (vote?.fault ? vote : undefined);
  return {
    key: mine && item.key ? `k${item.key}` : `s${item.seq}`,
    kind: 'message',
    mine,
    seq: item.seq,
    from: item.from,
    at: item.at,
    deleted: Boolean(item.deleted),
    text: change?.command.text ?? item.question ?? item.text ?? '',
    edited: item.edited,
    poll: isPoll ? pollOf(item, vote, receipt(item.seq), mine || room.moderates) : null,
    open: isPoll && !item.closed,
    mayDelete: mine || room.mayDelete(item.from),
    ...stateOf(change),
    ...quoteOf(item.reply_to, room),
  };
}

/* Its JSON, so that rows can be compared. What I have just chosen is shown before it is stored. */
function pollOf(item, vote, kept, own) {
  const { seq, question, options, max, secret, closes_at: closes, closed, voters, counts = null } = item;
  const mine = (vote?.fault ? null : vote?.command.choices) ?? item.mine ?? kept?.choices ?? [];
  const names = item.votes
    ? options.map((_, at) => item.votes.filter(({ choices }) => choices.includes(at)).map(({ from }) => from))
    : null;
  return JSON.stringify({
    seq,
    question,
    options,
    max,
    secret,
    closes,
    closed,
    voters,
    counts,
    names,
    mine,
    own,
    lost: item.lost,
    digest: item.digest,
    receipt: mine.length && String(kept?.choices) === String(mine) ? kept.receipt : null,
    sending: Boolean(vote && !vote.fault),
    terms: terms(item),
  });
}

const unsent = (command) =>
  JSON.stringify({
    ...command,
    seq: null,
    voters: 0,
    counts: null,
    names: null,
    closed: false,
    mine: [],
    receipt: null,
    own: true,
    sending: false,
    terms: terms(command),
  });

function fromPost(post, room, me) {
  const { id, reply_to, type, text = post.command.question } = post.command;
  return {
    key: `k${id}`,
    kind: 'message',
    mine: true,
    seq: null,
    from: me,
    at: post.at,
    deleted: false,
    text,
    edited: undefined,
    poll: type === 'poll' ? unsent(post.command) : null,
    open: false,
    mayDelete: false,
    ...stateOf(post),
    ...quoteOf(reply_to, room),
  };
}

function stateOf(post) {
  if (!post) return { state: 'sent', words: '', final: false, postId: null };
  const {
    fault,
    final = false,
    command: { id },
  } = post;
  return { state: fault ? 'failed' : 'wait', words: fault ?? '', final, postId: id };
}

function quoteOf(seq, room) {
  if (!seq) return { replyTo: null, replyFrom: '', replyText: '' };
  const item = room.find(seq);
  if (!item) return { replyTo: seq, replyFrom: '', replyText: 'An earlier message' };
  const text = item.deleted ? 'Message deleted' : (item.question ?? item.text).slice(0, QUOTE_LENGTH);
  return { replyTo: seq, replyFrom: item.from, replyText: text };
}
