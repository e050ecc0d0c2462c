/* message.js - messages: said, edited, deleted. message-card.js draws them. */

import { tool } from './dom.js';
import { MessageCard } from './message-card.js';
import * as mine from './photo-mine.js';
import { silence } from './silence.js';

const rewrite = (room, { of, text, at, mentions, mentions_room }) =>
  room.change(of, () => {
    const item = room.find(of);
    if (item && !item.deleted) Object.assign(item, { text, edited: at, mentions, mentions_room });
  });

const erase = (room, of) => room.change(of, () => room.forget(({ seq }) => seq === of));

/** photos: [{ id, alt }], see photo-mine.js */
export const say = (chat, room, text, replyTo, photos = []) =>
  chat.posting.add(room, {
    type: 'say',
    text,
    ...(replyTo && { reply_to: replyTo }),
    ...(photos.length && { photos }),
  });

/* A message with photos of mine is there: the log has those of the server. */
function said({ model }, room, { photos = [], ...item }) {
  room.add({ type: 'message', ...item, photos: photos.map((photo) => mine.sent(model.me, photo)) });
  for (const { id } of photos) mine.drop(model.me, id);
  if (photos.length) model.tell('upload', []);
}

/* As the server takes it. */
function withSent({ model }, command) {
  if (!command.photos) return command;
  const photos = command.photos.map(({ id, alt }) => ({
    photo: mine.find(model.me, id).answer.photo,
    ...(alt && { alt }),
  }));
  return { ...command, photos };
}

export const edit = (chat, room, of, text) => chat.posting.add(room, { type: 'edit', of, text });

const of = (command) => command.of;

/* An edit or delete that is older than the room's cursor has come as an event already. */
const isNews = (room, { seq }) => seq > room.last;

export const message = {
  name: 'message',

  icons: {
    reply: 'M9 7l-5 5 5 5M4 12h10c4 0 6 2 6 6',
    edit: 'M5 19l.8-3.8L15.5 5.5l3 3L8.8 18.2zM13.5 7.5l3 3',
    delete: 'M5 7h14M9.5 7V5h5v2M7 7l.8 12h8.4L17 7M10.5 10.5v5M13.5 10.5v5',
  },

  events: {
    message: (chat, room, event) => chat.add(room, event),
    edit: (_chat, room, event) => rewrite(room, event),
    delete: (_chat, room, event) => erase(room, event.of),
  },

  posts: {
    say: {
      item: ({ text, photos }) => ({ type: 'message', text, photos }),
      begin: ({ model }, { photos = [] }) =>
        photos.length &&
        model.tell(
          'upload',
          photos.map(({ id }) => id),
        ),
      isReady: ({ model }, { photos }) => mine.areReady(model.me, photos),
      wire: withSent,
      refused: ({ model }, { photos = [] }, { code }) =>
        code === 'not_found' && photos.forEach(({ id }) => mine.change(model.me, id, { answer: null })),
      done: said,
      silence,
      takeBack: ({ text, photos }, { composer }) => composer.putBack(text, photos),
    },
    edit: {
      of,
      silence,
      done: (_chat, room, item) => isNews(room, item) && rewrite(room, item),
      takeBack: ({ of: seq, text }, { composer }) => composer.edit(seq, text),
    },
    delete: {
      of,
      isFinal: true,
      done: (_chat, room, item) => isNews(room, item) && erase(room, item.of),
    },
  },

  refusals: {
    'delete forbidden': () => "You can't delete messages of someone with your role or a higher one.",
  },

  questions: {
    delete: {
      words: 'Delete this message?',
      yes: 'Delete',
      no: 'Keep',
      answer: (chat, room, seq) => chat.posting.add(room, { type: 'delete', of: seq }),
    },
  },

  buttons: (row, { composer }) => [!row.silent && tool('reply', 'Reply', () => composer.reply(row.seq))],

  /* A deleted item of any kind is drawn as a deleted message. */
  part: ({ type, text, edited, deleted, photos, mentions, mentions_room: room }) =>
    (type === 'message' && (text || !photos?.length)) || deleted ? { text, edited, deleted, mentions, room } : null,

  Card: MessageCard,
};
