/* markup.js - draws what format.js finds in a text: nodes, and never markup. Loaded with the first text that has a mark
 * in it. */

import { button, make } from './dom.js';
import { lazy } from './lazy.js';
import { link } from './text.js';

const SAYS_COPIED_MS = 2000;

/** Nodes of these blocks, for a reader with the names `me`. */
export function drawn(blocks, me) {
  const isPlain = blocks.length === 1 && blocks[0].kind === 'text';
  return isPlain ? parts(blocks[0], me) : blocks.map((one) => BLOCKS[one.kind](one, me));
}

const BLOCKS = {
  text: (block, me) => make('div.lines', { dir: 'auto' }, ...parts(block, me)),
  quote: ({ blocks }, me) => make('blockquote', {}, ...blocks.map((one) => BLOCKS[one.kind](one, me))),
  block: codeBlock,
};

const parts = (block, me) => block.parts.map((part) => (typeof part === 'string' ? part : PARTS[part.kind](part, me)));

const nested = (part, me) => make(part.kind, {}, ...parts(part, me));

const PARTS = {
  strong: nested,
  em: nested,
  del: nested,
  code: ({ text }) => make('code', {}, text),
  link: ({ text }) => link(text),
  mention: ({ text, nick }, me) => make(`span.mention${me.includes(nick) ? '.me' : ''}`, {}, text),
};

function codeBlock({ text, lang }) {
  const copier = button('copy', () => copyNow(copier, text), 'Copy');
  const code = make('pre', { tabIndex: 0, dir: 'ltr' }, make('code', {}, text)); // focused, the keyboard scrolls it
  return make('div.code', { role: 'group', ariaLabel: 'Code' }, code, make('div.about', {}, lang, copier));
}

async function copyNow(copier, text) {
  const say = (words) => {
    copier.textContent = words;
  };
  try {
    const { copyText } = await lazy('copy.js');
    await copyText(text);
    say('Copied');
  } catch {
    say("Can't copy");
  }
  setTimeout(() => say('Copy'), SAYS_COPIED_MS);
}
