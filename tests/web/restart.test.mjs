/* The daemon ends while users write, and starts again. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const networkIsBack = (...people) =>
  Promise.all(people.map(({ page }) => page.evaluate(() => dispatchEvent(new Event('online')))));

const banner = (person) => person.page.locator('.banner');

for (const signal of ['SIGKILL', 'SIGTERM'])
  scene(`posts written around a ${signal} go out exactly once, in order`, async (stage) => {
    const { daemon } = stage;
    const ann = await stage.person('ann');
    const bob = await stage.person('bob');
    const posts = Array.from({ length: 24 }, (_, number) => `post ${number}.`);
    for (const post of posts.slice(0, 12)) await ann.write(post);
    const gone = daemon.stop(signal);
    for (const post of posts.slice(12, 18)) await ann.write(post);
    await gone;
    await banner(ann).waitFor();
    for (const post of posts.slice(18)) await ann.write(post);
    await eventually(async () => assert.match(await banner(ann).innerText(), /messages will be sent/));
    await ann.shot(`away-${signal}`);
    await daemon.start();
    if (signal === 'SIGTERM') await networkIsBack(ann, bob); // else they return by their own timers
    await banner(ann).waitFor({ state: 'hidden' });
    await eventually(async () => assert.deepEqual(await bob.texts(), posts), 60_000);
    await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 0));
    await eventually(async () => assert.deepEqual(await ann.texts(), posts));
    await ann.page.reload();
    await eventually(async () => assert.deepEqual(await ann.texts(), posts));
  });

scene('waiting posts survive a reload of the page', async (stage) => {
  const { daemon } = stage;
  const ann = await stage.person('ann');
  await daemon.stop('SIGKILL');
  await ann.write('written in the dark');
  await ann.page.locator('.msg.wait').waitFor();
  const kept = await ann.page.evaluate(() => ({ ...localStorage }));
  await ann.page.close();
  await daemon.start();
  const later = await stage.person(undefined, {
    storageState: {
      cookies: [],
      origins: [
        {
          origin: daemon.url.slice(0, -1),
          localStorage: Object.entries(kept).map(([name, value]) => ({ name, value })),
        },
      ],
    },
  });
  await later.sees('written in the dark');
  await eventually(async () => assert.equal(await later.page.locator('.msg.wait').count(), 0));
  assert.deepEqual(await later.texts(), ['written in the dark']);
});

/* Lets the test close a page's connection: `cut()` closes it, and the page has noticed; `links()` counts
 * connections since. */
async function withScissors(person) {
  await person.context.addInitScript(() => {
    window.links = [];
    window.WebSocket = class extends WebSocket {
      constructor(...where) {
        super(...where);
        window.links.push(this);
      }
    };
  });
  await person.page.reload();
  await person.ready();
  return {
    cut: async () => {
      const link = await person.page.evaluateHandle(() => window.links.at(-1));
      await link.evaluate((one) => one.close());
      await eventually(() => link.evaluate((one) => one.readyState === WebSocket.CLOSED));
    },
    links: () => person.page.evaluate(() => window.links.length),
  };
}

scene('a short gap shows no banner and loses nothing', async (stage) => {
  const ann = await stage.person('ann');
  const ask = await stage.robot('bob');
  const { clock } = ann.page;
  await clock.install();
  const { cut, links } = await withScissors(ann);
  await ann.page.evaluate(() => {
    const line = document.querySelector('.banner');
    window.noticed = false;
    new MutationObserver(() => {
      window.noticed ||= !line.hidden;
    }).observe(line, { attributes: true });
  });
  await clock.pauseAt(Date.now() + 5000);
  await cut();
  await ask({ type: 'say', room: 'lobby', text: 'while you blinked' });
  await clock.runFor(1000); // the page connects again after less than this
  await eventually(async () => {
    await clock.runFor(1); // less than a second in all, so this gap is one of less than two
    assert.deepEqual(await ann.texts(), ['while you blinked']);
  });
  assert.equal(await links(), 2);
  assert.equal(await ann.page.evaluate(() => window.noticed), false);
});

scene(
  'too far behind, the room is loaded again and nothing appears twice',
  async (stage) => {
    const ann = await stage.person('ann');
    const ask = await stage.robot('bob');
    const { cut } = await withScissors(ann);
    await ann.say('before');
    await ann.page.locator('textarea').fill('a draft');
    await cut();
    const texts = Array.from({ length: 20 }, (_, number) => `missed ${number}.`);
    await ask(...texts.map((text) => ({ type: 'say', room: 'lobby', text })));
    await eventually(async () => assert.deepEqual(await ann.texts(), ['before', ...texts]));
    assert.equal(await ann.page.locator('textarea').inputValue(), 'a draft');
  },
  'commands_per_second = 0; resume_events = 5;',
);
