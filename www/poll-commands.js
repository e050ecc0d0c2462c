/* poll-commands.js - polls and votes as they are typed. Loaded once a room is there. */

import { wrong } from './slash.js';
import { isOpen } from './tally.js';
import { byteLength } from './text.js';
import * as votes from './votes.js';

const POLL = /^\s+(?:["“](?<quoted>[^"”]+)["”]|(?<plain>[^|?]+\?))\s*(?<options>.*)$/su;
const NO_POLL = 'There is no open poll among the messages loaded here. Scroll up to find it.';

/** Runs /poll or /vote, see slash.js. */
export const run = async (chat, room, { name, words }) => (name === 'poll' ? ask : vote)(chat, room, words);

function ask(chat, room, words) {
  const { quoted, plain, options = '' } = POLL.exec(words)?.groups ?? {};
  const all = options.split('|').flatMap((option) => option.trim() || []);
  if (all.length < 2) throw wrong('Write it like this: /poll "Lunch?" pizza | sushi');
  if (new Set(all).size < all.length) throw wrong('Two options are the same.');
  if (all.length > votes.MOST_OPTIONS) throw wrong(`A poll has at most ${votes.MOST_OPTIONS} options.`);
  const question = (quoted ?? plain).trim();
  if (byteLength(question) > votes.QUESTION_BYTES) throw wrong('This question is too long.');
  if (all.some((option) => byteLength(option) > votes.OPTION_BYTES)) throw wrong('An option is too long.');
  votes.ask(chat, room, { question, options: all, max: 1, secret: false, results: 'live' });
}

/* In the newest open poll; options are counted from 1. */
function vote(chat, room, words) {
  const typed = words.match(/[^\s,]+/g) ?? [''];
  const numbers = String(typed) === 'none' ? [] : typed.map(Number);
  if (numbers.some((number) => !Number.isInteger(number) || number < 1))
    throw wrong('Write the number of your choice, like /vote 2, or /vote none.');
  const { seq, question, options, max } = room.items.findLast(isOpen) ?? {};
  if (!seq) throw wrong(NO_POLL);
  if (numbers.some((number) => number > options.length)) throw wrong(`“${question}” has ${options.length} options.`);
  if (numbers.length > max) throw wrong(`“${question}”: you can pick ${max === 1 ? 'one option' : `up to ${max}`}.`);
  const choices = [...new Set(numbers.map((number) => number - 1))];
  votes.vote(chat, room, seq, choices);
  return `My vote in “${question}”: ${choices.map((at) => options[at]).join(', ') || 'none'}.`;
}
