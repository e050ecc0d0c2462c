/* storage.js - what this browser stores: who I am, and by nick drafts, posts on their way, receipts. Says whether it
 * stored: what the browser does not take, this page holds until it closes. Never throws. */

const PREFIX = 'chatd:';
const held = new Map(); // name → JSON that the browser does not take: it is full, or stores nothing
const disk = reach(() => localStorage);
let tell = () => {};

/** The name of a value of `nick`. As JSON no nick is the beginning of another. */
export const own = (nick, name = '') => `${JSON.stringify(nick)}:${name}`;

export const load = (name) => reach(() => JSON.parse(held.get(name) ?? disk.getItem(PREFIX + name)));

/** Stores `value`; null removes it. */
export function save(name, value) {
  const before = held.size;
  put(name, value === null ? null : JSON.stringify(value));
  if (value === null) putHeld(); // there may be room now
  if (held.size !== before) tell(null);
}

export function names(start) {
  const stored = Object.keys(disk ?? {}).filter((key) => key.startsWith(PREFIX));
  const all = new Set([...stored.map((key) => key.slice(PREFIX.length)), ...held.keys()]);
  return [...all].filter((name) => name.startsWith(start));
}

export const loadAll = (start) => names(start).map(load).filter(Boolean);

/** Whether the browser took everything with names that begin with `start`. */
export const isStored = (start) => ![...held.keys()].some((name) => name.startsWith(start));

/** hear(name): another tab changed that value; hear(null): isStored() may have changed. */
export function watch(hear) {
  tell = hear;
}

/** What a reload of this tab finds, or null. Stored when the page goes, so that no duplicate of the tab has it. */
export function overReload(name, give) {
  addEventListener('pagehide', () => reach(() => sessionStorage.setItem(name, JSON.stringify(give()))));
  addEventListener('pageshow', () => reach(() => sessionStorage.removeItem(name)));
  return reach(() => JSON.parse(sessionStorage.getItem(name)));
}

function reach(get) {
  try {
    return get();
  } catch {
    return null;
  }
}

function put(name, json) {
  try {
    if (json === null) disk?.removeItem(PREFIX + name);
    else disk.setItem(PREFIX + name, json);
    held.delete(name);
  } catch {
    held.set(name, json);
  }
}

function putHeld() {
  for (const [name, json] of held) put(name, json);
}

addEventListener('storage', ({ key, newValue }) => {
  if (key && !key.startsWith(PREFIX)) return;
  const name = key?.slice(PREFIX.length) ?? 'me'; // null: everything is deleted
  if (newValue === null && name === 'me') held.clear(); // signed out
  if (newValue === null) putHeld();
  tell(name);
});

/* Names without a nick, of older pages. An edit becomes a draft: its tab is not known. */
for (const name of names('')) {
  const [, kind, voter, rest] = /^(draft|out|vote):(?:(.*?):)?([^:]*(?::\d+)?)$/s.exec(name) ?? [];
  if (!kind) continue;
  const { owner, edit, ...old } = load(name) ?? {};
  save(name, null);
  if (kind === 'draft') old.text ||= edit?.text ?? '';
  const nick = voter ?? owner ?? load('me')?.nick;
  if (nick) save(own(nick, `${kind}:${rest}`), old);
}
