/* people.js - the users in the open room: their number in the head, and content of the panel. */

import { $, soon } from './dom.js';
import { lazy } from './lazy.js';

export class People {
  /* choose(nick): the user picked somebody. */
  constructor({ model, panel }, choose) {
    const button = $('.show-people');
    const draw = soon(() => {
      const count = model.current?.count ?? 0;
      $('.number', button).textContent = count;
      button.ariaLabel = `People: ${count}`;
    });
    model.watch('people current', draw);
    const list = async (body) => (await lazy('people-list.js')).draw(body, model, choose);
    panel.add({ name: 'people', title: 'People', button, draw: list });
  }
}
