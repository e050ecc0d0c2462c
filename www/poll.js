/* poll.js - a poll as a card: options that can be chosen, bars that grow, what it has come to.
 * For: message.js. Never looks at the model: the row's poll says it all.
 *
 * { seq, question, options, max, secret, results, closes_at, closed, terms, voters, counts (or null),
 *   mine (indexes), sending, names (of each option's voters, or null) } */

import { button, make } from './dom.js';
import { people, standing, winners } from './tally.js';

const NAMES = 3;               // of an option's voters; more are counted

/** The card's element. verbs: { vote(seq, choices), recount(seq), say(what is wrong) }. */
export function card(poll, verbs) {
  const box = make('div.poll', { role: 'group', ariaLabel: `Poll: ${poll.question}` },
    make('h3', {}, make('bdi', {}, poll.question)),
    make('p.small.quiet', {}, poll.terms));
  const won = poll.closed ? winners(poll) : [];
  box.append(...poll.options.map((_, at) => (poll.closed ? outcome(poll, at, won) : choice(poll, at, verbs))));
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
  const element = button(`choice${mine ? '.mine' : ''}`, () => choose(poll, at, verbs), ...parts(poll, at));
  element.ariaPressed = String(mine);
  element.ariaLabel = spoken(poll, at);
  element.dataset.part = `choice ${at}`;
  return fill(element, poll, at);
}

function outcome(poll, at, won) {
  const wins = won.includes(at);
  const element = make(`div.choice${poll.mine.includes(at) ? '.mine' : ''}${wins ? '.won' : ''}`, {}, ...parts(poll, at));
  if (wins) element.lastChild.before(make('span.badge', {}, won.length > 1 ? 'Tie' : 'Winner'));
  return fill(element, poll, at);
}

function parts(poll, at) {
  const names = poll.names?.[at] ?? [];
  const label = make('span.option', {}, make('bdi', {}, poll.options[at]));
  if (names.length) label.append(make('span.names', { title: names.join(', ') }, ...named(names)));
  return [
    make(`span.ring${poll.max > 1 ? '.box' : ''}`, { ariaHidden: 'true' }),
    label,
    poll.counts && make('span.score', {}, String(poll.counts[at])),
  ];
}

function named(names) {
  const shown = names.slice(0, NAMES).flatMap((name) => [make('bdi', {}, name), ', ']);
  shown.pop();
  return names.length > NAMES ? [...shown, ` and ${names.length - NAMES} more`] : shown;
}

function fill(element, { counts, voters }, at) {
  element.style.setProperty('--part', counts && voters ? Math.round((100 * counts[at]) / voters) : 0);
  return element;
}

function spoken({ options, counts, voters, mine }, at) {
  const score = counts ? `, ${counts[at]} of ${voters}` : '';
  return `${options[at]}${score}${mine.includes(at) ? ', my choice' : ''}`;
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
  const line = make('div.foot', {}, make('span', { title: standing(poll) }, people(poll.voters)));
  if (!poll.closed && poll.max > 1 && poll.mine.length)
    line.append(dot(), make('span', {}, `${poll.mine.length} of ${poll.max} chosen`));
  if (poll.sending) line.append(dot(), make('span', {}, 'Your vote is on its way'));
  if (!poll.closed && poll.mine.length)
    line.append(dot(), part('back', button('link', () => verbs.vote(poll.seq, []), 'Take back my vote')));
  if (poll.closed && poll.voters)
    line.append(dot(), part('recount', button('link', () => verbs.recount(poll.seq), 'Count again')));
  return line;
}

const dot = () => make('span', { ariaHidden: 'true' }, '·');

function part(name, element) {
  element.dataset.part = name;
  return element;
}
