/* menu.js - a menu beside the button that opens it; on a phone it lies at the bottom. Loaded when one is first opened. */

import { button, icon, make } from './dom.js';
import { overlay } from './overlay.js';

const LEAVE = ['pointerdown', 'focusin'];

let shown = null; // { opener, close }

/** Opens a menu below its opener, or closes it. place: 'above' and 'at-end' (at the right) say otherwise.
 * rows: { icon, words, run, danger }, or null for a line between two groups. */
export function openMenu(opener, label, rows, place = '') {
  const before = shown?.opener;
  shown?.close();
  if (before === opener) return;
  const elements = rows.map(menuRow);
  const menu = make(`div.menu`, { role: 'menu', ariaLabel: label }, ...elements);
  if (place) menu.classList.add(...place.split(' '));
  const stops = elements.filter((row) => row.matches('button'));
  menu.onkeydown = (event) => move(event, stops);
  opener.after(menu);
  opener.ariaExpanded = 'true';
  const leave = ({ target }) => menu.contains(target) || opener.contains(target) || shown?.close();
  for (const type of LEAVE) document.addEventListener(type, leave);
  const hide = () => {
    shown = null;
    for (const type of LEAVE) document.removeEventListener(type, leave);
    if (menu.contains(document.activeElement)) opener.focus(); // a user who went elsewhere stays there
    menu.remove();
    opener.ariaExpanded = 'false';
  };
  shown = { opener, close: overlay(hide, null) };
  stops[0].focus();
}

function menuRow(row) {
  if (!row) return make('div.line-between', { role: 'separator' });
  const { icon: name, words, run, danger } = row;
  const act = () => {
    shown.close();
    run();
  };
  const element = button(danger ? 'menu-row.bad' : 'menu-row', act, icon(name), words);
  element.setAttribute('role', 'menuitem');
  return element;
}

function move(event, rows) {
  const at = rows.indexOf(document.activeElement);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  rows.at(to % rows.length).focus();
}
