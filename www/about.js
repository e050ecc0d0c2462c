/* about.js - what this server is. Loaded when it is opened. */

import { button, dialog, make } from './dom.js';
import { showDialog } from './overlay.js';

export function open({ model }) {
  const element = dialog(
    'about-server',
    model.server,
    make('p', {}, 'A chat for your group that you run yourself: one program, one page, no accounts.'),
    make('p.quiet', {}, `It runs on chatd${model.version ? ` ${model.version}` : ''}.`),
    make(
      'div.buttons',
      {},
      button('small-button', () => element.close(), 'Close'),
    ),
  );
  element.onclose = () => element.remove();
  showDialog(element);
}
