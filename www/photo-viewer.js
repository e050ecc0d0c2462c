/* photo-viewer.js - one photo over everything, and from there all that the log has loaded. Arrows and swipes go on; Escape,
 * Back and a swipe down close; photo-zoom.js zooms. Loaded when a photo is opened. */

import { button, icon, make } from './dom.js';
import { lazy } from './lazy.js';
import { showDialog } from './overlay.js';
import { addresses, isCalm } from './photo.js';
import { isThere } from './room.js';
import { fullDate, time } from './when.js';

/** Shows the photo of that name in the open room. */
export async function open(page, name) {
  const photos = page.model.current.stretch.items.filter(isThere).flatMap(photosOf);
  const at = photos.findIndex(({ photo }) => photo === name);
  if (at < 0) return;
  const { Zoom } = await lazy('photo-zoom.js');
  new Viewer(photos, Zoom).show(at, true);
}

const photosOf = ({ photos = [], from, at }) => photos.filter(addresses).map((photo) => ({ ...photo, from, at }));

class Viewer {
  constructor(photos, Zoom) {
    this.photos = photos;
    this.#build();
    this.zoom = new Zoom(this.stage, this.image, {
      step: (by) => this.step(by),
      close: () => this.dialog.close(),
    });
    this.dialog.onkeydown = (event) => this.#key(event);
    this.dialog.onclose = () => this.dialog.remove();
    document.body.append(this.dialog);
    showDialog(this.dialog);
    this.close.focus();
  }

  #build() {
    const tool = (classes, name, label, act) =>
      Object.assign(button(`tool.${classes}`, act, icon(name)), { title: label, ariaLabel: label });
    this.image = make('img', { draggable: false });
    this.stage = make('div.stage', {}, this.image);
    this.by = make('div.by');
    this.of = make('span.of', { role: 'status' });
    this.save = make('a.tool', { title: 'Save', ariaLabel: 'Save' }, icon('down'));
    this.close = tool('close', 'close', 'Close (Escape)', () => this.dialog.close());
    this.before = tool('step.before', 'back', 'Previous photo (←)', () => this.step(-1));
    this.after = tool('step.after', 'back', 'Next photo (→)', () => this.step(1));
    this.play = button('small-button.play', () => this.#move(), 'Play');
    this.words = make('p.words', { dir: 'auto' });
    const top = make('div.top', {}, this.by, this.of, this.save, this.close);
    const parts = [this.stage, top, this.before, this.after, this.words, this.play];
    this.dialog = make('dialog.viewer', { ariaLabel: 'Photo', tabIndex: -1 }, ...parts);
  }

  step(by) {
    if (this.photos[this.at + by]) this.show(this.at + by, false);
  }

  /** isPressed: a moving photo moves, also for those who prefer that nothing does. */
  async show(at, isPressed) {
    this.at = at;
    const photo = this.photos[at];
    const { whole, small } = addresses(photo);
    this.#describe(photo, whole);
    this.zoom.reset();
    this.play.hidden = true;
    this.image.src = small;
    const isStill = isCalm() && !isPressed && (await moves(photo, whole));
    if (this.photos[this.at] !== photo) return;
    this.play.hidden = !isStill;
    if (!isStill) this.#move();
  }

  /* The small one stays in its place until the whole one is there. */
  #move() {
    const photo = this.photos[this.at];
    const { whole } = addresses(photo);
    this.play.hidden = true;
    const image = make('img', { src: whole });
    image.onload = () => {
      if (this.photos[this.at] === photo) this.image.src = whole;
    };
  }

  #describe({ photo, width, height, alt, from, at }, whole) {
    const count = this.photos.length;
    const [w, h] = width > 0 && height > 0 ? [width, height] : [4, 3];
    this.image.alt = alt || 'Photo';
    this.image.style.setProperty('--w', w);
    this.image.style.setProperty('--ratio', w / h);
    const when = make('time', { title: fullDate(at) }, time(at));
    this.by.replaceChildren(make('bdi.nick', {}, from), when);
    this.of.textContent = count > 1 ? `${this.at + 1} of ${count}` : '';
    this.words.textContent = alt ?? '';
    Object.assign(this.save, { href: whole, download: photo });
    this.before.ariaDisabled = String(this.at === 0);
    this.after.ariaDisabled = String(this.at === count - 1);
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const zoom = { '+': 1.5, '=': 1.5, '-': 1 / 1.5 }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || !(step || zoom || event.key === '0')) return;
    event.preventDefault();
    if (step) this.step(step);
    else if (zoom) this.zoom.by(zoom);
    else this.zoom.reset();
  }
}

/* A WebP says so in its head. */
async function moves({ mime }, whole) {
  if (mime !== 'image/webp') return mime === 'image/gif';
  const bytes = await fetch(whole).then(
    (reply) => reply.arrayBuffer(),
    () => new ArrayBuffer(),
  );
  const head = new Uint8Array(bytes.slice(0, 21));
  return String.fromCharCode(...head.slice(12, 16)) === 'VP8X' && (head[20] & 2) !== 0;
}
