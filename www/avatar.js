/* avatar.js - a nick's avatar: its first grapheme on a hue made from the nick, the same on every page.
 * Decoration: the nick always stands beside it. */

import { make } from './dom.js';
import { graphemes } from './text.js';

export function avatar(nick, size = '') {
  const [first] = graphemes(nick, 1);
  const element = make(`span.avatar${size && `.${size}`}`, { ariaHidden: 'true' }, first.toUpperCase());
  element.style.setProperty('--hue', hue(nick));
  return element;
}

function hue(nick) {
  let sum = 2166136261;
  for (const letter of nick) sum = Math.imul(sum ^ letter.codePointAt(0), 16777619);
  return ((sum ^ (sum >>> 13)) >>> 0) % 360;
}
