/* toast.js - a few words about what has just been done, at the bottom for five seconds, and as long as somebody points at
 * them; one at a time. */

import { button, make } from './dom.js';

const STAYS_MS = 5000;

let timer = 0;
const region = make('div.toasts', { role: 'status' });
document.body.append(region);

const end = () => region.replaceChildren();

function wait() {
  clearTimeout(timer);
  timer = setTimeout(() => (region.matches(':hover, :focus-within') ? wait() : end()), STAYS_MS);
}

/** action: { words, run }, a button that ends the toast; may be missing. */
export function toast(words, action) {
  const act = () => {
    end();
    action.run();
  };
  region.replaceChildren(make('p.toast', {}, make('span', {}, words), action && button('link', act, action.words)));
  wait();
}
