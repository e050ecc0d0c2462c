/* text.js - the text that is sent; user text as nodes: text, and links where the URL parser finds http or https. */

import { make } from './dom.js';

/* Chinese, Arabic and Indian punctuation ends an address, for it stands close to it. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"“”„«»‹›،؛؟۔।、。〈-】〔-〟！（），．：；？［］｛｝｟-､]+/giu;
const TRAILING = /[.,;:!?…'’*_~]+$/u;
const PAIRS = { ')': '(', ']': '[', '}': '{' };

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

/** An array of strings and links. */
export function nodes(text) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!isWeb(address)) continue;
    found.push(text.slice(at, match.index), link(address));
    at = match.index + address.length;
  }
  found.push(text.slice(at));
  return found;
}

function link(address) {
  return make('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, address);
}

/* "(see http://a.b/c)." ends before the bracket, "http://a.b/c_(d)" does not. */
function trimmed(address) {
  for (;;) {
    const shorter = withoutLoneBracket(address.replace(TRAILING, ''));
    if (shorter === address) return address;
    address = shorter;
  }
}

function withoutLoneBracket(address) {
  const open = PAIRS[address.at(-1)];
  const lone = open && address.split(open).length < address.split(address.at(-1)).length;
  return lone ? address.slice(0, -1) : address;
}

function isWeb(address) {
  try {
    return /^https?:$/.test(new URL(address).protocol);
  } catch {
    return false;
  }
}
