/* moderation.js - who may act on whom, and what moderators have done, in words. For: room, composer.
 * Pure. */

const RANK = { member: 0, moderator: 1, admin: 2 };
const UNITS = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]];

export const isModerator = (role) => RANK[role] >= RANK.moderator;

/** Whether `role` is the higher one. Of who is not here the role is not known: the server decides. */
export const isAbove = (role, other = 'member') => RANK[role] > RANK[other];

/* A name of any script leaves the words around it in their order. */
const name = (nick) => `\u2068${nick}\u2069`;

export const lasting = (seconds) => {
  if (!seconds) return ' for good';
  const [unit, size] = UNITS.find(([, one]) => seconds % one === 0);
  return ` for ${seconds / size} ${unit}${seconds > size ? 's' : ''}`;
};

/* What was done, without who has done it: she who has goes before it, or nobody is named. */
const DONE = {
  role: ({ role, nick, seq }) => {
    const what = { admin: 'an admin', moderator: `a moderator${seq ? '' : ' of all rooms'}`, member: 'a member' }[role];
    return [`made ${name(nick)} ${what}`, `${name(nick)} is ${what} now`];
  },
  ban: ({ nick, seconds, reason, seq }) => {
    const what = `${seq ? '' : ' from the server'}${lasting(seconds)}${reason ? `: ${reason}` : ''}`;
    return [`banned ${name(nick)}${what}`, `${name(nick)} was banned${what}`];
  },
  mute: ({ nick, seconds, reason, seq }) => {
    const what = `${seq ? '' : ' in all rooms'}${lasting(seconds)}${reason ? `: ${reason}` : ''}`;
    return [`muted ${name(nick)}${what}`, `${name(nick)} was muted${what}`];
  },
  kick: ({ nick, reason }) => {
    const what = reason ? `: ${reason}` : '';
    return [`put ${name(nick)} out${what}`, `${name(nick)} was put out${what}`];
  },
  unmute: ({ nick }) => [`unmuted ${name(nick)}`, `${name(nick)} was unmuted`],
  unban: ({ nick }) => [`lifted the ban of ${name(nick)}`, `The ban of ${name(nick)} was lifted`],
  purge: ({ nick }) => [`deleted all that ${name(nick)} had written`, `All that ${name(nick)} had written was deleted`],
};

/** An event or a signal as a sentence; null: it is of another kind. */
export function told(event) {
  const words = DONE[event.type]?.(event);
  return words ? `${event.by ? `${name(event.by)} ${words[0]}` : words[1]}.` : null;
}

/* What a moderator's command was refused for, where the server's words are too general. */
const REFUSALS = {
  not_found: 'Nobody is called that.',
  bad_nick: 'Nobody is called that.',
  full: 'There are too many roles, bans and mutes. One has to be lifted first.',
};

export function refusal({ code, message }, { type, room }) {
  if (code !== 'forbidden') return REFUSALS[code] ?? message;
  if (type === 'role') return 'Only admins do this, and not to one another.';
  return `Only moderators of ${room ? 'the room' : 'all rooms'} do this, and not to who has their own role or a higher one.`;
}
