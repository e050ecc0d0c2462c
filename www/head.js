/* head.js - the line above the log (title, topic, leaving), my name below the rooms, the window's title. */

import { $, soon } from './dom.js';
import { avatar } from './avatar.js';
import { sayFault } from './fault.js';
import { allMentions, levelOf } from './mention.js';
import { nodes } from './text.js';

const isUnread = ({ joined, me }) => joined.some((room) => levelOf(room) !== 'none' && room.unread(me).count);

export class Head {
  constructor(model, chat) {
    Object.assign(this, { model, chat });
    const draw = soon(() => this.#draw());
    model.watch('current rooms told connection', draw);
    $('.leave').onclick = () => this.#leave();
  }

  async #leave() {
    const room = this.model.current;
    try {
      await this.chat.leave(room);
    } catch (fault) {
      sayFault($('.head-fault'), `You are still in “${room.title}”. ${fault.message}`, fault.about);
    }
  }

  #draw() {
    const { model } = this;
    const room = model.current;
    const { title = '', topic = '' } = room ?? {};
    $('.head .title').textContent = title;
    $('.topic').replaceChildren(...nodes(topic));
    $('.topic').title = topic;
    $('.head').hidden = !room;
    $('.leave').hidden = !room?.joined;
    $('.server').textContent = model.server;
    this.#drawMe();
    const place = room ? `${title} · ${model.server}` : model.server;
    const named = allMentions(model);
    document.title = named ? `(${named}) ${place}` : isUnread(model) ? `• ${place}` : place;
  }

  #drawMe() {
    const { me } = this.model;
    if (!me || $('.self .nick').textContent === me) return;
    $('.self .nick').textContent = me;
    $('.self .nick').title = me;
    $('.self .avatar').replaceWith(avatar(me, 's'));
  }
}
