/* Reactions: given and taken back by mouse, keyboard, on a phone; seen by others. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const pills = (person, text) => person.message(text).locator('.react:not(.add)');
const shows = (person, text, ...wanted) =>
  eventually(async () => assert.deepEqual(await pills(person, text).allInnerTexts(), wanted));
const pill = (person, text, emoji) => pills(person, text).filter({ hasText: emoji });
const quick = (person, text, name) => person.message(text).getByRole('button', { name });

scene('two users react, see who did, and take it back', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ann.say('Who comes along?');
  await bob.sees('Who comes along?');
  await bob.message('Who comes').hover();
  await quick(bob, 'Who comes', 'React with 👍').click();
  await shows(ann, 'Who comes', '👍\n1');
  assert.equal(await pill(ann, 'Who comes', '👍').getAttribute('title'), 'bob');
  assert.equal(await pill(ann, 'Who comes', '👍').getAttribute('aria-pressed'), 'false');
  assert.equal(await pill(bob, 'Who comes', '👍').getAttribute('aria-pressed'), 'true');
  await pill(ann, 'Who comes', '👍').click();
  await shows(bob, 'Who comes', '👍\n2');
  assert.equal(await pill(bob, 'Who comes', '👍').getAttribute('title'), 'bob, ann');
  await ann.shot('reactions');
  await pill(bob, 'Who comes', '👍').click();
  await shows(ann, 'Who comes', '👍\n1');
  await pill(ann, 'Who comes', '👍').click();
  await shows(ann, 'Who comes');
});

scene('the dialog has more, and any emoji of the keyboard', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await ann.say('hello');
  await ann.message('hello').hover();
  await quick(ann, 'hello', 'React…').click();
  await page.locator('.emoji-picker').waitFor();
  await page.getByLabel('Find an emoji').fill('tada');
  await page.keyboard.press('Enter');
  await shows(ann, 'hello', '🎉\n1');
  await page.locator('.react.add').click();
  await page.getByLabel('Find an emoji').fill('🦭');
  await page.keyboard.press('Enter');
  await shows(ann, 'hello', '🎉\n1', '🦭\n1');
  await page.locator('.react.add').click();
  await page.getByLabel('Find an emoji').fill('🦭🦭');
  await page.keyboard.press('Enter');
  await page.getByText('A reaction is exactly one emoji.').waitFor();
  await shows(ann, 'hello', '🎉\n1', '🦭\n1');
  await ann.message('hello').hover();
  await quick(ann, 'hello', 'React with 🎉').waitFor({ state: 'attached' });
});

scene('reactions survive a reload, and go with their message', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.robot('bob');
  await ann.say('hello');
  const [{ items }] = await bob({ type: 'history', room: 'lobby', limit: 1 });
  await bob({ type: 'react', room: 'lobby', of: items[0].seq, emoji: '❤️', on: true });
  await shows(ann, 'hello', '❤️\n1');
  await ann.page.reload();
  await ann.ready();
  await shows(ann, 'hello', '❤️\n1');
  await pill(ann, 'hello', '❤️').focus();
  await ann.page.keyboard.press('Enter');
  await shows(ann, 'hello', '❤️\n2');
  await ann.choose('hello', 'Delete…');
  await quick(ann, 'hello', 'Delete').click();
  await ann.sees('Message deleted');
  assert.equal(await ann.page.locator('.react').count(), 0);
});

scene('a reaction waits for the connection', async (stage) => {
  const ann = await stage.person('ann');
  await ann.say('hello');
  await stage.daemon.stop('SIGKILL');
  await ann.message('hello').hover();
  await quick(ann, 'hello', 'React with 👍').click();
  await shows(ann, 'hello', '👍\n1');
  await stage.daemon.start();
  const bob = await stage.robot('bob');
  await eventually(async () => {
    const [{ items }] = await bob({ type: 'history', room: 'lobby', limit: 1 });
    assert.deepEqual(items[0].reactions, [{ emoji: '👍', count: 1, nicks: ['ann'], mine: false }]);
  }, 60_000);
  await shows(ann, 'hello', '👍\n1');
});

scene('what I do on one device shows on the other', async (stage) => {
  const ann = await stage.person('ann');
  const other = await ann.tab();
  other.nick = 'ann';
  await other.ready();
  await ann.say('hello');
  await other.sees('hello');
  await ann.message('hello').hover();
  await quick(ann, 'hello', 'React with 👍').click();
  await eventually(async () => assert.equal(await pill(other, 'hello', '👍').getAttribute('aria-pressed'), 'true'));
  await pill(other, 'hello', '👍').click();
  await shows(ann, 'hello');
});

for (const colorScheme of ['light', 'dark'])
  scene(`reactions on a phone, ${colorScheme}`, async (stage) => {
    const ann = await stage.person('ann', { ...phone, colorScheme });
    const { page } = ann;
    const bob = await stage.robot('bob-with-a-rather-long-name-here');
    const [{ seq }] = await bob({ type: 'say', room: 'lobby', text: 'hello' });
    for (const emoji of ['👍', '❤️', '😂', '🎉', '🦭', '🚀', '☕'])
      await bob({ type: 'react', room: 'lobby', of: seq, emoji, on: true });
    await eventually(async () => assert.equal(await pills(ann, 'hello').count(), 7));
    await pill(ann, 'hello', '🦭').tap();
    await eventually(async () => assert.equal(await pill(ann, 'hello', '🦭').innerText(), '🦭\n2'));
    await pill(ann, 'hello', '🦭').dispatchEvent('contextmenu');
    await page.getByText('🦭 bob-with-a-rather-long-name-here, ann').waitFor();
    await ann.shot(`reactions-phone-${colorScheme}`);
    await page.locator('.react.add').tap();
    await page.locator('.emoji-picker').waitFor();
    await ann.isAccessible();
  });
