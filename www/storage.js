/* storage.js - what this browser remembers: who I am, drafts, posts that have not gone out yet.
 * For: chat, outbox, composer. Never throws: without storage the page works, it only forgets. */

const PREFIX = 'chatd:';

export function load(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Keeps `value`; null forgets it. */
export function save(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    /* private mode or full: nothing to be done, nothing to be said */
  }
}

/** All values whose name begins with `start`. */
export function loadAll(start) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX + start))
      .map((key) => load(key.slice(PREFIX.length)))
      .filter(Boolean);
  } catch {
    return [];
  }
}
