/* Two users in a room: messages are sent, shown, announced and changed. */

import assert from 'node:assert/strict';
import { eventually, REFUSED, scene } from './harness.mjs';

scene('two users chat', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ann.say('Hello, is anybody here?');
  await bob.sees('Hello, is anybody here?');
  await bob.say('I am.\nAnd I brought a friend: https://example.org/a_(b), look.');
  await bob.say('Second of a group');
  await ann.sees('Second of a group');

  const said = ann.message('I brought a friend');
  assert.equal(
    await said.locator('.text').innerText(),
    'I am.\nAnd I brought a friend: https://example.org/a_(b), look.',
  );
  const link = said.locator('a');
  assert.equal(await link.getAttribute('href'), 'https://example.org/a_(b)');
  assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
  assert.equal(await link.getAttribute('target'), '_blank');
  assert.match(await said.locator('.by time').getAttribute('title'), /\d{4} at \d\d:\d\d:\d\d/);
  assert.equal(await ann.message('Second of a group').locator('.by').count(), 0, 'one group, one header');
  assert.equal(await ann.page.locator('.day').count(), 1);
  await ann.shot('two-people');
});

scene('Shift+Enter breaks a line, the composer grows, Enter sends', async (stage) => {
  const ann = await stage.person('ann');
  const height = () => ann.page.locator('textarea').evaluate((area) => area.clientHeight);
  const low = await height();
  await ann.page.keyboard.type('one');
  await ann.press('Shift+Enter');
  await ann.page.keyboard.type('two');
  assert.ok((await height()) > low);
  await ann.press('Enter');
  await ann.sees('two');
  assert.deepEqual(await ann.texts(), ['one\ntwo']);
  assert.equal(await height(), low);
});

scene('others see that a user types, until the message comes', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  const line = ann.page.locator('.typing');
  await bob.page.locator('textarea').pressSequentially('We');
  await eventually(async () => assert.equal(await line.innerText(), 'bob is typing…'));
  await bob.press('Enter');
  await ann.sees('We');
  await eventually(async () => assert.equal(await line.innerText(), ''));
  assert.equal(await bob.page.locator('.typing').innerText(), '');
});

scene('users appear in the list and disappear', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  const names = () => ann.page.locator('.panel .here bdi').allInnerTexts();
  await eventually(async () => assert.deepEqual(await names(), ['ann', 'bob']));
  await bob.open('Workshop');
  await bob.open('Lobby');
  await bob.roomMenu('Leave room');
  await eventually(async () => assert.deepEqual(await names(), ['ann']));
  await eventually(async () => assert.equal(await ann.page.locator('.here-count').innerText(), 'Here · 1'));
});

scene('a user edits and deletes a message', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ann.say('a frist try');
  await ann.page.locator('textarea').focus();
  await ann.press('ArrowUp');
  assert.equal(await ann.page.locator('textarea').inputValue(), 'a frist try');
  await ann.shot('editing');
  await ann.write('a first try');
  await bob.sees('a first try');
  await eventually(async () => assert.deepEqual(await bob.texts(), ['a first try (edited)']));

  const mine = ann.message('a first try');
  await ann.choose('a first try', 'Delete…');
  await ann.shot('delete');
  await mine.getByRole('button', { name: 'Keep' }).click();
  assert.equal(await mine.getByText('Delete this message?').count(), 0);
  await ann.choose('a first try', 'Delete…');
  await mine.getByRole('button', { name: 'Delete' }).click();
  await bob.sees('Message deleted');
  await eventually(async () => assert.deepEqual(await ann.texts(), ['Message deleted']));
  const theirs = bob.message('deleted');
  await theirs.hover();
  assert.equal(await theirs.locator('.acts').count(), 0);
});

