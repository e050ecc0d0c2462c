/* menus.js - what the menus of the page offer: the server's, mine and the room's. Loaded when one is first opened. */

import { copyText, linkTo } from './copy.js';
import { $, addIcon } from './dom.js';
import { openMenu } from './menu.js';
import { isModerator } from './role.js';
import { toast } from './toast.js';

const ICONS = {
  settings:
    'M4.5 7.5h9M17.5 7.5h2M4.5 16.5h2M10.5 16.5h9M17.5 7.5a2 2 0 11-4 0 2 2 0 014 0zM10.5 16.5a2 2 0 11-4 0 2 2 0 014 0z',
  keyboard:
    'M5.5 7h13A1.5 1.5 0 0120 8.5v7a1.5 1.5 0 01-1.5 1.5h-13A1.5 1.5 0 014 15.5v-7A1.5 1.5 0 015.5 7zM7.5 10.5h.01M12 10.5h.01M16.5 10.5h.01M9 13.8h6',
  hash: 'M9.5 4.5l-2 15M16.5 4.5l-2 15M5 9h14.5M4.5 15H19',
  link: 'M10 14a4 4 0 006 0l3-3a4 4 0 00-6-6l-1 1M14 10a4 4 0 00-6 0l-3 3a4 4 0 006 6l1-1',
  leave: 'M10 4.5H6.5a1.5 1.5 0 00-1.5 1.5v12a1.5 1.5 0 001.5 1.5H10M14.5 8l4 4-4 4M18 12H10',
  help: 'M20.5 12a8.5 8.5 0 11-17 0 8.5 8.5 0 0117 0zM9.7 9.6c.2-1.5 1.2-2.2 2.4-2.2 1.3 0 2.3.8 2.3 2.1 0 1.8-2.4 2-2.4 4M12 16.5h.01',
};
for (const [name, path] of Object.entries(ICONS)) addIcon(name, path);

const isPhone = () => matchMedia('(max-width: 640px)').matches; // there the head has no shield

const MENUS = { server, you, room };

/** name: one of MENUS. Opens that menu, or closes it. */
export const open = (page, name) => MENUS[name](page);

function server(page) {
  const rows = [
    { icon: 'hash', words: 'Browse rooms', run: () => page.open('browse', '') },
    isModerator(page.model.role) && {
      icon: 'shield',
      words: 'Server moderation',
      run: () => page.panel.show('server'),
    },
    { icon: 'help', words: 'About', run: () => page.open('about') },
  ];
  openMenu($('.brand'), page.model.server, rows.filter(Boolean));
}

function you(page) {
  const rows = [
    { icon: 'settings', words: 'Settings', run: () => page.open('settings') },
    { icon: 'keyboard', words: 'Keyboard', run: () => page.open('settings', 'Keyboard') },
    null,
    { icon: 'leave', words: 'Sign out', run: () => page.open('sign-out') },
  ];
  openMenu($('.show-you'), 'You', rows, 'above at-end');
}

function room(page) {
  const { current } = page.model;
  const rows = [
    { icon: 'link', words: 'Copy link to room', run: () => copyLink(current) },
    current.moderates && isPhone() && { icon: 'shield', words: 'Moderation', run: () => page.panel.show('moderation') },
    current.joined && { icon: 'leave', words: 'Leave room', run: () => page.head.leave(current) },
  ];
  openMenu($('.room-menu'), current.title, rows.filter(Boolean), 'at-end');
}

async function copyLink(target) {
  try {
    await copyText(linkTo(target));
    toast('Link copied');
  } catch {
    toast("This browser doesn't let the page copy.");
  }
}
