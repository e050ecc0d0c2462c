/* The emoji that the page offers are those of the locked package; names find them, tones fit. Without a browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { all, made, sign, stored } from './make-emoji.mjs';
import { pure } from './pure.mjs';

const { groups } = await pure('emoji-data');
const { find, read, toned, TONES } = await pure('emoji');
const known = read(groups).flatMap(([, list]) => list);

test('emoji-data.js is what `npm run emoji` makes of the package in the lock file', () => {
  assert.ok(stored() === made(), 'run `npm run emoji` in tests/web');
  assert.ok(gzipSync(stored()).length <= 60 * 1024);
  assert.deepEqual(
    known.map(({ emoji }) => emoji),
    all.map(sign),
  );
});

test('a name, a keyword or a part of either finds an emoji', () => {
  const wanted = {
    thumbs: '👍',
    '+1': '👍',
    tada: '🎉',
    smi: '🙂',
    'red heart': '❤️',
    coffee: '☕',
    sailb: '⛵',
    flag_fr: '🇫🇷',
  };
  for (const [sought, emoji] of Object.entries(wanted)) {
    const found = find(known, sought).map((one) => one.emoji);
    assert.ok(found.slice(0, 16).includes(emoji), `${sought}: ${found.slice(0, 16)}`);
  }
  assert.deepEqual(find(known, 'qqq'), []);
});

test('an emoji takes a skin tone as Unicode has it', () => {
  let count = 0;
  for (const one of all)
    for (const skin of one.skins?.filter(({ tone, version }) => typeof tone === 'number' && version <= 15) ?? []) {
      assert.equal(toned(sign(one), TONES[skin.tone]), sign(skin), skin.label);
      count += 1;
    }
  assert.ok(count > 1000);
  assert.equal(toned('🖐️', ''), '🖐️');
  assert.ok(known.find(({ emoji }) => emoji === '👋').isToned);
  assert.ok(!known.find(({ emoji }) => emoji === '😀').isToned);
});
