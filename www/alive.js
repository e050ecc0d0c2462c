/* alive.js - the one notion of *alive*: a connection is alive while bytes move on it, in either direction. Silence is
 * asked about; if nothing moves after the question, the connection is dead, whatever the browser says.
 *
 * The question comes after the server's idle time, after SOON_MS where a reply is due, and at once when the network or
 * the user is back, or the clock has jumped: then the machine slept. A slow line needs longer for its answer than
 * others, so each death doubles the patience, up to two minutes, and a quick answer halves it. */

const TICK_MS = 1000;
const JUMP_MS = 5000; // a tick that comes so late has slept
const SOON_MS = 10_000;
const SILENT_MS = 3000;
const PATIENCE_MS = 10_000;
const PATIENCE_MAX_MS = 120_000;

export class Alive {
  idleMs = 60_000;
  #timer = 0;
  #at = 0; // the last tick
  #movedAt = 0;
  #queued = 0; // bytes that the browser has not sent yet
  #waited = null; // ms since the question; null: none
  #isAsked = false; // … by ask()
  #patience = PATIENCE_MS;

  /* ask(): sends what the server answers · isDue(): a reply is due · queued(): bytes that the browser has not sent ·
   * silent(is): the question has no answer for SILENT_MS, or now it has · dead(): no byte has moved since the question */
  constructor({ ask, isDue, queued, silent, dead }) {
    Object.assign(this, { ask, isDue, queued, silent, dead });
    for (const type of ['online', 'offline', 'pageshow', 'focus']) addEventListener(type, () => this.hurry());
  }

  /** A new connection: what it opens with is the first question. */
  start() {
    this.stop();
    this.#movedAt = this.#at = Date.now();
    this.#waited = 0;
    this.#isAsked = false;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  /** Bytes have moved. */
  moved() {
    this.#movedAt = Date.now();
    if (this.#isAsked && this.#waited !== null && this.#waited < this.#patience / 4)
      this.#patience = Math.max(PATIENCE_MS, this.#patience / 2);
    if (this.#waited >= SILENT_MS) this.silent(false);
    this.#waited = null;
    this.#isAsked = false;
  }

  /** Asks now, unless bytes have just moved. */
  hurry() {
    if (!this.#timer || this.#waited !== null || Math.abs(Date.now() - this.#movedAt) < TICK_MS) return;
    this.#waited = 0;
    this.#isAsked = true;
    this.ask();
  }

  #tick() {
    const now = Date.now();
    const step = Math.abs(now - this.#at);
    this.#at = now;
    const queued = this.queued();
    if (queued < this.#queued) this.moved();
    this.#queued = queued;
    if (this.#waited !== null) this.#wait(step);
    else if (step > JUMP_MS || now - this.#movedAt >= (this.isDue() ? SOON_MS : this.idleMs)) this.hurry();
  }

  /* A sleep is no time to answer in: it counts as half of the patience. */
  #wait(step) {
    const before = this.#waited;
    this.#waited += Math.min(step, this.#patience / 2);
    if (before < SILENT_MS && this.#waited >= SILENT_MS) this.silent(true);
    if (this.#waited < this.#patience) return;
    this.#patience = Math.min(2 * this.#patience, PATIENCE_MAX_MS);
    this.dead();
  }
}
