/* scroll.js - the reader's place in a scrolling box: follows its end, or holds the line under the eye.
 * Knows elements and pixels, never items. */

const NEAR_END = 100;

export class Scroll {
  following = true;
  hasEnd = true; // the list ends where the log does
  #height = 0;

  /* box scrolls, list has the rows, moved() is called after a scroll or a change of the box. */
  constructor(box, list, moved) {
    Object.assign(this, { box, list, moved });
    box.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(box);
  }

  get visible() {
    return this.box.clientHeight > 0 && !document.hidden;
  }

  get toGo() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
  }

  /** Runs `draw`, which may change any rows, and keeps the line under the eye in its place. */
  hold(draw) {
    const row = this.following ? null : this.#rowUnderEye();
    const before = row && top(row);
    draw();
    if (row?.isConnected) this.box.scrollTop += top(row) - before;
    else if (this.following && !document.hidden) this.toEnd();
  }

  toEnd() {
    this.following = this.hasEnd;
    this.box.scrollTop = this.box.scrollHeight;
  }

  /** Brings `row` near the top if it is above what is in sight; follows the end if that is in sight then. */
  toRow(row) {
    if (top(row) > this.box.getBoundingClientRect().top) return;
    this.box.scrollTop += top(row) - this.box.getBoundingClientRect().top - this.box.clientHeight / 5;
    this.#look();
  }

  /** Brings `row` into the middle. */
  toMiddle(row) {
    row.scrollIntoView({ block: 'center' });
    this.#look();
  }

  #look() {
    this.following = this.hasEnd && this.toGo < NEAR_END;
  }

  #scrolled() {
    if (this.box.clientHeight !== this.#height) return; // the box changes, not the reader's place
    this.#look();
    this.moved();
  }

  #resized() {
    this.#height = this.box.clientHeight;
    if (this.following && this.visible) this.toEnd();
    this.moved();
  }

  /* Binary search: rows are in order. */
  #rowUnderEye() {
    const edge = this.box.getBoundingClientRect().top;
    const rows = this.list.children;
    let low = 0;
    let high = rows.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].getBoundingClientRect().bottom > edge) high = middle;
      else low = middle + 1;
    }
    return rows[low];
  }
}

/* A new neighbour may give or take a row's header; its content must not move. */
function top(row) {
  return (row.querySelector('.text, .photos') ?? row).getBoundingClientRect().top;
}
