/* Texts that try to break the page: none may run, and the layout must hold. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const corpus = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '"><script>alert(1)</script>',
  "'-alert(1)-'",
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<a href="javascript:alert(1)">x</a>',
  'javascript:alert(1)',
  'https://example.org/"onmouseover="alert(1)',
  'https://example.org/<script>alert(1)</script>',
  'http://javascript:alert(1)@example.org/',
  'data:text/html,<script>alert(1)</script>',
  '<style>*{display:none}</style>',
  '<base href="//evil.example/">',
  '<form action="//evil.example/"><button>x</button></form>',
  '<math><mi xlink:href="data:x,<script>alert(1)</script>">',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<!--<script>alert(1)//-->',
  '<template><script>alert(1)</script></template>',
  ']]><script>alert(1)</script>',
  '\u2028alert(1)\u2029',
];

const say = (text) => ({ type: 'say', room: 'lobby', text });

scene('markup in texts, nicks, rooms and topics stays text', async (stage) => {
  const ask = await stage.robot('<img src=x onerror=1>');
  for (const reply of await ask(...corpus.map(say))) assert.equal(reply.type, 'ok', reply.text);
  const title = '<b onclick=alert(1)>bold';
  const [made] = await ask({ type: 'create', room: 'trap', title, topic: '<script>alert(1)</script>' });
  assert.equal(made.type, 'ok', made.text);
  const ann = await stage.person('<script>alert(1)</script>');
  await ann.sees('alert(1)\u2029');
  assert.deepEqual(
    await ann.page.locator('.msg .text').evaluateAll((all) => all.map((one) => one.textContent)),
    corpus,
  );
  await ann.write('<img src=x onerror=alert(2)>');
  await ann.sees('alert(2)');
  for (const url of await ann.page.locator('.text a').evaluateAll((all) => all.map((one) => one.href)))
    assert.match(url, /^https?:\/\/[^/]*example\.org\//);
  await ann.open(title);
  assert.equal(await ann.page.locator('.head .topic').innerText(), '<script>alert(1)</script>');
  const foreign =
    'script:not([src]), .app img, iframe, style, base, .text form, b[onclick], [onerror], [onload], [style*=":"]:not(.avatar):not(textarea)';
  assert.equal(await ann.page.locator(foreign).count(), 0);
  await ann.open('Lobby');
  await ann.shot('markup');
});

scene('long words, many lines, piled accents and other directions keep the layout', async (stage) => {
  const ask = await stage.robot('W'.repeat(32));
  const texts = [
    'x'.repeat(4000),
    'line\n'.repeat(799).trim(),
    `Z${'\u0301'.repeat(500)}algo`,
    '\u202Ereversed https://example.org/a',
    'مرحبا بالعالم\nand left again',
    '\u05d0'.repeat(300),
  ];
  for (const reply of await ask(...texts.map(say))) assert.equal(reply.type, 'ok', reply.text);
  await ask({ type: 'create', room: 'wide', title: 'W'.repeat(60), topic: 'w'.repeat(200) });
  for (const viewport of [
    { width: 1280, height: 900 },
    { width: 900, height: 800 },
    { width: 360, height: 700 },
  ]) {
    const reader = await stage.person(`reader${viewport.width}`, { viewport });
    await reader.sees('left again');
    const sticksOut = () =>
      reader.page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('.log, .rooms, .panel-body, .head')]
          .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth)
          .map((box) => box.className),
      );
    assert.deepEqual(await sticksOut(), []);
    assert.ok((await reader.message('line').boundingBox()).height < 700, 'many lines are folded');
    assert.equal(await reader.page.locator('.send').isVisible(), true);
    await reader.shot(`hostile-${viewport.width}`);
  }
});

scene(
  'a text too long for the server is not sent and says so',
  async (stage) => {
    const ann = await stage.person('ann');
    await ann.write('y'.repeat(220));
    const space = ann.page.locator('.space');
    await eventually(async () => assert.equal(await space.innerText(), '20 characters too long.'));
    assert.equal(await ann.page.locator('.msg').count(), 0);
    assert.equal(await ann.page.locator('textarea').inputValue(), 'y'.repeat(220));
    await ann.say('y'.repeat(200));
  },
  'commands_per_second = 0; text_bytes = 200;',
);

scene("characters that the server's JSON refuses are left out, and the message goes out", async (stage) => {
  const ann = await stage.person('ann');
  await ann.write('half \ud83d and nothing\0.');
  await eventually(async () => assert.equal(await ann.page.locator('.msg.sent').count(), 1));
  const bob = await stage.person('bob');
  await eventually(async () => assert.deepEqual(await bob.texts(), ['half \ufffd and nothing.']));
  await ann.page.locator('.new-room').click();
  await ann.page.locator('.create [name=title]').fill('日'.repeat(64));
  await ann.press('Enter');
  await eventually(async () => assert.match(await ann.page.locator('.create .fault').innerText(), /too long/));
});
