/* lazy.js - parts of the page that are loaded when they are first used, so that the room is there sooner. A part may
 * import only what the page has loaded at its start, and so fails alone: the next use asks for it again. */

import { over } from './fault.js';

const FAILED = "This didn't load. Check your connection, then try again or reload the page.";

const loaded = new Map(); // file name → promise of a module, or of a style sheet

/** The module of the first of these files, once all are there; rejects with { message, about }. */
export async function lazy(...files) {
  try {
    const [first] = await Promise.all(files.map(load));
    over('part');
    return first;
  } catch (cause) {
    throw Object.assign(new Error(FAILED, { cause }), { about: 'part' });
  }
}

function load(file) {
  if (!loaded.has(file))
    loaded.set(
      file,
      fetchOnce(file, '').catch(() => fetchOnce(file, '?again')),
    );
  loaded.get(file).catch(() => loaded.delete(file));
  return loaded.get(file);
}

/* Some browsers remember that an address failed, hence another one. */
function fetchOnce(file, query) {
  const url = new URL(`./${file}${query}`, import.meta.url).href;
  return file.endsWith('.css') ? sheet(url) : import(url);
}

function sheet(href) {
  return new Promise((onload, onerror) => {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href, onload, onerror }));
  });
}
