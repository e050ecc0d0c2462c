/* photo-add.js - where photos come from: the "+" menu, the clipboard, and files that are dropped. Loaded once a room is
 * there, and then the rest: photos can be added without a connection. */

import { $, make } from './dom.js';
import { lazy } from './lazy.js';
import { silence } from './silence.js';

const loadTray = () => lazy('photo-tray.js', 'photo-tray.css');

export function mount(page) {
  const { model, composer } = page;
  document.addEventListener('paste', (event) => paste(page, event));
  watchDrops(page);
  let hasTray = false;
  const needTray = async () => {
    if (hasTray || !composer.shownPhotos.length) return;
    hasTray = true;
    await loadTray().then(
      ({ mount: show }) => show(page),
      (fault) => {
        hasTray = false;
        model.tell('fault', fault);
      },
    );
  };
  model.watch('draft', needTray);
  needTray();
  for (const load of [loadTray, ...['upload', 'prepare', 'bytes'].map((part) => () => lazy(`photo-${part}.js`))])
    load().catch(() => {});
}

export function pick(page) {
  const input = make('input', { type: 'file', multiple: true, accept: 'image/*,.heic,.heif' });
  input.onchange = () => add(page, input.files);
  input.click();
}

async function add(page, files) {
  const all = [...files]; // the list is empty after the event
  try {
    await (await lazy('photo-upload.js')).add(page, all);
  } catch (fault) {
    page.model.tell('fault', fault);
  }
}

const mayAdd = ({ model: { current: room, limits } }) =>
  Boolean(room) && !silence(room) && limits.photo_bytes > 0 && !$('dialog[open]');

/* Programs that copy words offer a picture of them, too: then the words are meant. */
function paste(page, event) {
  const { files, types } = event.clipboardData;
  if (!files.length || (types.includes('text/plain') && types.includes('text/html')) || !mayAdd(page)) return;
  event.preventDefault();
  add(page, files);
}

/* Anywhere in the middle column. Beside it nothing is dropped: the browser would leave the page for the file. */
function watchDrops(page) {
  const column = $('main.main');
  let area = null;
  const show = (is) => {
    if (is === Boolean(area)) return;
    area?.remove();
    area = is ? make('div.drop', {}, make('span', {}, 'Drop to send to ', title(page))) : null;
    if (area) $('.talk').append(area);
  };
  const over = (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    const isHere = mayAdd(page) && column.contains(event.target);
    event.dataTransfer.dropEffect = isHere ? 'copy' : 'none';
    show(isHere);
  };
  addEventListener('dragenter', over);
  addEventListener('dragover', over);
  addEventListener('dragleave', ({ relatedTarget }) => relatedTarget || show(false));
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (area) add(page, event.dataTransfer.files);
    show(false);
  });
}

const hasFiles = ({ dataTransfer }) => Boolean(dataTransfer?.types.includes('Files'));
const title = ({ model }) => make('bdi', {}, model.current.title);
