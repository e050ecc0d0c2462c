/* slash.js - what can be typed instead of clicked: /poll "Lunch?" pizza | sushi   and   /vote 2
 * For: composer. Pure: words in, a command or a complaint out. */

const POLL = /^\/poll\s+(?:["“](?<quoted>[^"”]+)["”]|(?<plain>[^|?]+\?))\s*(?<options>.*)$/su;

/** null: it is no command. { poll } · { vote: [numbers from 1] } · { wrong: words for people }. */
export function parse(text) {
  const [name] = text.split(/\s/, 1);
  if (name === '/poll') return pollOf(text);
  if (name === '/vote') return voteOf(text.slice(name.length).trim());
  return null;
}

function pollOf(text) {
  const { quoted, plain, options = '' } = POLL.exec(text)?.groups ?? {};
  const all = options.split('|').map((option) => option.trim()).filter(Boolean);
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
