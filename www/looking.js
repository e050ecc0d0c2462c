/* looking.js - the one notion of *looking*: the page has the focus, and its user gave a sign of life within a minute.
 * What comes while nobody looks is new to the user, and is not read. */

const SIGN_LASTS_MS = 60_000;
const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchmove', 'focus'];

let signAt = Date.now(); // opening the page is a sign
let was = true;
let timer = 0;
const watchers = [];

export const isLooking = () => hasFocus() && Math.abs(Date.now() - signAt) < SIGN_LASTS_MS;

/** hear(is): the user has begun to look (true), or no longer does (false). */
export function watchLooking(hear) {
  watchers.push(hear);
}

const hasFocus = () => document.hasFocus() && !document.hidden;

function check() {
  clearTimeout(timer);
  const is = isLooking();
  if (is) timer = setTimeout(check, SIGN_LASTS_MS);
  if (is === was) return;
  was = is;
  for (const hear of watchers) hear(is);
}

function sign() {
  const isFresh = Math.abs(Date.now() - signAt) < SIGN_LASTS_MS / 10;
  if (was && isFresh) return; // pointers move many times a second
  check(); // the machine may have slept
  signAt = Date.now();
  check();
}

for (const type of SIGNS) addEventListener(type, sign, { capture: true, passive: true });
for (const type of ['blur', 'pageshow']) addEventListener(type, check);
document.addEventListener('visibilitychange', () => (document.hidden ? check() : sign()));
check();
