/* tally.js - a poll in words: its rules, how it stands and how it ended. Pure.
 * `poll` is an item of the room, or its part of a row. */

import { serverNow } from './server-time.js';
import { time } from './when.js';

const MINUTE_MS = 60_000;
const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** An item that is a poll in which one can vote. */
export const isOpen = ({ type, closed, deleted }) => type === 'poll' && !closed && !deleted;

const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

export const people = (count, open) =>
  count === 0 ? `Nobody ${open ? 'has voted yet' : 'voted'}` : `${plural(count, 'person', 'people')} voted`;

/** An open poll's rules: "Pick one · secret · ends in 2 h 10 min"; a closed poll's end. */
export function terms(poll, now = serverNow()) {
  const words = [poll.max === 1 ? 'Pick one' : `Pick up to ${poll.max}`];
  words.push(poll.secret ? 'secret' : 'names are shown');
  if (poll.lost) return `Votes are missing on this server · ${words[1]}`;
  if (poll.closed) return `Ended ${time(poll.closed_at)}${poll.closed_by ? ` by ${poll.closed_by}` : ''} · ${words[1]}`;
  if (poll.results === 'closed') words.push('results at the end');
  if (poll.closes_at) words.push(left(poll.closes_at - now));
  return words.join(' · ');
}

function left(ms) {
  const minutes = Math.ceil(ms / MINUTE_MS);
  if (minutes <= 0) return 'ending now';
  if (minutes === 1) return 'ends in less than a minute';
  if (minutes < 60) return `ends in ${minutes} min`;
  if (minutes < 48 * 60) return `ends in ${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
  return `ends in ${Math.round(minutes / 60 / 24)} days`;
}

/** The indexes of the options with most votes; none if nobody has voted. */
export function winners({ counts }) {
  const most = Math.max(0, ...(counts ?? []));
  return most ? counts.flatMap((count, at) => (count === most ? [at] : [])) : [];
}

/** "pizza won with 3 of 5 votes", "pizza and soup tied, 2 votes each (5 people voted)". */
export function result(poll) {
  const { counts, voters, max, options } = poll;
  const won = winners(poll);
  if (!won.length) return 'nobody voted';
  const names = list.format(won.map((at) => options[at]));
  const most = counts[won[0]];
  if (won.length > 1) return `${names} tied, ${plural(most, 'vote', 'votes')} each (${people(voters)})`;
  if (max > 1) return `${names} won, picked by ${most} of ${plural(voters, 'person', 'people')}`;
  return `${names} won with ${most} of ${plural(voters, 'vote', 'votes')}`;
}

/** The whole result, for users who do not see the bars. */
export function standing(poll) {
  if (!poll.counts) return `${people(poll.voters, true)}. The results are shown when the poll ends.`;
  const counts = poll.options.map((option, at) => `${option}: ${poll.counts[at]}`).join(', ');
  return `${counts}. ${people(poll.voters, !poll.closed)}.`;
}
