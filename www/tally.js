/* tally.js - a poll in words: its rules, how it stands, how it ended. For: rows, poll, spoken, recount.
 * Pure: `poll` is an item of the room, or a row's poll. */

import { time } from './when.js';

const MINUTE_MS = 60_000;
const list = new Intl.ListFormat('en', { type: 'conjunction' });

export const people = (count, open) =>
  count === 0 ? `Nobody ${open ? 'has voted yet' : 'voted'}` : `${count} ${count === 1 ? 'person' : 'people'} voted`;

/** What is open about it: "Choose one · secret ballot · closes in 2 h 10 min"; when and by whom it was closed. */
export function terms(poll, now = Date.now()) {
  const words = [poll.max === 1 ? 'Choose one' : `Choose up to ${poll.max}`];
  words.push(poll.secret ? 'secret ballot' : 'votes have names');
  if (poll.lost) return `Votes are missing on this server · ${words[1]}`;
  if (poll.closed)
    return `Closed ${time(poll.closed_at)}${poll.closed_by ? ` by ${poll.closed_by}` : ''} · ${words[1]}`;
  if (poll.results === 'closed') words.push('result at the end');
  if (poll.closes_at) words.push(left(poll.closes_at - now));
  return words.join(' · ');
}

function left(ms) {
  const minutes = Math.ceil(ms / MINUTE_MS);
  if (minutes <= 0) return 'closing now';
  if (minutes === 1) return 'closes in less than a minute';
  if (minutes < 60) return `closes in ${minutes} min`;
  if (minutes < 48 * 60) return `closes in ${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
  return `closes in ${Math.round(minutes / 60 / 24)} days`;
}

/** The indexes of the options with most votes; none if nobody has voted. */
export function winners({ counts }) {
  const most = Math.max(0, ...(counts ?? []));
  return most ? counts.flatMap((count, at) => (count === most ? [at] : [])) : [];
}

/** "pizza, chosen by 3 of 5 people", "a tie of pizza and soup, chosen by 2 of 5 people each". */
export function result(poll) {
  const won = winners(poll);
  if (!won.length) return 'nobody voted';
  const score = `chosen by ${poll.counts[won[0]]} of ${poll.voters === 1 ? '1 person' : `${poll.voters} people`}`;
  const names = won.map((at) => poll.options[at]);
  return names.length === 1 ? `${names[0]}, ${score}` : `a tie of ${list.format(names)}, ${score} each`;
}

/** All of it, for who cannot see the bars. */
export function standing(poll) {
  if (!poll.counts) return `${people(poll.voters, true)}. The result is told at the end.`;
  return `${poll.options.map((option, at) => `${option}: ${poll.counts[at]}`).join(', ')}. ${people(poll.voters, !poll.closed)}.`;
}
