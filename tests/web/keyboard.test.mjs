/* keyboard.test.mjs - the page by keyboard alone. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

scene('login, messages, rooms, edit, delete, help by keyboard alone', async (stage) => {
  const ann = await stage.person();
  const { page } = ann;
  const type = (text) => page.keyboard.type(text);
  const focusIs = (what) => eventually(async () => assert.match(await ann.focused(), what));
  const roomIs = (title) => eventually(async () => assert.equal(await page.locator('.head .title').innerText(), title));

  await focusIs(/^nick$/);
  await type('ann');
  await ann.press('Enter');
  await ann.ready();
  await focusIs(/^Message Lobby$/);
  await type('first words');
  await ann.press('Enter');
  await eventually(async () => assert.equal(await page.locator('.msg.sent').count(), 1));

  // regions, in both directions
  await ann.press('F6');
  await focusIs(/People/);
  await ann.press('F6');
  await focusIs(/^Lobby/);
  await ann.press('F6');
  await focusIs(/^ann, .*: first words$/);
  await ann.press('Shift+F6');
  await focusIs(/^Lobby/);

  // another room, by its name and from the list
  await ann.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement.innerText.trim()), 'Browse 2 more rooms');
  await ann.press('ArrowUp', 'ArrowUp');
  await focusIs(/^Find a room$/);
  await type('work');
  await eventually(async () => assert.equal(await page.locator('.side .room').count(), 1));
  await ann.press('ArrowDown', 'Enter');
  await roomIs('Workshop');
  await focusIs(/^Message Workshop$/);
  await ann.press('Control+k');
  await focusIs(/^Find a room$/);
  await type('lob');
  await eventually(async () => assert.equal(await page.locator('.side .room').count(), 1));
  await ann.press('Enter');
  await roomIs('Lobby');
  await ann.press('Alt+ArrowDown');
  await roomIs('Workshop');
  await ann.press('Alt+ArrowUp');
  await roomIs('Lobby');

  // a new room
  await ann.press('Control+k', 'Tab', 'Tab');
  await focusIs(/^Create a room$/);
  await ann.press('Enter');
  await focusIs(/^title$/);
  await ann.press('Escape');
  await focusIs(/^Create a room$/);
  await ann.press('Enter');
  await type('Key room');
  await ann.press('Enter');
  await roomIs('Key room');
  await focusIs(/^Message Key room$/);

  // edit by arrow, delete by the message's buttons
  await type('a wrod');
  await ann.press('Enter');
  await eventually(async () => assert.equal(await page.locator('.msg.sent').count(), 1));
  await ann.press('ArrowUp', 'Backspace', 'Backspace', 'Backspace');
  await type('ord');
  await ann.press('Enter');
  await ann.sees('a word (edited)');
  await focusIs(/^Message Key room$/);
  await ann.press('Shift+F6');
  await focusIs(/^ann, .*: a word$/);
  while ((await ann.focused()) !== 'More…') await ann.press('Tab');
  await ann.press('Enter');
  await page.locator('.menu').waitFor();
  await ann.press('End', 'Enter');
  await focusIs(/keep/);
  await ann.press('Escape');
  await focusIs(/^ann, .*: a word$/);
  await ann.press('Delete');
  await focusIs(/keep/);
  await ann.press('Shift+Tab', 'Enter');
  await ann.sees('Message deleted');
  await focusIs(/^ann, .*: message deleted$/);

  // help, and back to the element it was called from
  await ann.press('?');
  await page.locator('.settings').waitFor();
  await ann.shot('help');
  await ann.press('Escape');
  await page.locator('.settings').waitFor({ state: 'hidden' });
  await focusIs(/^ann, .*: message deleted$/);
  await ann.press('Escape');
  await focusIs(/^Message Key room$/);
});

scene('Escape right after a dialog has closed is not lost', async (stage) => {
  const { page } = await stage.person('ann');
  await page.locator('.log').focus();
  await page.keyboard.press('?');
  await page.locator('.settings').waitFor();
  /* The dialog tells of its end later than both. */
  const focused = await page.evaluate(() => {
    document.querySelector('.settings').close();
    const key = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true });
    document.activeElement.dispatchEvent(key);
    return document.activeElement.tagName;
  });
  assert.equal(focused, 'TEXTAREA');
});

