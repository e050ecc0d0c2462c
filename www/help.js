/* help.js - the list of keys and typed commands, in groups. */

import { make } from './dom.js';
import { isTouch } from './enter.js';

/* Words of a group, then keys and words of each line. Features' lines are the last group. */
const HELP = [
  [
    'Write',
    [[isTouch() ? 'Ctrl Enter' : 'Enter'], 'Send'],
    [['Shift Enter'], 'New line'],
    [['↑'], 'Edit my last message, in an empty field'],
  ],
  [
    'Move',
    [['Ctrl K'], 'Find a room'],
    [['Alt ↑', 'Alt ↓'], 'Room above, room below'],
    [['Alt A'], 'Next unread room'],
    [['F6', 'Shift F6'], 'Rooms, messages, text field, panel'],
    [['↑ ↓'], 'Move between messages; Tab for their buttons'],
    [['R', 'C', 'E', 'Del'], 'Reply to, copy, edit or delete the message you are at'],
  ],
  ['Everywhere', [['Esc'], 'Close what is open, write'], [['?'], 'This list, outside a field']],
];

export function drawKeys(body, features) {
  const lines = features.flatMap(({ help }) => (help ? [help] : []));
  const groups = lines.length ? [...HELP, ['More', ...lines]] : HELP;
  for (const [words, ...keys] of groups) body.append(make('h3', {}, words), make('dl', {}, ...keys.flatMap(helpLine)));
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
