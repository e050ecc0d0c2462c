/* scroll.js - where the reader is in a scrolling box: following its end, or holding a line under the eye.
 * For: log.js. Knows elements and pixels; never knows messages. */

const NEAR_END = 100;

export class Scroll {
  following = true;
  #height = 0;

  /* box scrolls, list has the rows, moved() is called after the reader has scrolled or the box changed. */
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

  /** Runs `draw`, which may change any rows, without moving what the reader looks at. */
  hold(draw) {
    const row = this.following ? null : this.#rowUnderEye();
    const before = row && top(row);
    draw();
    if (row?.isConnected) this.box.scrollTop += top(row) - before;
    else if (this.following && !document.hidden) this.toEnd();
  }

  toEnd() {
    this.following = true;
    this.box.scrollTop = this.box.scrollHeight;
  }

  /** Brings `row` near the top; the end counts as reached if it is in sight then. */
  toRow(row) {
    this.box.scrollTop += top(row) - this.box.getBoundingClientRect().top - this.box.clientHeight / 5;
    this.following = this.toGo < NEAR_END;
  }

  #scrolled() {
    if (this.box.clientHeight !== this.#height) return; // the box changes, the reader does not
    this.following = this.toGo < NEAR_END;
    this.moved();
  }

  #resized() {
    this.#height = this.box.clientHeight;
    if (this.following && this.visible) this.toEnd();
    this.moved();
  }

  /* Rows are in order, so half of them can be ruled out at each step. */
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

/* A row may gain or lose its header when its neighbour comes; its words are what must not move. */
function top(row) {
  return (row.querySelector('.text') ?? row).getBoundingClientRect().top;
}
