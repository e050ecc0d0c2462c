/* recount.js - counts the ballots of a closed poll again: their sum, their digest, and my own ballot.
 * Loaded when it is first opened. */

import { hex } from './connection.js';
import { $, button, dialog, make } from './dom.js';
import { sayFault } from './fault.js';
import { showDialog } from './overlay.js';
import { people, standing } from './tally.js';
import { receipt } from './votes.js';

const SHOWN = 200; // lines; the file has all

async function ballots(chat, room, seq) {
  const all = [];
  for (let more = true; more;) {
    const page = await chat.connection.request({ type: 'ballots', room: room.name, poll: seq, after: all.length });
    all.push(...page.ballots);
    more = page.more;
  }
  return all;
}

export async function open({ chat }, room, poll) {
  const body = make('div.body');
  const title = make('span', {}, 'Check the count: ', make('bdi', {}, poll.question));
  const element = dialog(
    'recount',
    title,
    body,
    button('small-button', () => element.close(), 'Close'),
  );
  const saved = [];
  element.onclose = () => {
    for (const url of saved) URL.revokeObjectURL(url);
    element.remove();
  };
  Object.assign($('h1', element), { tabIndex: -1, autofocus: true }); // else the button at its end
  showDialog(element);
  fill(chat, room, poll, body, saved);
}

async function fill(chat, room, poll, body, saved) {
  body.replaceChildren(make('p', {}, 'Fetching the ballots…'));
  try {
    const all = await ballots(chat, room, poll.seq);
    body.replaceChildren(...(await report(poll, all, receipt(chat.model.me, room, poll.seq), saved)));
  } catch (fault) {
    const words = make('p.fault', { role: 'alert' });
    body.replaceChildren(words);
    sayFault(words, fault.message, room.link, () => fill(chat, room, poll, body, saved));
  }
}

async function report(poll, all, kept, saved) {
  const lines = all.map(({ code: one, choices }) => `${one} ${choices.join()}\n`).join('');
  const counts = poll.options.map((_, at) => all.filter(({ choices }) => choices.includes(at)).length);
  const digest = await sha256(lines);
  const listed = digest === null || digest === poll.digest;
  const same = listed && all.length === poll.voters && String(counts) === String(poll.counts);
  return [
    make(
      'p',
      { role: 'status' },
      make('strong', {}, same ? '✓ The count is right.' : 'The count is wrong.'),
      ` Counted here: ${standing({ ...poll, counts, voters: all.length })}`,
    ),
    make('p', {}, `${digestWords(digest, poll.digest)} `, code(poll.digest)),
    make('p', {}, ...mine(poll, all, kept)),
    file(lines, poll, saved),
    table(poll, all, kept),
  ];
}

/* A link to the list, whose address is added to `saved`. */
function file(lines, { seq }, saved) {
  const name = `ballots-${seq}.txt`;
  const href = URL.createObjectURL(new Blob([lines], { type: 'text/plain' }));
  saved.push(href);
  return make(
    'p',
    {},
    make('a', { href, download: name }, 'Save the list'),
    ' and count it with other tools: ',
    code(`sha256sum ${name}`),
    ' gives the digest. The list counts options from 0.',
  );
}

const code = (words) => make('code', {}, words);

/* null on a page without https: browsers have no digests there. */
async function sha256(text) {
  if (!crypto.subtle) return null;
  const sum = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return hex(new Uint8Array(sum));
}

function digestWords(digest, announced) {
  if (digest === announced) return 'The digest is the one announced at the end of the poll:';
  const here = digest
    ? `The digest is ${digest}.`
    : 'This connection is not secure (https), so the page cannot compute the digest.';
  return `${here} Announced at the end of the poll:`;
}

function mine(poll, all, kept) {
  if (!kept) return ['This browser has no receipt of a vote in this poll.'];
  const line = all.find((ballot) => ballot.code === kept.receipt);
  if (!line) return ['Your receipt ', code(kept.receipt), ' is not in the list.'];
  const names = line.choices.map((at) => poll.options[at]).join(', ');
  return ['Your receipt ', code(kept.receipt), ' is in the list, for ', make('bdi', {}, names), '.'];
}

function table(poll, all, kept) {
  const rows = all
    .slice(0, SHOWN)
    .map(({ code: one, choices }) =>
      make(
        `tr${one === kept?.receipt ? '.mine' : ''}`,
        {},
        make('td', {}, code(one)),
        make('td', { dir: 'auto' }, choices.map((at) => poll.options[at]).join(', ')),
      ),
    );
  const more = all.length - rows.length;
  return make(
    'table',
    {},
    make('caption', {}, `${people(all.length, false)}${more > 0 ? `; the first ${SHOWN} are shown` : ''}`),
    make('tr', {}, make('th', { scope: 'col' }, 'Receipt'), make('th', { scope: 'col' }, 'Vote')),
    ...rows,
  );
}
