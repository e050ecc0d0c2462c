/* Who cannot write in a room sees why, is offered nothing that would be refused, and loses nothing. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const line = (person) => person.page.locator('.silence');
const field = (person) => person.page.locator('textarea');
const shows = (person, words) => eventually(async () => assert.match(await line(person).innerText(), words));
const lobby = ({ daemon }, ...words) => daemon.ctl('--room', 'lobby', ...words);

async function fillPoll(person, question) {
  await person.add('Poll');
  await person.page.locator('[name=question]').fill(question);
  for (const at of [0, 1]) await person.page.locator('.options input').nth(at).fill(`option ${at}`);
}

const start = (person) => person.page.getByRole('button', { name: 'Start the poll' }).click();

/* The post is there, and is not sent until its author says so. */
async function waitsForItsAuthor(author, other, text) {
  const post = author.message(text);
  await eventually(async () => assert.equal(await post.locator('.fail span').innerText(), 'Not sent.'));
  await author.say('something else');
  await other.sees('something else');
  assert.equal(await other.page.locator('.msg', { hasText: text }).count(), 0);
  await post.getByRole('button', { name: 'Try again' }).click();
  await other.sees(text);
}

scene('a poll started by somebody who is put out meanwhile is not sent by itself', async (stage) => {
  const [ann, bob] = [await stage.person('ann'), await stage.person('bob')];
  await bob.open('Workshop');
  await bob.open('Lobby');
  await fillPoll(bob, 'Lunch?');
  lobby(stage, 'ban', 'bob', '2h');
  await eventually(async () => assert.equal(await bob.page.locator('.head .title').innerText(), 'Workshop'));
  await start(bob);
  await eventually(async () =>
    assert.match(
      await bob.page.locator('.head-fault').innerText(),
      /^Not sent to “Lobby”\. You were banned for 2 hours/,
    ),
  );
  await bob.shot('silence-banned');
  lobby(stage, 'unban', 'bob');
  await bob.open('Lobby');
  await waitsForItsAuthor(bob, ann, 'Lunch?');
});

scene(
  'a poll started by somebody who is muted meanwhile is not sent by itself, with and without a connection',
  async (stage) => {
    const [ann, bob] = [await stage.person('ann'), await stage.person('bob')];
    await fillPoll(bob, 'Lunch?');
    lobby(stage, 'mute', 'bob', '2h', 'Too loud');
    await shows(bob, /^You are muted until (.*, )?\d\d:\d\d/);
    await start(bob);
    await eventually(async () =>
      assert.match(await bob.page.locator('.fail span').innerText(), /^Not sent\. You are muted until .* · Too loud$/),
    );
    await bob.shot('silence-muted');
    lobby(stage, 'unmute', 'bob');
    await waitsForItsAuthor(bob, ann, 'Lunch?');

    await fillPoll(bob, 'Dinner?');
    lobby(stage, 'mute', 'bob', '2h');
    await shows(bob, /^You are muted/);
    await bob.context.setOffline(true);
    await stage.daemon.stop('SIGKILL');
    await start(bob);
    await bob.page.locator('.fail').waitFor();
    await stage.daemon.start();
    lobby(stage, 'unmute', 'bob');
    await bob.context.setOffline(false);
    await waitsForItsAuthor(bob, ann, 'Dinner?');
  },
);

scene('posts that waited for a room from which their author was banned, page closed, wait on', async (stage) => {
  const [ann, bob] = [await stage.person('ann'), await stage.person('bob')];
  await bob.page.reload();
  await bob.ready();
  await bob.context.setOffline(true);
  await stage.daemon.stop('SIGKILL');
  await bob.write('while you were away');
  await bob.page.locator('.msg.wait').waitFor();
  await bob.page.goto('about:blank');
  await stage.daemon.start();
  lobby(stage, 'ban', 'bob', '2h');
  await bob.context.setOffline(false);
  await bob.page.goto(`${bob.url}#lobby`);
  await bob.page.locator('.room', { hasText: 'Lobby' }).waitFor();
  lobby(stage, 'unban', 'bob');
  await bob.open('Lobby');
  await waitsForItsAuthor(bob, ann, 'while you were away');
});

scene('a muted person reads until when and why; words, photos and edits come back when it ends', async (stage) => {
  const [ann, bob] = [await stage.person('ann'), await stage.person('bob')];
  await ann.say('hello bob');
  await bob.say('first try');
  await field(bob).fill('half a sen');
  lobby(stage, 'mute', 'bob', '2h', 'Too loud');
  await shows(bob, /^You are muted until (.*, )?\d\d:\d\d · Too loud$/);
  for (const part of ['textarea', '.send', '.plus']) assert.ok(await bob.page.locator(part).isHidden(), part);
  await bob.message('hello bob').hover();
  assert.equal(await bob.message('hello bob').locator('.tool').count(), 1); // the menu, to copy
  await bob.message('first try').hover();
  assert.deepEqual(
    await bob
      .message('first try')
      .locator('.tool')
      .evaluateAll((all) => all.map(({ title }) => title)),
    ['More…'],
  );
  await bob.shot('silence-line');
  await bob.page.reload();
  await shows(bob, /^You are muted until (.*, )?\d\d:\d\d$/);
  await bob.open('Workshop');
  assert.ok(await field(bob).isVisible());
  await bob.open('Lobby');
  lobby(stage, 'unmute', 'bob');
  await field(bob).waitFor();
  assert.equal(await field(bob).inputValue(), 'half a sen');
});

scene('a mute for all rooms is read in each of them, and ends by the clock', async (stage) => {
  const bob = await stage.person('bob');
  await bob.open('Workshop');
  stage.daemon.ctl('mute', 'bob', '1m');
  await shows(bob, /^You are muted until/);
  await bob.open('Lobby');
  await shows(bob, /^You are muted until/);
  const { clock } = bob.page;
  await bob.page.reload();
  await clock.install();
  await bob.page.reload();
  await shows(bob, /^You are muted until/);
  await clock.runFor(61_000);
  await field(bob).waitFor();
});

scene('a muted moderator types commands, and nothing else goes out', async (stage) => {
  const [ann, mia] = [await stage.person('ann'), await stage.person('mia')];
  lobby(stage, 'role', 'mia', 'moderator');
  lobby(stage, 'mute', 'mia', '2h');
  await eventually(async () => assert.match(await field(mia).getAttribute('placeholder'), /^You are muted until/));
  await mia.write('/kick ann');
  await eventually(async () => assert.equal(await ann.page.locator('.head').isHidden(), true));
  await mia.write('but I');
  await mia.message('but I').locator('.fail').waitFor();
});

for (const colorScheme of ['light', 'dark'])
  scene(`a room in which only moderators write says so, on a phone too, ${colorScheme}`, async (stage) => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme };
    const ann = await stage.person('ann', phone);
    await ann.page.locator('.back').tap();
    await ann.open('News');
    await shows(ann, /^Only moderators write here$/);
    await ann.page.getByText('No messages yet.').waitFor();
    for (const part of ['textarea', '.send', '.plus']) assert.ok(await ann.page.locator(part).isHidden(), part);
    await ann.shot(`silence-phone-${colorScheme}`);
    stage.daemon.ctl('--room', 'news', 'role', 'ann', 'moderator');
    await ann.page.getByText('No messages yet. Say hello!').waitFor();
    assert.equal(await field(ann).getAttribute('placeholder'), 'Message News');
    await ann.page.locator('.plus').waitFor();
  });
