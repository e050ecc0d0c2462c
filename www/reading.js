/* reading.js - my read markers: what was on screen, here and on my other devices. */

const SEND_EVERY_MS = 1000;

export class Reading {
  #timers = new Map(); // room → timer of the next `read`

  constructor(chat) {
    this.chat = chat;
    chat.model.watch('current', (room) => room && (room.held = 0));
  }

  signals = {
    read: ({ model }, { seq, back }, room) => {
      if (!room || (seq <= room.read && !back)) return;
      room.read = room.readSent = seq;
      if (back) room.held = room.newest;
      model.tell('rooms');
    },
  };

  /** Everything up to the newest item was on screen. */
  mark(room) {
    if (room.newest <= Math.max(room.read, room.held)) return;
    room.read = room.newest;
    room.held = 0;
    this.chat.model.tell('rooms');
    this.send(room);
  }

  /** My marker goes back to stand before `seq`, until somebody opens the room again. */
  async back(room, seq) {
    if (seq > room.read) return;
    await this.chat.connection.request({ type: 'unread', room: room.name, seq });
    room.read = room.readSent = seq - 1;
    room.held = room.newest;
    this.chat.model.tell('rooms');
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
