/* moderation-commands.js - what moderators type: /ban Bob 2h Spam. Loaded when one is first typed. */

import { lazy } from './lazy.js';
import { sanction, told } from './moderation-words.js';
import { isRole } from './role.js';
import { takeName, wrong } from './slash.js';

const SECONDS = { m: 60, h: 3600, d: 86_400 };
const PURGE = 'This deletes everything written here under that name, for everyone: messages and polls.';

const takeNothing = (words) => (words ? null : {});

/* How a command is written, and what it makes of the words after the name; null: it is not written like this. */
const COMMANDS = {
  role: { usage: '/role Bob moderator (or admin, member)', take: (role) => (isRole(role) ? { role } : null) },
  ban: { usage: '/ban Bob 2h Spam (or 30m, 7d, 0 until lifted)', take: takeTime },
  mute: { usage: '/mute Bob 30m (or 2h, 7d, 0 until lifted)', take: takeTime },
  kick: { usage: '/kick Bob', take: (reason) => (reason ? { reason } : {}), isRoomOnly: true },
  unban: { usage: '/unban Bob', take: takeNothing },
  unmute: { usage: '/unmute Bob', take: takeNothing },
  purge: { usage: '/purge Bob', take: takeNothing, isRoomOnly: true },
};

const TIME = /^(?:(?<zero>0)|(?<number>\d+)(?<unit>[mhd]))(?:\s+(?<reason>.+))?$/s;

function takeTime(words) {
  const { zero, number, unit, reason } = TIME.exec(words)?.groups ?? {};
  const seconds = zero ? 0 : number * SECONDS[unit];
  if (!zero && !seconds) return null; // nothing, or 0m, which would never end
  return reason === 'everywhere' ? null : { seconds, ...(reason && { reason }) };
}

/** How that command is written. */
export const usage = (name) => COMMANDS[name].usage;

/** Runs one of COMMANDS, see slash.js. */
export async function run(chat, room, { name: type, words, isSure }) {
  const { take, isRoomOnly } = COMMANDS[type];
  const { name: nick, rest } = takeName(words);
  const [place] = /^everywhere\b/.exec(rest) ?? [''];
  const more = nick && take(rest.slice(place.length).trim());
  if (!more || (place && isRoomOnly)) throw wrong(`Write it like this: ${usage(type)}. ${hint(isRoomOnly)}`);
  if (type === 'purge' && !isSure) throw wrong(`${PURGE} This can't be undone. Press Enter again to delete.`, true);
  const isEverywhere = place || more.role === 'admin';
  const where = isEverywhere ? {} : { room: room.name };
  return send(chat, room, { type, nick, ...more, ...where });
}

const hint = (isRoomOnly) =>
  `Put a name with spaces in quotes${isRoomOnly ? '' : ', and everywhere after it for all rooms'}.`;

async function send(chat, { role, people }, command) {
  try {
    await chat.connection.request(command);
    const words = told({ ...command, everywhere: !command.room });
    lazy('toast.js', 'dialog.css').then(({ toast }) => toast(words, undo(chat, command)), console.warn);
    return '';
  } catch (fault) {
    const { nick } = command;
    const target = people.get(nick)?.role;
    const words = refusal(fault, command, { isMe: nick === chat.model.me, role, target });
    throw Object.assign(wrong(words), { about: fault.about });
  }
}

const UNDO = { ban: ['unban', 'Lift the ban'], mute: ['unmute', 'Undo'] };

function undo(chat, { type, nick, room }) {
  const [lift, words] = UNDO[type] ?? [];
  const failed = (fault) => chat.model.tell('fault', fault);
  return lift && { words, run: () => chat.connection.request({ type: lift, nick, room }).catch(failed) };
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

/* fault: the answer to `command`; role: mine; target: the user's role, if it is known. */
function refusal(fault, { type, room }, { isMe, role, target }) {
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
