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

/* Each act in two ways: after the name of who did it, and without one. `were` begins a sentence: "Bob was". */
const ACTS = {
  role: ({ role, everywhere }, whom, were) => {
    const what = ROLES[role](everywhere);
    return [`made ${whom} ${what}`, `${were('are', 'is')} now ${what}`];
  },
  kick: ({ reason }, whom, were) => [`removed ${whom}${because(reason)}`, `${were()} removed${because(reason)}`],
  ban: (act, whom, were) => {
    const what = sentence(act, act.everywhere ? ' from the server' : '');
    return [`banned ${whom}${what}`, `${were()} banned${what}`];
  },
  mute: (act, whom, were) => {
    const what = sentence(act, act.everywhere ? ' in all rooms' : '');
    return [`muted ${whom}${what}`, `${were()} muted${what}`];
  },
  unban: ({ everywhere }, whom, were) => {
    const what = everywhere ? ' from the server' : '';
    return [`unbanned ${whom}${what}`, `${were()} unbanned${what}`];
  },
  unmute: ({ everywhere }, whom, were) => {
    const what = everywhere ? ' in all rooms' : '';
    return [`unmuted ${whom}${what}`, `${were()} unmuted${what}`];
  },
  purge: (_, whom) => {
    const what = whom === 'you' ? 'your messages' : `messages by ${whom}`;
    return [`deleted all ${what}`, `All ${what} were deleted`];
  },
};

/** An event or a signal as a sentence that `me` reads. */
export function told(event, me) {
  const { type, nick, by } = event;
  const whom = nick === me ? 'you' : name(nick);
  const were = (plural = 'were', singular = 'was') => (nick === me ? `You ${plural}` : `${name(nick)} ${singular}`);
  const [named, nameless] = ACTS[type](event, whom, were);
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
