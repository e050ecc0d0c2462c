/* format.js - what the marks in a text mean: a part of CommonMark, and all else stays as typed. Pure; linear in time.
 *
 * A block is { kind: 'text', parts }, { kind: 'block', text, lang } (code) or { kind: 'quote', blocks }.
 * A part is a string, or { kind, text } of kind 'code', 'link' or 'mention', or { kind, parts } of kind 'strong', 'em'
 * or 'del'.
 *
 * It differs from CommonMark where a chat does: newlines stay, an unclosed fence is no fence, only *, _, ~, > and ` can
 * be escaped, __x__ and ~x~ are plain, a quote begins with "> ", and for * and ~~ only ASCII has punctuation, so that
 * **「重要」**です is bold, too. */

import { webAddresses } from './address.js';

const QUOTES_DEEP = 3;
const MARKS_DEEP = 8;
const KINDS = { '*': 'em', '**': 'strong', _: 'em', '~~': 'del' };

/* ---- blocks ---- */

const FENCE = /^(`{3,})([\w+#.-]*)\s*$/;
const ONE_LINE = /^(`{3,})([^`]+)\1\s*$/;
const QUOTE = /^>(?: |$)/;

/** The blocks of `text`. names: nicks that it mentions. */
export function format(text, names = []) {
  const longestFirst = [...names].sort((a, b) => b.length - a.length);
  return blocks(text.split('\n'), longestFirst, 0);
}

function blocks(lines, names, depth) {
  const found = [];
  const plain = []; // lines of text since the last block
  const ends = fenceEnds(lines);
  const add = (...more) => found.push(...textBlock(plain.splice(0), names), ...more);
  for (let at = 0; at < lines.length; at += 1) {
    const [, , alone] = ONE_LINE.exec(lines[at]) ?? [];
    if (alone) add({ kind: 'block', text: alone, lang: '' });
    else if (ends.has(at)) {
      add({ kind: 'block', text: lines.slice(at + 1, ends.get(at)).join('\n'), lang: FENCE.exec(lines[at])[2] });
      at = ends.get(at);
    } else if (depth < QUOTES_DEEP && QUOTE.test(lines[at])) {
      const quoted = [];
      for (; QUOTE.test(lines[at] ?? ''); at += 1) quoted.push(lines[at].slice(2));
      at -= 1;
      add({ kind: 'quote', blocks: blocks(quoted, names, depth + 1) });
    } else plain.push(lines[at]);
  }
  add();
  return found;
}

/* By the line of each fence, the line that closes it. */
function fenceEnds(lines) {
  const ends = new Map();
  let open = null;
  lines.forEach((line, at) => {
    const [, ticks, lang] = FENCE.exec(line) ?? [];
    if (open && ticks && !lang && ticks.length >= open.ticks) {
      ends.set(open.at, at);
      open = null;
    } else if (ticks && !open) open = { at, ticks: ticks.length };
  });
  return ends;
}

function textBlock(lines, names) {
  const isBlank = (line) => !line.trim();
  const first = lines.findIndex((line) => !isBlank(line));
  if (first < 0) return [];
  const text = lines.slice(first, lines.findLastIndex((line) => !isBlank(line)) + 1).join('\n');
  return [{ kind: 'text', parts: joined(paragraphs(text).flatMap((one) => matched(tokens(one, names)))) }];
}

/* Marks do not reach over an empty line, nor from one entry of a list to the next. */
const paragraphs = (text) => text.split(/(?<=\n)(?=[ \t]*(?:\n|[-+*] |\d{1,9}[.)] ))/);

/* ---- tokens: parts, and delimiters { mark, size, count, opens, closes } ---- */

const MARK = /https?:\/\/|`+|\*+|_+|~+|@|\\[`*_~>]/gi;

function tokens(text, names) {
  const found = [];
  const links = new Map(webAddresses(text).map(({ at, address }) => [at, address]));
  const context = { text, names, links, ticks: tickRuns(text) };
  const scan = new RegExp(MARK);
  let at = 0;
  for (let match = scan.exec(text); match; match = scan.exec(text)) {
    const [token, size] = tokenAt(match.index, match[0], context);
    found.push(text.slice(at, match.index), token);
    at = scan.lastIndex = match.index + size;
  }
  return [...found, text.slice(at)];
}

/* What begins with `mark`, and its length in the text. */
function tokenAt(at, mark, { text, names, links, ticks }) {
  const end = at + mark.length;
  const known = links.get(at);
  if (known) return [{ kind: 'link', text: known }, known.length];
  if (mark[0] === '\\') return [mark[1], 2];
  if (mark[0] === '`') return code(text, end, mark, ticks.get(mark.length) ?? []);
  if (mark === '@') return mention(text, at, names);
  const isMark = mark[0] === '*' || mark === '_' || mark === '~~';
  return [isMark ? delimiter(text, at, end) : mark, mark.length];
}

/* By their length, where runs of ` are, the last first. */
function tickRuns(text) {
  const found = new Map();
  for (const { 0: run, index } of [...text.matchAll(/`+/g)].reverse()) {
    if (!found.has(run.length)) found.set(run.length, []);
    found.get(run.length).push(index);
  }
  return found;
}

function code(text, start, mark, closers) {
  while (closers.at(-1) < start) closers.pop();
  const end = closers.at(-1);
  if (end === undefined) return [mark, mark.length];
  const inside = text.slice(start, end);
  const isPadded = /^\s.*\S.*\s$/s.test(inside);
  return [{ kind: 'code', text: isPadded ? inside.slice(1, -1) : inside }, end - start + 2 * mark.length];
}

const same = (one, other) => one.normalize('NFKC').toLowerCase() === other.normalize('NFKC').toLowerCase();

function mention(text, at, names) {
  const isInWord = /[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at));
  for (const nick of isInWord ? [] : names)
    for (const words of [`@${nick}`, `@"${nick}"`]) {
      const found = text.slice(at, at + words.length);
      if (same(found, words)) return [{ kind: 'mention', text: found, nick }, found.length];
    }
  return ['@', 1];
}

const SPACE = /^\s?$/u;
const ASCII = /[!-/:-@[-`{-~]/;
const PUNCTUATION = /[\p{P}\p{S}]/u;

/* Flanking runs, as CommonMark has them. */
function delimiter(text, at, end) {
  const mark = text[at];
  const isWordy = mark === '_';
  const around = [[...text.slice(Math.max(0, at - 2), at)].at(-1), [...text.slice(end, end + 2)][0]];
  const [before, after] = around.map((letter = '') => ({
    isSpace: SPACE.test(letter),
    isMark: (isWordy ? PUNCTUATION : ASCII).test(letter),
  }));
  const isLeft = !after.isSpace && (!after.isMark || before.isSpace || before.isMark);
  const isRight = !before.isSpace && (!before.isMark || after.isSpace || after.isMark);
  const opens = isLeft && (!isWordy || !isRight || before.isMark);
  const closes = isRight && (!isWordy || !isLeft || after.isMark);
  return { mark, size: end - at, count: end - at, opens, closes };
}

/* ---- matching delimiters ---- */

/* CommonMark's algorithm: each delimiter that closes looks back for one that opens. */
function matched(all) {
  const written = [];
  const openers = []; // those in `written`
  const hopeless = new Map(); // kind of closer → the last opener that none of this kind can close
  all.forEach((token, id) => {
    if (token.closes) close(token, { written, openers, hopeless });
    if (token.count && token.opens) openers.push(Object.assign(token, { id, at: written.length }));
    if (token.count !== 0) written.push(token);
  });
  return written.map(plain);
}

const plain = (token) => (token.mark ? token.mark.repeat(token.count) : token);
const depthOf = (parts) => Math.max(0, ...parts.map(({ depth = 0 }) => depth));

function close(closer, { written, openers, hopeless }) {
  const kind = `${closer.mark} ${closer.opens} ${closer.size % 3}`;
  while (closer.count) {
    const last = hopeless.get(kind) ?? -1;
    const index = openers.findLastIndex((opener) => opener.id <= last || fits(opener, closer));
    const opener = openers[index]?.id > last ? openers[index] : null;
    const inside = opener ? depthOf(written.slice(opener.at + 1)) : 0;
    if (!opener || inside >= MARKS_DEEP) {
      hopeless.set(kind, openers.at(-1)?.id ?? last);
      return;
    }
    const size = Math.min(opener.count, closer.count, 2);
    const parts = joined(written.splice(opener.at + 1).map(plain));
    for (const one of [opener, closer]) one.count -= size;
    openers.length = opener.count ? index + 1 : index;
    if (!opener.count) written.pop();
    written.push({ kind: KINDS[closer.mark.repeat(size)], parts, depth: inside + 1 });
  }
}

/* Of *foo**bar* the middle closes nothing: CommonMark's rule of three. */
const fits = (opener, closer) =>
  opener.mark === closer.mark &&
  (!(opener.closes || closer.opens) || closer.size % 3 === 0 || (opener.size + closer.size) % 3 !== 0);

/* Strings beside each other become one. */
function joined(parts) {
  const found = [];
  for (const part of parts)
    if (typeof part === 'string' && typeof found.at(-1) === 'string') found.push(found.pop() + part);
    else if (part !== '') found.push(part);
  return found;
}
