/* posting.js - my posts on their way: from the outbox to the server, one at a time, until it answers. */

/* Refusals for which silence.js, and my coming back, know better whether they still hold. */
const SILENCED = new Set(['silence', 'muted', 'forbidden', 'not_member']);

const merge = (parts, member) => Object.assign({}, ...parts.map((part) => part[member]));

export class Posting {
  #busy = false;

  constructor(chat, features) {
    this.chat = chat;
    this.kinds = merge(features, 'posts');
    this.refusals = { forbidden: () => 'You cannot write in this room.', ...merge(features, 'refusals') };
  }

  /** Takes a command for `room`; it goes out as soon as it can. Replaces a refused one of the same kind and item. */
  add(room, command) {
    const { outbox } = this.chat;
    const of = this.kinds[command.type].of?.(command);
    const old = of && outbox.last(command.type, room.name, of);
    if (old?.fault) outbox.remove(old.command.id);
    this.#begin(room, outbox.add({ ...command, room: room.name }));
  }

  retry(room, id) {
    const { outbox } = this.chat;
    outbox.retry(id);
    this.#begin(room, outbox.find(id).command);
  }

  /* What the server would refuse now waits for its author, not for the ban or the mute to end. */
  #begin(room, command) {
    const { silence, begin } = this.kinds[command.type];
    const words = room.out || silence?.(room);
    if (words) this.#refused(command, { code: 'silence', message: words });
    else begin?.(this.chat, command);
    this.#changed(room);
    this.go();
  }

  /** Gives up a refused post. Returns its command. */
  takeBack(room, id) {
    const { outbox } = this.chat;
    const { command } = outbox.find(id);
    outbox.remove(id);
    this.#changed(room);
    return command;
  }

  /** Sends what can go out. One at a time, so that the server numbers posts in the order of writing, even
   * when it asks to slow down. */
  async go() {
    if (this.#busy) return;
    this.#busy = true;
    const { outbox, model, connection } = this.chat;
    const mayPost = (command) =>
      model.rooms.get(command.room)?.live && (this.kinds[command.type].isReady?.(this.chat, command) ?? true);
    for (let post; connection.state === 'up' && (post = outbox.next(mayPost));) if (!(await this.#send(post))) break;
    this.#busy = false;
  }

  /* False: not now. */
  async #send({ command }) {
    const { connection, model } = this.chat;
    const room = model.rooms.get(command.room);
    try {
      this.#acknowledged(
        room,
        command,
        await connection.request(this.kinds[command.type].wire?.(this.chat, command) ?? command),
      );
    } catch (fault) {
      if (fault.code === 'offline' || (fault.code === 'unavailable' && model.connection.held)) return false;
      this.#refused(command, fault);
    }
    this.#changed(room);
    return true;
  }

  /* The cursor stays: events of others with smaller numbers may still be on their way. */
  #acknowledged(room, command, reply) {
    this.chat.outbox.remove(command.id);
    const { type, id: key, room: _, ...said } = command;
    const item = { ...said, seq: reply.seq, at: reply.at, from: this.chat.model.me, key };
    this.kinds[type].done?.(this.chat, room, item, reply);
  }

  /* The server's texts are for any client, the features' are for users of this page. */
  #refused(command, fault) {
    const { outbox, model } = this.chat;
    const { id, type } = command;
    const { drop, isFinal, silence, refused } = this.kinds[type];
    const room = model.rooms.get(command.room);
    refused?.(this.chat, command, fault);
    this.chat.refused(fault, room);
    if (drop) {
      outbox.remove(id);
      model.tell('fault', { message: drop(fault, model), about: fault.about });
      return;
    }
    const words = this.refusals[`${type} ${fault.code}`] ?? this.refusals[fault.code];
    const text = words?.(fault, model) ?? fault.message;
    const silenced = Boolean(silence) && SILENCED.has(fault.code);
    const final = Boolean(isFinal) && fault.code !== 'unavailable';
    outbox.refuse(id, text, { final, silenced });
    if (room !== model.current)
      model.tell('fault', { message: `Not sent to “${room.title}”. ${text}`, about: room.link });
  }

  #changed(room) {
    this.chat.model.tell('log connection', room);
  }
}
