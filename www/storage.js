/* storage.js - values that this browser stores: my identity, drafts, posts on their way, receipts.
 * Never throws: without storage the page works and forgets. */

const PREFIX = 'chatd:';

export function load(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Stores `value`; null removes it. */
export function save(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    /* private mode, or full */
  }
}

/** All values with names that begin with `start`. */
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
