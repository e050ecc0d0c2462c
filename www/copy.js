/* copy.js - the clipboard, and links to messages. Loaded when something is to be copied. */

import { make } from './dom.js';

/** As it can be sent to others: it opens the log of `room` at item `seq`, and without one at its end. */
export function linkTo(room, seq = null) {
  const { origin, pathname } = location;
  return `${origin}${pathname}${room.link}${seq === null ? '' : `/${seq}`}`;
}

/** Rejects if the browser does not allow it. */
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  if (!copyOfOld(text)) throw new Error('This browser does not let the page copy.');
}

/* Over plain http browsers give a page no clipboard. */
function copyOfOld(text) {
  const before = document.activeElement;
  const area = make('textarea.unseen', { value: text, readOnly: true });
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  before?.focus();
  return done;
}
