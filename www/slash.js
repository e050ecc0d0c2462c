/* slash.js - what can be typed instead of clicked: /poll "Lunch?" pizza | sushi   and   /vote 2
 * and what moderators do: /role Bob moderator   /ban "Bob B" everywhere 2h Spam   /purge Bob
 * For: composer. Pure: words in, a command or a complaint out. */

const POLL = /^\/poll\s+(?:["“](?<quoted>[^"”]+)["”]|(?<plain>[^|?]+\?))\s*(?<options>.*)$/su;

const WHOM = /^\s*(?:["“](?<quoted>[^"”]+)["”]|(?<plain>\S+))\s*(?<everywhere>everywhere\b)?\s*(?<rest>.*)$/su;
const SECONDS = { m: 60, h: 3600, d: 86_400 };
const ORDERS = {
  '/role': roleOf,
  '/ban': timeOf,
  '/mute': timeOf,
  '/kick': reasonOf,
  '/unban': nothingOf,
  '/unmute': nothingOf,
  '/purge': nothingOf,
};

/** null: it is no command. { poll } · { vote: [numbers from 1] } · { wrong: words for people } ·
 * { order: a command about a person, everywhere: it is not for this room only }. */
export function parse(text) {
  const name = text.split(/\s/, 1)[0].toLowerCase();
  if (name === '/poll') return pollOf(text);
  if (name === '/vote') return voteOf(text.slice(name.length).trim());
  if (ORDERS[name]) return orderOf(name, text.slice(name.length));
  if (/^\/[a-z]+$/.test(name))
    return {
      wrong: `There is no command ${name}; ? outside of this field lists them. With a blank before it this is a message.`,
    };
  return null;
}

function pollOf(text) {
  const { quoted, plain, options = '' } = POLL.exec(text)?.groups ?? {};
  const all = options
    .split('|')
    .map((option) => option.trim())
    .filter(Boolean);
  if (all.length < 2) return { wrong: 'Write it like this: /poll "Lunch?" pizza | sushi' };
  if (new Set(all).size < all.length) return { wrong: 'Two options are the same.' };
  if (all.length > 20) return { wrong: 'A poll has 20 options at most.' };
  return { poll: { question: (quoted ?? plain).trim(), options: all, max: 1, secret: false, results: 'live' } };
}

function voteOf(words) {
  const numbers = words === 'none' ? [] : words.split(/[\s,]+/).map(Number);
  if (numbers.some((number) => !Number.isInteger(number) || number < 1))
    return { wrong: 'Write the number of what you choose, like /vote 2, or /vote none.' };
  return { vote: numbers };
}

const USAGE = {
  '/role': '/role Bob moderator. Instead of moderator: admin, or member',
  '/ban': '/ban Bob 2h Spam. Instead of 2h: 30m, 7d, or 0, until it is lifted',
  '/mute': '/mute Bob 30m. Instead of 30m: 2h, 7d, or 0, until it is lifted',
  '/kick': '/kick Bob',
  '/unban': '/unban Bob',
  '/unmute': '/unmute Bob',
  '/purge': '/purge Bob',
};

function orderOf(name, words) {
  const { quoted, plain, everywhere, rest = '' } = WHOM.exec(words)?.groups ?? {};
  const nick = quoted ?? plain;
  const order = nick && ORDERS[name](rest.trim());
  const inRoom = name === '/kick' || name === '/purge';
  if (!order || (everywhere && inRoom))
    return {
      wrong: `Write it like this: ${USAGE[name]}. A name of several words: "Bob B".${inRoom ? '' : ' For the whole server: everywhere behind the name.'}`,
    };
  return { order: { type: name.slice(1), nick, ...order }, everywhere: Boolean(everywhere) || order.role === 'admin' };
}

/* What follows the name; null: it is not used like this. */

function roleOf(role) {
  return ['admin', 'moderator', 'member'].includes(role) ? { role } : null;
}

function timeOf(words) {
  const { zero, number, unit, reason } =
    /^(?:(?<zero>0)|(?<number>\d+)(?<unit>[mhd]))(?:\s+(?<reason>.+))?$/s.exec(words)?.groups ?? {};
  const seconds = zero ? 0 : number * SECONDS[unit];
  if (!zero && !seconds) return null; // nothing, or 0m, which would be for good
  return /^everywhere$/.test(reason) ? null : { seconds, ...(reason && { reason }) };
}

function reasonOf(reason) {
  return reason ? { reason } : {};
}

function nothingOf(words) {
  return words ? null : {};
}
