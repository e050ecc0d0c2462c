/* rows.js - what a room's log shows, from top to bottom, as plain data: days, the "New" line, messages,
 * gaps, posts on their way. For: log.js. Pure: reads room and outbox, touches nothing. */

import { day, dayKey } from './when.js';

const GROUP_MS = 5 * 60_000;
const QUOTE_LENGTH = 120;

/** newAfter: the "New" line stands before the first message of others with a greater seq; null: no line. */
export function rows({ room, outbox, me, newAfter, asking }) {
  const list = [];
  let before = null;
  let lineDone = newAfter === null || (room.more && room.oldest > newAfter);
  for (const message of messages(room, outbox, me)) {
    if (!before || dayKey(before.at) !== dayKey(message.at)) list.push(dayRow(message.at));
    if (!lineDone && message.seq > newAfter && !message.mine) {
      list.push({ key: 'new', kind: 'new', text: 'New' });
      lineDone = true;
    }
    message.first = list.at(-1)?.kind !== 'message' || !continues(before, message);
    message.asking = message.seq !== null && message.seq === asking;
    list.push(message);
    before = message;
  }
  return list;
}

const dayRow = (at) => ({ key: `day ${dayKey(at)}`, kind: 'day', text: day(at) });

const continues = (before, message) => before.from === message.from && message.at - before.at < GROUP_MS;

function messages(room, outbox, me) {
  return [
    ...room.items.map((item) => fromItem(item, room, outbox, me)),
    ...outbox.says(room.name).map((post) => fromPost(post, room, me)),
  ];
}

/* My messages go by their key from the first echo on, so the element stays when the number comes. */
function fromItem(item, room, outbox, me) {
  if (item.type === 'gap')
    return { key: `s${item.seq}`, kind: 'gap', at: item.at, text: 'Some messages are missing here.' };
  const mine = item.from === me;
  const change = mine ? outbox.changeOf(room.name, item.seq) : undefined;
  return {
    key: mine && item.key ? `k${item.key}` : `s${item.seq}`, kind: 'message', mine,
    seq: item.seq, from: item.from, at: item.at, deleted: Boolean(item.deleted),
    text: change?.command.text ?? item.text ?? '', edited: item.edited,
    ...stateOf(change), ...quoteOf(item.reply_to, room),
  };
}

function fromPost(post, room, me) {
  const { id, text, reply_to } = post.command;
  return {
    key: `k${id}`, kind: 'message', mine: true, seq: null, from: me, at: post.at, deleted: false,
    text, edited: undefined, ...stateOf(post), ...quoteOf(reply_to, room),
  };
}

function stateOf(post) {
  if (!post) return { state: 'sent', words: '', postId: null };
  return { state: post.fault ? 'failed' : 'wait', words: post.fault ?? '', postId: post.command.id };
}

function quoteOf(seq, room) {
  if (!seq) return { replyTo: null, replyFrom: '', replyText: '' };
  const item = room.find(seq);
  if (!item) return { replyTo: seq, replyFrom: '', replyText: 'An earlier message' };
  const text = item.deleted ? 'Message deleted' : item.text.slice(0, QUOTE_LENGTH);
  return { replyTo: seq, replyFrom: item.from, replyText: text };
}
