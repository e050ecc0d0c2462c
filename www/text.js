/* text.js - the text that is sent; user text as nodes: text and links. format.js knows more of it. */

import { webAddresses } from './address.js';
import { make } from './dom.js';

const EMOJI =
  /^(?:\s*(?:\p{RI}{2}|[\d#*]\ufe0f?\u20e3|(?!\d)(?:\p{Emoji_Presentation}|\p{Emoji}(?=\ufe0f|\p{EMod}))\ufe0f?\p{EMod}?[\u{e0020}-\u{e007f}]*(?:\u200d\p{Emoji}\ufe0f?\p{EMod}?)*)){1,6}\s*$/u;

/** What is sent of the words in a field: '' if nothing is. */
export const toSend = (words) => words.replace(/^\s*\n/, '').trimEnd();

/** UTF-8 bytes: the server's limits count them. */
export const byteLength = (text) => new TextEncoder().encode(text).length;

const CLUSTER = /\p{RI}{2}|\P{M}(?:[\p{M}\p{EMod}\u{fe0f}]|\u200d\P{M})*/gsu; // nearly a grapheme, for browsers without

/** At most `most` of what a reader calls the characters of `text`. */
export function graphemes(text, most = Infinity) {
  if (!Intl.Segmenter) return (text.match(CLUSTER) ?? []).slice(0, most);
  const found = [];
  for (const { segment } of new Intl.Segmenter().segment(text)) if (found.push(segment) >= most) break;
  return found;
}

/** How many characters more fit into `limit` bytes; negative: so many are too many at the end of `text`. */
export function charactersLeft(text, limit) {
  const left = limit - byteLength(text);
  const all = graphemes(text);
  if (left >= 0) return Math.floor((left * all.length) / (limit - left) || left);
  let count = 0;
  for (let over = -left; over > 0; count += 1) over -= byteLength(all.at(-1 - count));
  return -count;
}

/** Whether a text is of one to six emoji. */
export const isEmoji = (text) => text.length < 200 && EMOJI.test(text);

/** An array of strings and links. */
export function nodes(text) {
  const found = [];
  let at = 0;
  for (const { at: start, address } of webAddresses(text)) {
    found.push(text.slice(at, start), link(address));
    at = start + address.length;
  }
  found.push(text.slice(at));
  return found;
}

export const link = (address) => make('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, address);
