/* back.js - Back and Forward. The browser's history has one entry for each room that was opened, so that Back opens the
 * room before, and on top one for each open overlay, so that Back closes it. An entry's state is { overlays }: how many
 * were open. No other module touches the history once the page has started. */

import { closeTop, overlays, watchOverlays } from './overlay.js';

const place = () => location.hash.slice(1).split('/')[0];
const address = ({ name, at }) => (at === null ? `#${name}` : `#${name}/${at}`);
/** The item that the address names: #room/seq. */
export const seqInAddress = () => Number(location.hash.split('/')[1]) || null;
const depth = () => history.state?.overlays ?? 0;

export class Back {
  #isMoving = false; // a history.go() of ours has not arrived

  /* open(room, seq): opens the room that an entry, or a link, names, at that item; null: at its end. */
  constructor(chat, open) {
    const { model } = chat;
    Object.assign(this, { chat, model, open });
    /* What closes an overlay may open a room at the same time: settle once both are done. */
    const changed = () => queueMicrotask(() => this.#settle());
    watchOverlays(changed);
    model.watch('current address', changed);
    addEventListener('popstate', () => this.#arrived());
    history.replaceState({ overlays: depth() }, ''); // after a reload the entry may have more than are open
    this.#settle();
  }

  #arrived() {
    const isLink = history.state === null;
    if (isLink) history.replaceState({ overlays: 0 }, '');
    if (!this.#isMoving) this.#follow(isLink);
    this.#isMoving = false;
    this.#settle();
  }

  /* The user went to this entry. Back does not lead into a room that the user has left, a link does. */
  #follow(isLink) {
    while (overlays() > depth()) closeTop();
    const { rooms, current } = this.model;
    const room = isLink ? this.chat.find(place()) : rooms.get(place());
    const mayOpen = room === current ? room?.at !== seqInAddress() : room?.joined || isLink;
    if (room && mayOpen) this.open(room, seqInAddress());
    if (isLink && place() && !room) this.chat.missed(place());
  }

  /* Makes the history fit the page: the entry of a closed overlay goes, or becomes that of the room just opened. */
  #settle() {
    if (this.#isMoving) return;
    const { current, rooms } = this.model;
    const isOther = current !== null && current.name !== place();
    const kept = Math.max(overlays(), isOther ? Math.min(depth(), 1) : 0);
    if (depth() > kept) return this.#go(kept - depth());
    if (isOther) {
      const isNext = depth() === 0 && rooms.get(place())?.joined;
      const state = { overlays: Math.min(depth(), overlays()) };
      history[isNext ? 'pushState' : 'replaceState'](state, '', address(current));
    }
    if (current && !isOther && !depth()) this.#settlePlace(current);
    while (depth() < overlays()) history.pushState({ overlays: depth() + 1 }, '');
  }

  /* A place away from the end has an entry of its own: Back leads to where the reader was. */
  #settlePlace(room) {
    if (room.at === seqInAddress()) return;
    if (room.at !== null) history.pushState({ overlays: 0, isPlace: true }, '', address(room));
    else if (history.state.isPlace) this.#go(-1);
    else history.replaceState({ overlays: 0 }, '', address(room));
  }

  #go(steps) {
    this.#isMoving = true;
    history.go(steps);
  }
}
