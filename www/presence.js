/* presence.js - the users who are in a room now, as the server lists and signals them, and whether I am away.
 *
 * The server keeps one "away" for all pages of a user, and the last word counts. So a page tells it when it changes its
 * own, and takes back what another page has told while this one is looked at: the user is away once all pages are. */

const ASK_EVERY_MS = 3000;

export class Presence {
  #asked = new Map(); // room → whether to ask again when ASK_EVERY_MS are over
  #isAway = false; // this page
  #last = false; // … and the last word of all pages, as far as it is known here

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

  /** `nick` wrote here just now: a user who is not in the list came with a signal that was dropped. */
  heard(room, nick) {
    if (room === this.chat.model.current && room.listsAll && nick && !room.people.has(nick)) this.ask(room);
  }

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

  setAway(on) {
    this.#isAway = this.#last = on;
    this.chat.connection.request({ type: 'away', on }).catch(() => {});
  }

  /** A new connection: the server may have restarted. */
  cameBack() {
    if (this.#isAway) this.setAway(true);
  }

  /** A command that the server answers at once, and that changes nothing. */
  get question() {
    return { type: 'away', on: this.#last };
  }

  /* The roles of absent users, which only moderators see: those of this room, and to moderators of all rooms the others.
   * Role events and the lists of users keep them right. */
  #rank(room) {
    if (room.isRanked) return;
    room.isRanked = true;
    const { connection, model } = this.chat;
    for (const place of [{ room: room.name }, {}])
      connection.request({ type: 'standings', ...place }).then(
        ({ standings }) => {
          for (const { nick, role } of standings) room.rankAtLeast(nick, role);
          model.tell('log', room);
        },
        () => {},
      );
  }

  /* With the list comes my role, and with it what items offer. */
  #met(room) {
    const { model } = this.chat;
    const before = room.role;
    const me = room.people.get(model.me);
    this.#last = me?.away ?? this.#last;
    if (this.#last && !this.#isAway) this.setAway(false);
    room.role = me?.role ?? before;
    if (room.moderates && room === model.current) this.#rank(room);
    model.tell(room.role === before ? 'people' : 'people log', room);
  }
}
