/* menus.js - what the menus of the page offer: the server's, mine and the room's. Loaded when one is first opened. */

import { $ } from './dom.js';
import { openMenu } from './menu.js';
import { toast } from './toast.js';

const MENUS = { server, you, room };

/** name: one of MENUS. Opens that menu, or closes it. */
export const open = (page, name) => MENUS[name](page);

function server(page) {
  const rows = [
    { icon: 'hash', words: 'Browse rooms', run: () => page.open('browse', '') },
    { icon: 'help', words: 'About', run: () => page.open('about') },
  ];
  openMenu($('.brand'), page.model.server, rows);
}

function you(page) {
  const rows = [
    { icon: 'help', words: 'Keyboard', run: () => page.open('help') },
    null,
    { icon: 'leave', words: 'Sign out', run: () => page.open('sign-out') },
  ];
  openMenu($('.show-you'), 'You', rows, 'above at-end');
}

function room(page) {
  const { current } = page.model;
  const rows = [
    navigator.clipboard && { icon: 'link', words: 'Copy link to room', run: () => copyLink(current) },
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
