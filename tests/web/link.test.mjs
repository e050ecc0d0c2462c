/* The link goes deaf, slow, or away, and the machine sleeps: what the page calls alive, and what it calls looking. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const banner = ({ page }) => page.locator('.banner');
const dot = ({ page }) => page.locator('.dot').getAttribute('title');
const fire = ({ page }, type) => page.evaluate((one) => dispatchEvent(new Event(one)), type);
/* Bytes that have just moved leave no doubt. */
const doubt = (person, line, type) =>
  eventually(async () => {
    await line.later(1000);
    await fire(person, type);
    assert.ok(line.heard.includes('away'));
  });
const texts = ({ page }) => page.locator('.day.new, .msg .text').allInnerTexts();
const upTo = (count) => Array.from({ length: count }, (_, at) => `missed ${at + 1}.`);

/* A page whose connection can be made deaf: nothing passes, in either direction, and nobody is told. Its clock
 * stands under `later`. */
async function withLine(stage, nick) {
  const person = await stage.person(nick);
  const line = { links: 0, isDeaf: false, heard: [], delay: null };
  await person.page.clock.install();
  await person.page.routeWebSocket('**/chat', (socket) => {
    line.links += 1;
    const isFirst = line.links === 1;
    const server = socket.connectToServer();
    const pass = () => !(line.isDeaf && isFirst);
    socket.onMessage((text) => {
      const command = JSON.parse(text);
      line.heard.push(command.type);
      if (pass()) server.send(text);
    });
    server.onMessage((text) => {
      if (!pass()) return;
      if (line.delay?.(JSON.parse(text))) line.late = () => socket.send(text);
      else socket.send(text);
    });
  });
  await person.page.reload();
  await person.ready();
  line.later = async (ms, step = 1000) => {
    for (let passed = 0; passed < ms; passed += step) await person.page.clock.runFor(step);
  };
  line.jump = (ms) => person.page.clock.fastForward(ms);
  line.cut = () => {
    line.isDeaf = true;
    line.heard.length = 0;
  };
  return { person, line };
}

for (const type of ['online', 'pageshow', 'focus'])
  scene(`a deaf link is found at once by "${type}"`, async (stage) => {
    const { person: ann, line } = await withLine(stage, 'ann');
    await line.later(2000);
    line.cut();
    await doubt(ann, line, type);
    await line.later(5000);
    await eventually(async () => assert.equal(await dot(ann), 'Not connected'));
    await line.later(6000);
    await eventually(() => line.links >= 2);
    await banner(ann).waitFor({ state: 'hidden' });
    assert.equal(await dot(ann), 'Connected');
  });

scene('a deaf link is asked about after the idle time, and dead ten seconds later', async (stage) => {
  const { person: ann, line } = await withLine(stage, 'ann');
  await line.later(2000);
  line.cut();
  await line.later(72_000);
  await eventually(() => line.links >= 2);
  await banner(ann).waitFor({ state: 'hidden' });
});

scene('a post into a deaf link is not waited for as long, and arrives once', async (stage) => {
  const { person: ann, line } = await withLine(stage, 'ann');
  const bob = await stage.person('bob');
  line.cut();
  await ann.write('hello?');
  await line.later(25_000);
  await eventually(() => line.links >= 2);
  await bob.sees('hello?');
  await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 0));
  assert.deepEqual(await ann.texts(), ['hello?']);
});

scene('typing finds a deaf link', async (stage) => {
  const { person: ann, line } = await withLine(stage, 'ann');
  await line.later(2000);
  line.cut();
  await ann.page.locator('textarea').press('h');
  await line.later(25_000);
  await eventually(() => line.links >= 2);
  await banner(ann).waitFor({ state: 'hidden' });
});

scene('a quiet link that answers stays, for hours', async (stage) => {
  const { person: ann, line } = await withLine(stage, 'ann');
  for (let i = 0; i < 5; i += 1) {
    const before = line.heard.length;
    await line.later(61_000);
    await eventually(async () => {
      await line.later(1000); // the last answer came late by the page's clock
      return line.heard.length > before;
    });
  }
  await line.jump(3_600_000);
  await eventually(() => line.heard.at(-1) === 'away');
  assert.equal(line.links, 1);
  assert.equal(await dot(ann), 'Connected');
});

scene('a reply that takes more than ten seconds is no dead link, and a slower one not for ever', async (stage) => {
  const { person: ann, line } = await withLine(stage, 'ann');
  await ann.say('a page of words');
  line.delay = ({ type }) => type === 'joined';
  await (await ann.seek('Workshop')).click();
  await eventually(() => line.late !== undefined);
  const held = line.late;
  line.delay = ({ type }) => type === 'ok'; // the answer to the question stands behind it
  await line.later(15_000);
  assert.equal(line.links, 1);
  line.delay = null;
  held();
  await ann.ready();
  await line.later(15_000);
  assert.equal(line.links, 1);

  // a line whose replies need 25 seconds: it takes a second connection, and no more
  line.delay = ({ type }) => type === 'joined' || type === 'ok' || type === 'who';
  line.heard.length = 0;
  await doubt(ann, line, 'online');
  await line.later(12_000);
  await eventually(() => line.links === 2);
  await line.later(25_000);
  assert.equal(line.links, 2);
});

