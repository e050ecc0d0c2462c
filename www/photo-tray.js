/* photo-tray.js - the photos of the draft, above its text: a thumbnail of each with its progress, and a field for the
 * words of the chosen one. Loaded with the first. */

import { $, arrange, button, icon, make, soon } from './dom.js';
import { addresses } from './photo.js';
import * as mine from './photo-mine.js';
import { byteLength } from './text.js';

const ALT_BYTES = 400;
const ASK = "Describe it for people who can't see it";

/** Puts the tray into the composer. */
export function mount(page) {
  new Tray(page);
}

class Tray {
  #tiles = new Map(); // id → its element
  #chosen = null; // id: whose words the field has

  constructor(page) {
    Object.assign(this, { page, model: page.model });
    this.list = make('ul.thumbs', { ariaLabel: 'Photos of this message' });
    this.alt = make('input.alt', { autocomplete: 'off', dir: 'auto', maxLength: ALT_BYTES });
    this.alt.oninput = () => this.#describe();
    this.alt.onkeydown = (event) => this.#key(event);
    this.original = make('input', { type: 'checkbox' });
    this.original.onchange = () => this.#setOriginal(this.original.checked);
    this.size = make('span');
    this.choice = make('label.original', {}, this.original, this.size);
    this.located = make('span.located', { role: 'status' });
    this.fault = make('p.fault', { role: 'alert' });
    this.again = button('link', () => this.#again(), 'Try again');
    this.notes = make('div.notes', {}, this.located, this.choice, this.fault, this.again);
    this.box = make('div.tray', { role: 'group', ariaLabel: 'Photos' }, this.list, this.alt, this.notes);
    $('.compose .line').before(this.box);
    const draw = soon(() => this.#draw());
    this.model.watch('draft photo stored', draw);
    this.model.watch('over', (about) => about === 'muted' && this.#again()); // the server took no photos meanwhile
    this.#draw();
  }

  get #photos() {
    return this.page.composer.shownPhotos;
  }

  #known(id) {
    return mine.find(this.model.me, id) ?? {};
  }

  #draw() {
    const photos = this.#photos;
    this.box.hidden = !photos.length;
    if (!photos.some(({ id }) => id === this.#chosen)) this.#chosen = photos[0]?.id ?? null;
    const tiles = new Map(photos.map(({ id }) => [id, this.#tiles.get(id) ?? this.#create(id)]));
    this.#tiles = tiles;
    arrange(this.list, [...tiles.values()]);
    photos.forEach((photo, at) => this.#drawTile(tiles.get(photo.id), photo, at, photos.length));
    this.#drawAlt(photos);
    this.#drawNotes(photos.map(({ id }) => this.#known(id)));
  }

  #create(id) {
    const thumb = button('thumb', () => this.#choose(id), make('img', { alt: '', hidden: true }), make('span.bar'));
    const remove = button('remove', () => this.#remove(id), icon('close'));
    return make('li', {}, thumb, remove);
  }

  #drawTile(tile, { id, alt }, at, count) {
    const { url, progress = 0, answer, fault } = this.#known(id);
    const [thumb, remove] = tile.children;
    const [image, bar] = thumb.children;
    const label = count > 1 ? `Photo ${at + 1}` : 'Photo';
    const source = url ?? (answer && addresses(answer)?.small);
    if (source && image.getAttribute('src') !== source) image.src = source;
    image.hidden = !source;
    thumb.ariaLabel = [label, alt, fault && 'not sent', !answer && !fault && 'uploading'].filter(Boolean).join(', ');
    thumb.ariaPressed = count > 1 ? String(id === this.#chosen) : null;
    tile.classList.toggle('bad', Boolean(fault));
    bar.hidden = Boolean(answer || fault);
    bar.style.setProperty('--done', progress);
    remove.ariaLabel = `Remove ${label.toLowerCase()}`;
    remove.title = 'Remove';
  }

  #drawAlt(photos) {
    const at = photos.findIndex(({ id }) => id === this.#chosen);
    const words = photos.length > 1 ? `Photo ${at + 1}: ${ASK[0].toLowerCase()}${ASK.slice(1)}` : ASK;
    Object.assign(this.alt, { placeholder: words, ariaLabel: words });
    const { alt = '' } = photos[at] ?? {};
    if (this.alt.value !== alt) this.alt.value = alt;
  }

  #drawNotes(known) {
    const big = known.filter(({ scaled }) => scaled);
    const bytes = big.reduce((sum, one) => sum + one.bytes, 0);
    this.choice.hidden = !big.length;
    this.original.checked = big.length > 0 && big.every(({ original }) => original);
    this.size.textContent = `Original size (${Math.max(0.1, bytes / 1e6).toFixed(1)} MB)`;
    set(this.located, known.some(({ located }) => located) ? 'Location removed' : '');
    const { fault = '' } = known.find((one) => one.fault) ?? {};
    set(this.fault, fault);
    this.again.hidden = !fault;
  }

  #choose(id) {
    this.#chosen = id;
    this.#draw();
    this.alt.focus();
  }

  #describe() {
    while (byteLength(this.alt.value) > ALT_BYTES) this.alt.value = [...this.alt.value].slice(0, -1).join('');
    const { value: alt } = this.alt;
    this.page.composer.photos = this.#photos.map((photo) => (photo.id === this.#chosen ? { ...photo, alt } : photo));
  }

  /* Enter goes on to the text: who describes a photo has not finished the message. */
  #key(event) {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    this.page.composer.focus();
  }

  #remove(id) {
    this.page.composer.photos = this.#photos.filter((photo) => photo.id !== id);
    this.model.tell('upload', []);
    this.page.composer.focus();
  }

  #setOriginal(original) {
    const { me } = this.model;
    const ids = this.#photos.map(({ id }) => id).filter((id) => this.#known(id).scaled);
    for (const id of ids) mine.change(me, id, { original, answer: null });
    this.model.tell('upload', ids);
  }

  #again() {
    this.model.tell(
      'upload',
      this.#photos.map(({ id }) => id),
    );
  }
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
