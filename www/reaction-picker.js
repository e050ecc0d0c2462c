/* reaction-picker.js - the dialog that chooses a reaction: the common ones, or any emoji that the keyboard has. Loaded on
 * first use. */

import { button, dialog, make } from './dom.js';
import { isEnter } from './enter.js';
import { showDialog } from './overlay.js';
import { react } from './reaction-card.js';

const COMMON = [
  ...[
    '👍',
    '👎',
    '❤️',
    '😂',
    '😮',
    '😢',
    '😡',
    '🎉',
    '👏',
    '🙏',
    '💪',
    '🤝',
    '👀',
    '🔥',
    '✅',
    '❌',
    '💯',
    '⭐',
    '🚀',
    '💡',
  ],
  ...[
    '😀',
    '😄',
    '😅',
    '😊',
    '😍',
    '😘',
    '😎',
    '🤔',
    '🙄',
    '😴',
    '🤯',
    '🥳',
    '🤗',
    '😱',
    '🤷',
    '🙌',
    '👋',
    '☕',
    '🍕',
    '🌧️',
  ],
];

let shown = null; // { form, field, act }

function create(page) {
  const field = make('input', {
    autocomplete: 'off',
    maxLength: 32,
    placeholder: 'Or type any emoji',
    ariaLabel: 'Any emoji',
  });
  const form = { field };
  const choose = (emoji) => {
    form.close();
    if (emoji) react(page.chat, form.room, form.seq, emoji, true);
  };
  field.onkeydown = (event) => {
    if (!isEnter(event)) return;
    event.preventDefault();
    choose(field.value.trim());
  };
  const grid = make('div.emoji', {}, ...COMMON.map((emoji) => button('tool', () => choose(emoji), emoji)));
  form.dialog = dialog(
    'reaction-picker',
    'React',
    grid,
    field,
    button('small-button', () => form.close(), 'Cancel'),
  );
  return form;
}

/** Lets the user choose a reaction for item `seq` of the open room. */
export function open(page, seq) {
  shown ??= create(page);
  Object.assign(shown, { room: page.model.current, seq });
  shown.field.value = '';
  shown.close = showDialog(shown.dialog);
}
