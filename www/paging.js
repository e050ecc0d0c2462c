/* paging.js - pages of a room's history, before and behind what the log shows; place.js leads the log away from its end. */

import { pause } from './connection.js';
import { lazy } from './lazy.js';

const PAGE = 50;
const AGAIN_MS = 3000;
const loadPlace = () => lazy('place.js');

export class Paging {
  constructor(chat) {
    this.chat = chat;
  }

  /** A link may be opened without a connection. */
  prepare() {
    loadPlace().catch(() => {});
  }

  /** Fetches the page before what the log shows. */
  older(room, limit = PAGE) {
    const { more, items } = room.stretch;
    if (more) this.#grow(room, { before: items[0]?.seq, limit }, (page) => room.prepend(page));
  }

  /** Fetches the page behind it, if that is not the end. */
  newer(room) {
    const { newer, items } = room.stretch;
    if (!newer) return;
    this.#grow(room, { after: items.at(-1).seq }, async (page) => (await loadPlace()).append(room, page));
  }

  async #grow(room, where, take) {
    if (room.loading || !room.live) return;
    room.loading = true;
    const { items } = room.stretch;
    const isSame = () => room.stretch.items === items;
    await room.load(this.ask(room, where), (page) => isSame() && take(page)).catch(() => pause(AGAIN_MS));
    room.loading = false;
    this.chat.model.tell('log address', room);
  }

  ask(room, where) {
    return this.chat.connection.request({ type: 'history', room: room.name, limit: PAGE, ...where });
  }

  /** Leads the log of the open room to item `seq`, which need not be loaded, nor exist; null: to its end. */
  async go(room, seq) {
    const { model } = this.chat;
    room.at = seq;
    model.tell('address');
    if (seq === null) return this.arrive(room, seq);
    try {
      const { go } = await loadPlace();
      await go(this.chat, room, seq);
    } catch ({ message, about = 'connection' }) {
      room.at = room.place?.at ?? null;
      model.tell('fault', { message: `Can't show that message. ${message}`, about });
      model.tell('log address', room);
    }
  }

  arrive(room, seq) {
    if (room.place) room.place.at = seq;
    else room.at = null;
    if (seq === null) room.place = null;
    const { model } = this.chat;
    model.tell('over', 'place');
    model.tell('log', room);
    model.tell('arrive', room, seq);
    model.tell('address');
  }
}
