/* posting.test.mjs - posts that change an item, and typed commands, without a browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.addEventListener ??= () => {}; // storage.js listens
const { Outbox } = await import('../../www/outbox.js');
const { Posting } = await import('../../www/posting.js');
const { moderation } = await import('../../www/moderation.js');
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

test('each act of moderation is a command that can be typed', () => {
  for (const { name } of moderation.commands) assert.match(usage(name.slice(1)), new RegExp(`^${name} Bob`));
});
