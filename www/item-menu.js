/* item-menu.js - all that can be done with an item: the menu of ⋯ and its keys; item-touch.js opens it on a phone.
 * Loaded once a room is there. */

import { $, addIcon, make } from './dom.js';
import { lazy } from './lazy.js';
import { closeMenu, isSheet, openMenu } from './menu.js';
import { toast } from './toast.js';

addIcon('more', 'M6 12h.01M12 12h.01M18 12h.01');
addIcon('copy', 'M9 9h10v10H9zM15 9V5H5v10h4');
addIcon('link', 'M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1');

const KEYS = { Delete: 'Del', r: 'R', c: 'C', e: 'E', p: 'P' };

/** What I may do with it, in groups. A row is { icon, words, key, hint, run, danger }: see menu.js. */
function groups({ row }, page) {
  const { composer, log, features, model } = page;
  const { current: room } = model;
  const { seq, text } = row;
  const mayEdit = !row.silent && row.mine && row.message;
  const first = [
    !row.silent && { icon: 'reply', words: 'Reply', key: 'R', run: () => composer.reply(seq) },
    text && { icon: 'copy', words: 'Copy text', key: 'C', run: () => copy(() => text, 'Copied') },
    { icon: 'link', words: 'Copy link', run: () => copy(({ linkTo }) => linkTo(room, seq), 'Link copied') },
    ...features.flatMap((feature) => feature.menu?.(row, page) ?? []),
  ];
  const edit = mayEdit && { icon: 'edit', words: 'Edit', key: 'E', run: () => composer.edit(seq) };
  const erase = row.mayDelete && {
    icon: 'delete',
    words: 'Delete…',
    key: 'Del',
    danger: true,
    run: () => log.ask(seq, 'delete'),
  };
  return [first, [edit, erase]].map((group) => group.filter(Boolean));
}

async function copy(words, said) {
  try {
    const module = await lazy('copy.js');
    await module.copyText(words(module));
    toast(said);
  } catch {
    toast("The browser didn't allow copying");
  }
}

/** Opens the menu of an item beside its ⋯, or at the bottom of a phone. */
export function open(page, element) {
  if (!canOpen(element)) return;
  const between = (rows, group) => [...rows, ...(rows.length && group.length ? [null] : []), ...group];
  const rows = groups(element, page).reduce(between, []);
  if (!isSheet()) openMenu($('[aria-label="More…"]', element), 'Message', rows, 'free');
  else
    lift(
      element,
      openMenu(element, 'Message', rows, 'free', { head: quick(element, page), closed: () => lower(element) }),
    );
}

const canOpen = ({ row }) => row?.state === 'sent' && !row.deleted && row.seq !== null;

/* The emoji of the bar, and more. */
function quick({ row }, page) {
  const tools = page.features.flatMap((feature) => feature.quick?.(row, page) ?? []);
  for (const one of tools) one.setAttribute('role', 'menuitem');
  const close = ({ target }) => target.closest('button') && closeMenu();
  return tools.length ? make('div.quick', { role: 'group', onclick: close }, ...tools) : null;
}

/* The message stays in sight above the sheet. */
function lift(element, menu) {
  const over = element.getBoundingClientRect().bottom + 8 - menu.getBoundingClientRect().top;
  element.classList.add('lifted');
  if (over > 0) element.style.setProperty('transform', `translateY(${-over}px)`);
}

function lower(element) {
  element.classList.remove('lifted');
  element.style.removeProperty('transform');
}

/* ---- keys of the focused item, and touch ---- */

/** Called once. */
export function mount(page) {
  const { box } = page.log;
  for (const type of ['pointerdown', 'keydown']) addEventListener(type, noteHow, { capture: true });
  box.addEventListener('keydown', (event) => key(event, page));
  const reply = (element) => canOpen(element) && !element.row.silent && page.composer.reply(element.row.seq);
  const touch = ({ listen }) => listen(box, (element) => open(page, element), reply);
  lazy('item-touch.js').then(touch, console.warn);
}

let isPointed = false; // the focus was put by a click: then letters are the beginning of a message

function noteHow({ type, key: pressed = '' }) {
  if (type === 'pointerdown') isPointed = true;
  else if (pressed.length > 1) isPointed = false;
}

function key(event, page) {
  const element = event.target;
  const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (!isPlain || !KEYS[event.key] || isPointed || !element.matches('.msg') || !canOpen(element)) return;
  const row = groups(element, page)
    .flat()
    .find((one) => one.key === KEYS[event.key]);
  if (!row) return;
  event.preventDefault();
  event.stopPropagation();
  row.run();
}
