/* The menu of a message: by mouse, by keys on the focused message, by touch. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const narrow = { ...phone, viewport: { width: 320, height: 640 } };

const copied = (person, text) =>
  eventually(async () => assert.equal(await person.page.evaluate(() => navigator.clipboard.readText()), text));

scene('the menu offers what I may do, and nothing else', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.robot('bob');
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await bob({ type: 'say', room: 'lobby', text: 'of *bob*' });
  await ann.say('mine');
  const other = ['Reply', 'Copy text', 'Copy link'];
  assert.deepEqual((await ann.menu('of bob')).slice(0, 3), other);
  assert.ok(!(await ann.page.getByRole('menuitem', { name: /Edit|Delete/ }).count()));
  await ann.page.getByRole('menuitem', { name: 'Copy text' }).click();
  await copied(ann, 'of *bob*');
  await ann.page.getByText('Copied').waitFor();
  assert.deepEqual((await ann.menu('mine')).slice(0, 5), [...other, 'Edit', 'Delete…']);
  await ann.shot('menu');
  await ann.isAccessible();
  await ann.page.getByRole('menuitem', { name: 'Copy link' }).click();
  await eventually(async () =>
    assert.match(await ann.page.evaluate(() => navigator.clipboard.readText()), /\/#lobby\/\d+$/),
  );
  await ann.menu('mine');
  await ann.press('Escape');
  await ann.page.locator('.menu').waitFor({ state: 'hidden' });
  assert.equal(await ann.focused(), 'More…');
  await ann.menu('mine');
  await ann.page.locator('.head').click();
  await ann.page.locator('.menu').waitFor({ state: 'hidden' });
});

scene('keys act on the focused message; after a click letters are a message', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.robot('bob');
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await bob({ type: 'say', room: 'lobby', text: 'of bob' });
  await ann.say('mine');
  await ann.press('Shift+F6', 'c');
  await copied(ann, 'mine');
  await ann.press('e');
  await ann.page.getByText('Editing your message').waitFor();
  await ann.press('Escape');
  await eventually(async () => assert.match(await ann.focused(), /^ann, .*: mine$/));
  await ann.press('ArrowUp', 'r');
  await ann.page.getByText('Replying to bob').waitFor();
  await ann.press('Escape');
  await eventually(async () => assert.match(await ann.focused(), /^bob, /));
  await ann.press('Delete');
  assert.equal(await ann.page.locator('.question').count(), 0);
  await ann.message('of bob').locator('.text').click();
  await ann.page.keyboard.type('really');
  assert.equal(await ann.page.locator('textarea').inputValue(), 'really');
});

scene('the bar of a message never lies over a link above it', async (stage) => {
  const ann = await stage.person('ann');
  await ann.say(`https://a.example/${'long'.repeat(17)}`);
  await ann.say('next');
  await ann.say('last');
  const top = async (text) => {
    await ann.message(text).hover();
    const [bar, row] = [ann.message(text).locator('.acts'), ann.message(text)];
    return (await bar.boundingBox()).y - (await row.boundingBox()).y;
  };
  assert.equal(await top('last'), -12);
  assert.equal(await top('next'), 0);
});

for (const colorScheme of ['light', 'dark'])
  for (const [name, device] of Object.entries({ phone, narrow }))
    scene(`a finger opens the menu as a sheet, ${name}, ${colorScheme}`, async (stage) => {
      const ann = await stage.person('ann', { ...device, colorScheme });
      const { page } = ann;
      const bob = await stage.robot('bob-with-a-rather-long-name-here');
      for (let at = 0; at < 20; at += 1) await bob({ type: 'say', room: 'lobby', text: `line ${at}` });
      await bob({ type: 'say', room: 'lobby', text: 'the last one' });
      await ann.sees('the last one');
      await ann.hold('the last one');
      await ann.shot(`menu-${name}-${colorScheme}`);
      const [message, sheet] = [ann.message('the last one'), page.locator('.menu')];
      const [above, below] = await Promise.all([message.boundingBox(), sheet.boundingBox()]);
      assert.ok(above.y + above.height <= below.y, 'the message is in sight');
      for (const row of await page.locator('.menu-row').all()) assert.ok((await row.boundingBox()).height >= 48);
      await ann.isAccessible();
      await page.getByRole('menuitem', { name: 'React with 👍' }).tap();
      await sheet.waitFor({ state: 'hidden' });
      await message.locator('.react', { hasText: '👍' }).waitFor();
      await ann.hold('line 19');
      await page.goBack();
      await sheet.waitFor({ state: 'hidden' });
    });

scene('a swipe to the right replies, one down scrolls', async (stage) => {
  const ann = await stage.person('ann', phone);
  const bob = await stage.robot('bob');
  await bob({ type: 'say', room: 'lobby', text: 'from the quay' });
  await ann.sees('from the quay');
  const devtools = await ann.context.newCDPSession(ann.page);
  const { x, y } = await ann.message('from the quay').locator('.text').boundingBox();
  const touch = (type, points) => devtools.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  const swipe = async (right, down) => {
    await touch('touchStart', [{ x: x + 5, y: y + 5 }]);
    for (let at = 1; at <= 5; at += 1)
      await touch('touchMove', [{ x: x + 5 + (right * at) / 5, y: y + 5 + (down * at) / 5 }]);
    await touch('touchEnd', []);
  };
  await swipe(0, 60);
  await swipe(30, 0);
  assert.ok(await ann.page.locator('.mode').isHidden());
  await swipe(90, 4);
  await ann.page.getByText('Replying to bob').waitFor();
});
