/* photo-card.js - the photos of a message in the log: one in its own shape, two to four in a grid. The server sends the
 * size of each, so nothing moves when it loads; until then the preview fills its place. Loaded once a room is there. */

import { button, make } from './dom.js';
import { lazy } from './lazy.js';
import { addresses, isCalm } from './photo.js';

const MOST_SHOWN = 4;
const SIDE = 320; // pixels
const LEAST = 48;

export class PhotoCard {
  box = make('div.photos');
  #tiles = [];

  constructor(page) {
    this.page = page;
  }

  draw({ photos }) {
    const shown = photos.slice(0, MOST_SHOWN);
    this.box.className = `photos of-${shown.length}`;
    while (this.#tiles.length > shown.length) this.#tiles.pop().box.remove();
    shown.forEach((photo, at) => {
      this.#tiles[at] ??= this.#add();
      const more = at === MOST_SHOWN - 1 ? photos.length - MOST_SHOWN : 0;
      const label = photos.length > 1 ? `Photo ${at + 1} of ${photos.length}` : 'Photo';
      this.#tiles[at].draw(photo, photo.alt || label, more, shown.length === 1);
    });
  }

  #add() {
    const tile = new Tile(this.page);
    this.box.append(tile.box);
    return tile;
  }
}

class Tile {
  #sources = []; // of what is shown, or on its way

  constructor(page) {
    this.photo = {};
    this.image = null;
    this.more = make('span.more', { hidden: true });
    this.bar = make('span.bar', { hidden: true });
    this.sign = make('span.sign', { hidden: true, ariaHidden: 'true' }, 'GIF');
    this.box = button('photo', () => this.photo.photo && page.viewPhoto(this.photo.photo));
    this.box.append(this.sign, this.more, this.bar);
  }

  draw(photo, label, more, isAlone) {
    this.photo = photo;
    if (isAlone) this.#shape(photo);
    this.more.hidden = !more;
    this.more.replaceChildren(`+${more}`, make('span.unseen', {}, ' more'));
    this.bar.hidden = !photo.id || photo.progress >= 100;
    this.bar.style.setProperty('--done', photo.progress ?? 0);
    this.sign.hidden = !(photo.mime === 'image/gif' && isCalm());
    const sources = sourcesOf(photo);
    if (String(sources) !== String(this.#sources)) this.#load(sources);
    if (this.image) this.image.alt = label;
    if (photo.preview && !this.image?.complete) this.#preview(photo.preview);
  }

  #shape({ width, height }) {
    const isKnown = width > 0 && height > 0;
    const [w, h] = isKnown ? [width, height] : [4, 3];
    const scale = Math.min(isKnown ? 1 : Infinity, SIDE / w, SIDE / h);
    const [across, down] = [w, h].map((side) => Math.max(LEAST, Math.round(side * scale)));
    this.box.style.setProperty('width', `${across}px`);
    this.box.style.setProperty('aspect-ratio', `${across} / ${down}`);
  }

  /* The image that is shown stays until the next one is there. */
  #load(sources) {
    this.#sources = sources;
    const [source, ...others] = sources;
    if (!source) return;
    const image = make('img', { decoding: 'async', alt: this.image?.alt ?? '' });
    image.onload = () => this.#show(image);
    image.onerror = () => {
      if (others.length && this.#sources === sources) this.#loadOther(image, others);
      else this.box.classList.add('broken');
    };
    if (!this.image) {
      image.loading = 'lazy';
      this.#place(image);
    }
    image.src = source;
  }

  #loadOther(image, others) {
    image.onerror = () => this.box.classList.add('broken');
    image.src = others[0];
  }

  #show(image) {
    if (image !== this.image) {
      image.alt = this.image?.alt ?? '';
      this.#place(image);
    }
    this.box.classList.remove('broken');
    this.canvas?.remove();
  }

  #place(image) {
    if (this.image) this.image.replaceWith(image);
    else this.box.prepend(image);
    this.image = image;
  }

  async #preview(hash) {
    if (this.canvas) return;
    this.canvas = make('canvas', { ariaHidden: 'true' });
    this.box.prepend(this.canvas);
    const { paint } = await lazy('photo-preview.js').catch(() => ({ paint() {} }));
    paint(this.canvas, hash);
  }
}

/* The best first; the others if it fails. The small one of a moving photo stands still. */
function sourcesOf(photo) {
  if (photo.url) return [photo.url];
  const at = addresses(photo);
  if (!at) return [];
  return photo.mime === 'image/gif' && !isCalm() ? [at.whole] : [at.small, at.whole];
}
