/* fault.js - words about what went wrong. They stand in their element until others take their place, or their cause is
 * over: the connection is back ('connection'), the server stores again ('store'), I may write again ('muted'), I am in
 * that room ('#room'), that part of the page loads (its file), a ban has ended ('login'). */

import { $, button } from './dom.js';

const later = new WeakMap(); // element → what to do when the cause is over

/** about: the cause, or several with blanks between them; then(): called when one is over. */
export function sayFault(element, words, about = '', then = null) {
  if (element.textContent !== words) element.textContent = words;
  element.dataset.about = about;
  later.set(element, then);
}

/** That cause is over, wherever words about it stand. */
export function over(about) {
  for (const element of document.querySelectorAll(`[data-about~="${about}"]`)) {
    const then = later.get(element);
    sayFault(element, '');
    then?.();
  }
}

/** Shows faults of something nobody clicked where the user looks. */
export function showFaults(model) {
  const [login, list, room] = ['.login .fault', '.rooms > .fault', '.head-fault'].map((place) => $(place));
  const place = () => (model.current && room) || ($('.app').hidden ? login : list);
  model.watch('fault', ({ message, about, browse }) => {
    sayFault(place(), message, about);
    if (browse)
      place().append(
        ' ',
        button('link', () => $('.browse-rooms').click(), 'Browse rooms'),
      );
  });
  model.watch('over', over);
  model.watch('current', () => [list, room].forEach((element) => sayFault(element, '')));
}
