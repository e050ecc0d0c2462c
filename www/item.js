/* item.js - draws one item of a log: author, time, quote, the features' cards, a refusal, a question.
 * Never looks at the model: a row of rows.js says it all. */

import { avatar } from './avatar.js';
import { button, make, tool } from './dom.js';
import { mixedSign } from './script.js';
import { graphemes } from './text.js';
import { fullDate, shortTime } from './when.js';

/** An element for a row; draw() fills it. */
export function create() {
  return Object.assign(make('article.msg', { tabIndex: -1 }), { cards: {} });
}

/** Shows `row`; does nothing if it is shown already. */
export function draw(element, row, page) {
  const old = element.isPlain ? null : element.row;
  element.isPlain = false;
  const changed = Object.keys(row).filter((name) => !old || old[name] !== row[name]);
  if (!changed.length) return;
  element.row = row;
  if (changed.every((name) => old?.[name] && row[name] && element.cards[name])) {
    const drawn = changed.map((name) => drawCard(element, row, name));
    if (drawn.every(Boolean)) return;
  }
  const { activeElement: focused } = document;
  element.className = `msg ${row.state}${row.first ? ' first' : ''}`;
  element.ariaLabel = `${row.from}, ${row.time}: ${row.deleted ? 'message deleted' : graphemes(row.text, 500).join('')}`;
  try {
    element.replaceChildren(row.first ? avatar(row.from) : margin(row), body(row, element, page));
  } catch (fault) {
    console.warn(fault);
    element.replaceChildren(plain(element, row));
  }
  if (element.contains(focused) && focused !== document.activeElement) focused.focus();
}

/** Puts the buttons on an item, once somebody points at it. */
export function arm(element, page) {
  const { row } = element;
  if (row.deleted || row.state !== 'sent' || row.asking || element.querySelector('.acts')) return;
  const of = (kind) => page.features.flatMap((feature) => feature[kind]?.(row, page) ?? []).filter(Boolean);
  const more = tool('more', 'More…', () => page.open('item-menu', element));
  const bar = make('div.acts', {}, ...of('quick'), make('span.between'), ...of('buttons'), more);
  element.append(bar);
  bar.classList.toggle('inside', coversLink(bar, element.previousElementSibling));
}

function coversLink(bar, above) {
  const { top, left } = bar.getBoundingClientRect();
  const boxes = [...(above?.querySelectorAll('a') ?? [])].map((link) => link.getBoundingClientRect());
  return boxes.some(({ bottom, right }) => bottom > top && right > left);
}

function margin({ at }) {
  return make('time.margin', { title: fullDate(at), ariaHidden: 'true' }, shortTime(at));
}

function body(row, element, page) {
  const parts = make('div.body');
  if (row.first) parts.append(by(row));
  if (row.replyTo) parts.append(quote(row, page));
  parts.append(...cards(row, element, page));
  if (row.state === 'failed') parts.append(failure(row, page));
  if (row.asking) parts.append(question(row, page));
  return parts;
}

function by({ from, at, time }) {
  const when = make('time', { title: fullDate(at), dateTime: new Date(at).toISOString() }, time);
  return make('div.by', {}, make('bdi.nick', { title: from }, from), mixedSign(from), when);
}

function quote({ replyTo, replyFrom, replyText }, { log }) {
  const said = replyFrom ? [make('bdi.nick', {}, replyFrom), ' ', make('bdi', {}, replyText)] : [replyText];
  return button('quote', () => log.jump(replyTo), ...said);
}

/* A card stays while its part changes: what is under the pointer, or has the focus, is not taken away. */
function cards(row, element, page) {
  const shown = page.features.filter((feature) => (feature.Card || feature.loadCard) && row[feature.name]);
  return shown.map((feature) => {
    const { name, Card } = feature;
    if (!Card) loadCard(feature, page);
    else if (drawCard(element, row, name, () => new Card(page))) return element.cards[name].box;
    return plain(element, row);
  });
}

/* If that fails, the next drawing of the row asks again. */
function loadCard(feature, { log, model }) {
  feature.loadCard().then(
    (Card) => {
      feature.Card = Card;
      log.draw();
    },
    (fault) => model.tell('fault', fault),
  );
}

/* False if the card cannot be drawn: one bad item, or a browser's fault, does not take the others with it. */
function drawCard(element, row, name, newCard) {
  try {
    element.cards[name] ??= newCard();
    element.cards[name].draw(JSON.parse(row[name]));
    return true;
  } catch (fault) {
    console.warn(fault);
    delete element.cards[name];
    return false;
  }
}

/* The text alone. The next drawing of the log tries the card again. */
function plain(element, { text }) {
  element.isPlain = true;
  return make('div.text', { dir: 'auto' }, text);
}

function failure({ words, final, postId }, { log }) {
  const drop = (label) => button('link', () => log.takeBack(postId), label);
  if (final) return make('div.fail', {}, make('span', {}, words), drop('OK'));
  const again = button('link', () => log.retry(postId), 'Try again');
  return make('div.fail', {}, make('span', {}, `Not sent. ${words}`), again, drop('Discard'));
}

function question({ seq, asking, loss }, { log, questions }) {
  const { words, yes, no } = questions[asking];
  const text = asking === 'delete' && loss ? `${words} ${loss}` : words;
  return make(
    'div.question',
    { role: 'group', ariaLabel: text },
    make('span', {}, text),
    button('small-button.danger', () => log.answer(seq, asking), yes),
    button('small-button.keep', () => log.keep(), no),
  );
}