scene('without network the dot is grey within seconds', async (stage) => {
  const { person: ann, line } = await withLine(stage, 'ann');
  await line.later(2000);
  line.cut();
  await doubt(ann, line, 'offline');
  await line.later(6000);
  await eventually(async () => assert.equal(await dot(ann), 'Not connected'));
  assert.match(await banner(ann).innerText(), /^Reconnecting…/);
  await ann.shot('link-offline');
});

/* ---- looking ---- */

scene('a lid closed for an hour: what was missed is new, and unread until somebody is there', async (stage) => {
  const { person: ann, line } = await withLine(stage, 'ann');
  const bob = await stage.robot('bob');
  await ann.say('before');
  line.cut();
  await bob(...upTo(60).map((text) => ({ type: 'say', room: 'lobby', text })));
  await line.jump(3_600_000); // the lid opens
  await line.later(12_000);
  await eventually(async () => assert.deepEqual(await texts(ann), ['before', 'New', ...upTo(60)]), 60_000);
  assert.match(await ann.page.title(), /^• /);
  await ann.shot('link-lid');
  await ann.page.mouse.move(400, 400);
  await eventually(async () => assert.ok(await ann.page.locator('.day.new').isVisible()));
  assert.equal(await ann.page.locator('.pill').innerText(), '60 new messages');
  await ann.page.locator('.log').press('End');
  await eventually(async () => assert.match(await ann.page.title(), /^Lobby/));
  assert.deepEqual((await texts(ann)).slice(0, 2), ['before', 'New']);
});

scene('what comes while the connection is away is new, even to somebody who looks', async (stage) => {
  const { person: ann, line } = await withLine(stage, 'ann');
  const bob = await stage.robot('bob');
  await ann.say('before');
  line.cut();
  await ann.page.mouse.move(400, 300);
  await bob(...upTo(3).map((text) => ({ type: 'say', room: 'lobby', text })));
  await doubt(ann, line, 'online');
  await line.later(12_000);
  await eventually(async () => assert.deepEqual(await texts(ann), ['before', 'New', ...upTo(3)]));
});

scene('a page with the focus and nobody before it reads nothing', async (stage) => {
  const { person: ann, line } = await withLine(stage, 'ann');
  const bob = await stage.robot('bob');
  await ann.say('before');
  await line.later(62_000);
  await bob({ type: 'say', room: 'lobby', text: 'anybody?' });
  await eventually(async () => assert.match(await ann.page.title(), /^• /));
  assert.deepEqual(await texts(ann), ['before', 'New', 'anybody?']);
  await ann.page.mouse.move(300, 300);
  await eventually(async () => assert.match(await ann.page.title(), /^Lobby/));
  assert.deepEqual(await texts(ann), ['before', 'New', 'anybody?']);
});

/* Runs in a page of the user: another device, that nobody looks at any more. */
async function goAway() {
  const { nick, token } = JSON.parse(localStorage.getItem('chatd:me'));
  const socket = new WebSocket(`ws://${location.host}/chat`, 'chat');
  await new Promise((done) => {
    socket.onopen = done;
  });
  for (const command of [
    { type: 'hello', nick, token },
    { type: 'away', on: true },
  ])
    socket.send(JSON.stringify({ ...command, id: command.type }));
}

scene('a user is away once all pages are, and here when one of them is looked at', async (stage) => {
  const bob = await stage.robot('bob');
  const isAway = async () =>
    (await bob({ type: 'who', room: 'lobby' }))[0].here.find(({ nick }) => nick === 'ann').away;
  const { person: ann, line } = await withLine(stage, 'ann');
  const other = await ann.tab();
  await other.ready();
  const told = [];
  let known = false; // by the other page
  await other.tap(
    (frame) => {
      if (frame.type === 'here') known = frame.came.find(({ nick }) => nick === 'ann')?.away ?? known;
      return frame;
    },
    ({ type, on }) => type === 'away' && told.push(on),
  );
  await ann.page.bringToFront();
  await line.later(7 * 60_000, 5000); // the clock of both
  await eventually(isAway);
  await eventually(() => known);
  await ann.page.mouse.move(400, 400);
  await eventually(() => !known);
  told.length = 0;
  for (let i = 0; i < 6; i += 1) {
    await line.later(30_000, 5000);
    await ann.page.mouse.move(400, 300 + i);
  }
  await eventually(() => told.length > 0); // the other page asks whether its link is alive
  assert.ok(!told.includes(true), 'and does not say that nobody is there');
  assert.equal(await isAway(), false);
  const before = line.heard.length;
  await other.page.evaluate(goAway);
  await eventually(() => line.heard.slice(before).includes('away'));
  await eventually(async () => assert.equal(await isAway(), false));
});
