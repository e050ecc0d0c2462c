/* told.js - the dialog of what I want to be told: of this room, a pause, and what this browser does. Loaded on first use. */

import { begin, canTell, turnOn, wish, wishes } from './attention.js';
import { button, dialog, make } from './dom.js';
import { levelOf } from './mention.js';
import { showDialog } from './overlay.js';
import { time } from './when.js';

const LEVELS = [
  ['all', 'Everything'],
  ['mentions', 'Mentions'],
  ['none', 'Nothing'],
];
const HOUR_MS = 3_600_000;
const UNTIL_LIFTED = 253402300799000;

let shown = null; // { dialog, body, close }

export function open(page) {
  begin(page);
  if (!shown) {
    const body = make('div.told');
    const close = button('small-button', () => shown.close(), 'Close');
    shown = { body, dialog: dialog('told-dialog', 'Notifications', body, make('div.buttons', {}, close)) };
    page.model.watch('told current', () => shown.dialog.open && draw(page));
  }
  draw(page);
  shown.close = showDialog(shown.dialog);
}

function draw(page) {
  shown.body.replaceChildren(
    make('p.quiet', {}, 'You are told when somebody writes your name. Nothing else, unless you ask for it.'),
    ...(page.model.current?.joined ? [levels(page)] : []),
    pause(page),
    browser(),
    make('p.fault', { role: 'alert' }),
  );
}

function ask(page, command) {
  const fault = shown.body.querySelector('.fault');
  fault.textContent = '';
  page.chat.connection.request(command).catch(({ message }) => {
    draw(page);
    shown.body.querySelector('.fault').textContent = message;
  });
}

function choice(name, words, isOn, act) {
  return make('label.check', {}, make('input', { type: 'radio', name, checked: isOn, onchange: act }), words);
}

function group(title, ...children) {
  return make('fieldset', {}, make('legend', {}, title), ...children);
}

function levels(page) {
  const room = page.model.current;
  const set = (level) => () => ask(page, { type: 'level', room: room.name, level });
  return group(
    make('span', {}, 'In ', make('bdi', {}, room.title)),
    ...LEVELS.map(([level, words]) => choice('level', words, levelOf(room) === level, set(level))),
  );
}

function tomorrowAt(hour) {
  const at = new Date();
  if (at.getHours() >= hour) at.setDate(at.getDate() + 1);
  return at.setHours(hour, 0, 0, 0);
}

function pause(page) {
  const { pause: until = 0 } = page.chat.kept;
  const isOn = until > Date.now();
  const set = (to) => () => ask(page, { type: 'pause', until: to });
  const words = until === UNTIL_LIFTED ? 'Paused' : `Paused until ${time(until)}`;
  const buttons = isOn
    ? [button('small-button', set(0), 'Turn on again')]
    : [
        button('small-button', set(Date.now() + HOUR_MS), '1 hour'),
        button('small-button', set(tomorrowAt(8)), 'Until 8:00'),
        button('small-button', set(UNTIL_LIFTED), 'Until I turn it on'),
      ];
  return group('Pause', ...(isOn ? [make('p', {}, words)] : []), make('div.buttons', {}, ...buttons));
}

function check(words, more, isOn, act) {
  const field = make('input', { type: 'checkbox', checked: isOn });
  field.onchange = () => act(field);
  return make('label.check', {}, field, make('span', {}, words, make('span.quiet', {}, more)));
}

function browser() {
  const { on, sound } = wishes();
  const tell = async (field) => {
    if (!field.checked) wish({ on: false });
    else if (!(await turnOn())) field.checked = false;
  };
  const shows = canTell() && Notification.permission !== 'denied';
  return group(
    'In this browser',
    shows
      ? check('Notifications', 'Shown by the browser while this tab is in the background', Boolean(on), tell)
      : make('p.quiet', {}, "This browser doesn't show notifications of this page."),
    check('Sound', 'One soft tone, at most every 30 seconds', Boolean(sound), (field) =>
      wish({ sound: field.checked }),
    ),
  );
}
