/* look.test.mjs - the page's weight and contrast. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';
import { eventually, scene } from './harness.mjs';

const www = new URL('../../www/', import.meta.url);

/* Foreground and background colours of page.css, and their least contrast. */
const pairs = [
  [4.5, ['ink', 'ink-2', 'ink-3'], ['paper', 'shade', 'sunk', 'accent-wash', 'hit']],
  [4.5, ['accent', 'warn', 'mark'], ['paper', 'shade', 'hit']],
  [4.5, ['accent-ink'], ['accent']],
  [4.5, ['ink', 'ink-2'], ['bar']],
  [3, ['edge'], ['paper', 'shade']],
];

const text = (name) => readFileSync(new URL(name, www), 'utf8');
const weight = (name) => gzipSync(text(name), { level: 9 }).length;

/* Adds `name` to `all`, and what it imports at its start. */
function addModule(name, all = new Set()) {
  if (all.has(name)) return all;
  all.add(name);
  for (const [, other] of text(name).matchAll(/^(?:import|export)\b[^;]*'\.\/(.+?)';/gm)) addModule(other, all);
  return all;
}

const withoutComments = (code) => code.replace(/^ *\/\*[^]*?\*\/\n|^ *\/\/.*\n/gm, '');

/* Modules count as one file: the daemon joins them, without comments. */
test('the login and a room load at most 60 KB, compressed', () => {
  const modules = [...addModule('main.js')];
  assert.ok(modules.includes('storage.js') && !modules.includes('help.js'));
  const linked = [...text('index.html').matchAll(/="\.\/(.+?)"/g)].map(([, name]) => name);
  const others = ['index.html', ...linked.filter((name) => name !== 'main.js')];
  assert.ok(others.includes('page.css') && others.includes('boot.js'));
  const joined = withoutComments(modules.map(text).join(''));
  const sizes = [gzipSync(joined, { level: 9 }).length, ...others.map((name) => weight(name))];
  const sum = sizes.reduce((all, size) => all + size, 0);
  assert.ok(sum <= 60_000, `${sum} bytes: ${sizes}`);
});

scene('what opens later loads then, and once more if it fails', async (stage) => {
  const ann = await stage.person('ann');
  let broken = 0;
  await ann.page.route(/browse\.js/, (route) => ((broken += 1) === 1 ? route.abort() : route.continue()));
  await ann.page.locator('.browse-rooms').click();
  await ann.page.locator('.browse').waitFor();
  assert.equal(broken, 2);
  await ann.press('Escape');
  await ann.page.route(/new-room\.js/, (route) => route.abort());
  await ann.page.locator('.new-room').click();
  await eventually(async () =>
    assert.match(await ann.page.locator('.head-fault').innerText(), /^This didn't load\. Check your connection/),
  );
  await ann.page.unroute(/new-room\.js/);
  await ann.page.locator('.new-room').click();
  await ann.page.locator('.create input').first().waitFor();
});

for (const colorScheme of ['light', 'dark'])
  scene(`text and controls have enough contrast, ${colorScheme}`, async (stage) => {
    const { page } = await stage.person(undefined, { colorScheme });
    const colour = (name) =>
      page.evaluate((what) => getComputedStyle(document.documentElement).getPropertyValue(`--${what}`).trim(), name);
    for (const [least, fronts, backs] of pairs)
      for (const front of fronts)
        for (const back of backs) {
          const found = contrast(await colour(front), await colour(back));
          assert.ok(found >= least, `${front} on ${back}: ${found.toFixed(2)}`);
        }
  });

scene('a card that comes late, with its stylesheet, leaves the reader at the end of the log', async (stage) => {
  const robot = await stage.robot('bob');
  const options = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const terms = { room: 'lobby', max: 1, secret: false, results: 'live' };
  for (const question of ['One?', 'Two?', 'Three?']) await robot({ type: 'poll', question, options, ...terms });
  const ann = await stage.person('ann');
  const { page } = ann;
  const gap = () => page.locator('.log').evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
  const radius = () =>
    page
      .locator('.poll')
      .last()
      .evaluate((card) => getComputedStyle(card).borderRadius);
  let release;
  const held = new Promise((done) => {
    release = done;
  });
  await page.route('**/poll.css', async (route) => {
    await held;
    await route.continue();
  });
  await page.reload({ waitUntil: 'commit' });
  await page.locator('.msg', { hasText: 'Three?' }).waitFor();
  assert.equal(await page.locator('.poll').count(), 0);
  release();
  await page.locator('.poll').nth(2).waitFor();
  assert.notEqual(await radius(), '0px');
  await eventually(async () => assert.ok((await gap()) < 2, `${await gap()} px below`));
  await page.locator('.poll').last().hover();
  const icon = page.locator('.acts .tool[aria-label="Reply"] svg').last();
  assert.ok((await icon.evaluate((svg) => svg.getBBox().width)) > 10, 'the icon is drawn');
});

function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex) {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
