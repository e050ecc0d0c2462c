/* A phone, a tablet, and both colour schemes. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/* Visible buttons, links and fields that are smaller than a finger. */
const small = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, input, textarea')]
      .filter((control) => control.checkVisibility() && control.getBoundingClientRect().width > 0)
      .map((control) => [control.className || control.name, control.getBoundingClientRect()])
      .filter(([, { width, height }]) => width < 40 || height < 40)
      .map(([name, { width, height }]) => `${name} ${width}x${height}`),
  );

scene('a phone shows one screen at a time, without overflow', async (stage) => {
  const bob = await stage.person('bob');
  await bob.say('x'.repeat(600));
  await bob.say(`look: https://example.org/${'path/'.repeat(60)}`);
  const ann = await stage.person(undefined, phone);
  const { page } = ann;
  assert.equal(await overflow(page), 0);
  assert.deepEqual(await small(page), []);
  await ann.shot('phone-door');
  await ann.enter('ann');
  await ann.sees('look:');
  assert.equal(await overflow(page), 0);
  assert.deepEqual(await small(page), []);
  const composer = await page.locator('.compose').boundingBox();
  assert.ok(composer.y + composer.height <= 844 && composer.y > 600, 'the composer is in sight');
  await ann.shot('phone-room');

  assert.ok(await page.locator('.side').isHidden());
  await page.locator('.back').tap();
  assert.ok(await page.locator('.main').isHidden());
  assert.equal(await overflow(page), 0);
  assert.deepEqual(await small(page), []);
  await ann.shot('phone-rooms');
  await (await ann.seek('Workshop')).tap();
  await eventually(async () => assert.equal(await page.locator('.head .title').innerText(), 'Workshop'));

  await page.locator('.show-people').tap();
  await page.locator('.person', { hasText: 'ann' }).waitFor();
  await ann.shot('phone-people');
  await page.locator('.close-panel').tap();
  assert.ok(await page.locator('.panel').isHidden());
  await page.locator('textarea').fill('from the quay');
  await page.locator('.send').tap();
  await ann.sees('from the quay');

  await ann.hold('from the quay');
  await ann.shot('phone-menu');
  assert.deepEqual(await small(page), []);
  await page.getByRole('menuitem', { name: 'Reply' }).tap();
  await page.locator('.mode').waitFor();
  await page.locator('.menu').waitFor({ state: 'hidden' });
});

scene('on a touch screen Enter breaks the line, and the button sends', async (stage) => {
  const ann = await stage.person('ann', phone);
  const { page } = ann;
  const area = page.locator('textarea');
  await area.tap();
  await page.keyboard.type('one');
  await ann.press('Enter');
  await page.keyboard.type('two');
  assert.equal(await area.inputValue(), 'one\ntwo');
  assert.equal(await area.getAttribute('enterkeyhint'), 'enter');
  await page.locator('.send').tap();
  await ann.sees('two');
  assert.match(await ann.focused(), /^Message Lobby$/, 'the keyboard stays');
  await page.keyboard.type('by keyboard');
  await ann.press('Control+Enter');
  await ann.sees('by keyboard');
  assert.deepEqual(await ann.texts(), ['one\ntwo', 'by keyboard']);
  await page.locator('.back').tap();
  await ann.you('Keyboard');
  assert.equal(await page.locator('.keyboard dt').first().textContent(), 'Ctrl Enter');
});

scene('a tablet shows the people over the log; Escape returns the focus', async (stage) => {
  const ann = await stage.person('ann', { viewport: { width: 900, height: 800 } });
  const { page } = ann;
  assert.ok(await page.locator('.panel').isHidden());
  await page.locator('.show-people').focus();
  await ann.press('Enter');
  await page.locator('.person', { hasText: 'ann' }).waitFor();
  await ann.shot('tablet-people');
  await ann.press('Escape');
  assert.ok(await page.locator('.panel').isHidden());
  assert.match(await ann.focused(), /People/);
});

scene('both colour schemes', async (stage) => {
  const ann = await stage.person('ann', { colorScheme: 'dark' });
  const bob = await stage.person('bob', { colorScheme: 'light' });
  await ann.say('In the dark');
  await bob.say('In the light');
  await ann.sees('In the light');
  const paper = (person) => person.page.locator('.main').evaluate((main) => getComputedStyle(main).backgroundColor);
  assert.notEqual(await paper(ann), await paper(bob));
  await ann.shot('dark');
  await bob.shot('light');
});

scene('at 400 % zoom Send is in sight', async (stage) => {
  const ann = await stage.person('ann', { viewport: { width: 320, height: 225 } });
  await ann.say('small');
  await ann.page.locator('textarea').fill('one\ntwo\nthree\nfour\nfive\nsix\nseven');
  const box = await ann.page.locator('.send').boundingBox();
  assert.ok(box.y + box.height <= 225 && box.x + box.width <= 320, JSON.stringify(box));
  await ann.shot('zoom');
});

scene('at 320 by 200 the poll form can be used', async (stage) => {
  const low = { viewport: { width: 320, height: 200 }, isMobile: true, hasTouch: true };
  const [ann, bob] = [await stage.person('ann'), await stage.person('bob', low)];
  const { page } = bob;
  await bob.add('Poll');
  for (const [name, value] of [
    ['[name=question]', 'Lunch?'],
    ['.options input >> nth=0', 'pizza'],
    ['.options input >> nth=1', 'sushi'],
  ]) {
    const field = page.locator(name);
    await field.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await field.boundingBox();
    assert.ok(y >= 0 && y + height <= 200 && x >= 0 && x + width <= 320, name);
    const middle = [x + width / 2, y + height / 2];
    assert.equal(await page.evaluate(([left, top]) => document.elementFromPoint(left, top).tagName, middle), 'INPUT');
    await field.tap();
    await page.keyboard.type(value);
  }
  await bob.shot('low-poll');
  assert.equal(await overflow(page), 0);
  await page.getByRole('button', { name: 'Start the poll' }).tap();
  await ann.page.locator('.poll', { hasText: 'pizza' }).waitFor();
});

for (const [name, viewport] of Object.entries({ phone: { width: 390, height: 500 }, low: { width: 320, height: 200 } }))
  scene(`the help opens at its beginning, ${name}`, async (stage) => {
    const ann = await stage.person('ann', { ...phone, viewport });
    const { page } = ann;
    await ann.expose();
    await page.evaluate(() => window.parts.open('settings', 'Keyboard'));
    const help = page.locator('.settings-body');
    await help.waitFor();
    assert.equal(await help.evaluate((box) => box.scrollTop), 0);
    assert.ok(await help.evaluate((box) => box.scrollHeight > box.clientHeight));
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Keyboard');
  });

scene('print has all messages, and nothing else', async (stage) => {
  const ann = await stage.person('ann');
  const ask = await stage.robot('bob');
  await ask(...Array.from({ length: 40 }, (_, at) => ({ type: 'say', room: 'lobby', text: `line ${at}` })));
  await ann.sees('line 39');
  await ann.page.emulateMedia({ media: 'print' });
  for (const part of ['.side', '.panel', '.compose']) assert.ok(await ann.page.locator(part).isHidden(), part);
  const { log, page } = await ann.page.evaluate(() => ({
    log: document.querySelector('.log').scrollHeight - document.querySelector('.log').clientHeight,
    page: document.documentElement.scrollHeight,
  }));
  assert.ok(log <= 1 && page > 1200, `${log} ${page}`);
});
