/* reading.js - my read markers: what was on screen, here and on my other devices. */

const SEND_EVERY_MS = 1000;

export class Reading {
  #timers = new Map(); // room → timer of the next `read`

  constructor(chat) {
    this.chat = chat;
  }

  signals = {
    read: ({ model }, { seq }, room) => {
      if (!room || seq <= room.read) return;
      room.read = room.readSent = seq;
      model.tell('rooms');
    },
  };

  /** Everything up to the newest item was on screen. */
  mark(room) {
    if (room.newest <= room.read) return;
    room.read = room.newest;
    this.chat.model.tell('rooms');
    this.send(room);
  }

  /** Sends the marker, soon if the last one has just gone out. */
  send(room) {
    if (this.#timers.has(room)) return;
    const send = () => {
      this.#timers.delete(room);
      if (!room.live || room.read <= room.readSent) return;
      room.readSent = room.read;
      this.chat.connection.request({ type: 'read', room: room.name, seq: room.read }).catch(() => {});
      this.#timers.set(room, setTimeout(send, SEND_EVERY_MS));
    };
    this.#timers.set(room, setTimeout(send, 0));
  }
}
