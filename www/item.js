/* item.js - one message as it is shown. For: log.js. Never looks at the model: a row says it all.
 *
 * A row is flat, so two can be compared: { key, seq, from, at, text, edited, deleted, mine,
 *   first (opens a group), state ('sent' | 'wait' | 'failed'), words (why it failed), final (for good), postId,
 *   mayDelete, replyTo, replyFrom, replyText, asking ('delete' or 'close': shall it be?),
 *   poll (JSON of what poll.js shows, or null), open (it is a poll that can be closed) } */

import { button, make, tool } from './dom.js';
import { avatar } from './avatar.js';
import { Card } from './poll-card.js';
import { nodes } from './text.js';
import { fullDate, shortTime, time } from './when.js';

const LONG_LINES = 24;

/** An element for a row; draw() fills it. */
export function create() {
  return make('article.msg', { tabIndex: -1 });
}

/** Shows `row`; does nothing if it is shown already. `verbs`: see Log. */
export function draw(element, row, verbs) {
  if (element.row && Object.keys(row).every((name) => element.row[name] === row[name])) return;
  const old = element.row;
  element.row = row;
  if (old?.poll && row.poll && Object.keys(row).every((name) => name === 'poll' || old[name] === row[name])) {
    element.card.draw(JSON.parse(row.poll));
    return;
  }
  const { activeElement: focused } = document;
  element.className = `msg ${row.state}${row.first ? ' first' : ''}`;
  element.ariaLabel = `${row.from}, ${time(row.at)}: ${row.deleted ? 'message deleted' : row.text.slice(0, 500)}`;
  element.replaceChildren(row.first ? avatar(row.from) : margin(row), body(row, element, verbs));
  if (element.contains(focused) && focused !== document.activeElement) focused.focus();
}

/** Puts the buttons on a message, once somebody points at it. */
export function arm(element, verbs) {
  const { row } = element;
  if (row.deleted || row.state !== 'sent' || row.asking || element.querySelector('.acts')) return;
  const acts = make(
    'div.acts',
    {},
    tool('reply', 'Reply', () => verbs.reply(row.seq)),
  );
  if (row.mine && !row.poll) acts.append(tool('edit', 'Edit', () => verbs.edit(row.seq)));
  if (row.mayDelete) acts.append(tool('delete', 'Delete', () => verbs.ask(row.seq, 'delete')));
  element.append(acts);
}

function margin({ at }) {
  return make('time.margin', { title: fullDate(at), ariaHidden: 'true' }, shortTime(at));
}

function body(row, element, verbs) {
  const parts = make('div.body');
  if (row.first) parts.append(by(row));
  if (row.replyTo) parts.append(quote(row, verbs));
  parts.append(...(row.poll ? [poll(row, element, verbs)] : words(row, element, verbs)));
  if (row.state === 'failed') parts.append(failure(row, verbs));
  if (row.asking) parts.append(question(row, verbs));
  return parts;
}

function by({ from, at }) {
  const when = make('time', { title: fullDate(at), dateTime: new Date(at).toISOString() }, time(at));
  return make('div.by', {}, make('bdi.nick', { title: from }, from), when);
}

function quote({ replyTo, replyFrom, replyText }, verbs) {
  const said = replyFrom ? [make('bdi.nick', {}, replyFrom), ' ', make('bdi', {}, replyText)] : [replyText];
  return button('quote', () => verbs.jump(replyTo), ...said);
}

function poll(row, element, verbs) {
  element.card ??= new Card(verbs);
  element.card.draw(JSON.parse(row.poll));
  return element.card.box;
}

function words(row, element, verbs) {
  if (row.deleted) return [make('div.text.gone', {}, 'This message was deleted')];
  const text = make('div.text', { dir: 'auto' }, ...nodes(row.text));
  if (row.edited) text.append(make('span.edited', { title: fullDate(row.edited) }, ' (edited)'));
  if (row.text.split('\n', LONG_LINES + 1).length <= LONG_LINES || element.whole) return [text];
  text.classList.add('long');
  return [text, button('link', showWhole, 'Show all of it')];

  function showWhole() {
    element.whole = true;
    text.classList.remove('long');
    this.remove();
    verbs.grown();
  }
}

function failure({ words: why, final, postId }, verbs) {
  const drop = (label) => button('link', () => verbs.takeBack(postId), label);
  if (final) return make('div.fail', {}, make('span', {}, why), drop('All right'));
  return make(
    'div.fail',
    {},
    make('span', {}, `Not sent. ${why}`),
    button('link', () => verbs.retry(postId), 'Try again'),
    drop('Take back'),
  );
}

const QUESTIONS = {
  delete: { words: 'Delete this message?', yes: 'Delete', no: 'Keep' },
  close: { words: 'Close this poll now, for everybody?', yes: 'Close it', no: 'Keep it open' },
};

function question({ seq, asking, open }, verbs) {
  const { words: asked, yes, no } = QUESTIONS[asking];
  const more = asking === 'delete' && open ? ' It ends the poll without a result.' : '';
  return make(
    'div.question',
    { role: 'group', ariaLabel: asked + more },
    make('span', {}, asked + more),
    button('small-button.danger', () => verbs.answer(seq, asking), yes),
    button('small-button.keep', verbs.keep, no),
  );
}
