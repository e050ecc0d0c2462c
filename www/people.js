/* people.js - the users in the open room: their number in the head (on a phone with the topic), and content of the panel. */

import { $, soon } from './dom.js';
import { lazy } from './lazy.js';

export class People {
  /* choose(nick): the user picked somebody. */
  constructor({ model, panel }, choose) {
    const button = $('.show-people');
    const draw = soon(() => {
      const { count = 0, topic = '' } = model.current ?? {};
      const people = `${count} ${count === 1 ? 'person' : 'people'}`;
      $('.number', button).textContent = count;
      $('.about', button).textContent = topic ? `${people} · ${topic}` : people;
      button.ariaLabel = `People: ${count}`;
    });
    model.watch('people current rooms', draw);
    const list = async (body) => (await lazy('people-list.js', 'people.css')).draw(body, model, choose);
    panel.add({ name: 'people', title: 'People', button, draw: list });
  }
}
