/* mention.js - whom messages name, and how many that name me are unread. The menu of names, the list of my mentions, and
 * attention.js load on first use. */

import { $, make, tool } from './dom.js';
import { lazy } from './lazy.js';
import { isThere } from './room.js';

/* Of a room, in `kept`; the server counted `mentions` up to `last`. */
const told = (room) => room.kept.told ?? { level: 'mentions', mentions: 0, last: 0 };

const setTold = (room, news) => room && (room.kept.told = { ...told(room), ...news });

/** What of a room I want to be told: 'all', 'mentions', 'none'. */
export const levelOf = (room) => told(room).level;

/** Whether an item of somebody else names me. */
export const namesMe = (item, me) =>
  isThere(item) && item.from !== me && Boolean(item.mentions_room || item.mentions?.includes(me));

/** How many unread messages of the room name me: those that are loaded, and those that only the server has counted. */
export function mentionsIn(room, me) {
  const { mentions, last } = told(room);
  const isWhole = room.loaded && (!room.more || room.oldest <= room.read + 1);
  const isCounted = !isWhole && last > room.read;
  const since = isCounted ? last : room.read;
  const loaded = room.items.filter((item) => item.seq > since && namesMe(item, me)).length;
  return isCounted ? mentions + loaded : loaded;
}

/** Whether something there waits for me: nothing does in a room of which I want to be told nothing. */
export const isUnread = (room, me) => levelOf(room) !== 'none' && room.unread(me).count > 0;

export const allMentions = ({ joined, me }) =>
  joined.reduce((sum, room) => sum + (levelOf(room) === 'none' ? 0 : mentionsIn(room, me)), 0);

export const mention = {
  icons: {
    at: 'M15.5 12a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0zm0-3.5V13a2.5 2.5 0 0 0 5 0v-1a8.5 8.5 0 1 0-3.4 6.8',
    bell: 'M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 1.5H5zM10 20.5h4',
  },

  signals: {
    level({ model }, { level }, room) {
      setTold(room, { level });
      model.tell('rooms told');
    },
    pause({ model, kept }, { until }) {
      kept.pause = until;
      model.tell('told');
    },
    active: ({ kept }, { on }) => (kept.active = { on, at: Date.now() }),
  },

  welcomed({ kept, model }, { rooms, pause }) {
    kept.pause = pause;
    for (const { room, level, mentions, last } of rooms)
      if (level) setTold(model.rooms.get(room), { level, mentions, last });
  },

  /* A message of mine may be here already, as I sent it. */
  after(_chat, room, { seq, mentions, mentions_room }) {
    if (mentions) Object.assign(room.find(seq) ?? {}, { mentions, mentions_room });
  },

  help: [['Ctrl Shift M'], 'What mentions me'],

  mount(page) {
    const { model, composer } = page;
    const use =
      (act, ...news) =>
      (part) =>
        part[act](page, ...news);
    const button = tool('at', 'Mentions');
    const list = async (body) => (await lazy('mention-list.js', 'mention.css')).draw(body, page);
    $('.new-room').before(button);
    page.panel.add({ name: 'mentions', title: 'Mentions', button, draw: list });
    const bell = tool('bell', 'Notifications', () => page.open('told'));
    bell.append(make('span.words', {}, 'Notifications'));
    $('.show-you').before(bell);
    model.watch('arrived', (room, item) => {
      if (namesMe(item, model.me) || levelOf(room) === 'all')
        lazy('attention.js', 'mention.css').then(use('arrived', room, item), () => {});
    });
    composer.area.addEventListener('input', () => {
      if (composer.area.value.includes('@'))
        lazy('mention-menu.js', 'dialog.css', 'mention.css').then(use('follow'), () => {});
    });
  },
};
