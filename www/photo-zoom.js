/* photo-zoom.js - fingers, mouse and wheel on a photo: zooms and moves it; a swipe over one that is not zoomed goes on or
 * closes. Knows elements and pixels only. Loaded with the viewer. */

const MOST = 8;
const ONCE = 2.5; // what a click or a double tap zooms
const SWIPE = 60; // pixels
const TAP = 8; // pixels that a tap may move
const DOUBLE_MS = 300;

export class Zoom {
  #fingers = new Map(); // pointer → { x, y }
  #start = { x: 0, y: 0 }; // of the first finger
  #isSwipe = false; // one finger so far
  #tapped = 0; // when

  /* step(by), close(): what swipes do. */
  constructor(stage, image, { step, close }) {
    Object.assign(this, { stage, image, step, close });
    stage.onpointerdown = (event) => this.#down(event);
    stage.onpointermove = (event) => this.#moved(event);
    stage.onpointerup = (event) => this.#up(event);
    stage.onpointercancel = (event) => this.#up(event, true);
    stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    this.reset();
  }

  reset() {
    Object.assign(this, { scale: 1, x: 0, y: 0 });
    this.#draw();
  }

  /** Zooms, and keeps what is at that point of the window in its place: the middle, without one. */
  by(factor, point = this.#middle) {
    const scale = Math.min(MOST, Math.max(1, this.scale * factor));
    const { x, y } = this.#middle;
    const real = scale / this.scale;
    this.x = (point.x - x) * (1 - real) + this.x * real;
    this.y = (point.y - y) * (1 - real) + this.y * real;
    this.scale = scale;
    if (scale === 1) this.x = this.y = 0;
    this.#draw();
  }

  /* Of the image as it is laid out, without zoom. */
  get #middle() {
    const { left, top, width, height } = this.image.getBoundingClientRect();
    return { x: left + width / 2 - this.x, y: top + height / 2 - this.y };
  }

  #draw() {
    this.image.style.setProperty('transform', `translate(${this.x}px, ${this.y}px) scale(${this.scale})`);
    this.stage.classList.toggle('zoomed', this.scale > 1);
  }

  #down(event) {
    if (event.button) return;
    this.stage.setPointerCapture(event.pointerId);
    const at = { x: event.clientX, y: event.clientY };
    if (!this.#fingers.size) this.#start = at;
    this.#fingers.set(event.pointerId, at);
    this.#isSwipe = this.#fingers.size === 1;
  }

  #moved(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.#fingers.set(event.pointerId, now);
    if (other) this.by(distance(now, other) / Math.max(1, distance(before, other)), between(now, other));
    this.x += (now.x - before.x) / (other ? 2 : 1);
    this.y += (now.y - before.y) / (other ? 2 : 1);
    this.#draw();
  }

  #up(event, isCancelled = false) {
    if (!this.#fingers.delete(event.pointerId) || this.#fingers.size) return;
    const [dx, dy] = [event.clientX - this.#start.x, event.clientY - this.#start.y];
    const isTap = Math.hypot(dx, dy) < TAP;
    if (this.scale > 1 && !isTap) return;
    if (this.scale === 1) this.reset();
    if (isCancelled || !this.#isSwipe) return;
    if (isTap) this.#tap(event);
    else if (Math.abs(dx) > Math.max(SWIPE, Math.abs(dy))) this.step(dx < 0 ? 1 : -1);
    else if (dy > SWIPE) this.close();
  }

  /* A click zooms, or closes beside the photo; a finger taps twice. */
  #tap({ pointerType, timeStamp, clientX, clientY }) {
    const isDouble = timeStamp - this.#tapped < DOUBLE_MS;
    this.#tapped = isDouble ? 0 : timeStamp;
    if (pointerType !== 'mouse' && !isDouble) return;
    const { left, right, top, bottom } = this.image.getBoundingClientRect();
    const isOutside = clientX < left || clientX > right || clientY < top || clientY > bottom;
    if (isOutside && pointerType === 'mouse') this.close();
    else if (this.scale > 1) this.reset();
    else this.by(ONCE, { x: clientX, y: clientY });
  }

  #wheel(event) {
    event.preventDefault();
    this.by(Math.exp(-event.deltaY / 300), { x: event.clientX, y: event.clientY });
  }
}

const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
const between = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
