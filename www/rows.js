/* rows.js - what a room's log shows, from top to bottom, as plain data: days, the "New" line, items, posts on
 * their way, gaps, and lines of features. Pure.
 *
 * The row of an item is flat, so that two can be compared: { key, kind: 'item', seq, from, at, time (as it is shown),
 *   text, deleted, mine,
 *   mayDelete, silent (I cannot write here), first (opens a group), state ('sent' | 'wait' | 'failed'), words (of a refusal), final (for good),
 *   postId, replyTo, replyFrom, replyText, asking (name of the question below it, or null), loss (what is lost with it),
 *   and by each feature's name the JSON of its part, or null } */

import { silence } from './silence.js';
import { graphemes } from './text.js';
import { day, dayKey, time } from './when.js';

const GROUP_MS = 5 * 60_000;
const QUOTE_LENGTH = 120; // graphemes

/** context: { room, outbox, me, features };
 * asking: { seq, what }, a question about that item, or null.
 * newAfter: the "New" line stands before the first item of others with a greater seq; null: no line. */
export function rows(context, { newAfter, asking }) {
  const { room } = context;
  const list = [];
  let before = null;
  const { more, items } = room.stretch;
  let lineDone = newAfter === null || (more && items[0]?.seq > newAfter);
  for (const row of withLines(itemRows(context), context)) {
    if (row.kind === 'gap' && before?.kind === 'gap') continue;
    if (!before || dayKey(before.at) !== dayKey(row.at)) list.push(dayRow(row.at));
    if (!lineDone && row.seq > newAfter && !row.mine) {
      list.push({ key: 'new', kind: 'new', text: 'New' });
      lineDone = true;
    }
    row.first = list.at(-1)?.kind !== 'item' || !continues(before, row);
    row.asking = row.kind === 'item' && row.seq !== null && row.seq === asking?.seq ? asking.what : null;
    list.push(row);
    before = row;
  }
  return list;
}

const dayRow = (at) => ({ key: `day ${dayKey(at)}`, kind: 'day', text: day(at) });

const continues = (before, row) => before.from === row.from && row.at - before.at < GROUP_MS;

/* Features' lines stand where they belong by their time. */
function withLines(list, { room, features }) {
  const [from, to] = [room.stretch.more ? list[0]?.at : 0, room.place ? list.at(-1).at : Infinity];
  const lines = features.flatMap((feature) => feature.lines?.(room) ?? []).filter(({ at }) => at >= from && at <= to);
  for (const line of lines.sort((a, b) => a.at - b.at).reverse())
    list.splice(list.findLastIndex((row) => row.at <= line.at && row.seq !== null) + 1, 0, {
      ...line,
      kind: 'line',
      seq: null,
    });
  return list;
}

function itemRows(context) {
  const { room, outbox } = context;
  return [
    ...room.stretch.items.map((item) => (item.from ? sentRow(item, context) : gapRow(item))),
    ...(room.place ? [] : outbox.items(room.name).map((post) => postRow(post, context))),
  ];
}

const gapRow = ({ seq, at }) => ({ key: `s${seq}`, kind: 'gap', at, seq, text: 'Some messages are missing here.' });

/* My items go by their key from the first echo on, so the element stays when the number comes. */
function sentRow(item, context) {
  const { room, me, features } = context;
  const mine = item.from === me;
  const change = context.outbox.changeOf(room.name, item.seq);
  const shown = { ...item, text: change?.command.text ?? item.text ?? '' };
  return {
    ...itemRow(shown, context, change),
    key: mine && item.key ? `k${item.key}` : `s${item.seq}`,
    mine,
    mayDelete: mine || room.mayDelete(item.from),
    silent: Boolean(silence(room)),
    loss: features.map((feature) => feature.loss?.(item)).find(Boolean) ?? '',
  };
}

function postRow(post, context) {
  const { command, at } = post;
  const item = { ...context.outbox.kinds[command.type].item(command), reply_to: command.reply_to };
  return {
    ...itemRow({ ...item, seq: null, from: context.me, at }, context, post),
    key: `k${command.id}`,
    mine: true,
    mayDelete: false,
    silent: false,
    loss: '',
  };
}

function itemRow(item, context, post) {
  const { seq, from, at, reply_to: replyTo } = item;
  const row = {
    kind: 'item',
    seq,
    from,
    at,
    time: time(at),
    text: textOf(item, context.features),
    deleted: Boolean(item.deleted),
    ...stateOf(post, context.room),
    ...quoteOf(replyTo, context),
  };
  for (const { name, part } of context.features) {
    const data = part?.(item, context);
    if (name) row[name] = data ? JSON.stringify(data) : null;
  }
  return row;
}

/** What an item says. */
export const textOf = (item, features) =>
  features.map((feature) => feature.text?.(item)).find(Boolean) ?? item.text ?? '';

function stateOf(post, room) {
  if (!post) return { state: 'sent', words: '', final: false, postId: null };
  const { fault, final = false, silenced, command } = post;
  const words = silenced ? silence(room) : fault;
  return { state: fault ? 'failed' : 'wait', words: words ?? '', final, postId: command.id };
}

function quoteOf(seq, { room, features }) {
  if (!seq) return { replyTo: null, replyFrom: '', replyText: '' };
  const item = room.find(seq);
  if (!item) return { replyTo: seq, replyFrom: '', replyText: 'An earlier message' };
  const text = item.deleted ? 'Message deleted' : graphemes(textOf(item, features), QUOTE_LENGTH).join('');
  return { replyTo: seq, replyFrom: item.from, replyText: text };
}
