/* new-room.js - the form for a new room, above the list of rooms. Loaded when it is first opened. */

import { $, button, make } from './dom.js';
import { sayFault } from './fault.js';
import { overlay } from './overlay.js';

const REFUSALS = {
  room_exists: "There's already a room called that.",
  bad_field: "This is too long, or has characters that a name can't have.",
};

let close = null; // while the form is open

/** Opens the form, or closes it. title: what the room may be called. */
export function open({ chat, rooms }, title = '') {
  if (close) return close();
  const opener = $('.new-room');
  const form = create();
  form.oninput = () => refuse(form, '');
  form.onsubmit = (event) => {
    event.preventDefault();
    submit(form, chat, rooms);
  };
  opener.closest('.heading').after(form);
  opener.ariaExpanded = 'true';
  close = overlay(() => {
    close = null;
    form.remove();
    opener.ariaExpanded = 'false';
  }, opener);
  form.elements.title.value = title;
  form.elements.title.focus();
}

function create() {
  const field = (name, maxLength, ...words) =>
    make('label.field', {}, ...words, make('input', { name, maxLength, autocomplete: 'off', dir: 'auto' }));
  const form = make(
    'form.create',
    { noValidate: true },
    field('title', 64, 'Room name'),
    make('p.fault', { id: 'create-fault', role: 'alert' }),
    field('topic', 200, 'Topic ', make('span.quiet', {}, '(optional)')),
    make(
      'div.buttons',
      {},
      make('button.small-button.yes', {}, 'Create'),
      button('small-button.cancel-room', () => close(), 'Cancel'),
    ),
  );
  form.elements.title.setAttribute('aria-describedby', 'create-fault');
  return form;
}

async function submit(form, chat, rooms) {
  const { title, topic } = form.elements;
  if (!title.value.trim()) return refuse(form, 'A room needs a name.');
  try {
    const room = await makeRoom(chat, title.value.trim(), topic.value.trim());
    close?.();
    rooms.choose(room);
  } catch (fault) {
    refuse(form, REFUSALS[fault.code] ?? fault.message, fault.about);
  }
}

/* "C#" and "C++" have the same letters: the second one gets more. A second room of one title is refused. */
async function makeRoom(chat, title, topic) {
  const name = nameFor(title);
  try {
    return await chat.create(name, title, topic);
  } catch (fault) {
    const isTwice = [...chat.model.rooms.values()].some((room) => fold(room.title) === fold(title));
    if (fault.code !== 'room_exists' || isTwice) throw fault;
    return chat.create(`${name}-${random()}`, title, topic);
  }
}

const fold = (title) => title.normalize('NFKC').trim().toLowerCase();
const random = () => Math.random().toString(36).slice(2, 8);

/* about: the cause, if it is not what is written here. */
function refuse(form, words, about) {
  const { title } = form.elements;
  sayFault($('.fault', form), words, about);
  title.ariaInvalid = words && !about ? 'true' : null;
  if (words) title.focus();
}

/* "Tides & weather" → "tides-weather". A title without such letters, like "日本語", gets a random name. */
function nameFor(title) {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const name = plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return name || `room-${random()}`;
}
