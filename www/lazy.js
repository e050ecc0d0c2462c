/* lazy.js - parts of the page that are loaded when they are first used, so that the room is there sooner. A part may
 * import only what the page has loaded at its start, and so fails alone: the next use asks for it again. What index.html
 * names must not fail: boot.js loads the page again for a module, and here a sheet is asked for until it is there. */

import { pause } from './connection.js';
import { over } from './fault.js';

const FAILED = "This didn't load. Check your connection, then try again or reload the page.";

const STYLE_FAILED = "Part of the page didn't load. Check your connection. Trying again…";
const AGAIN_MS = 5000;

const loaded = new Map(); // file name → promise of a module, or of a style sheet

/** The module of the first of these files, once all are there; rejects with { message, about }. */
export async function lazy(...files) {
  try {
    const [first] = await Promise.all(files.map(load));
    over(files[0]);
    return first;
  } catch (cause) {
    throw Object.assign(new Error(FAILED, { cause }), { about: `connection ${files[0]}` });
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

const sheets = () => [...document.querySelectorAll('link[rel=stylesheet]')];
const fileOf = ({ href }) => href.replace(/^.*\/|\?.*$/g, '');

/* Takes the place of one that failed: what comes later has the last word. */
function sheet(href) {
  return new Promise((onload, onerror) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href, onload, onerror });
    const failed = sheets().find((one) => fileOf(one) === fileOf(link));
    if (failed) failed.replaceWith(link);
    else document.head.append(link);
  });
}

/* Browsers give it no sheet, an empty one, or one whose rules cannot be read. */
function hasFailed({ sheet: one }) {
  try {
    return !one.cssRules.length;
  } catch {
    return true;
  }
}

/** Asks for the sheets of index.html that failed, until they are there; failed(fault): another time. */
export async function mendStyle(failed) {
  const files = sheets().filter(hasFailed).map(fileOf);
  while (files.length)
    try {
      await lazy(...files);
      return;
    } catch ({ about }) {
      failed({ message: STYLE_FAILED, about });
      await pause(AGAIN_MS);
    }
}
