/* Text as its readers see it: where links end, quotes are cut, characters are counted; names of rooms. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const LINKS = [
  ['https://a.example/x，谢谢。', 'https://a.example/x'],
  ['（见https://a.example/y）', 'https://a.example/y'],
  ['看https://a.example/z。好', 'https://a.example/z'],
  ['انظر https://a.example/q، ثم', 'https://a.example/q'],
  ['هل رأيت https://a.example/r؟', 'https://a.example/r'],
  ['(see https://a.example/s).', 'https://a.example/s'],
  ['https://a.example/w_(t), and', 'https://a.example/w_(t)'],
  ['https://a.example/中文', 'https://a.example/%E4%B8%AD%E6%96%87'],
];

scene('links end where a reader of Chinese, Arabic or English ends them', async (stage) => {
  const ann = await stage.person('ann');
  for (const [text] of LINKS) await ann.say(text);
  await eventually(async () =>
    assert.deepEqual(
      await ann.page.locator('.text a').evaluateAll((all) => all.map(({ href }) => href)),
      LINKS.map(([, link]) => link),
    ),
  );
});

scene('a quote is not cut inside an emoji', async (stage) => {
  const ann = await stage.person('ann');
  const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}';
  await ann.say(`${'x'.repeat(118)}${family.repeat(5)}`);
  await ann.message('xxx').hover();
  await ann.message('xxx').getByRole('button', { name: 'Reply' }).click();
  await ann.say('a reply');
  assert.ok((await ann.message('a reply').locator('.quote').innerText()).endsWith(`x${family.repeat(2)}`));
});

scene(
  'the counter counts characters, where the server counts bytes',
  async (stage) => {
    const ann = await stage.person('ann');
    const says = (words) => eventually(async () => assert.equal(await ann.page.locator('.space').innerText(), words));
    await ann.page.locator('textarea').fill('\u{1F600}'.repeat(52)); // of 4 bytes
    await says('2 characters too long.');
    await ann.page.locator('textarea').fill('\u{1F600}'.repeat(48));
    await says('2 characters left.');
    await ann.page.locator('textarea').fill('x'.repeat(201));
    await says('1 character too long.');
    await ann.page.locator('textarea').fill('');
  },
  'commands_per_second = 0; text_bytes = 200;',
);

scene('rooms whose titles have the same letters do not collide', async (stage) => {
  const ann = await stage.person('ann');
  const create = async (title) => {
    await ann.page.locator('.new-room').click();
    await ann.page.locator('.create input').first().fill(title);
    await ann.press('Enter');
  };
  for (const title of ['C++', 'C#', 'C']) {
    await create(title);
    await eventually(async () => assert.equal(await ann.page.locator('.head .title').innerText(), title));
  }
  await create('c#');
  await eventually(async () =>
    assert.equal(await ann.page.locator('.create .fault').innerText(), "There's already a room called that."),
  );
});

scene('emoji have colours', async (stage) => {
  const ann = await stage.person('ann');
  await ann.say('😀');
  const picture = await ann.message('😀').locator('.text').screenshot();
  assert.ok((await saturated(await stage.person(), picture)) > 20, 'pixels with a colour');
});

/* How many pixels of a picture are far from grey. A page of its own decodes it: the chat's policy forbids that. */
async function saturated({ page }, picture) {
  await page.goto('about:blank');
  return page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const { width, height } = image;
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const colour = data.slice(at, at + 3);
      if (Math.max(...colour) - Math.min(...colour) > 100) count += 1;
    }
    return count;
  }, picture.toString('base64'));
}

scene('a name that mixes alphabets has a sign in the list of people and above its messages', async (stage) => {
  const ann = await stage.person('ann');
  const names = ['Вob', 'Οlga', 'Иван', 'Zoë', 'Ken 健', 'علي Ali', 'Νίκος']; // Cyrillic В, Greek Ο
  for (const name of names) {
    const ask = await stage.robot(name);
    await ask({ type: 'say', room: 'lobby', text: `I am ${name}.` });
    await ann.sees(`I am ${name}.`);
  }
  const { page } = ann;
  const signed = (where) =>
    page
      .locator(where)
      .evaluateAll((all) =>
        all.filter((one) => one.querySelector('.mixed')).map((one) => one.title || one.querySelector('.nick').title),
      );
  await eventually(async () => assert.deepEqual((await signed('.person')).sort(), ['Вob', 'Οlga'].sort()));
  assert.deepEqual(await signed('.by'), ['Вob', 'Οlga']);
  const sign = page.locator('.by .mixed').first();
  assert.equal(await sign.getAttribute('title'), 'This name mixes alphabets');
  assert.equal(await page.getByRole('img', { name: 'This name mixes alphabets' }).count(), 4);
  await ann.shot('mixed');
});