scene('arrows move between messages, Alt+A opens the next unread room', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  for (const text of ['one', 'two', 'three']) await ann.say(text);
  await bob.sees('three');
  await bob.open('Workshop');
  await ann.say('four');
  await eventually(async () => assert.match(await bob.page.title(), /^• /));
  await bob.press('Alt+a');
  await bob.sees('four');
  await bob.page.locator('.log').focus();
  await bob.press('ArrowUp');
  assert.match(await bob.focused(), /: four$/);
  await bob.press('ArrowUp', 'ArrowUp');
  assert.match(await bob.focused(), /: two$/);
  await bob.press('End');
  assert.match(await bob.focused(), /: four$/);
  await bob.press('Home');
  assert.match(await bob.focused(), /: one$/);
});

scene('letters are written wherever the focus is', async (stage) => {
  const ann = await stage.person('ann');
  await ann.say('first');
  await ann.message('first').click();
  await ann.page.keyboard.type('Is it?');
  assert.equal(await ann.page.locator('textarea').inputValue(), 'Is it?');
  assert.ok(await ann.page.locator('.settings').isHidden());
  await ann.page.locator('textarea').fill('');
  await ann.choose('first', 'Delete…');
  await ann.message('first').getByRole('button', { name: 'Delete' }).click();
  await ann.sees('Message deleted');
  await ann.page.keyboard.type('next');
  assert.equal(await ann.page.locator('textarea').inputValue(), 'next');
  await ann.press('Control+k');
  await ann.page.keyboard.type('work');
  assert.equal(await ann.page.locator('.find').inputValue(), 'work');
});

/* A key as an input method sends it: by the flag, or in Safari by its code alone. */
const BY_INPUT_METHOD = [{ isComposing: true }, { keyCode: 229 }];
const compose = (locator, key, how) =>
  locator.evaluate(
    (element, init) =>
      element.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })),
    { key, ...how },
  );

scene('a key of an input method is not ours', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  const area = page.locator('textarea');
  await ann.say('hello');
  for (const how of BY_INPUT_METHOD) {
    await area.fill('にほん');
    assert.ok(await compose(area, 'Enter', how), 'the key is left to the browser');
    assert.equal(await area.inputValue(), 'にほん');
    await area.fill('');
    assert.ok(await compose(area, 'ArrowUp', how));
    assert.ok(await page.locator('.mode').isHidden());
    await ann.press('ArrowUp');
    await compose(area, 'Escape', how);
    assert.ok(await page.locator('.mode').isVisible());
    await ann.press('Escape');

    await ann.press('Control+k');
    await page.locator('.find').fill('work');
    await eventually(async () => assert.equal(await page.locator('.side .room').count(), 1));
    for (const key of ['Enter', 'ArrowDown', 'Escape']) await compose(page.locator('.find'), key, how);
    assert.equal(await page.locator('.find').inputValue(), 'work');
    assert.equal(await ann.focused(), 'Find a room');
    assert.equal(await page.locator('.head .title').innerText(), 'Lobby');
    await ann.press('Escape', 'Escape');

    await ann.add('Poll');
    const option = page.locator('.poll-form .options input').first();
    await option.fill('そば');
    await compose(option, 'Enter', how);
    assert.equal(await ann.focused(), 'Option 1');
    await ann.press('Enter');
    assert.equal(await ann.focused(), 'Option 2');
    await page.locator('.poll-form .no').click();
  }
  assert.deepEqual(await ann.texts(), ['hello']);
});

scene('the counter measures what is sent', async (stage) => {
  const ann = await stage.person('ann');
  const area = ann.page.locator('textarea');
  const space = ann.page.locator('.space');
  await area.fill(`    ${'x'.repeat(3999)}`);
  assert.equal(await space.innerText(), '3 characters too long.');
  await ann.press('Enter');
  assert.equal(await space.innerText(), '3 characters too long.');
  await area.fill(`\n \n    ${'x'.repeat(3996)}  \n\n`);
  assert.equal(await space.innerText(), '0 characters left.');
  await ann.press('Enter');
  await ann.sees('xxx');
  assert.equal(await ann.page.locator('.msg .text').evaluate((text) => text.textContent.trimEnd().length), 4000);
});
