/* recount.js - a closed poll, counted again by this page: the list of ballots, its sum, its digest, and
 * my own line in it. For: log (open). Asks through chat. */

import { $, make } from './dom.js';
import { people, standing } from './tally.js';

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
      const ballots = await this.chat.ballots(room, poll.seq);
      const report = await this.#report(poll, ballots, this.chat.receipt(room, poll.seq));
      if (poll === this.poll) this.body.replaceChildren(...report);
    } catch (fault) {
      if (poll === this.poll) this.body.replaceChildren(make('p.fault', { role: 'alert' }, fault.message));
    }
  }

  async #report(poll, ballots, receipt) {
    const lines = ballots.map(({ code, choices }) => `${code} ${choices.join()}\n`).join('');
    const counts = poll.options.map((_, at) => ballots.filter(({ choices }) => choices.includes(at)).length);
    const same = ballots.length === poll.voters && String(counts) === String(poll.counts);
    const digest = await sha256(lines);
    return [
      make(
        'p',
        { role: 'status' },
        make('strong', {}, same ? 'It is right.' : 'It is not right.'),
        ` Counted here: ${standing({ ...poll, counts, voters: ballots.length })}`,
      ),
      make('p', {}, `${digestWords(digest, poll.digest)} `, make('code', {}, poll.digest)),
      make('p', {}, ...mine(poll, ballots, receipt)),
      this.#file(lines, poll),
      table(poll, ballots, receipt),
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
      make('code', {}, `sha256sum ${name}`),
      ' gives the digest. Options are counted from 0 in it.',
    );
  }
}

/* Browsers do it on secure pages only. */
async function sha256(text) {
  if (!crypto.subtle) return null;
  const sum = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function digestWords(digest, told) {
  if (!digest)
    return 'This page is not served securely, so it cannot compute the digest. Told to everybody at the end:';
  return digest === told
    ? 'Its digest is the one that was told to everybody at the end:'
    : `Its digest is ${digest}. Told to everybody at the end was another:`;
}

function mine(poll, ballots, kept) {
  if (!kept) return ['This browser has no receipt of a vote in this poll.'];
  const line = ballots.find(({ code }) => code === kept.receipt);
  if (!line) return ['Your receipt ', make('code', {}, kept.receipt), ' is not in the list.'];
  const names = line.choices.map((at) => poll.options[at]).join(', ');
  return ['Your receipt ', make('code', {}, kept.receipt), ' is in the list, for ', make('bdi', {}, names), '.'];
}

function table(poll, ballots, kept) {
  const rows = ballots
    .slice(0, SHOWN)
    .map(({ code, choices }) =>
      make(
        `tr${code === kept?.receipt ? '.mine' : ''}`,
        {},
        make('td', {}, make('code', {}, code)),
        make('td', { dir: 'auto' }, choices.map((at) => poll.options[at]).join(', ')),
      ),
    );
  const more = ballots.length - rows.length;
  return make(
    'table',
    {},
    make('caption', {}, `${people(ballots.length, false)}${more > 0 ? `; the first ${SHOWN} are shown` : ''}`),
    make('tr', {}, make('th', { scope: 'col' }, 'Receipt'), make('th', { scope: 'col' }, 'Vote')),
    ...rows,
  );
}
