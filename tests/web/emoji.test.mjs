/* The emoji picker: by mouse, keyboard and touch; search, skin tones, those used most; also from the composer. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const narrow = { ...phone, viewport: { width: 320, height: 640 } };

const dialog = (person) => person.page.locator('.emoji-picker');
const isClosed = (person) => dialog(person).waitFor({ state: 'hidden' });
const writes = (person, text) =>
  eventually(async () => assert.equal(await person.page.locator('textarea').inputValue(), text));
const focusedSign = (person) => person.page.evaluate(() => document.activeElement.textContent);

scene('an emoji goes into the text, where the cursor is', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await page.locator('textarea').fill('Hello !');
  await ann.press('ArrowLeft');
  await page.getByRole('button', { name: 'Emoji', exact: true }).click();
  await ann.shot('emoji-picker');
  await page.getByLabel('Find an emoji').fill('sailb');
  await ann.shot('emoji-picker-found');
  await ann.press('Enter');
  await isClosed(ann);
  await writes(ann, 'Hello ⛵!');
  await page.keyboard.type('x');
  await writes(ann, 'Hello ⛵x!');
});

scene('the keyboard alone chooses an emoji', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await page.locator('textarea').press('Tab');
  await ann.press('Enter');
  await dialog(ann).waitFor();
  await ann.press('ArrowDown');
  assert.equal(await focusedSign(ann), '👍');
  await ann.press('ArrowRight', 'ArrowRight');
  assert.equal(await focusedSign(ann), '😂');
  await ann.press('ArrowDown'); // the first line of the next group
  assert.equal(await focusedSign(ann), '😄');
  await ann.press('ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowUp');
  assert.equal(await ann.focused(), 'Find an emoji');
  await page.keyboard.type('rocket');
  await ann.press('ArrowDown', 'Enter');
  await isClosed(ann);
  await writes(ann, '🚀');
  await page.locator('textarea').press('Tab');
  await ann.press('Enter');
  await dialog(ann).waitFor();
  await ann.press('Escape');
  await isClosed(ann);
  assert.equal(await ann.focused(), 'Emoji');
});

scene('the skin tone and the most used ones are remembered', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  const open = () => page.getByRole('button', { name: 'Emoji', exact: true }).click();
  await open();
  await page.getByRole('button', { name: 'Medium-dark' }).click();
  await page.getByLabel('Find an emoji').fill('waving hand');
  await ann.press('Enter');
  await writes(ann, '👋🏾');
  await page.reload();
  await ann.ready();
  await open();
  assert.equal(await page.getByRole('button', { name: 'Medium-dark' }).getAttribute('aria-pressed'), 'true');
  const most = page.locator('.emoji-list section').first();
  assert.deepEqual(await most.locator('.glyph').allInnerTexts(), ['👋🏾', '👍', '❤️', '😂']);
  await ann.press('Escape');
  await ann.say('hello');
  await ann.message('hello').hover();
  await ann.message('hello').getByRole('button', { name: 'React with 👋🏾' }).click();
  await ann.message('hello').locator('.react', { hasText: '👋🏾' }).waitFor();
});

scene('a picker that cannot load says so', async (stage) => {
  const ann = await stage.person('ann');
  await ann.page.route('**/emoji-data.js*', (route) => route.abort());
  await ann.page.getByRole('button', { name: 'Emoji', exact: true }).click();
  await ann.page.getByText("This didn't load.").waitFor();
  await ann.page.unroute('**/emoji-data.js*');
});

for (const colorScheme of ['light', 'dark'])
  for (const [name, device] of Object.entries({ desktop: {}, phone, narrow }))
    scene(`the emoji picker, ${name}, ${colorScheme}`, async (stage) => {
      const ann = await stage.person('ann', { ...device, colorScheme });
      const { page } = ann;
      const press = (label) => {
        const sign = page.getByRole('button', { name: label, exact: true });
        return device.hasTouch ? sign.tap() : sign.click();
      };
      await press('Emoji');
      await dialog(ann).waitFor();
      await ann.isAccessible();
      await press('Food');
      await eventually(() => page.getByRole('button', { name: 'grapes' }).isVisible());
      await ann.shot(`emoji-picker-${name}-${colorScheme}`);
      const box = await page.locator('.emoji-list').evaluate((list) => list.scrollWidth <= list.clientWidth);
      assert.ok(box, 'all columns fit');
      await press('grapes');
      await writes(ann, '🍇');
    });
