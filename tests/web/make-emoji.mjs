/* make-emoji.mjs - makes www/emoji-data.js of emojibase-data, in the version of package-lock.json: `npm run emoji`. The
 * test emoji-table fails if the two do not agree. */

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const read = createRequire(import.meta.url);
const NEWEST = 15; // emoji version: the ICU of Debian 12 takes nothing newer for an emoji
const COMPONENTS = 2; // a group of pieces, not of emoji
const NAMES = ['Smileys', 'People', '', 'Nature', 'Food', 'Places', 'Activities', 'Objects', 'Symbols', 'Flags'];
const FILE = fileURLToPath(new URL('../../www/emoji-data.js', import.meta.url));

/* As keyboards write it: the selector of colours only where an emoji has none by itself. */
export const sign = ({ emoji }) => emoji.replace(/(\p{Emoji_Presentation})\ufe0f/gu, '$1');

export const { version } = read('emojibase-data/package.json');
export const all = read('emojibase-data/en/data.json').filter(
  (one) => one.version <= NEWEST && one.group !== undefined && one.group !== COMPONENTS,
);
const shortcodes = read('emojibase-data/en/shortcodes/github.json');

const head = `/* emoji-data.js - made by tests/web/make-emoji.mjs of emojibase-data ${version}; LICENSE.emoji holds.
 * By group, lines of "emoji name|keywords" in Unicode's order; a + before the emoji: it has skin tones. Loaded with the
 * picker. */

export const groups = [
`;

/* The keywords are those that do not begin a word of the name. */
function line(one) {
  const { label, tags = [], skins, hexcode } = one;
  const codes = [shortcodes[hexcode] ?? []].flat().map((code) => code.replaceAll('_', ' '));
  const name = label.toLowerCase();
  const more = [...new Set([...tags, ...codes])].filter((word) => !` ${name}`.includes(` ${word}`));
  return `${skins?.[0].version <= NEWEST ? '+' : ''}${sign(one)} ${name}|${more.join(',')}`;
}

const quoted = (text) => `'${text.replaceAll('\\', '').replaceAll("'", '’').replaceAll('\n', '\\n')}'`;

/** The text of www/emoji-data.js. */
export function made() {
  const group = (name, at) => {
    const lines = all.filter((one) => one.group === at).map(line);
    return name && `  [\n    ${quoted(name)},\n    ${quoted(lines.join('\n'))},\n  ],\n`;
  };
  return `${head}${NAMES.map(group).join('')}];\n`;
}

export const stored = () => readFileSync(FILE, 'utf8');

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, made());
