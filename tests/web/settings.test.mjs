/* settings.test.mjs - the settings: what they change, where they are kept, on a phone and by keyboard. */

import assert from 'node:assert/strict';
import { assertAccessible, eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const small = { ...phone, viewport: { width: 320, height: 640 } };

const paper = ({ page }) => page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
const LIGHT = 'rgb(247, 246, 243)';
const DARK = 'rgb(20, 21, 23)';
const choose = ({ page }, group, name) =>
  page.getByRole('group', { name: group }).getByRole('radio', { name, exact: true }).check();

scene('the theme changes at once, in every tab, and is there before anything is drawn', async (stage) => {
  const ann = await stage.person('ann', { colorScheme: 'light' });
  const { page } = ann;
  const other = await ann.tab();
  await other.ready();
  assert.equal(await paper(ann), LIGHT);
  await page.bringToFront();
  await ann.you('Settings');
  await page.locator('.settings').waitFor();
  await assertAccessible(ann, '.settings');
  await ann.shot('settings');
  await choose(ann, 'Theme', 'Dark');
  assert.equal(await paper(ann), DARK);
  await eventually(async () => assert.equal(await paper(other), DARK));
  await assertAccessible(ann, '.settings');
  await ann.shot('settings-dark');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.locator('.settings').waitFor({ state: 'detached' });

  await page.route(/_all\.js|main\.js|boot\.js/, () => {}); // they never come
  await page.goto(ann.url, { waitUntil: 'commit' });
  await eventually(async () => assert.equal(await paper(ann), DARK));
  assert.equal(await page.locator('meta[name=theme-color]').getAttribute('content'), '#191a1c');
  const first = await page.evaluate(() => [...document.querySelectorAll('script[src], link[rel=stylesheet]')][0].src);
  assert.match(first, /theme\.js$/, 'before the first style sheet');
  await page.unroute(/_all\.js|main\.js|boot\.js/);
});

scene('without a choice the theme is that of the system, and follows it', async (stage) => {
  const ann = await stage.person('ann', { colorScheme: 'dark' });
  assert.equal(await paper(ann), DARK);
  await ann.page.emulateMedia({ colorScheme: 'light' });
  await eventually(async () => assert.equal(await paper(ann), LIGHT));
  await ann.you('Settings');
  await choose(ann, 'Theme', 'Light');
  await ann.page.emulateMedia({ colorScheme: 'dark' });
  assert.equal(await paper(ann), LIGHT);
  await choose(ann, 'Theme', 'System');
  assert.equal(await paper(ann), DARK);
  assert.equal(await ann.page.evaluate(() => localStorage.getItem('chatd:settings')), null);
});

scene('text size, density and clock change the log at once, and stay', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await ann.say('hello');
  const text = () => page.locator('.msg .text').evaluate((box) => getComputedStyle(box).fontSize);
  const face = async () => (await page.locator('.msg .avatar').boundingBox()).width;
  const time = () => page.locator('.by time').innerText();
  assert.deepEqual([await text(), await face()], ['15px', 36]);
  assert.match(await time(), /^\d\d:\d\d$/);
  await ann.you('Settings');
  await choose(ann, 'Text size', 'Large');
  await choose(ann, 'Messages', 'Compact');
  await choose(ann, 'Time', '12 hours');
  await eventually(async () => assert.deepEqual([await text(), await face()], ['17px', 24]));
  await eventually(async () => assert.match(await time(), /^\d\d?:\d\d.[ap]m$/i));
  await page.reload();
  await ann.ready();
  assert.deepEqual([await text(), await face()], ['17px', 24]);
  assert.match(await time(), /^\d\d?:\d\d.[ap]m$/i);
  await ann.shot('settings-compact');
  await ann.you('Settings');
  assert.ok(await page.getByRole('radio', { name: '12 hours' }).isChecked());
  await choose(ann, 'Text size', 'Small');
  await choose(ann, 'Time', '24 hours');
  await eventually(async () => assert.equal(await text(), '14px'));
  await eventually(async () => assert.match(await time(), /^\d\d:\d\d$/));
});

scene('the settings by keyboard alone; ? opens the list of keys', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  await page.locator('.log').focus();
  await ann.press('?');
  await page.locator('.settings').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Keyboard');
  await assertAccessible(ann, '.settings');
  await ann.shot('settings-keyboard');
  await page.getByRole('button', { name: 'Appearance' }).focus();
  await ann.press('Enter');
  await page.getByRole('radio', { name: 'System' }).focus();
  await ann.press('ArrowRight', 'ArrowRight');
  assert.equal(await paper(ann), DARK);
  await ann.press('Escape');
  await page.locator('.settings').waitFor({ state: 'detached' });
  assert.equal(await ann.focused(), 'Messages in Lobby');
});

scene('on a phone each page of the settings is a screen', async (stage) => {
  for (const [name, device] of Object.entries({ phone, small })) {
    const ann = await stage.person(`ann ${name}`, device);
    const { page } = ann;
    await page.locator('.back').tap();
    await ann.you('Settings');
    await page.locator('.settings').waitFor();
    await ann.shot(`settings-${name}-list`);
    await assertAccessible(ann, '.settings');
    await page.getByRole('button', { name: 'Appearance' }).tap();
    await page.getByRole('radio', { name: 'Dark' }).waitFor();
    await choose(ann, 'Theme', 'Dark');
    const box = page.locator('.settings');
    assert.equal((await box.boundingBox()).height, device.viewport.height);
    assert.equal(await page.locator('.settings-body').evaluate((body) => body.scrollWidth - body.clientWidth), 0);
    await assertAccessible(ann, '.settings');
    await ann.shot(`settings-${name}`);
    await page.goBack();
    await page.getByRole('button', { name: 'Keyboard' }).tap();
    await page.locator('.settings .keyboard').waitFor();
    await page.locator('.settings-head').getByRole('button', { name: 'Back' }).tap();
    await page.getByRole('button', { name: 'Appearance' }).waitFor();
    await page.getByRole('button', { name: 'Close' }).tap();
    await box.waitFor({ state: 'detached' });
    assert.ok(await page.locator('.side').isVisible());
  }
});

scene('a clock of twelve hours has no zero before the hour, in the language of the browser either', async (stage) => {
  const { page } = await stage.person('ann', { locale: 'en-US' });
  const written = await page.evaluate(async () => {
    const { time } = await import(document.querySelector('script[type=module]').src.replace('main.js', 'when.js'));
    return time(new Date(2026, 10, 28, 9, 5));
  });
  assert.match(written, /^9:05.AM$/);
});
