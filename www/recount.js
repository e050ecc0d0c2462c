/* recount.js - counts the ballots of a closed poll again: their sum, their digest, and my own ballot. */

import { hex } from './connection.js';
import { $, make } from './dom.js';
import { people, standing } from './tally.js';
import { ballots, receipt } from './votes.js';

const SHOWN = 200; // lines; the file has all

export class Recount {
  #url = null;

  constructor(chat) {
    this.chat = chat;
    this.dialog = $('.recount');
    this.body = $('.body', this.dialog);
    $('.close-recount').onclick = () => this.dialog.close();
    this.dialog.onclose = () => URL.revokeObjectURL(this.#url);
  }

  async open(room, poll) {
    $('h1 bdi', this.dialog).textContent = poll.question;
    this.body.replaceChildren(make('p', {}, 'Fetching the ballots…'));
    this.dialog.showModal();
    this.poll = poll;
    try {
      const all = await ballots(this.chat, room, poll.seq);
      const report = await this.#report(poll, all, receipt(this.chat.model.me, room, poll.seq));
      if (poll === this.poll) this.body.replaceChildren(...report);
    } catch (fault) {
      if (poll === this.poll) this.body.replaceChildren(make('p.fault', { role: 'alert' }, fault.message));
    }
  }

  async #report(poll, all, kept) {
    const lines = all.map(({ code: one, choices }) => `${one} ${choices.join()}\n`).join('');
    const counts = poll.options.map((_, at) => all.filter(({ choices }) => choices.includes(at)).length);
    const same = all.length === poll.voters && String(counts) === String(poll.counts);
    const digest = await sha256(lines);
    return [
      make(
        'p',
        { role: 'status' },
        make('strong', {}, same ? '✓ The count is right.' : 'The count is wrong.'),
        ` Counted here: ${standing({ ...poll, counts, voters: all.length })}`,
      ),
      make('p', {}, `${digestWords(digest, poll.digest)} `, code(poll.digest)),
      make('p', {}, ...mine(poll, all, kept)),
      this.#file(lines, poll),
      table(poll, all, kept),
    ];
  }

  #file(lines, { seq }) {
    const name = `ballots-${seq}.txt`;
    this.#url = URL.createObjectURL(new Blob([lines], { type: 'text/plain' }));
    return make(
      'p',
      {},
      make('a', { href: this.#url, download: name }, 'Save the list'),
      ' and count it with other tools: ',
      code(`sha256sum ${name}`),
      ' gives the digest. The list counts options from 0.',
    );
  }
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
