/* The page before its modules run, without one of them, without JavaScript, and in browsers three years old. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const start = ({ page }) => page.locator('.start');

scene('the login is there before any module, and keeps what is typed', async (stage) => {
  const ann = await stage.person();
  let go;
  const held = new Promise((done) => {
    go = done;
  });
  await ann.page.route(/main\.js/, async (route) => {
    await held;
    await route.continue();
  });
  await ann.page.reload({ waitUntil: 'commit' });
  const field = ann.page.locator('.login input');
  await field.fill('ann');
  assert.ok(await ann.page.getByRole('button', { name: 'Join' }).isDisabled());
  await eventually(async () => assert.equal(await start(ann).innerText(), 'Loading…'));
  await ann.shot('start-login');
  go();
  await start(ann).waitFor({ state: 'detached' });
  assert.equal(await field.inputValue(), 'ann');
  await field.press('Enter');
  await ann.ready();
});

scene('a user with a name sees no form while the page loads', async (stage) => {
  const ann = await stage.person('ann');
  let go;
  const held = new Promise((done) => {
    go = done;
  });
  await ann.page.route(/main\.js/, async (route) => {
    await held;
    await route.continue();
  });
  await ann.page.reload({ waitUntil: 'commit' });
  await start(ann).waitFor();
  await ann.page.locator('.known').waitFor();
  assert.ok(await ann.page.locator('.login input').isHidden());
  await ann.shot('start-known');
  go();
  await ann.ready();
});

scene('a module that fails to load once is asked for again', async (stage) => {
  const ann = await stage.person();
  let asked = 0;
  await ann.page.route(/main\.js/, (route) => ((asked += 1) === 1 ? route.abort() : route.continue()));
  await ann.page.reload();
  await eventually(() => asked >= 2);
  await start(ann).waitFor({ state: 'detached' });
  await ann.enter('ann');
});

scene('a module that never loads leaves a sentence', async (stage) => {
  const ann = await stage.person();
  await ann.page.route(/main\.js/, (route) => route.abort());
  await ann.page.reload();
  await eventually(async () =>
    assert.equal(await start(ann).innerText(), "The chat didn't load. Check your connection, then reload the page."),
  );
  await ann.shot('start-failed');
});

scene('a stylesheet that fails to load once is asked for again, and keeps its place', async (stage) => {
  const ann = await stage.person(undefined, { viewport: { width: 390, height: 844 } });
  const { page } = ann;
  const asked = [];
  await page.route(/(page|shell)\.css/, (route) => {
    asked.push(route.request().url());
    return asked.length <= 2 ? route.abort() : route.continue();
  });
  await page.reload();
  await eventually(async () =>
    assert.deepEqual(
      await page.evaluate(() => [...document.styleSheets].map(({ href }) => /(\w+)\.css/.exec(href)[1]).slice(0, 4)),
      ['page', 'shell', 'log', 'narrow'],
    ),
  );
  assert.equal(asked.length, 4, asked.join());
  await ann.enter('ann');
  assert.equal((await page.locator('.back').boundingBox()).width, 44, 'narrow.css has the last word');
  assert.equal(await page.locator('.head-fault').innerText(), '');
});

scene('a stylesheet that does not load leaves a sentence, and goes on trying', async (stage) => {
  const ann = await stage.person();
  const { page } = ann;
  await page.clock.install();
  await page.route(/log\.css/, (route) => route.abort());
  await page.reload();
  const words = /^Part of the page didn't load\. /;
  await eventually(async () => assert.match(await page.locator('.login .fault').innerText(), words));
  await ann.shot('style-failed');
  await page.locator('.login input').fill('ann');
  await ann.press('Enter');
  await page.locator('.compose').waitFor();
  await page.clock.runFor(6000);
  await eventually(async () => assert.match(await page.locator('.head-fault').innerText(), words));
  await page.unroute(/log\.css/);
  await eventually(async () => {
    await page.clock.runFor(1000);
    assert.equal(await page.locator('.head-fault').innerText(), '');
  });
  assert.equal(await page.locator('.talk').evaluate((box) => getComputedStyle(box).position), 'relative');
});

scene('a card that does not load leaves the words and a sentence; its stylesheet is asked for again', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await ann.write('/poll "Tea?" yes | no');
  await page.locator('.poll').waitFor();
  await page.route(/poll\.css/, (route) => route.abort());
  await page.reload();
  await page.locator('.msg .text', { hasText: 'Tea?' }).waitFor();
  await eventually(async () => assert.match(await page.locator('.head-fault').innerText(), /^This didn't load/));
  await page.unroute(/poll\.css/);
  await ann.write('go on');
  await page.locator('.poll').waitFor();
  await eventually(async () => assert.equal(await page.locator('.head-fault').innerText(), ''));
});

scene('a page without JavaScript says so', async (stage) => {
  const ann = await stage.person(undefined, { javaScriptEnabled: false });
  assert.equal(
    await start(ann).innerText(),
    'This chat needs JavaScript. Your browser has turned it off, or is too old.',
  );
  await ann.shot('start-noscript');
});

scene('a row that cannot be drawn shows its plain text, and the others are whole', async (stage) => {
  const ann = await stage.person('ann');
  await ann.page.route(/poll-card\.js/, (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: "export class PollCard { draw() { throw new Error('no'); } }",
    }),
  );
  await ann.page.reload();
  await ann.ready();
  await ann.say('before');
  await ann.write('/poll "Tea or coffee?" tea | coffee');
  await ann.sees('Tea or coffee?');
  await ann.say('after');
  await eventually(async () => assert.deepEqual(await ann.texts(), ['before', 'Tea or coffee?', 'after']));
});

/* Takes away what Firefox 115, Safari 16.4 or Chromium 109 lack. */
function age() {
  const gone = [
    [Intl, 'Segmenter'],
    [URL, 'canParse', 'parse'],
    [Array, 'fromAsync'],
    [Promise, 'withResolvers', 'try'],
    [Object, 'groupBy'],
    [Map, 'groupBy'],
    [Array.prototype, 'toSorted', 'toReversed', 'toSpliced', 'with'],
    [String.prototype, 'isWellFormed', 'toWellFormed'],
    [Set.prototype, 'union', 'intersection', 'difference', 'isSubsetOf'],
    [Element.prototype, 'checkVisibility', 'role'],
    [HTMLElement.prototype, 'showPopover', 'hidePopover', 'togglePopover', 'popover'],
    [window, 'requestIdleCallback', 'Iterator', 'navigation'],
  ];
  for (const [owner, ...names] of gone) for (const name of names) delete owner[name];
  for (const name of Object.getOwnPropertyNames(Element.prototype))
    if (name.startsWith('aria')) delete Element.prototype[name];
}

