/* mention-list.js - all that mentions me, newest first: messages, and reactions to mine. Content of the panel, loaded
 * when it is first shown. */

import { avatar } from './avatar.js';
import { button, make } from './dom.js';
import { graphemes } from './text.js';
import { day, dayKey, fullDate, time } from './when.js';

const WORDS = 200; // characters of a message
const NONE = 'Nobody has mentioned you yet. Messages with your name, and reactions to yours, will be here.';

/** Fills the panel. Returns what ends that. */
export function draw(body, page) {
  const list = make('ul.mentions');
  const note = make('p.quiet.small', { role: 'status' });
  const more = button('small-button', () => fetchMore(), 'Show more');
  let next;
  let turn = 0; // answers of earlier ones come too late

  async function fetchMore() {
    const mine = (turn += 1);
    more.hidden = true;
    const reply = await page.chat.connection
      .request({ type: 'mentions', ...(next && { next }) })
      .catch(({ message }) => ({ items: [], more: true, next, message }));
    if (mine !== turn) return;
    if (!next && !reply.message) list.replaceChildren();
    list.append(...reply.items.map((item) => make('li', {}, entry(page, item))));
    next = reply.next;
    more.hidden = !reply.more;
    note.textContent = reply.message ?? (list.children.length ? '' : NONE);
  }

  const again = () => {
    next = undefined;
    fetchMore();
  };
  body.append(note, list, more);
  again();
  const ends = [
    page.model.watch('arrived', (room, item) => item.mentions && again()),
    page.model.watch('connection', again),
  ];
  return () => ends.forEach((end) => end());
}

function entry(page, { room: name, seq, of, at, from, text, emoji, item }) {
  const room = page.model.room(name);
  const when = make('time', { title: fullDate(at) }, dayKey(at) === dayKey(Date.now()) ? time(at) : day(at));
  const words = graphemes(item?.text ?? text ?? '', WORDS).join('');
  const where = make('span.quiet', {}, make('bdi', {}, room.title), ' · ', when);
  return button(
    'mention-row',
    () => go(page, room, of ?? seq),
    avatar(from, 's'),
    make(
      'span',
      {},
      make('span.by', {}, make('bdi.nick', {}, from), where),
      make('span.words', { dir: 'auto' }, item ? `${emoji} ${words}` : words),
    ),
  );
}

function go({ panel, drawer, chat, model }, room, seq) {
  panel.leave();
  drawer.close();
  chat.open(room, seq).catch((fault) => model.tell('fault', fault));
}
