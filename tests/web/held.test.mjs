/* held.test.mjs - the server cannot store, or has a gap: the tests send its frames to the page. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const HELD = "The server can't save messages right now. Keep writing";
const banner = (person) => person.page.locator('.banner');

/* Wraps the page's WebSocket: `hear(frame)` sends the page a frame, `hold(…types)` delays commands of these
 * types until the next hold(), `refuse(…types)` answers them with `unavailable`, `bend(type, change)` lets
 * change(frame) alter replies of that type, `links()` counts connections, `later(ms)` moves the page's clock. */
async function withHooks(person) {
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

scene('a room that the server does not open at once comes back by itself', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  const hooks = await withHooks(ann);
  await hooks.refuse('join');
  await ann.page.evaluate(() => window.links.at(-1).close());
  await eventually(async () => {
    await hooks.later(1000);
    assert.equal(await hooks.links(), 2);
  });
  await ann.page.getByText("Can't open “Lobby”. Not now.").waitFor();
  await ann.write('written meanwhile');
  await hooks.refuse();
  await eventually(async () => {
    await hooks.later(1000);
    assert.deepEqual(await bob.texts(), ['written meanwhile']);
  });
  await eventually(async () => assert.equal(await ann.page.getByText('open “Lobby”').count(), 0));
});

scene('while the server cannot store, the page says so, and sends waiting posts later', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  const hooks = await withHooks(ann);
  await hooks.hold('say');
  await hooks.hear(writable(false));
  await banner(ann).waitFor();
  assert.equal(await banner(ann).innerText(), `${HELD}.`);
  assert.equal(await banner(ann).getAttribute('role'), 'status');
  assert.equal(await ann.page.locator('.dot').getAttribute('title'), 'Connected');
  await ann.write('one');
  await eventually(async () =>
    assert.equal(await banner(ann).innerText(), `${HELD}: 1 message will be sent when it can.`),
  );
  await ann.write('two');
  await eventually(async () =>
    assert.equal(await banner(ann).innerText(), `${HELD}: 2 messages will be sent when it can.`),
  );
  await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 2));
  await ann.shot('held');
  await hooks.hold();
  await hooks.hear(writable(true));
  await banner(ann).waitFor({ state: 'hidden' });
  await eventually(async () => assert.deepEqual(await bob.texts(), ['one', 'two']));
  await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 0));
});

scene('a post refused while the server cannot store is sent again when it can', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  const hooks = await withHooks(ann);
  await hooks.hear(writable(false));
  await hooks.refuse('say');
  await ann.write('one');
  await ann.write('two');
  await eventually(async () => assert.match(await banner(ann).innerText(), /: 2 messages will/));
  await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 2));
  assert.equal(await ann.page.locator('.fail').count(), 0);
  await hooks.refuse();
  await hooks.hear(writable(true));
  await eventually(async () => assert.deepEqual(await bob.texts(), ['one', 'two']));
  await eventually(async () => assert.deepEqual(await ann.texts(), ['one', 'two']));
  await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 0));
});

scene('while the server cannot store, the login page says so and tries again', async (stage) => {
  const ann = await stage.person();
  const hooks = await withHooks(ann);
  await hooks.refuse('hello');
  await ann.page.locator('.login input').fill('ann');
  await ann.press('Enter');
  const fault = ann.page.locator('.login .fault');
  await eventually(async () =>
    assert.equal(await fault.innerText(), "The server can't let new people in right now. Trying again…"),
  );
  assert.equal(await ann.page.locator('.login input').getAttribute('aria-invalid'), null);
  await ann.shot('login-closed');
  await hooks.refuse();
  await eventually(async () => {
    await hooks.later(1000);
    assert.ok(await ann.page.locator('.login').isHidden());
  });
  await ann.ready();
});

scene(
  'while the server cannot store, a missing reply to a post ends no connection; one to a question does',
  async (stage) => {
    const ann = await stage.person('ann');
    const hooks = await withHooks(ann);
    await hooks.hold('say');
    await hooks.hear(writable(false));
    await ann.write('patience');
    for (let i = 0; i < 5; i += 1) {
      const answered = ann.page.evaluate(
        () =>
          new Promise((done) => {
            window.bends.ok = done;
          }),
      );
      await hooks.later(15_000);
      await answered;
    }
    assert.equal(await hooks.links(), 1);
    await hooks.hold('say', 'away');
    await eventually(async () => {
      await hooks.later(10_000);
      assert.equal(await hooks.links(), 2);
    });
    await hooks.hold();
    await banner(ann).waitFor({ state: 'hidden' });
    await eventually(async () => assert.equal(await ann.page.locator('.msg.wait').count(), 0));
    assert.deepEqual(await ann.texts(), ['patience']);
  },
);

scene('a gap is a quiet line, live and in the history, and is not unread', async (stage) => {
  const ann = await stage.person('ann');
  const hooks = await withHooks(ann);
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
  await hooks.bend('ok', () => {});
  await hooks.hear({ type: 'gap', room: 'lobby', seq: last + 8, at, after: last - 1 });
  await eventually(async () => assert.equal(await gaps(), 1));
  await hooks.hear({
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
