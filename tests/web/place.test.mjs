/* Links to a message, and quotes of one that is not loaded: the log away from its end. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const say = (text) => ({ type: 'say', room: 'lobby', text });

/* 400 lines of somebody else. Resolves to { ask, seqs }. */
async function lines(stage, count = 400) {
  const ask = await stage.robot('scribe');
  const replies = await ask(...Array.from({ length: count }, (_, i) => say(`line ${i}.`)));
  return { ask, seqs: replies.map(({ seq }) => seq) };
}

const hash = ({ page }, wanted) => eventually(() => new URL(page.url()).hash === wanted);
const pill = ({ page }) => page.locator('.pill');
const hit = ({ page }) => page.locator('.msg[data-hit]');
const numbers = async (person) => (await person.texts()).map((text) => parseInt(text.slice(5), 10));
const fault = ({ page }, words) =>
  eventually(async () => assert.equal(await page.locator('.head-fault').innerText(), words));
const go = ({ page }, where) =>
  page.evaluate((to) => {
    location.hash = to;
  }, where);

/* The row is there, marked and in sight. */
async function isAt(person, text) {
  await eventually(async () => assert.equal(await hit(person).locator('.text').innerText(), text));
  assert.ok(
    await hit(person).evaluate((row) => {
      const [inner, outer] = [row, document.querySelector('.log')].map((one) => one.getBoundingClientRect());
      return inner.top >= outer.top && inner.bottom <= outer.bottom;
    }),
    'in sight',
  );
}

/* Scrolls down until the log follows its end. */
const toBottom = (person) =>
  eventually(async () => {
    await person.page.locator('.log').evaluate((box) => box.scrollTo(0, box.scrollHeight));
    assert.ok(await pill(person).isHidden());
  }, 60_000);

scene('a link to a message opens its place, also on the first load, and leads on to the end', async (stage) => {
  const { ask, seqs } = await lines(stage);
  const ann = await stage.person();
  await ann.page.goto('about:blank');
  await ann.page.goto(`${ann.url}#lobby/${seqs[100]}`);
  await ann.enter('ann');
  await isAt(ann, 'line 100.');
  assert.equal(await pill(ann).innerText(), 'Back to now');
  assert.equal(await ann.focused().then((label) => label.includes('line 100.')), true);
  await hash(ann, `#lobby/${seqs[100]}`);
  await ann.shot('place');
  await ask(say('line 400.'));
  await eventually(async () => assert.match(await ann.page.title(), /Lobby/));
  assert.ok(Math.max(...(await numbers(ann))) < 399, 'what just came is not drawn here');
  await hit(ann).waitFor({ state: 'detached' });

  const before = await numbers(ann);
  assert.deepEqual(
    before,
    before.map((_, i) => before[0] + i),
  );
  await toBottom(ann);
  await hash(ann, '#lobby');
  const all = await numbers(ann);
  assert.deepEqual(
    all,
    all.map((_, i) => all[0] + i),
  );
  assert.equal(all.at(-1), 400);
  await ask(say('line 401.'));
  await ann.sees('line 401.');
  await eventually(() => ann.message('line 401.').isVisible(), 'it follows');
});

scene('a reload of a place shows it again; Back to now and Back lead to the end', async (stage) => {
  const { seqs } = await lines(stage);
  const ann = await stage.person('ann');
  await ann.sees('line 399.');
  await go(ann, `#lobby/${seqs[50]}`);
  await isAt(ann, 'line 50.');
  await ann.page.reload();
  await isAt(ann, 'line 50.');
  await pill(ann).click();
  await ann.sees('line 399.');
  assert.ok(await ann.message('line 399.').isVisible());
  await hash(ann, '#lobby');
  assert.equal(await ann.page.locator('.msg', { hasText: 'line 50.' }).count(), 0);

  await go(ann, `#lobby/${seqs[60]}`);
  await isAt(ann, 'line 60.');
  await ann.page.goBack();
  await ann.sees('line 399.');
  await hash(ann, '#lobby');
  await ann.page.goForward();
  await isAt(ann, 'line 60.');
  await hash(ann, `#lobby/${seqs[60]}`);
  await ann.say('my own words are at the end');
  assert.ok(await ann.message('my own words').isVisible());
  await hash(ann, '#lobby');
});

scene('a message that is loaded is shown where it stands', async (stage) => {
  const { seqs } = await lines(stage, 80);
  const ann = await stage.person('ann');
  await ann.sees('line 79.');
  await go(ann, `#lobby/${seqs[50]}`);
  await isAt(ann, 'line 50.');
  assert.equal(await pill(ann).isVisible(), (await pill(ann).innerText()) === 'Jump to latest');
  await hash(ann, '#lobby');
  await go(ann, `#lobby/${seqs[51]}`);
  await isAt(ann, 'line 51.');
});

