/* connection.js - one WebSocket to /chat that reconnects by itself. Knows frames, replies, close codes and
 * waiting; never rooms or the page. */

import { Alive } from './alive.js';

const WAIT_MAX_MS = 30_000;
const FLOOD_WAIT_MS = 10_000;
const RESTARTING = 4001;
const SLOW = 4008;
const FLOODING = 4009;

/* What ends each of these: see fault.js. */
const CAUSES = { offline: 'connection', unavailable: 'store', muted: 'muted' };

/** A refusal by the server, or "offline". */
export class Fault extends Error {
  constructor({ code, text, field, retry_after }) {
    super(text || code);
    this.code = code;
    this.about = CAUSES[code];
    this.field = field; // … that was wrong
    this.retryAfter = retry_after;
  }
}

const offline = () => new Fault({ code: 'offline', text: 'There is no connection right now.' });
const tooBig = () => new Fault({ code: 'too_big', text: 'This is longer than the server accepts.' });

/* For JSON.stringify: leaves out what the server's JSON does not take, NUL and half characters. */
const clean = (_, value) => (typeof value === 'string' ? value.replace(/\0|\p{Surrogate}/gu, '') : value);
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/* off --open()--> joining --greeted--> up --lost--> down --timer--> joining …   close(): off */
export class Connection {
  state = 'off';
  limits = { message_bytes: 16_384, commands_per_second: 10, commands_burst: 40 }; // until `welcome`
  #socket = null;
  #asked = new Map(); // id → { done, fail }
  #hasPosted = false; // … something without a reply, since the last frame
  #due = 0; // time when the server's rate allows the next command, ms
  #tries = 0;
  #timer = 0;
  #mayHurry = true;

  /* greet(): sends `hello`, rejects with a Fault · refused(fault): `hello` is refused for good ·
   * heard(frame): an event or a signal · changed(state, why): why it is down, 'flood' or a code ·
   * question(): a command that is always answered at once · silent(is): the connection does not answer it. */
  constructor({ greet, refused, heard, changed, question, silent }) {
    Object.assign(this, { greet, refused, heard, changed, question });
    this.alive = new Alive({
      ask: () => this.state === 'up' && this.#ask(this.question()).catch(() => {}),
      isDue: () => this.#hasPosted || this.#asked.size > 0,
      queued: () => this.#socket?.bufferedAmount ?? 0,
      silent,
      dead: () => this.#lost(),
    });
    for (const type of ['online', 'pageshow', 'focus']) addEventListener(type, () => this.hurry());
  }

  open() {
    if (this.state === 'off') this.#connect();
  }

  close() {
    this.#drop();
    this.#become('off');
  }

  /** Tries now instead of after the wait: the network or the user is back. */
  hurry() {
    if (this.state === 'down' && this.#mayHurry) this.#connect();
  }

  /** Resolves with the reply. Keeps to the server's rate; after a `rate` error it waits and repeats. */
  async request(command) {
    const socket = this.#socket;
    while (socket && socket === this.#socket && (this.state === 'up' || command.type === 'hello')) {
      const wait = this.#turn();
      if (wait > 0) await pause(wait);
      if (socket !== this.#socket) break;
      try {
        return await this.#ask(command);
      } catch (fault) {
        if (fault.code !== 'rate') throw fault;
        await pause((fault.retryAfter ?? 0) * 1000 + 1000 + Math.random() * 500);
      }
    }
    throw offline();
  }

  /** Sends a command that has no reply. */
  post(command) {
    if (this.state !== 'up') return;
    this.#hasPosted = true;
    this.#socket.send(JSON.stringify(command));
  }

  /* Milliseconds to wait. Half of the burst is left to my other tabs: they share the rate, and too many
   * refusals cost the connection. */
  #turn() {
    const { commands_per_second: rate, commands_burst: burst } = this.limits;
    if (!rate) return 0;
    const now = performance.now();
    this.#due = Math.max(this.#due, now) + 1000 / rate;
    return this.#due - now - (burst / 2) * (1000 / rate);
  }

  #ask(command) {
    const id = command.id ?? newId();
    const bytes = JSON.stringify({ ...command, id }, clean);
    if (new TextEncoder().encode(bytes).length > this.limits.message_bytes) return Promise.reject(tooBig());
    return new Promise((done, fail) => {
      this.#asked.set(id, { done, fail });
      this.#socket.send(bytes);
    });
  }

  #connect() {
    this.#drop();
    this.#become('joining');
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/chat`, 'chat');
    socket.onopen = () => {
      this.alive.moved();
      this.#say();
    };
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = (event) => this.#lost(event);
    this.#socket = socket;
    this.alive.start();
  }

  async #say() {
    const socket = this.#socket;
    try {
      await this.greet();
    } catch (fault) {
      if (socket !== this.#socket) return; // the connection ended first, and #lost() ran
      if (['unavailable', 'full', 'offline'].includes(fault.code)) return this.#lost(fault);
      this.close();
      return this.refused(fault);
    }
    this.alive.idleMs = 1000 * (this.limits.idle_seconds ?? 60);
    this.#tries = 0;
    this.#become('up');
  }

  #hear(frame) {
    this.alive.moved();
    this.#hasPosted = false;
    const asked = frame.id !== undefined && this.#asked.get(frame.id);
    if (!asked) return this.heard(frame);
    this.#asked.delete(frame.id);
    if (frame.type === 'error') asked.fail(new Fault(frame));
    else asked.done(frame);
  }

  #lost({ code, reason } = {}) {
    this.#drop();
    const wait = this.#waitAfter(code, reason);
    this.#tries += 1;
    this.#mayHurry = code !== FLOODING;
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#become('down', code === FLOODING ? 'flood' : code);
  }

  /* Full jitter: a thousand pages that lose the same server reconnect spread over the whole wait. */
  #waitAfter(code, reason) {
    if (code === RESTARTING && this.#tries === 0) return secondsIn(reason) * 1000;
    if (code === FLOODING) return FLOOD_WAIT_MS;
    if (code === SLOW) return 0;
    return Math.random() * Math.min(WAIT_MAX_MS, 1000 * 2 ** this.#tries);
  }

  #drop() {
    clearTimeout(this.#timer);
    this.alive.stop();
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const { fail } of this.#asked.values()) fail(offline());
    this.#asked.clear();
    this.#hasPosted = false;
  }

  #become(state, why) {
    this.state = state;
    this.changed(state, why);
  }
}

function secondsIn(reason) {
  try {
    return Math.min(60, Number(JSON.parse(reason).retry_after) || 0);
  } catch {
    return 1;
  }
}

/** A key for a command, unique for this identity. */
export function newId() {
  return hex(crypto.getRandomValues(new Uint8Array(12)));
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
