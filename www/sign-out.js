/* sign-out.js - the question before this browser forgets its user. */

import { $ } from './dom.js';
import { names, own } from './storage.js';

export function askToSignOut({ model, chat }) {
  const dialog = $('.sign-out');
  $('.show-sign-out').onclick = () => {
    const count = ['draft:', 'out:'].flatMap((kind) => names(own(model.me, kind))).length;
    $('bdi', dialog).textContent = model.me;
    $('.fault', dialog).textContent = count ? `What you haven't sent will be deleted: ${count} in all.` : '';
    dialog.returnValue = '';
    dialog.showModal();
  };
  dialog.onclose = () => dialog.returnValue && chat.signOut();
}
