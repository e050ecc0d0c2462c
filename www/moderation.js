/* moderation.js - who may act on whom, and what moderators have done, in words. For: room, chat, composer.
 * Pure. */

const RANK = { member: 0, moderator: 1, admin: 2 };
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

export const isModerator = (role) => RANK[role] >= RANK.moderator;

/** Whether `role` is the higher one. Of who is not here the role is not known: the server decides. */
export const isAbove = (role, other = 'member') => RANK[role] > RANK[other];

/* A name of any script leaves the words around it in their order. */
const name = (nick) => `\u2068${nick}\u2069`;

const lasting = (seconds) => {
  if (!seconds) return ' for good';
  const [unit, size] = UNITS.find(([, one]) => seconds % one === 0);
  return ` for ${seconds / size} ${unit}${seconds > size ? 's' : ''}`;
};

const because = (reason) => (reason ? `: ${reason}` : '');

/* What was done to `whom`, in two ways: behind the one who has done it, and where nobody is named. */
const DONE = {
  role: ({ role, everywhere }, whom, were) => {
    const what = {
      admin: 'an admin',
      moderator: `a moderator${everywhere ? ' of all rooms' : ''}`,
      member: `a plain member of ${everywhere ? 'the server' : 'this room'}`,
    }[role];
    return [`made ${whom} ${what}`, `${were('are', 'is')} ${what} now`];
  },
  kick: ({ reason }, whom, were) => [`put ${whom} out${because(reason)}`, `${were()} put out${because(reason)}`],
  ban: ({ seconds, reason, everywhere }, whom, were) => {
    const what = `${everywhere ? ' from the server' : ''}${lasting(seconds)}${because(reason)}`;
    return [`banned ${whom}${what}`, `${were()} banned${what}`];
  },
  mute: ({ seconds, reason, everywhere }, whom, were) => {
    const what = `${everywhere ? ' in all rooms' : ''}${lasting(seconds)}${because(reason)}`;
    return [`muted ${whom}${what}`, `${were()} muted${what}`];
  },
  unban: ({ everywhere }, whom) => {
    const what = `the ban of ${whom}${everywhere ? ' from the server' : ''}`;
    return [`lifted ${what}`, `The ban${what.slice(7)} was lifted`];
  },
  unmute: ({ everywhere }, whom, were) => {
    const what = everywhere ? ' in all rooms' : '';
    return [`unmuted ${whom}${what}`, `${were()} unmuted${what}`];
  },
  purge: (_, whom, were) => [
    `deleted all that ${were('had', 'had', whom)} written`,
    `All that ${were('had', 'had', whom)} written was deleted`,
  ],
};

/** An event or a signal as a sentence, as `me` reads it; null: it is of another kind. */
export function told(event, me) {
  const { type, nick, by } = event;
  if (!DONE[type]) return null;
  const whom = nick === me ? 'you' : name(nick);
  const were = (plural = 'were', singular = 'was', who = nick === me ? 'You' : name(nick)) =>
    `${who} ${nick === me ? plural : singular}`;
  const [named, nameless] = DONE[type](event, whom, were);
  return `${by ? `${by === me ? 'You' : name(by)} ${named}` : nameless}.`;
}

/** What the server says of a ban or a mute, with its end. */
export const sanction = ({ message, retryAfter }) =>
  retryAfter ? `${message.replace(/\.$/, '')}${lasting(rounded(retryAfter))}.` : message;

function rounded(seconds) {
  const [, size] = UNITS.find(([, one]) => seconds > 2 * one) ?? UNITS.at(-1);
  return Math.ceil(seconds / size) * size;
}

/* What a moderator's command was refused for, where the server's words are too general. */
const REFUSALS = {
  'not_found unban': (where) => `Nobody of that name is banned ${where}.`,
  'not_found unmute': (where) =>
    `Nobody of that name is muted ${where.replace('from this', 'in this').replace('from the server', 'everywhere')}.`,
  not_found: 'Nobody is called that.',
  bad_nick: 'Nobody is called that.',
  bad_field: 'The time or the reason is too long.',
  full: 'There are too many roles and bans. One has to be lifted first.',
};

export function refusal(fault, { type, room }) {
  const words = REFUSALS[`${fault.code} ${type}`] ?? REFUSALS[fault.code];
  if (typeof words === 'function') return words(room ? 'from this room' : 'from the server');
  if (fault.code !== 'forbidden') return words ?? sanction(fault);
  if (type === 'role') return 'Only admins do this, and not to each other or themselves.';
  return `Only moderators of ${room ? 'this room' : 'all rooms'} do this, and only to people below them.`;
}
