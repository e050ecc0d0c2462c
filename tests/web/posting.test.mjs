/* posting.test.mjs - posts that change an item, and typed commands, without a browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.addEventListener ??= () => {}; // storage.js listens
globalThis.Element ??= class {}; // dom.js extends it
const { newId } = await import('../../www/connection.js');
const { Outbox } = await import('../../www/outbox.js');
const { Posting } = await import('../../www/posting.js');
const { message } = await import('../../www/message.js');
const { moderation } = await import('../../www/moderation.js');
const { poll } = await import('../../www/poll.js');
const { reaction } = await import('../../www/reaction.js');
const { Room } = await import('../../www/room.js');
const { usage } = await import('../../www/moderation-commands.js');

const of = (command) => command.of;
const room = { name: 'lobby' };

function posting() {
  const feature = { posts: { edit: { of }, delete: { of } } };
  const chat = { model: { tell() {}, rooms: new Map() }, connection: { state: 'down' } };
  const made = new Posting(chat, [feature]);
  chat.outbox = new Outbox(made.kinds);
  chat.outbox.restore('ann');
  return { made, outbox: chat.outbox };
}

test('a change replaces a refused one of its kind, and leaves a refused one of another kind', () => {
  const { made, outbox } = posting();
  made.add(room, { type: 'edit', of: 7, text: 'first' });
  const first = outbox.last('edit', 'lobby', 7);
  outbox.refuse(first.command.id, 'You are muted.');
  made.add(room, { type: 'delete', of: 7 });
  assert.equal(outbox.last('edit', 'lobby', 7), first);
  made.add(room, { type: 'edit', of: 7, text: 'second' });
  assert.equal(outbox.find(first.command.id), undefined);
  assert.equal(outbox.last('edit', 'lobby', 7).command.text, 'second');
  assert.ok(outbox.last('delete', 'lobby', 7));
});

/* What promises had to do is done. */
const quiet = () => new Promise(setImmediate);

/* A connection that takes everything, and a member of a room. */
function chatting() {
  const sent = [];
  const connection = { state: 'up', request: async (command) => sent.push(command) && { seq: 9, at: 1 } };
  const lobby = Object.assign(new Room('lobby', []), { live: true, joined: true });
  const rooms = new Map([['lobby', lobby]]);
  const chat = { model: { tell() {}, rooms, current: lobby, connection: {} }, connection, kept: {}, refused() {} };
  chat.posting = new Posting(chat, [message, poll, reaction, moderation]);
  chat.outbox = new Outbox(chat.posting.kinds);
  chat.outbox.restore(newId()); // with nothing stored
  return { chat, lobby, sent };
}

const posts = {
  say: { text: 'hello' },
  edit: { of: 7, text: 'better' },
  poll: { question: 'Lunch?', options: ['a', 'b'], max: 1, secret: false, results: 'live' },
  delete: { of: 7 },
  vote: { poll: 7, choices: [0] },
  react: { of: 7, emoji: '👍', on: true },
};
const speech = ['say', 'edit', 'poll'];
const causes = {
  muted: [(one) => (one.muted = { until: 0, reason: '' }), (one) => (one.muted = null), [...speech, 'react']],
  'where only moderators write': [(one) => (one.post = 'moderator'), (one) => (one.role = 'moderator'), speech],
  'put out': [(one) => (one.out = 'You are out.'), (one) => (one.out = ''), Object.keys(posts)],
};

for (const [name, [begin, end, kinds]] of Object.entries(causes))
  for (const type of Object.keys(posts))
    test(`${type} of somebody ${name} ${kinds.includes(type) ? 'waits for its author' : 'goes out'}`, async () => {
      const { chat, lobby, sent } = chatting();
      begin(lobby);
      chat.posting.add(lobby, { type, ...posts[type] });
      end(lobby);
      await quiet();
      assert.equal(sent.length, kinds.includes(type) ? 0 : 1);
      if (!kinds.includes(type) || type === 'react') return; // a refused reaction is dropped
      const [{ command, fault }] = [...chat.outbox.items('lobby'), chat.outbox.changeOf('lobby', 7)].filter(Boolean);
      assert.ok(fault);
      chat.posting.retry(lobby, command.id);
      await quiet();
      assert.equal(sent.length, 1);
    });

test('each act of moderation is a command that can be typed', () => {
  for (const { name } of moderation.commands) assert.match(usage(name.slice(1)), new RegExp(`^${name} Bob`));
});
