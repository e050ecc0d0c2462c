/* main.js - builds the parts of the page and ties them together. It decides nothing. */

import { Back, seqInAddress } from './back.js';
import { Banner } from './banner.js';
import { Chat } from './chat.js';
import { Composer } from './composer.js';
import { $, addIcon } from './dom.js';
import { Drawer } from './drawer.js';
import { isTouch } from './enter.js';
import { showFaults } from './fault.js';
import { features } from './features.js';
import { Head } from './head.js';
import { Keys } from './keys.js';
import { lazy, mendStyle } from './lazy.js';
import { Log } from './log.js';
import { Login } from './login.js';
import { isLooking, watchLooking } from './looking.js';
import { Model } from './model.js';
import { Panel } from './panel.js';
import { People } from './people.js';
import { Rooms } from './rooms.js';
import { isStored, load, own } from './storage.js';
import { setClock } from './when.js';

const AWAY_AFTER_MS = 4 * 60_000;

setClock(load('settings')?.clock);
const model = new Model(features);
const chat = new Chat(model, features);
const drawer = new Drawer(model);

const page = {
  model,
  chat,
  features,
  commands: features.flatMap(({ commands = [] }) => commands),
  questions: Object.assign({}, ...features.map(({ questions }) => questions)),
  drawer,
  /* A dialog or a form: a module that exports open(page, …). */
  open: (name, ...how) =>
    lazy(`${name}.js`, 'dialog.css').then(
      (part) => part.open(page, ...how),
      (fault) => model.tell('fault', fault),
    ),
};
page.composer = new Composer(page);
page.log = new Log(page);
page.rooms = new Rooms(model, chat, () => drawer.close());
page.panel = new Panel(model);
new People(page, (nick) => {
  page.panel.leave();
  page.composer.insert(`@${nick} `);
});
for (const feature of features) {
  for (const [name, path] of Object.entries(feature.icons ?? {})) addIcon(name, path);
  feature.mount?.(page);
}
page.head = new Head(model, chat);
new Banner(model, chat.outbox);
lazy('announcer.js').then(({ Announcer }) => new Announcer(model), console.warn);
new Login(model, chat);
showFaults(model);
const refocus = () => {
  if (!model.current) page.rooms.focus();
  else if (!isTouch()) page.composer.focus();
};
lazy('focus.js').then(({ keepFocus }) => keepFocus(refocus), console.warn);
mendStyle((fault) => model.tell('fault', fault));
new Keys(page);

/* What can be opened without a connection is there before that is gone. */
let isReady = false;
model.watch('people', () => {
  if (!isReady) {
    for (const part of ['plus', 'menus', 'settings', 'sign-out']) lazy(`${part}.js`, 'dialog.css').catch(() => {});
    lazy('item-menu.js', 'dialog.css').then(({ mount }) => mount(page), console.warn);
  }
  isReady = true;
});

$('.plus').onclick = () => page.open('plus');
$('.smile').onclick = () => page.open('emoji-picker', 'Emoji', (emoji) => page.composer.insert(emoji));
$('.new-room').onclick = () => page.open('new-room');
$('.browse-rooms').onclick = () => page.open('browse', $('.find').value);
$('.create-sought').onclick = () => page.open('new-room', $('.find').value.trim());
$('.brand').onclick = () => page.open('menus', 'server');
$('.show-you').onclick = () => page.open('menus', 'you');
$('.room-menu').onclick = () => page.open('menus', 'room');
$('.chats').onclick = () => $('.rooms').scrollTo(0, 0);
$('.tab.search').onclick = () => page.rooms.find();
$('.back').onclick = () => {
  drawer.open();
  page.rooms.focus();
};

/* Another tab may have stored something that the log shows. */
model.watch('stored', (name) => {
  if (name === 'settings') setClock(load('settings')?.clock);
  if (model.current) model.tell('log connection', model.current);
});

/* Unsent text that could not be stored: the browser asks before it closes the page. */
addEventListener('beforeunload', (event) => {
  if (!isStored(own(model.me))) event.returnValue = 'unsent';
});

/* The address names the open room: a reload, a link and Back lead to it. */
new Back(chat, (room, seq) => {
  drawer.close();
  chat.open(room, seq).catch((fault) => model.tell('fault', fault));
});

/* Somebody who has not looked for a while is away. */
let awayTimer = 0;
function look(is) {
  clearTimeout(awayTimer);
  if (is) chat.presence.setAway(false);
  else awayTimer = setTimeout(() => chat.presence.setAway(true), AWAY_AFTER_MS);
}
watchLooking(look);
if (!isLooking()) look(false); // opened in the background

chat.start(location.hash.slice(1).split('/')[0], seqInAddress());
$('.start').remove();
