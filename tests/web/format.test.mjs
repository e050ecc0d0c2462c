/* Formatting in the log: code, quotes, emoji, and that nothing typed becomes markup. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const narrow = { ...phone, viewport: { width: 320, height: 640 } };

const SAID = [
  'I would reef early. The forecast feed for `station 6310` is **really** _good_, ~~not~~ so',
  '```json\n{ "wind": 17.4, "gust": 24.1, "dir": 270, "a rather long line": "that scrolls sideways in its box" }\n```',
  '> who has the *second boat*?\n> > me\nI have it: https://sails.example/a_b_c',
  '- one\n- two **bold**\n1. three',
  '🙄🎉',
];
const inHtml = (person, text) =>
  person
    .message(text)
    .locator('.text')
    .evaluate((element) => element.innerHTML.replaceAll(/ (dir|tabindex)="[^"]*"/g, ''));

scene('marks in a message are drawn, as typed it is stored', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.robot('bob');
  for (const text of SAID) await bob({ type: 'say', room: 'lobby', text });
  await ann.page.locator('.text.large').waitFor();
  const wanted = 'is <strong>really</strong> <em>good</em>, <del>not</del> so';
  await eventually(async () => assert.ok((await inHtml(ann, 'I would reef')).endsWith(wanted)));
  assert.equal(await ann.message('I would reef').locator('code').innerText(), 'station 6310');
  assert.equal(await ann.message('second boat').locator('blockquote blockquote').innerText(), 'me');
  assert.equal(await ann.message('second boat').locator('a').getAttribute('href'), 'https://sails.example/a_b_c');
  assert.equal(await ann.message('- one').locator('.text').innerText(), '- one\n- two bold\n1. three');
  await ann.shot('format');
  await ann.write('*mine* to edit');
  await eventually(async () => assert.equal(await inHtml(ann, 'mine'), '<em>mine</em> to edit'));
  await ann.press('ArrowUp');
  assert.equal(await ann.page.locator('textarea').inputValue(), '*mine* to edit');
});

scene('nothing that is typed becomes markup', async (stage) => {
  const ann = await stage.person('ann');
  const hostile = '**<img src=x onerror=alert(1)>** `<b>` <script>alert(1)</script>';
  await ann.write(`${hostile}\n\`\`\`\n<i>x</i>\n\`\`\`\n> <u>q</u>`);
  await ann.page.locator('blockquote').waitFor();
  const tags = await ann.page.locator('.text *').evaluateAll((all) => all.map(({ localName }) => localName));
  assert.deepEqual(tags.sort(), [
    ...['blockquote', 'button', 'code', 'code', 'div', 'div', 'div', 'div', 'pre', 'strong'],
  ]);
});

scene('code is copied with one click, or by the keyboard', async (stage) => {
  const ann = await stage.person('ann');
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ann.write('```\na *b*\n\tc\n```');
  const copier = ann.page.locator('.copy');
  await copier.click();
  await ann.page.locator('.copy', { hasText: 'Copied' }).waitFor();
  assert.equal(await ann.page.evaluate(() => navigator.clipboard.readText()), 'a *b*\n\tc');
  await ann.page.locator('.copy', { hasText: /^Copy$/ }).waitFor();
  await ann.page.evaluate(() => navigator.clipboard.writeText('other'));
  await ann.page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await copier.focus();
  await ann.press('Enter');
  await ann.page.locator('.copy', { hasText: 'Copied' }).waitFor();
  assert.ok(await copier.evaluate((element) => element === document.activeElement));
  await ann.page.locator('textarea').fill('');
  await ann.press('Control+v');
  assert.equal(await ann.page.locator('textarea').inputValue(), 'a *b*\n\tc');
});

scene('a page whose formatting does not load shows what was typed, and asks again', async (stage) => {
  const ann = await stage.person('ann');
  await ann.page.route('**/format.js*', (route) => route.abort());
  await ann.say('**one**');
  assert.equal(await ann.message('one').locator('.text').innerText(), '**one**');
  await ann.page.unroute('**/format.js*');
  await eventually(async () => {
    await ann.write('**more**');
    await ann.sees('more');
    assert.equal(await ann.page.locator('.text', { hasText: 'one' }).locator('strong').count(), 1);
  });
});

for (const colorScheme of ['light', 'dark'])
  for (const [name, device] of Object.entries({ desktop: {}, phone, narrow }))
    scene(`formatted text fits, ${name}, ${colorScheme}`, async (stage) => {
      const ann = await stage.person('ann', { ...device, colorScheme });
      const bob = await stage.robot('bob-with-a-rather-long-name-here');
      for (const text of SAID) await bob({ type: 'say', room: 'lobby', text });
      await ann.page.locator('.text.large').waitFor();
      await ann.page.locator('blockquote').first().waitFor();
      await ann.shot(`format-${name}-${colorScheme}`);
      assert.ok(await ann.page.locator('.log').evaluate((log) => log.scrollWidth <= log.clientWidth));
      await ann.isAccessible();
    });
