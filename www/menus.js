/* menus.js - what the menus of the page offer: the server's, mine and the room's. Loaded when one is first opened. */

import { $, addIcon } from './dom.js';
import { openMenu } from './menu.js';
import { isModerator } from './role.js';
import { toast } from './toast.js';

addIcon(
  'settings',
  'M4.5 7.5h9M17.5 7.5h2M4.5 16.5h2M10.5 16.5h9M17.5 7.5a2 2 0 11-4 0 2 2 0 014 0zM10.5 16.5a2 2 0 11-4 0 2 2 0 014 0z',
);
addIcon(
  'keyboard',
  'M5.5 7h13A1.5 1.5 0 0120 8.5v7a1.5 1.5 0 01-1.5 1.5h-13A1.5 1.5 0 014 15.5v-7A1.5 1.5 0 015.5 7zM7.5 10.5h.01M12 10.5h.01M16.5 10.5h.01M9 13.8h6',
);

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
    navigator.clipboard && { icon: 'link', words: 'Copy link to room', run: () => copyLink(current) },
    current.moderates && isPhone() && { icon: 'shield', words: 'Moderation', run: () => page.panel.show('moderation') },
    current.joined && { icon: 'leave', words: 'Leave room', run: () => page.head.leave(current) },
  ];
  openMenu($('.room-menu'), current.title, rows.filter(Boolean), 'at-end');
}

async function copyLink({ link }) {
  try {
    await navigator.clipboard.writeText(new URL(link, location.href).href);
    toast('Link copied');
  } catch {
    toast("The browser didn't allow copying");
  }
}
