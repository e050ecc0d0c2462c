/* main.js - builds the parts and ties them together. Nothing is decided here. */

import { PollForm } from './poll-form.js';
import { Chat } from './chat.js';
import { Composer } from './composer.js';
import { Login } from './login.js';
import { $ } from './dom.js';
import { Head } from './head.js';
import { Keys } from './keys.js';
import { Log } from './log.js';
import { Model } from './model.js';
import { Banner } from './banner.js';
import { People } from './people.js';
import { Recount } from './recount.js';
import { Rooms } from './rooms.js';
import { Announcer } from './announcer.js';
import { Typing } from './typing.js';

const AWAY_AFTER_MS = 5 * 60_000;

const app = $('.app');
const toRooms = () => app.classList.add('at-rooms');
const toRoom = () => app.classList.remove('at-rooms');

const model = new Model();
const chat = new Chat(model);
const composer = new Composer(model, chat, () => log.toEnd());
const log = new Log(model, chat, composer, new Recount(chat));
composer.pollForm = new PollForm(model, chat, () => {
  log.toEnd();
  composer.focus();
});
const rooms = new Rooms(model, chat, toRoom);
const people = new People(model);
new Head(model, chat);
new Banner(model, chat.outbox);
new Typing(model);
new Announcer(model);
new Login(model, chat);
new Keys({ rooms, log, composer, people, toRooms, toRoom });

$('.back').onclick = () => {
  toRooms();
  rooms.focus();
};

/* What another tab keeps, a receipt, is shown here, too. */
addEventListener('storage', () => model.current && model.tell('log', model.current));

/* Without an open room a narrow screen shows the others. */
model.watch('current', (room) => room || toRooms());

/* The address names the open room: a reload and a link lead to it. */
model.watch('current', (room) => room && history.replaceState(null, '', `#${room.name}`));
addEventListener('hashchange', () => {
  const room = model.rooms.get(location.hash.slice(1));
  if (room && room !== model.current) chat.open(room).catch((fault) => model.tell('fault', fault));
});

/* A tab that nobody has looked at for a while says that its reader is away. */
let awayTimer = 0;
document.addEventListener('visibilitychange', () => {
  clearTimeout(awayTimer);
  if (document.hidden) awayTimer = setTimeout(() => chat.away(true), AWAY_AFTER_MS);
  else chat.away(false);
});

chat.start(location.hash.slice(1));
