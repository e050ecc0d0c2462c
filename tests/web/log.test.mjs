/* Reading: back through history, past the "New" line, in two tabs. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const say = (text) => ({ type: 'say', room: 'lobby', text });

/* Scrolls up once; returns how far the line under the eye moved while older messages arrived. */
async function scrollBack(page) {
  return page.evaluate(async () => {
    const box = document.querySelector('.log');
    const rows = document.querySelector('.rows');
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    box.scrollTop = Math.min(box.scrollTop, 200);
    await frame();
    await frame();
    const edge = box.getBoundingClientRect().top;
    const eye = [...rows.querySelectorAll('.msg')].find((one) => one.getBoundingClientRect().bottom > edge);
    const place = () => eye.querySelector('.text').getBoundingClientRect().top;
    const top = place();
    const before = rows.childElementCount;
    let moved = 0;
    const measure = () => {
      moved = Math.max(moved, Math.abs(place() - top));
    };
    for (let left = 300; left > 0 && rows.childElementCount === before; left -= 1) {
      await frame();
      measure();
    }
    for (let i = 0; i < 5; i += 1) {
      await frame();
      measure();
    }
    return { moved, grown: rows.childElementCount - before };
  });
}

for (const deviceScaleFactor of [1, 1.5])
  scene(`scrolling back does not move the line under the eye, at scale ${deviceScaleFactor}`, async (stage) => {
    const ask = await stage.robot('scribe');
    await ask(...Array.from({ length: 240 }, (_, i) => say(`message ${i + 1}.${' and so on'.repeat(i % 40)}`)));
    const ann = await stage.person('ann', { deviceScaleFactor });
    await ann.sees('message 240.');
    const inLog = () => ann.page.locator('.msg').count();
    while ((await inLog()) < 240) {
      const { moved, grown } = await scrollBack(ann.page);
      assert.ok(moved <= 0.5, `moved by ${moved} px when ${grown} rows came`);
    }
    assert.deepEqual(
      (await ann.texts()).map((text) => parseInt(text.slice(8), 10)),
      Array.from({ length: 240 }, (_, i) => i + 1),
    );
    await ann.page.getByText('This is the start of Lobby.').waitFor();
  });

scene('the New line keeps its place while the room is open', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ann.say('one');
  await bob.sees('one');
  await bob.open('Workshop');
  await ann.say('two');
  await ann.say('three');
  await bob.page.getByLabel('Lobby, 2 unread').waitFor();
  await eventually(async () => assert.match(await bob.page.title(), /^• Workshop/));
  await bob.shot('unread');
  await bob.open('Lobby');
  await bob.sees('three');
  const order = () => bob.page.locator('.day.new, .msg .text').allInnerTexts();
  assert.deepEqual(await order(), ['one', 'New', 'two', 'three']);
  await bob.page.getByLabel('Lobby', { exact: true }).waitFor();
  await ann.say('four');
  await bob.sees('four');
  assert.deepEqual(await order(), ['one', 'New', 'two', 'three', 'four']);
  await bob.shot('new-line');
  await bob.open('Workshop');
  await bob.open('Lobby');
  await bob.sees('four');
  assert.equal(await bob.page.locator('.day.new').count(), 0);
});

scene('away from the end nothing moves, and a pill counts new messages', async (stage) => {
  const ask = await stage.robot('scribe');
  await ask(...Array.from({ length: 60 }, (_, i) => say(`line ${i}.`)));
  const ann = await stage.person('ann');
  await ann.sees('line 59.');
  const scrollTop = () => ann.page.locator('.log').evaluate((box) => box.scrollTop);
  const pill = ann.page.locator('.pill');
  await ann.page.locator('.log').hover();
  await ann.page.mouse.wheel(0, -400);
  await eventually(() =>
    ann.page.evaluate(() => {
      const box = document.querySelector('.log');
      return box.scrollHeight - box.scrollTop - box.clientHeight >= 300;
    }),
  );
  await ask(say('first news'));
  await eventually(async () => assert.equal(await pill.innerText(), '1 new message'));
  const place = await scrollTop();
  await ask(say('second news'));
  await eventually(async () => assert.equal(await pill.innerText(), '2 new messages'));
  assert.equal(await scrollTop(), place);
  await ann.shot('pill');
  await pill.click();
  await pill.waitFor({ state: 'hidden' });
  assert.deepEqual((await ann.page.locator('.day.new, .msg .text').allInnerTexts()).slice(-4), [
    'line 59.',
    'New',
    'first news',
    'second news',
  ]);
  await ask(say('third news'));
  await ann.sees('third news');
  assert.ok(await ann.message('third news').isVisible());
});

scene('a room read in one tab is read in the other', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await bob.open('Workshop');
  const second = await bob.tab();
  await second.ready();
  await second.open('Workshop');
  await ann.say('read me');
  const counts = [bob, second].map((tab) => tab.page.locator('.room', { hasText: 'Lobby' }));
  const says = (count, words) => eventually(async () => assert.equal(await count.getAttribute('aria-label'), words));
  for (const count of counts) await says(count, 'Lobby, 1 unread');
  await second.open('Lobby');
  await second.sees('read me');
  for (const count of counts) await says(count, 'Lobby');
  await bob.page.reload();
  await bob.ready();
  await says(counts[0], 'Lobby');
});

scene('messages that arrive while the tab is hidden are new when it is shown', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ann.say('seen');
  await bob.sees('seen');
  const turn = (hidden) =>
    bob.page.evaluate((now) => {
      Object.defineProperty(document, 'hidden', { value: now, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await turn(true);
  await ann.say('unseen');
  await eventually(async () => assert.match(await bob.page.title(), /^• Lobby/));
  await turn(false);
  await eventually(async () => assert.match(await bob.page.title(), /^Lobby/));
  assert.deepEqual(await bob.page.locator('.day.new, .msg .text').allInnerTexts(), ['seen', 'New', 'unseen']);
});

scene('new messages do not throw a reader who has read far back', async (stage) => {
  const ann = await stage.person('ann');
  const ask = await stage.robot('bob');
  const batch = (from) =>
    ask(...Array.from({ length: 200 }, (_, at) => ({ type: 'say', room: 'lobby', text: `line ${from + at}.` })));
  for (let from = 0; from < 2200; from += 200) await batch(from);
  await ann.sees('line 2199.');
  await eventually(async () => {
    await ann.page.locator('.log').evaluate((box) => box.scrollTo(0, 0));
    assert.equal(await ann.page.getByText('line 5.', { exact: true }).count(), 1);
  }, 120_000);
  const top = () => ann.page.getByText('line 5.', { exact: true }).evaluate((row) => row.getBoundingClientRect().top);
  const before = await top();
  await ask({ type: 'say', room: 'lobby', text: 'news' });
  await eventually(async () => assert.match(await ann.page.locator('.pill').innerText(), /1 new message/));
  assert.ok(Math.abs((await top()) - before) < 1);
});
