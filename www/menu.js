/* menu.js - a menu beside the button that opens it; on a phone it lies at the bottom. Loaded when one is first opened. */

import { button, icon, make } from './dom.js';
import { overlay } from './overlay.js';

const LEAVE = ['pointerdown', 'focusin'];

let shown = null; // { opener, close }

/** Opens a menu below its opener, or closes it. place: 'above' and 'at-end' (at the right) say otherwise; 'free': over
 * what scrolls, where it fits. rows: { icon, words, key, hint, run, danger }, or null for a line between two groups.
 * head: an element above them; closed(): the menu is gone. Returns the menu, if it is open now. */
export function openMenu(opener, label, rows, place = '', { head = null, closed = () => {} } = {}) {
  const before = shown?.opener;
  shown?.close();
  if (before === opener) return null;
  const elements = rows.map(menuRow);
  const menu = make(`div.menu`, { role: 'menu', ariaLabel: label }, head, ...elements);
  if (place) menu.classList.add(...place.split(' '));
  const expand = (is) => {
    if (opener.matches('button')) opener.ariaExpanded = is;
  };
  const stops = elements.filter((row) => row.matches('button'));
  menu.onkeydown = (event) => move(event, stops);
  if (place === 'free') opener.closest('main').append(menu);
  else opener.after(menu);
  if (place === 'free' && !isSheet()) putNear(menu, opener);
  expand('true');
  /* A finger that opened a sheet gives the focus to what it leaves. */
  const leave = ({ type, target }) => {
    const isFinger = type === 'focusin' && isSheet();
    if (!isFinger && !menu.contains(target) && !opener.contains(target)) shown?.close();
  };
  for (const type of LEAVE) document.addEventListener(type, leave);
  const hide = () => {
    shown = null;
    for (const type of LEAVE) document.removeEventListener(type, leave);
    if (menu.contains(document.activeElement)) opener.focus({ preventScroll: true }); // a user who went elsewhere stays there
    menu.remove();
    expand('false');
    closed();
  };
  shown = { opener, close: overlay(hide, null) };
  stops[0].focus();
  return menu;
}

/** Whether menus lie at the bottom: as in dialog.css. */
export const isSheet = () => matchMedia('(max-width: 640px)').matches;

/* Below the opener, their right sides in line; above it where there is no room. */
function putNear(menu, opener) {
  const box = opener.getBoundingClientRect();
  const { offsetHeight: height, offsetWidth: width } = menu;
  const below = box.bottom + 4;
  const top = below + height < innerHeight ? below : Math.max(8, box.top - 4 - height);
  menu.style.setProperty('top', `${top}px`);
  menu.style.setProperty('left', `${Math.max(8, box.right - width)}px`);
}

export const closeMenu = () => shown?.close();

function menuRow(row) {
  if (!row) return make('div.line-between', { role: 'separator' });
  const { icon: name, words, key, hint, run, danger } = row;
  const act = () => {
    shown.close();
    run();
  };
  const more = key ? make('kbd', { ariaHidden: 'true' }, key) : hint && make('span.hint', {}, hint);
  const element = button(danger ? 'menu-row.bad' : 'menu-row', act, icon(name), make('bdi', {}, words), more || null);
  if (key) element.setAttribute('aria-keyshortcuts', key === 'Del' ? 'Delete' : key);
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
