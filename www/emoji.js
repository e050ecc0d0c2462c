/* emoji.js - emoji-data.js as objects: found by name, in a skin tone. Pure; loaded with it. */

export const TONES = ['', '🏻', '🏼', '🏽', '🏾', '🏿'];

const HANDSHAKE = '🤝';

/** Whether a text has an emoji in it. */
export const isSign = (text) => /\p{Extended_Pictographic}|\p{RI}|\u20e3/u.test(text);

/** The emoji in a skin tone of TONES; between two people hands have none. */
export function toned(emoji, tone) {
  if (!tone) return emoji;
  const isPair = emoji.includes(`\u200d${HANDSHAKE}`);
  const change = (all, base) => (isPair && base === HANDSHAKE ? all : base + tone);
  return emoji.replace(/(\p{Emoji_Modifier_Base})\ufe0f?/gu, change);
}

/** The groups of emoji-data.js: [[title, [{ emoji, name, words, isToned }]]] */
export const read = (groups) =>
  groups.map(([title, lines]) => [
    title,
    lines.split('\n').map((line) => {
      const [, plus, emoji, name, more] = /^(\+?)(\S+) ([^|]*)\|(.*)$/.exec(line);
      return { emoji, name, words: more.toLowerCase().split(','), isToned: plus === '+' };
    }),
  ]);

/* How well `one` fits what is sought, 0 best; Infinity: not at all. */
function rank({ name, words }, sought) {
  const all = ` ${name} ${words.join(' ')}`;
  if (!sought.split(/[\s_]+/).every((word) => all.includes(` ${word}`))) return Infinity;
  return [name.startsWith(sought), words.includes(sought), ` ${name}`.includes(` ${sought}`), true].indexOf(true);
}

/** Those of `all` that `sought` finds, the best first. */
export function find(all, sought) {
  const ranked = all.map((one) => ({ one, at: rank(one, sought) })).filter(({ at }) => at < Infinity);
  return ranked.sort((a, b) => a.at - b.at).map(({ one }) => one);
}