scene('a user whose coming was not signalled is in the list once they write, or another comes', async (stage) => {
  const ann = await stage.person('ann');
  const dropped = [];
  await ann.tap((frame) => {
    const came = (frame.came ?? []).map(({ nick }) => nick).filter((nick) => ['bob', 'cat'].includes(nick));
    dropped.push(...came);
    return came.length ? null : frame;
  });
  const listed = (...nicks) =>
    eventually(async () => assert.deepEqual(await ann.page.locator('.here .person bdi').allInnerTexts(), nicks));
  const bob = await stage.robot('bob');
  await eventually(() => dropped.includes('bob'));
  await listed('ann');
  await bob({ type: 'say', room: 'lobby', text: 'here I am' });
  await listed('ann', 'bob');
  await stage.robot('cat');
  await eventually(() => dropped.includes('cat'));
  await stage.robot('dan');
  await listed('ann', 'bob', 'cat', 'dan');
});

scene('a reply quotes its message', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ann.say('Shall we sail at noon?');
  await bob.sees('Shall we sail at noon?');
  await bob.message('Shall we').hover();
  await bob.message('Shall we').getByRole('button', { name: 'Reply' }).click();
  assert.equal(await bob.page.locator('.mode span').innerText(), 'Replying to ann');
  await bob.write('Aye');
  await ann.sees('Aye');
  assert.equal(await ann.message('Aye').locator('.quote').innerText(), 'ann Shall we sail at noon?');
});

scene('a screen reader hears new messages once, and nothing else', async (stage) => {
  const ann = await stage.person('ann');
  await ann.say('old news');
  const bob = await stage.person('bob');
  await bob.page.evaluate(() => {
    window.spoken = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) window.spoken.push(node.textContent);
    }).observe(document.querySelector('.announcer'), { childList: true });
  });
  const log = bob.page.locator('.log');
  assert.equal(await log.getAttribute('aria-live'), 'off');
  assert.equal(await bob.page.locator('.announcer').getAttribute('aria-live'), 'polite');
  await bob.say('my own');
  await ann.say('fresh news');
  await bob.sees('fresh news');
  await ann.say('and more');
  const spoken = () => bob.page.evaluate(() => window.spoken);
  await eventually(async () => assert.deepEqual(await spoken(), ['ann: fresh news', 'ann: and more']));
});

scene('a refused message says why and keeps its text', async (stage) => {
  const ann = await stage.person('ann');
  await ann.write(REFUSED);
  const failed = ann.page.locator('.msg.failed');
  await failed.waitFor();
  assert.match(await failed.locator('.fail').innerText(), /^Not sent\. .+\.\sTry again\sDiscard$/);
  await ann.shot('refused');
  await ann.page.reload();
  await failed.waitFor();
  await failed.getByRole('button', { name: 'Try again' }).click();
  await failed.waitFor();
  await failed.getByRole('button', { name: 'Discard' }).click();
  assert.equal(await ann.page.locator('textarea').inputValue(), REFUSED);
  await eventually(async () => assert.equal(await ann.page.locator('.msg').count(), 0));
});

scene(
  'a user who writes too fast in two tabs only waits',
  async (stage) => {
    const ann = await stage.person('ann');
    const second = await ann.tab();
    await second.ready();
    const posts = Array.from({ length: 20 }, (_, number) => number);
    const write = async (tab, text) => {
      await eventually(async () => assert.equal(await tab.page.locator('textarea').inputValue(), '')); // tabs share a draft
      await tab.write(text);
    };
    for (const number of posts) {
      await write(ann, `left ${number}.`);
      await write(second, `right ${number}.`);
    }
    const all = ['left', 'right'].flatMap((side) => posts.map((number) => `${side} ${number}.`)).sort();
    for (const tab of [ann, second])
      await eventually(async () => {
        assert.equal(await tab.page.locator('.msg.wait, .msg.failed').count(), 0);
        assert.deepEqual((await tab.texts()).sort(), all);
      }, 60_000);
  },
  'commands_per_second = 20; commands_burst = 10;',
);

scene('an error vanishes with its cause', async (stage) => {
  const ann = await stage.person('ann');
  await ann.page.locator('.room-menu').click(); // it is loaded
  await ann.page.getByRole('menu').waitFor();
  await ann.press('Escape');
  await stage.daemon.stop('SIGKILL');
  await ann.roomMenu('Leave room');
  await eventually(async () => assert.match(await ann.page.locator('.head-fault').innerText(), /^You are still in/));
  await stage.daemon.start();
  await eventually(async () => assert.equal(await ann.page.locator('.head-fault').innerText(), ''), 60_000);
});
