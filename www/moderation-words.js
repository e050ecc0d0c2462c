/* moderation-words.js - what moderators did, and what was refused, as sentences. Pure. */

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/* A name of any script leaves the words around it in their order. */
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

/** The server's text about a ban or a mute, with its end. */
export const sanction = ({ message, retryAfter }) =>
  retryAfter ? `${message.replace(/\.$/, '')}${lasting(rounded(retryAfter))}.` : message;

function rounded(seconds) {
  const [, size] = UNITS.find(([, one]) => seconds > 2 * one) ?? UNITS.at(-1);
  return Math.ceil(seconds / size) * size;
}

/* Refusals of a moderator's command, where the server's text is too general. */
const REFUSALS = {
  'not_found unban': (inRoom) => `No one with that name is banned ${inRoom ? 'from this room' : 'from the server'}.`,
  'not_found unmute': (inRoom) => `No one with that name is muted ${inRoom ? 'in this room' : 'in all rooms'}.`,
  not_found: () => 'No one has that name.',
  bad_nick: () => 'No one has that name.',
  bad_field: () => 'The time or the reason is too long.',
  full: () => 'There are too many roles and bans. Lift one first.',
};

/** fault: the answer to `command`; role: mine; target: the user's role, if it is known. */
export function refusal(fault, { type, room }, { isMe, role, target }) {
  const words = REFUSALS[`${fault.code} ${type}`] ?? REFUSALS[fault.code];
  if (words) return words(Boolean(room));
  if (fault.code !== 'forbidden') return sanction(fault);
  if (type === 'role' && role !== 'admin') return 'Only admins can do that.';
  if (role === 'member') return 'Only moderators can do that.';
  if (isMe) return "You can't do that to yourself.";
  if (!room && role !== 'admin') return 'Only moderators of all rooms can do that, and not to each other or to admins.';
  return `You can't do that to ${TARGETS[target] ?? 'someone with your role or a higher one'}.`;
}

const TARGETS = { admin: 'an admin', moderator: 'a moderator' };
