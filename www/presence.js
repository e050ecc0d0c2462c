/* presence.js - the users who are in a room now, as the server lists and signals them. */

const ASK_EVERY_MS = 3000;

export class Presence {
  #asked = new Map(); // room → whether to ask again when ASK_EVERY_MS are over

  constructor(chat) {
    this.chat = chat;
  }

  signals = {
    here: ({ model }, signal, room) => {
      if (!room) return;
      if (!room.move(signal) && room === model.current) this.ask(room);
      this.#met(room);
    },
  };

  /** Fetches the list of users. */
  ask(room) {
    const wasAsked = this.#asked.has(room);
    this.#asked.set(room, wasAsked);
    if (wasAsked) return;
    setTimeout(() => {
      const again = this.#asked.get(room);
      this.#asked.delete(room);
      if (again && room === this.chat.model.current) this.ask(room);
    }, ASK_EVERY_MS);
    const met = (reply) => {
      room.meet(reply);
      this.#met(room);
    };
    this.chat.connection.request({ type: 'who', room: room.name }).then(met, () => {});
  }

  /* With the list comes my role, and with it what items offer. */
  #met(room) {
    const { model } = this.chat;
    const before = room.role;
    room.role = room.people.get(model.me)?.role ?? before;
    model.tell(room.role === before ? 'people' : 'people log', room);
  }
}
