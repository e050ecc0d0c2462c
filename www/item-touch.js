/* item-touch.js - items under a finger: a long press or a double tap opens the menu, a swipe to the right replies.
 * Loaded once a room is there. */

const LONG_MS = 350;
const DOUBLE_MS = 300;
const STILL = 10; // pixels
const FAR = 56; // of a swipe
const OWN = 'a, button, input, pre, .question'; // these know themselves what a finger does

const itemOf = ({ target }) => (target.closest(OWN) ? null : target.closest('.msg'));

/** open(element): opens the menu of an item; reply(element): begins a reply to it. */
export function listen(box, open, reply) {
  const touch = new Touch(open, reply);
  box.addEventListener('pointerdown', (event) => touch.begin(event));
  box.addEventListener('pointermove', (event) => touch.move(event));
  box.addEventListener('pointerup', (event) => touch.lift(event));
  box.addEventListener('pointercancel', () => touch.end());
  box.addEventListener('contextmenu', (event) => {
    if (itemOf(event) && matchMedia('(hover: none)').matches) event.preventDefault();
  });
}

/* The finger that opened a sheet is lifted over a row of it. */
function ignoreClick() {
  const ignore = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  const capture = { capture: true, once: true };
  addEventListener('click', ignore, capture);
  addEventListener('pointerdown', () => removeEventListener('click', ignore, capture), capture);
}

class Touch {
  #element = null; // under the finger
  #timer = 0;
  #right = 0; // how far the swipe is
  #tapped = null; // the item of the last tap
  #tappedAt = 0;

  constructor(open, reply) {
    Object.assign(this, { open, reply });
  }

  begin(event) {
    this.end();
    const isFinger = event.pointerType === 'touch' && event.isPrimary;
    this.#element = isFinger ? itemOf(event) : null;
    if (!this.#element) return;
    [this.x, this.y] = [event.clientX, event.clientY];
    this.#timer = setTimeout(() => this.#press(), LONG_MS);
  }

  #press() {
    const element = this.#element;
    this.end();
    ignoreClick();
    this.open(element);
  }

  move({ clientX, clientY }) {
    if (!this.#element) return;
    const [right, down] = [clientX - this.x, clientY - this.y];
    if (Math.hypot(right, down) > STILL) clearTimeout(this.#timer);
    if (Math.abs(down) > Math.abs(right) && !this.#right) return;
    this.#right = Math.max(0, right);
    const shown = Math.min(this.#right, FAR + STILL);
    this.#element.style.setProperty('translate', shown > STILL ? `${shown}px` : 'none');
  }

  lift({ clientX, clientY, timeStamp }) {
    if (!this.#element) return;
    const element = this.#element;
    const right = this.#right;
    const isTap = Math.hypot(clientX - this.x, clientY - this.y) <= STILL;
    const isSecond = isTap && element === this.#tapped && timeStamp - this.#tappedAt < DOUBLE_MS;
    this.end();
    [this.#tapped, this.#tappedAt] = [isTap ? element : null, timeStamp];
    if (right >= FAR) this.reply(element);
    else if (isSecond) this.open(element);
  }

  end() {
    clearTimeout(this.#timer);
    this.#element?.style.removeProperty('translate');
    this.#element = null;
    this.#right = 0;
  }
}
