/* moderation-words.js - what moderators did as sentences. Pure. */

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/* Keeps a name that is written from right to left from reordering the sentence. */
const name = (nick) => `\u2068${nick}\u2069`;

const lasting = (seconds) => {
  if (!seconds) return ' until lifted';
  const [unit, size] = UNITS.find(([, one]) => seconds % one === 0);
  return ` for ${seconds / size} ${unit}${seconds > size ? 's' : ''}`;
};

const because = (reason) => (reason ? `: ${reason}` : '');

const sentence = ({ seconds, reason }, where) => `${where}${lasting(seconds)}${because(reason)}`;

const ROLES = {
  admin: () => 'an admin',
  moderator: (everywhere) => `a moderator${everywhere ? ' of all rooms' : ''}`,
  member: (everywhere) => `a plain member of ${everywhere ? 'the server' : 'this room'}`,
};

const place = (words) => (act) => (act.everywhere ? words : '');
const [fromServer, inAllRooms] = [place(' from the server'), place(' in all rooms')];

/* What happened to somebody, and the words after it. */
const ACTS = {
  kick: ['removed', ({ reason }) => because(reason)],
  ban: ['banned', (act) => sentence(act, fromServer(act))],
  mute: ['muted', (act) => sentence(act, inAllRooms(act))],
  unban: ['unbanned', fromServer],
  unmute: ['unmuted', inAllRooms],
};

/* An act in two ways: after the name of who did it, and without one. */
function bothWays(act, whom, [were, are]) {
  const { type, role, everywhere } = act;
  if (type === 'role') return [`made ${whom} ${ROLES[role](everywhere)}`, `${are} now ${ROLES[role](everywhere)}`];
  const all = `all ${whom === 'you' ? 'your messages' : `messages by ${whom}`}`;
  if (type === 'purge') return [`deleted ${all}`, `A${all.slice(1)} were deleted`];
  const [verb, after] = ACTS[type];
  return [`${verb} ${whom}${after(act)}`, `${were} ${verb}${after(act)}`];
}

/** An event or a signal as a sentence that `me` reads. */
export function told(event, me) {
  const { nick, by } = event;
  const whom = nick === me ? 'you' : name(nick);
  const verbs = nick === me ? ['You were', 'You are'] : [`${whom} was`, `${whom} is`];
  const [named, nameless] = bothWays(event, whom, verbs);
  return `${by ? `${by === me ? 'You' : name(by)} ${named}` : nameless}.`;
}

const SHORT = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
];

/** A time in few letters: "23 h". */
export function left(ms) {
  const [unit, size] = SHORT.find(([, one]) => ms >= one) ?? SHORT.at(-1);
  return `${Math.max(1, Math.floor(ms / size))} ${unit}`;
}

/** The server's text about a ban or a mute, with its end. */
export const sanction = ({ message, retryAfter }) =>
  retryAfter ? `${message.replace(/\.$/, '')}${lasting(rounded(retryAfter))}.` : message;

function rounded(seconds) {
  const [, size] = UNITS.find(([, one]) => seconds > 2 * one) ?? UNITS.at(-1);
  return Math.ceil(seconds / size) * size;
}