scene('in a browser three years old everything works', async (stage) => {
  const ann = await stage.person();
  const { page } = ann;
  await ann.context.addInitScript(age);
  await page.route(/\.css/, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(':has(', ':hasnt(').replaceAll('oklch(', 'oklich(');
    await route.fulfill({ response, body });
  });
  await page.reload();
  await ann.enter('👋🏽 ann');
  assert.equal(await page.evaluate(() => typeof Intl.Segmenter), 'undefined');
  await ann.say('see https://a.example/x and \u{1F468}\u200D\u{1F469}\u200D\u{1F467}');
  assert.equal(await page.locator('.text a').getAttribute('href'), 'https://a.example/x');
  assert.equal(await page.locator('.msg .avatar').innerText(), '👋🏽');
  assert.equal(await page.locator('.msg .avatar').getAttribute('aria-hidden'), 'true');
  assert.notEqual(
    await page.locator('.msg .avatar').evaluate((element) => getComputedStyle(element).backgroundColor),
    'rgba(0, 0, 0, 0)',
  );
  assert.equal(await page.locator('.room[aria-current]').getAttribute('aria-label'), 'Lobby');
  await ann.write('/poll "Tea?" yes | no');
  await page.locator('button.choice', { hasText: 'yes' }).click();
  await page.locator('button.choice[aria-pressed=true]', { hasText: 'yes' }).waitFor();
  await ann.press('F6', 'F6');
  await ann.you('Keyboard');
  await page.locator('.settings').waitFor();
  await ann.press('Escape');
  await ann.add('Poll');
  await page.locator('.poll-form').waitFor();
  await ann.press('Escape');
  await page.locator('.new-room').click();
  await page.locator('.create input').first().fill('Garden');
  await ann.press('Enter');
  await eventually(async () => assert.equal(await page.locator('.head .title').innerText(), 'Garden'));
  await ann.shot('older');
});
