/* head.js - the line above the log (title, topic), my name below the rooms, the window's title. */

import { $, soon } from './dom.js';
import { avatar } from './avatar.js';
import { sayFault } from './fault.js';
import { allMentions, isUnread } from './mention.js';
import { roomIcon } from './rooms.js';
import { nodes } from './text.js';

export class Head {
  constructor(model, chat) {
    Object.assign(this, { model, chat });
    const draw = soon(() => this.#draw());
    model.watch('current rooms told connection', draw);
  }

  async leave(room) {
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
    if (room) $('.head .hash').replaceChildren(roomIcon(room));
    $('.topic').replaceChildren(...nodes(topic));
    $('.topic').title = topic;
    $('.head').hidden = !room;
    $('.server').textContent = model.server;
    this.#drawElsewhere();
    this.#drawMe();
    const place = room ? `${title} · ${model.server}` : model.server;
    const named = allMentions(model);
    const waits = model.joined.some((one) => isUnread(one, model.me));
    document.title = named ? `(${named}) ${place}` : waits ? `• ${place}` : place;
  }

  /* How many rooms wait, on the way to them on a phone. */
  #drawElsewhere() {
    const { joined, current, me } = this.model;
    const count = joined.filter((room) => room !== current && isUnread(room, me)).length;
    $('.elsewhere').textContent = count || '';
    $('.back').ariaLabel = count ? `Rooms, ${count} with something new` : 'Rooms';
  }

  #drawMe() {
    const { me, connection } = this.model;
    const isHere = connection.state === 'up' && !connection.silent;
    $('.self .state').textContent = isHere ? 'Here' : 'Not connected';
    $('.self').classList.toggle('is-away', !isHere);
    if (!me || $('.self .nick').textContent === me) return;
    $('.self .nick').textContent = me;
    $('.self .nick').title = me;
    for (const face of document.querySelectorAll('.self .avatar')) face.replaceWith(avatar(me, 's'));
  }
}
