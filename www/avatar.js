/* avatar.js - a nick's avatar: its initials on a hue made from the nick, the same on every page.
 * Decoration: the nick always stands beside it. */

import { make } from './dom.js';
import { graphemes } from './text.js';

export function avatar(nick, size = '') {
  const words = nick.split(' ').filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const initials = (words.length ? words : [nick]).slice(0, 2).flatMap((word) => graphemes(word, 1));
  const element = make(`span.avatar${size && `.${size}`}`, { ariaHidden: 'true' }, initials.join('').toUpperCase());
  element.style.setProperty('--hue', hue(nick));
  return element;
}

function hue(nick) {
  let sum = 2166136261;
  for (const letter of nick) sum = Math.imul(sum ^ letter.codePointAt(0), 16777619);
  return ((sum ^ (sum >>> 13)) >>> 0) % 360;
}
