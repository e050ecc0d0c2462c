/* The server is there but cannot store, or has a gap: its words are put into the page's mouth. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const HELD = 'The server cannot store messages right now. You can keep writing';
const banner = (person) => person.page.locator('.banner');

/* Puts a hand between page and server: `hear(frame)` says something in the server's name, `hold(…types)`
 * keeps commands of these types from it until hold() is called again, `refuse(…types)` answers them with
 * `unavailable`, `bend(type, change)` has a function change replies of that type, `links()` counts
 * connections, `later(ms)` lets that time pass in the page. */
async function withAHand(person) {
  await person.context.addInitScript(() => {
    window.links = [];
    window.held = [];
    window.refused = [];
    window.bends = {};
    const kept = [];
    window.WebSocket = class extends WebSocket {
      constructor(...where) {
        super(...where);
        window.links.push(this);
      }

      set onmessage(hear) {
        super.onmessage =
          hear &&
          (({ data }) => {
            const frame = JSON.parse(data);
            window.bends[frame.type]?.(frame);
            hear({ data: JSON.stringify(frame) });
          });
        this.hear = hear;
      }

      send(data) {
        const { type, id } = JSON.parse(data);
        const no = JSON.stringify({ type: 'error', id, code: 'unavailable', text: 'Not now.' });
        if (window.refused.includes(type)) setTimeout(() => this.hear({ data: no }));
        else if (window.held.includes(type)) kept.push(() => super.send(data));
        else super.send(data);
      }
    };
    window.hold = (types) => {
      window.held = types;
      if (!types.length) for (const send of kept.splice(0)) send();
    };
  });
  const { page } = person;
  await page.clock.install();
  await page.reload();
  if (person.nick) await person.ready();
  return {
    hear: (frame) => page.evaluate((one) => window.links.at(-1).hear({ data: JSON.stringify(one) }), frame),
    refuse: (...types) =>
      page.evaluate((all) => {
        window.refused = all;
      }, types),
    hold: (...types) => page.evaluate((all) => window.hold(all), types),
    bend: (type, change) => page.evaluate(`window.bends[${JSON.stringify(type)}] = ${change}`),
    links: () => page.evaluate(() => window.links.length),
    later: (ms) => page.clock.fastForward(ms),
  };
}

const writable = (on) => ({ type: 'writable', on });

scene('while the server cannot store, the page says so, and what waits goes out by itself', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  const hand = await withAHand(ann);
  await hand.hold('say');
  await hand.hear(writable(false));
  await banner(ann).waitFor();
  assert.equal(await banner(ann).innerText(), `${HELD}.`);
  assert.equal(await banner(ann).getAttribute('role'), 'status');
  assert.equal(await ann.page.locator('.dot').getAttribute('title'), 'Connected');
  await ann.write('one');
  await eventually(async () =>
    assert.equal(await banner(ann).innerText(), `${HELD}; 1 message will go out by itself.`),
  );
  await ann.write('two');
  await eventually(async () =>
    assert.equal(await banner(ann).innerText(), `${HELD}; 2 messages will go out by themselves.`),
  );
  await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 2));
  await ann.shot('held');
  await hand.hold();
  await hand.hear(writable(true));
  await banner(ann).waitFor({ state: 'hidden' });
  await eventually(async () => assert.deepEqual(await bob.texts(), ['one', 'two']));
  await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 0));
});

scene('what the server refuses while it cannot store is sent again when it can', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  const hand = await withAHand(ann);
  await hand.hear(writable(false));
  await hand.refuse('say');
  await ann.write('one');
  await ann.write('two');
  await eventually(async () => assert.match(await banner(ann).innerText(), /; 2 messages will/));
  await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 2));
  assert.equal(await ann.page.locator('.fail').count(), 0);
  await hand.refuse();
  await hand.hear(writable(true));
  await eventually(async () => assert.deepEqual(await bob.texts(), ['one', 'two']));
  await eventually(async () => assert.deepEqual(await ann.texts(), ['one', 'two']));
  await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 0));
});

scene('the door says that nobody new can come in while the server cannot store, and opens by itself', async (stage) => {
  const ann = await stage.person();
  const hand = await withAHand(ann);
  await hand.refuse('hello');
  await ann.page.locator('.login input').fill('ann');
  await ann.press('Enter');
  const fault = ann.page.locator('.login .fault');
  await eventually(async () =>
    assert.equal(await fault.innerText(), 'The server cannot let new people in right now. It tries again by itself.'),
  );
  assert.equal(await ann.page.locator('.login input').getAttribute('aria-invalid'), null);
  await ann.shot('login-closed');
  await hand.refuse();
  await eventually(async () => {
    await hand.later(1000);
    assert.ok(await ann.page.locator('.login').isHidden());
  });
  await ann.ready();
});

scene('no answer to what has to be stored is no dead link then, no answer at all is one', async (stage) => {
  const ann = await stage.person('ann');
  const hand = await withAHand(ann);
  await hand.hold('say');
  await hand.hear(writable(false));
  await ann.write('patience');
  for (let i = 0; i < 5; i += 1) {
    const asked = ann.page.evaluate(
      () =>
        new Promise((done) => {
          window.bends.who = done;
        }),
    );
    await hand.later(10_000);
    await asked;
  }
  assert.equal(await hand.links(), 1);
  await hand.hold('say', 'who');
  await eventually(async () => {
    await hand.later(10_000);
    assert.equal(await hand.links(), 2);
  });
  await hand.hold();
  await banner(ann).waitFor({ state: 'hidden' });
  await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 0));
  assert.deepEqual(await ann.texts(), ['patience']);
});

scene('a gap is a quiet line, live and in the history, and counts as no message', async (stage) => {
  const ann = await stage.person('ann');
  const hand = await withAHand(ann);
  const gaps = () => ann.page.getByText('Some messages are missing here.').count();
  await ann.say('before');
  const at = Date.now();
  const last =
    1 +
    (await ann.page.evaluate(
      () =>
        new Promise((done) => {
          window.bends.ok = ({ seq }) => seq && done(seq);
          document.querySelector('textarea').value = 'more';
          document.querySelector('.compose').requestSubmit();
        }),
    ));
  await hand.bend('ok', () => {});
  await hand.hear({ type: 'gap', room: 'lobby', seq: last + 8, at, after: last - 1 });
  await eventually(async () => assert.equal(await gaps(), 1));
  await hand.hear({
    type: 'message',
    room: 'lobby',
    seq: last + 9,
    at,
    from: 'bob',
    key: 'k',
    text: 'after',
    reply_to: last + 8,
  });
  await ann.sees('after');
  assert.match(await ann.message('after').locator('.quote').innerText(), /An earlier message/);
  const order = await ann.page
    .locator('.rows > *')
    .evaluateAll((all) => all.map((one) => one.innerText.split('\n').at(-1)));
  assert.deepEqual(order.slice(-3), ['more', 'Some messages are missing here.', 'after']);
  assert.doesNotMatch(await ann.page.title(), /\(/);
  await ann.shot('gap');

  await ann.context.addInitScript(() => {
    window.bends.joined = ({ items }) =>
      items.splice(1, 0, { type: 'gap', room: 'lobby', seq: items[0].seq + 0.5, at: items[0].at, after: items[0].seq });
  });
  await ann.page.reload();
  await ann.ready();
  await eventually(async () => assert.equal(await gaps(), 1));
  assert.deepEqual(await ann.texts(), ['before', 'more']);
  assert.doesNotMatch(await ann.page.title(), /\(/);
});
