/* sign-out.js - the question before this browser forgets its user. Loaded when it is asked. */

import { button, dialog, make } from './dom.js';
import { showDialog } from './overlay.js';
import { names, own } from './storage.js';

const OFFLINE =
  'You are offline: this browser forgets you now, and others see you leave when the server notices, within a minute or so.';

export function open({ model, chat }) {
  const count = ['draft:', 'out:'].flatMap((kind) => names(own(model.me, kind))).length;
  const unsent = count ? `What you haven't sent will be deleted: ${count} in all.` : '';
  const close = () => element.close();
  const leave = () => {
    close();
    chat.signOut();
  };
  const stay = make('button.small-button', { type: 'button', onclick: close, autofocus: true }, 'Stay');
  const element = dialog(
    'sign-out',
    'Sign out?',
    make(
      'p',
      {},
      'This browser forgets ',
      make('bdi', {}, model.me),
      '. Until the name is free again, nobody can use it, not even you.',
    ),
    make('p.offline', {}, model.connection.state === 'up' ? '' : OFFLINE),
    make('p.fault', {}, unsent),
    make('div.buttons', {}, button('small-button.danger', leave, 'Sign out'), stay),
  );
  element.onclose = () => element.remove();
  showDialog(element);
}
