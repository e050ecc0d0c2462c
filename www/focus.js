/* focus.js - where the focus goes when its element vanishes: to the nearest part around it that can have it, such as the
 * message of a button, else to where the user writes or chooses a room. Nobody falls out of the page. */

import { soon } from './dom.js';

/** otherwise(): gives the focus to what is always there. */
export function keepFocus(otherwise) {
  let path = []; // the focused element, and what is around it
  document.addEventListener('focusin', ({ target }) => {
    path = around(target);
  });
  const look = soon(() => {
    const [was] = path;
    if (!was || isThere(was) || isThere(document.activeElement)) return;
    const next = path.find((element) => element.hasAttribute('tabindex') && isThere(element));
    path = [];
    if (next) next.focus();
    else otherwise();
  });
  const watched = { childList: true, subtree: true, attributes: true, attributeFilter: ['class', 'hidden', 'open'] };
  new MutationObserver(look).observe(document.body, watched);
}

const isThere = (element) =>
  element &&
  element !== document.body &&
  element.getClientRects().length &&
  getComputedStyle(element).visibility !== 'hidden';

function around(element) {
  const path = [];
  for (let at = element; at && at !== document.body; at = at.parentElement) path.push(at);
  return path;
}
