/* features.js - what a room's log can hold. A feature is a module with a plain object; every member is optional:
 *   name                               its part of a row is row[name]
 *   icons     { name: path }                      see dom.js
 *   events    { type: f(chat, room, event) }      applies an event that the room did not have
 *   signals   { type: f(chat, signal, room) }     `room` is undefined for signals about the server
 *   posts     { type: kind }                      my commands that wait in the outbox; kinds: see outbox.js
 *   refusals  { 'code' or 'type code': f(fault, model) → words }
 *   commands  [{ name, run(words, page, isSure) }]   what can be typed: see slash.js
 *   adds      [{ icon, words, run(page), isThere(model) }]   what "+" in the composer offers: see plus.js
 *   help      [[keys], text]                      a line of the settings' page "Keyboard"
 *   settings  { words, draw(body, page) }         a page of the settings
 *   questions { name: { words, yes, no, answer(chat, room, seq) } }   asked below an item: see log.js
 *
 *   joined(chat, room, reply) · welcomed(chat, welcome)
 *   refused(chat, fault, room)                    of my login, or (`room`) of a join or a post → true if the login may
 *                                                 succeed later: this name is kept
 *   after(chat, room, event)                      any feature's event was applied
 *   added(room, item)                             a new item is in the log
 *   gap(room, event)                              events are missing here
 *   forget(room, isGone)                          items for which isGone({ seq, from }) is true are deleted
 *
 *   part(item, context) → what an item shows of this feature, as JSON takes it, or null: see rows.js
 *   Card      class (page) with `box` and draw(part): draws it; boxes stand in the order of the list
 *   loadCard() → a promise of Card, where it is not loaded with the page
 *   text(item) → what the item says, if not its `text` · loss(item) → what is lost with it, in words
 *   lines(room) → rows between items · quick(row, page), then buttons(row, page) → buttons on a row
 *   menu(row, page) → rows of its menu: see item-menu.js
 *   mount(page)                                   called once, when the page's parts are there */

import { mention } from './mention.js';
import { message } from './message.js';
import { moderation } from './moderation.js';
import { photo } from './photo.js';
import { poll } from './poll.js';
import { reaction } from './reaction.js';
import { typing } from './typing.js';

export const features = [message, mention, photo, poll, reaction, moderation, typing];
