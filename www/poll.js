/* poll.js - a poll as a card: options that can be chosen, bars that grow, what it has come to.
 * For: message.js. Never looks at the model: the row's poll says it all.
 *
 * { seq (null: not sent yet), question, options, max, secret, closes, closed, terms, voters, counts (or null),
 *   mine (indexes), receipt (or null), own (I have asked), sending, names (of each option's voters, or null) } */

import { $, button, make } from './dom.js';
import { people, winners } from './tally.js';
import { fullDate } from './when.js';

const NAMES = 3;               // of an option's voters; more are counted

/** The card's element. verbs: { vote(seq, choices), recount(seq), ask(seq, 'close'), say(what is wrong) }. */
export function card(poll, verbs) {
  const box = make(`div.poll${poll.names ? '.named' : ''}`, { role: 'group', ariaLabel: `Poll: ${poll.question}` },
    make('h3', {}, make('bdi', {}, poll.question)),
    make('p.small.quiet', { title: poll.closes ? `Closes ${fullDate(poll.closes)}` : '' }, poll.terms));
  const won = poll.closed ? winners(poll) : [];
  const fixed = poll.closed || poll.seq === null;
  box.append(...poll.options.map((_, at) => (fixed ? outcome(poll, at, won) : choice(poll, at, verbs))));
  box.append(foot(poll, verbs));
  return box;
}

/** How long the bars are that an element shows; grow() begins with them. */
export const barsOf = (element) => [...element.querySelectorAll('.choice')].map(({ style }) => style.getPropertyValue('--part'));

export function grow(element, bars) {
  const choices = [...element.querySelectorAll('.choice')];
  const ends = barsOf(element);
  if (bars.length !== ends.length || !ends.length) return;
  choices.forEach(({ style }, at) => style.setProperty('--part', bars[at]));
  element.getBoundingClientRect();             // the browser has seen where they begin
  choices.forEach(({ style }, at) => style.setProperty('--part', ends[at]));
}

/* ---- an option ---- */

function choice(poll, at, verbs) {
  const mine = poll.mine.includes(at);
  const full = poll.max > 1 && !mine && poll.mine.length >= poll.max;
  const element = button(`choice${mine ? '.mine' : ''}${full ? '.full' : ''}`, () => choose(poll, at, verbs), ...parts(poll, at));
  element.ariaPressed = String(mine);
  element.ariaDisabled = String(full);
  element.ariaLabel = spoken(poll, at);
  element.dataset.part = `choice ${at}`;
  return fill(element, poll, at);
}

/* It cannot be chosen any more, or not yet. */
function outcome(poll, at, won) {
  const wins = won.includes(at);
  const mine = poll.mine.includes(at);
  const element = make(`div.choice${mine ? '.mine' : ''}${wins ? '.won' : ''}`, {}, ...parts(poll, at));
  if (mine) $('.option', element).append(make('span.unseen', {}, ' (my choice)'));
  if (wins) element.lastChild.before(make('span.badge', {}, won.length > 1 ? 'Tie' : 'Winner'));
  return fill(element, poll, at);
}

function parts(poll, at) {
  const names = poll.names?.[at] ?? [];
  const label = make('span.option', {}, make('bdi', {}, poll.options[at]));
  if (names.length)
    label.append(make('span.names', { title: names.join(', ') }, ...named(names, poll.closed ? Infinity : NAMES)));
  return [
    make(`span.ring${poll.max > 1 ? '.box' : ''}`, { ariaHidden: 'true' }),
    label,
    poll.counts && make('span.score', {}, String(poll.counts[at])),
  ];
}

function named(names, most) {
  const shown = names.slice(0, most).flatMap((name) => [make('bdi', {}, name), ', ']);
  shown.pop();
  return names.length > most ? [...shown, ` and ${names.length - most} more`] : shown;
}

function fill(element, { counts, voters }, at) {
  element.style.setProperty('--part', counts && voters ? Math.round((100 * counts[at]) / voters) : 0);
  return element;
}

function spoken({ options, counts, voters, mine, names }, at) {
  const score = counts ? `, ${counts[at]} of ${voters}` : '';
  const by = names?.[at].length ? `, ${names[at].join(', ')}` : '';
  return `${options[at]}${score}${mine.includes(at) ? ', my choice' : ''}${by}`;
}

function choose({ seq, max, mine }, at, verbs) {
  if (max === 1 && !mine.includes(at)) verbs.vote(seq, [at]);
  if (max === 1) return;
  const rest = mine.filter((one) => one !== at);
  if (rest.length < mine.length || mine.length < max) verbs.vote(seq, rest.length < mine.length ? rest : [...mine, at]);
  else verbs.say(`You can choose up to ${max}. Take one back first.`);
}

/* ---- below them ---- */

function foot(poll, verbs) {
  const line = make('div.foot', {}, make('span', {}, people(poll.voters, !poll.closed)));
  const add = (name, words, act) => {
    const element = button('link', act, words);
    element.dataset.part = name;
    line.append(element);
  };
  if (poll.seq === null) line.replaceChildren('Waiting to be sent');
  if (!poll.closed && poll.max > 1 && poll.mine.length) line.append(make('span', {}, `${poll.mine.length} of ${poll.max} chosen`));
  if (poll.sending) line.append(make('span', {}, 'Your vote is on its way'));
  if (!poll.closed && poll.mine.length) add('back', 'Take back my vote', () => verbs.vote(poll.seq, []));
  if (!poll.closed && poll.own && poll.seq !== null) add('close', 'Close the poll', () => verbs.ask(poll.seq, 'close'));
  if (poll.closed && poll.voters) add('recount', 'Count again', () => verbs.recount(poll.seq));
  if (!poll.closed && poll.receipt)
    line.append(make('details', {}, make('summary', {}, 'My receipt'), make('code', {}, poll.receipt)));
  return line;
}
