/* plus.js - the menu of "+": what features can add to a room. On a phone it lies at the bottom. Loaded once a room is
 * there. */

import { $, button, icon, make } from './dom.js';
import { overlay } from './overlay.js';

const LEAVE = ['pointerdown', 'focusin'];

let close = null;

/** Opens the menu, or closes it. */
export function open(page) {
  if (close) return close();
  const opener = $('.plus');
  const adds = page.features
    .flatMap((feature) => feature.adds ?? [])
    .filter(({ isThere }) => isThere?.(page.model) ?? true);
  const rows = adds.map((add) => menuRow(page, add));
  const menu = make('div.menu', { role: 'menu', ariaLabel: 'Add' }, ...rows);
  const leave = ({ target }) => menu.contains(target) || opener.contains(target) || close();
  menu.onkeydown = (event) => move(event, rows);
  opener.after(menu);
  opener.ariaExpanded = 'true';
  for (const type of LEAVE) document.addEventListener(type, leave);
  const hide = () => {
    close = null;
    for (const type of LEAVE) document.removeEventListener(type, leave);
    if (menu.contains(document.activeElement)) opener.focus(); // a user who went elsewhere stays there
    menu.remove();
    opener.ariaExpanded = 'false';
  };
  close = overlay(hide, null);
  rows[0].focus();
  return null;
}

function menuRow(page, { icon: name, words, run }) {
  const act = () => {
    close();
    run(page);
  };
  const row = button('menu-row', act, icon(name), words);
  row.setAttribute('role', 'menuitem');
  return row;
}

function move(event, rows) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  rows.at((rows.indexOf(document.activeElement) + step) % rows.length).focus();
}
