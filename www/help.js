/* help.js - the list of keys and typed commands. Loaded when it is first opened. */

import { $, button, dialog, make } from './dom.js';
import { isTouch } from './enter.js';
import { showDialog } from './overlay.js';

/* Keys, words. Features' lines come before the last two. */
const HELP = [
  [[isTouch() ? 'Ctrl Enter' : 'Enter'], 'Send'],
  [['Shift Enter'], 'New line'],
  [['↑'], 'Edit my last message, in an empty field'],
  [['↑ ↓'], 'Move between messages; Tab for their buttons'],
  [['F6', 'Shift F6'], 'Rooms, messages, text field, people'],
  [['Alt ↑', 'Alt ↓'], 'Room above, room below'],
  [['Alt A'], 'Next unread room'],
  [['Ctrl K'], 'Find a room'],
  [['Esc'], 'Close what is open, write'],
  [['?'], 'This list, outside a field'],
];

export function open({ features }) {
  const element = $('.help') ?? create(features);
  if (!element.open) showDialog(element);
}

function create(features) {
  const lines = features.flatMap(({ help }) => (help ? [help] : []));
  const list = make('dl', {}, ...[...HELP.slice(0, -2), ...lines, ...HELP.slice(-2)].flatMap(helpLine));
  const element = dialog(
    'help',
    'Keyboard',
    list,
    button('small-button', () => element.close(), 'Close'),
  );
  Object.assign($('h1', element), { tabIndex: -1, autofocus: true }); // else the button at its end
  return element;
}

function helpLine([keys, words]) {
  const shown = keys.map((key) =>
    key
      .split(' ')
      .flatMap((one) => [' ', make('kbd', {}, one)])
      .slice(1),
  );
  return [make('dt', {}, ...shown.flatMap((one) => [', ', ...one]).slice(1)), make('dd', {}, words)];
}
