/* outbox.js - says, edits, deletes, polls, votes and ends of polls that the server has not acknowledged yet, in order.
 * Never sends anything.
 * Kept in the browser, so a reload loses nothing; the same `id` goes out again, so nothing doubles. */

import * as storage from './storage.js';
import { newId } from './connection.js';

export class Outbox {
  #posts = [];
  #owner = null;

  /** Takes up what was left behind in this browser. What another nick wrote waits to be looked at:
   * sent under a second nick it could appear twice. */
  restore(nick) {
    if (this.#owner === nick) return;
    this.#owner = nick;
    this.#posts = storage.loadAll('out:').sort((a, b) => a.at - b.at);
    for (const post of this.#posts) {
      if (post.owner !== nick) post.fault = `This was written as ${post.owner}.`;
      post.owner = nick;
    }
  }

  /** command: { type, room, … } without an id. Returns the new post. */
  add(command) {
    const post = { command: { id: newId(), ...command }, at: Date.now(), owner: this.#owner, fault: null };
    this.#posts.push(post);
    this.#save(post);
    return post;
  }

  remove(id) {
    const post = this.find(id);
    if (!post) return;
    this.#posts.splice(this.#posts.indexOf(post), 1);
    storage.save(`out:${id}`, null);
  }

  /** The server said no: it waits for its author to decide. words: why, for people; final: trying again is no use. */
  refuse(id, words, final = false) {
    const post = this.find(id);
    if (!post) return;
    Object.assign(post, { fault: words, final });
    this.#save(post);
  }

  /** … to all that goes to that room. */
  refuseAll(room, words) {
    for (const {
      command: { id, type },
    } of this.#posts.filter((post) => post.command.room === room && !post.fault))
      if (type === 'close_poll') this.remove(id);
      else this.refuse(id, words);
  }

  /** Says it again, last in line, under the same id. */
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

  /** The first post that may go out now. */
  next(mayPost) {
    return this.#posts.find((post) => !post.fault && mayPost(post.command.room));
  }

  /** What will be an item of its own. */
  says(room) {
    return this.#posts.filter(({ command }) => command.room === room && ['say', 'poll'].includes(command.type));
  }

  /** My vote in poll `seq` that is still on its way. */
  voteOf(room, seq) {
    return this.#posts.findLast(
      ({ command }) => command.room === room && command.type === 'vote' && command.poll === seq,
    );
  }

  /** The last edit or delete of message `seq` that is still on its way. */
  changeOf(room, seq) {
    return this.#posts.findLast(({ command }) => command.room === room && command.of === seq);
  }

  /** How many there are, and what they are: "message", or "thing" if not all are. */
  get waiting() {
    const posts = this.#posts.filter((post) => !post.fault);
    return { count: posts.length, what: posts.some(({ command }) => command.poll) ? 'thing' : 'message' };
  }

  #save(post) {
    storage.save(`out:${post.command.id}`, post);
  }
}