scene('a quote of a message that is not loaded opens its place, on a phone, and Back leads back', async (stage) => {
  const { ask, seqs } = await lines(stage);
  await ask({ ...say('as I said'), reply_to: seqs[20] });
  const ann = await stage.person('ann', phone);
  await ann.page.locator('.quote').tap();
  await isAt(ann, 'line 20.');
  await ann.shot('place-phone');
  await hash(ann, `#lobby/${seqs[20]}`);
  await ann.page.goBack();
  await ann.sees('as I said');
  assert.ok(await ann.message('as I said').isVisible());
  await hash(ann, '#lobby');
});

scene('a link to a deleted message, or to none, says so and shows what is near', async (stage) => {
  const { ask, seqs } = await lines(stage);
  await ask({ type: 'delete', room: 'lobby', of: seqs[100] });
  const ann = await stage.person('ann');
  await go(ann, `#lobby/${seqs[100]}`);
  await isAt(ann, 'Message deleted');
  await fault(ann, 'This message was deleted.');
  await ann.shot('place-deleted');
  await pill(ann).click();
  await fault(ann, '');
  await go(ann, `#lobby/${seqs[399] + 5000}`);
  await fault(ann, 'There is no such message in this room.');
  await ann.sees('line 399.');
  await go(ann, '#lobby/0');
  await go(ann, '#lobby/x');
  await ann.sees('line 399.');
});

scene('a link leads into another room, and changes that come meanwhile are seen in both places', async (stage) => {
  const { ask, seqs } = await lines(stage);
  const ann = await stage.person('ann');
  await ann.open('Workshop');
  await go(ann, `#lobby/${seqs[30]}`);
  await isAt(ann, 'line 30.');
  assert.equal(await ann.page.locator('.head .title').innerText(), 'Lobby');
  await ask({ type: 'edit', room: 'lobby', of: seqs[30], text: 'line 30, mended' });
  await ann.sees('line 30, mended');
  await ask(
    { type: 'delete', room: 'lobby', of: seqs[31] },
    { type: 'react', room: 'lobby', of: seqs[32], emoji: '👍', on: true },
  );
  await eventually(async () => assert.ok((await ann.texts()).includes('Message deleted')));
  await ann.message('line 32.').locator('.reaction-list, .reactions, [aria-label*="👍"]').first().waitFor();
  await ann.open('Workshop');
  await ann.open('Lobby');
  await ann.sees('line 399.');
  await hash(ann, '#lobby');
});

scene('a place holds while the connection goes, and says when it cannot be fetched', async (stage) => {
  const { seqs } = await lines(stage);
  const ann = await stage.person('ann');
  await go(ann, `#lobby/${seqs[200]}`);
  await isAt(ann, 'line 200.');
  await stage.daemon.stop();
  await ann.page.locator('.banner').waitFor();
  await go(ann, `#lobby/${seqs[10]}`);
  await eventually(async () =>
    assert.match(await ann.page.locator('.head-fault').innerText(), /^Can't show that message/),
  );
  assert.ok((await numbers(ann)).includes(200));
  await stage.daemon.start();
  await fault(ann, '');
  assert.ok((await numbers(ann)).includes(200));
  await toBottom(ann);
  assert.equal((await numbers(ann)).at(-1), 399);
});

scene('a place has no fault that axe-core finds, in both themes', async (stage) => {
  const { ask, seqs } = await lines(stage);
  await ask({ type: 'delete', room: 'lobby', of: seqs[100] });
  for (const colorScheme of ['light', 'dark']) {
    const ann = await stage.person(`ann ${colorScheme}`, { colorScheme, viewport: { width: 320, height: 640 } });
    await go(ann, `#lobby/${seqs[100]}`);
    await isAt(ann, 'Message deleted');
    await fault(ann, 'This message was deleted.');
    await ann.page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    const { violations } = await ann.page.evaluate(() => window.axe.run());
    assert.deepEqual(
      violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
      [],
    );
    await ann.shot(`place-${colorScheme}`);
  }
});

scene('a link to a message can be copied, with the clipboard of the browser or without', async (stage) => {
  const ann = await stage.person('ann');
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  for (const seq of [7, null]) {
    const link = await ann.page.evaluate(async (of) => {
      const { src } = document.querySelector('script[type=module]');
      const { copyText, linkTo } = await import(src.replace('main.js', 'copy.js'));
      if (of === null) Object.defineProperty(navigator, 'clipboard', { value: undefined });
      await copyText(linkTo({ link: '#lobby' }, of));
      return linkTo({ link: '#lobby' }, of);
    }, seq);
    assert.equal(link, `${ann.url}#lobby${seq === null ? '' : '/7'}`);
    await ann.page.locator('textarea').fill('');
    await ann.page.locator('textarea').press('Control+V');
    assert.equal(await ann.page.locator('textarea').inputValue(), link);
  }
});
