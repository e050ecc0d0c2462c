/* avatar.js - a nick's avatar: its initials on a hue made from the nick, the same on every page.
 * Decoration: the nick always stands beside it. */

import { make } from './dom.js';
import { graphemes } from './text.js';

export function avatar(nick, size = '') {
  const element = make(`span.avatar${size && `.${size}`}`, { ariaHidden: 'true' }, initials(nick).toUpperCase());
  element.style.setProperty('--hue', hue(nick));
  return element;
}

/* Of two words; a sign, such as an emoji, stands alone. */
function initials(nick) {
  const words = nick.split(' ').filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const parts = nick.startsWith(words[0]) ? words.slice(0, 2) : [nick];
  return parts.map((word) => graphemes(word, 1)[0]).join('');
}

function hue(nick) {
  let sum = 2166136261;
  for (const letter of nick) sum = Math.imul(sum ^ letter.codePointAt(0), 16777619);
  return ((sum ^ (sum >>> 13)) >>> 0) % 360;
}
