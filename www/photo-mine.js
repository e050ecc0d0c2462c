/* photo-mine.js - my photos that no message has on the server yet, each by an id of this browser.
 *
 * A draft and a post name them: { id, alt }. What is known of each is stored by its id:
 *   { name, width, height, scaled (it is bigger than what goes up), original (it goes up as it is), bytes (of the file),
 *     located (its place was removed), fault (words: it cannot go up), answer (the server's, once it has it) }
 * and this page alone knows { url, progress (0–100) }. photo-upload.js changes them. */

import * as storage from './storage.js';

const live = new Map(); // id → { url, progress }

export const nameOf = (me, id) => storage.own(me, `photo:${id}`);

export const ids = (me) => storage.names(nameOf(me, '')).map((name) => name.slice(nameOf(me, '').length));

/** What is known of it, or null. */
export function find(me, id) {
  const stored = storage.load(nameOf(me, id));
  return stored && { ...stored, ...live.get(id) };
}

export function change(me, id, news) {
  storage.save(nameOf(me, id), { ...storage.load(nameOf(me, id)), ...news });
}

export function changeLive(id, news) {
  live.set(id, { ...live.get(id), ...news });
}

/** Its bytes go when photo-upload.js looks for what is not wanted. */
export function drop(me, id) {
  const { url } = live.get(id) ?? {};
  live.delete(id);
  storage.save(nameOf(me, id), null);
  if (url) setTimeout(() => URL.revokeObjectURL(url), 60_000); // the log may show it until it has the server's
}

/** Whether the server has all photos of a post. */
export const areReady = (me, photos = []) => photos.every(({ id }) => find(me, id)?.answer);

/** As a message has it that is sent. */
export const sent = (me, { id, alt }) => ({ ...find(me, id)?.answer, alt });

/** As photo-card.js shows it: one of the server's, or one of mine. */
export function shown(me, { id, photo, width, height, mime, preview, alt }) {
  if (photo) return { photo, width, height, mime, preview, alt };
  const { answer, url, progress = 0, fault, ...known } = find(me, id) ?? {};
  if (answer && !url) return { ...answer, id, alt, progress: 100 };
  return { id, alt, url, width: known.width, height: known.height, progress: answer || fault ? 100 : progress };
}
