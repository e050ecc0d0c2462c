/* outbox.js - my posts that the server has not acknowledged yet, in order. Never sends anything.
 * The browser stores them, so a reload loses nothing; a post keeps its `id`, so the server stores it once.
 *
 * A post is { command, at, fault: words or null, final, silenced }. Features register its kinds, by command type:
 *   item(command) → the item that it will be, if it will be one
 *   of(command) → the seq of the item that it changes
 *   silence(room) → why I cannot post it there, in words: see silence.js
 *   isQuiet     the row of that item shows it only if it is refused
 *   isReady(chat, command) → whether it can go out: it waits, and with it what comes after it in its room
 *   begin(chat, command)     it waits to go out, for the first time or again
 *   wire(chat, command) → as the server takes it
 *   refused(chat, command, fault)
 *   noun        the banner counts it as that; else as a message
 *   isFinal     a refusal is final: trying again is of no use
 *   drop(fault, model) → words   a refused post is dropped, and the page shows these words
 *   done(chat, room, item, reply)   the server has it; `item` has the command's members and seq, at, from, key
 *   takeBack(command, page)         puts it back where it was written */

import * as storage from './storage.js';
import { newId } from './connection.js';

export class Outbox {
  #posts = [];
  #owner = null;

  constructor(kinds) {
    this.kinds = kinds;
  }

  /** Loads what this browser stores for `nick`; null: nobody is logged in. Called at each login, it takes over
   * what a tab that was closed meanwhile has left. */
  restore(nick) {
    if (this.#owner !== nick) this.#posts = [];
    this.#owner = nick;
    const isNew = ({ command }) => this.kinds[command?.type] && !this.find(command.id);
    this.#posts.push(...storage.loadAll(this.#name('')).filter(isNew));
    this.#posts.sort((a, b) => a.at - b.at);
  }

  /** Another tab changed the stored value `name`. Only the tab that took a post sends it, unless it is closed. */
  follow(name) {
    const at = this.#posts.findIndex(({ command }) => this.#name(command.id) === name);
    if (at < 0) return;
    const post = storage.load(name);
    this.#posts.splice(at, 1, ...(post ? [post] : []));
  }

  /** command: { type, room, … } without an id. Returns it with one. */
  add(command) {
    const post = { command: { id: newId(), ...command }, at: Date.now(), fault: null };
    this.#posts.push(post);
    this.#save(post);
    return post.command;
  }

  remove(id) {
    const post = this.find(id);
    if (!post) return;
    this.#posts.splice(this.#posts.indexOf(post), 1);
    storage.save(this.#name(id), null);
  }

  /** Keeps a refused post for its author to decide. words: the reason; final: trying again is of no use;
   * silenced: I could not write there, and the reason may be over when the post is shown. */
  refuse(id, words, { final = false, silenced = false } = {}) {
    const post = this.find(id);
    if (!post) return;
    Object.assign(post, { fault: words, final, silenced });
    this.#save(post);
  }

  /** Refuses the posts that have photo `id` of mine. */
  refusePhoto(id, words, silenced) {
    for (const { command } of this.#posts)
      if (command.photos?.some((photo) => photo.id === id)) this.refuse(command.id, words, { silenced });
  }

  /** I am not in `room` any more. */
  refuseAll(room, words) {
    for (const { command } of this.#posts.filter((post) => post.command.room === room && !post.fault))
      if (this.kinds[command.type].drop) this.remove(command.id);
      else this.refuse(command.id, words, { silenced: true });
  }

  /** The names of the rooms that posts wait for. */
  get rooms() {
    return new Set(this.#posts.map(({ command }) => command.room));
  }

  /** Puts a refused post last in line, under the same id. */
  retry(id) {
    const post = this.find(id);
    if (!post) return;
    this.remove(id);
    post.fault = null;
    post.at = Date.now();
    this.#posts.push(post);
    this.#save(post);
  }

  find(id) {
    return this.#posts.find((post) => post.command.id === id);
  }

  /** The first that may go out. One that may not keeps back what comes after it in its room. */
  next(mayPost) {
    const kept = new Set();
    return this.#posts.find(({ command, fault }) => {
      if (fault || kept.has(command.room)) return false;
      if (!mayPost(command)) kept.add(command.room);
      return !kept.has(command.room);
    });
  }

  items(room) {
    return this.#posts.filter(({ command }) => command.room === room && this.kinds[command.type].item);
  }

  /** The posts of that type that change item `seq`. */
  changes(type, room, seq) {
    return this.#posts.filter(
      ({ command }) => command.type === type && command.room === room && this.kinds[type].of(command) === seq,
    );
  }

  last(type, room, seq) {
    return this.changes(type, room, seq).at(-1);
  }

  /** The last post that item `seq` shows: a change on its way, or a refused one. */
  changeOf(room, seq) {
    return this.#posts.findLast(({ command, fault }) => {
      const { of, isQuiet } = this.kinds[command.type];
      return command.room === room && of?.(command) === seq && (fault || !isQuiet);
    });
  }

  /** How many there are, and the noun for them: "thing" if they differ. */
  get waiting() {
    const nouns = this.#posts
      .filter((post) => !post.fault)
      .map(({ command }) => this.kinds[command.type].noun ?? 'message');
    return { count: nouns.length, noun: nouns.every((noun) => noun === nouns[0]) ? nouns[0] : 'thing' };
  }

  #name(id) {
    return storage.own(this.#owner, `out:${id}`);
  }

  #save(post) {
    storage.save(this.#name(post.command.id), post);
  }
}
