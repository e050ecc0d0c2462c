/* Photos by keyboard alone: picked, described, removed, sent, looked at. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';
import { png } from './pictures.mjs';

const focusIs = (person, what) => eventually(async () => assert.match(await person.focused(), what));
const shows = (person, words) =>
  eventually(async () => assert.equal(await person.page.locator('.viewer .of').innerText(), words));

/* By the menu of "+", from the field. */
async function pick(person, ...files) {
  const chooser = person.page.waitForEvent('filechooser');
  await person.press('Shift+Tab');
  await focusIs(person, /^Add a photo or a poll$/);
  await person.press('Enter');
  await focusIs(person, /^menu-row$/);
  await person.press('Enter');
  await (await chooser).setFiles(files);
  await eventually(() =>
    person.page
      .locator('.thumb[aria-label*="uploading"]')
      .count()
      .then((count) => !count),
  );
}

scene('photos are picked, described, removed, sent and looked at by keyboard alone', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await pick(ann, ...['one', 'two', 'three'].map((name) => png(`${name}.png`, 300, 200)));
  await page.locator('.thumb').nth(2).waitFor();
  await focusIs(ann, /^Message Lobby$/);

  await ann.press('Shift+Tab', 'Shift+Tab');
  await focusIs(ann, /^Photo 1: describe it/);
  await page.keyboard.type('The bay');
  await ann.press('Shift+Tab');
  await focusIs(ann, /^Remove photo 3$/);
  await ann.press('Shift+Tab');
  await focusIs(ann, /^Photo 3/);
  await ann.press('Enter');
  await focusIs(ann, /^Photo 3: describe it/);
  await page.keyboard.type('The pier');
  await ann.shot('photo-keys');
  await ann.press('Shift+Tab', 'Shift+Tab', 'Shift+Tab');
  await focusIs(ann, /^Remove photo 2$/);
  await ann.press('Enter');
  await focusIs(ann, /^Message Lobby$/);
  await ann.press('Enter');
  await page.locator('.msg.sent .photo').nth(1).waitFor();
  await eventually(async () =>
    assert.deepEqual(await page.locator('.photo img').evaluateAll((all) => all.map(({ alt }) => alt)), [
      'The bay',
      'The pier',
    ]),
  );

  await page.locator('.photo').first().focus();
  await ann.press('Enter');
  await shows(ann, '1 of 2');
  await focusIs(ann, /^Close/);
  await ann.press('Tab');
  await focusIs(ann, /^Next photo/);
  await ann.press('Enter');
  await shows(ann, '2 of 2');
  await focusIs(ann, /^Photo$/); // the button that had the focus is gone
  await ann.press('ArrowLeft');
  await shows(ann, '1 of 2');
  await ann.press('Escape');
  await page.locator('.viewer').waitFor({ state: 'detached' });
  assert.ok(
    await page
      .locator('.photo')
      .first()
      .evaluate((photo) => photo === document.activeElement),
  );
});
