/* poll-card.js - draws a poll: options to pick, bars that grow, the result. Never looks at the model. Loaded once
 * a room is there.
 *
 * A part is { seq (null: not sent yet), question, options, max, secret, closes, closed, lost (votes are missing),
 *   digest, terms, voters, counts (or null), mine (indexes), receipt (or null), own (I may end it), sending,
 *   names (of each option's voters, or null) } */

import { $, arrange, button, make } from './dom.js';
import { people, winners } from './tally.js';
import { vote } from './votes.js';
import { fullDate } from './when.js';

const NAMES = 3; // of an option's voters shown; more are counted

/** Elements stay while others vote: what is under the pointer, or has the focus, is not taken away. */
export class PollCard {
  #parts = {}; // of the line below the options: name → element
  #choices = [];
  #fixed = null; // options are text, not buttons

  constructor(page) {
    this.page = page;
    this.terms = make('p.small.quiet');
    this.options = make('div');
    this.foot = make('div.foot');
    this.box = make('div.poll', { role: 'group' }, make('h3', {}, make('bdi')), this.terms, this.options, this.foot);
  }

  draw(poll) {
    this.poll = poll;
    this.box.ariaLabel = `Poll: ${poll.question}`;
    this.box.classList.toggle('named', Boolean(poll.names));
    $('h3 bdi', this.box).textContent = poll.question;
    this.terms.textContent = poll.terms;
    this.terms.title = poll.closes ? `Ends ${fullDate(poll.closes)}` : '';
    const hadFocus = this.box.contains(document.activeElement);
    this.#drawOptions();
    arrange(this.foot, this.#footParts());
    if (hadFocus && !this.box.contains(document.activeElement)) this.box.closest('.msg')?.focus();
  }

  /* ---- the options ---- */

  #drawOptions() {
    const { poll } = this;
    const fixed = Boolean(poll.closed);
    if (fixed !== this.#fixed) {
      this.#choices = poll.options.map((_, at) => this.#choice(at, fixed));
      this.options.replaceChildren(...this.#choices);
    }
    this.#fixed = fixed;
    const won = poll.closed ? winners(poll) : [];
    this.#choices.forEach((element, at) => this.#drawChoice(element, at, won));
  }

  #choice(at, fixed) {
    const parts = [
      make(`span.ring${this.poll.max > 1 ? '.box' : ''}`, { ariaHidden: 'true' }),
      make('span.option', {}, make('bdi', {}, this.poll.options[at]), make('span.names'), make('span.unseen')),
      make('span.badge'),
      make('span.score'),
    ];
    return fixed ? make('div.choice', {}, ...parts) : button('choice', () => this.#choose(at), ...parts);
  }

  #drawChoice(element, at, won) {
    const { poll } = this;
    const { counts, voters, max } = poll;
    const mine = poll.mine.includes(at);
    const isFull = max > 1 && !mine && poll.mine.length >= max;
    for (const [name, on] of Object.entries({ mine, won: won.includes(at) })) element.classList.toggle(name, on);
    element.style.setProperty('--part', counts && voters ? Math.round((100 * counts[at]) / voters) : 0);
    $('.score', element).textContent = counts ? counts[at] : '';
    $('.badge', element).textContent = won.includes(at) ? (won.length > 1 ? 'Tie' : 'Winner') : '';
    $('.unseen', element).textContent = this.#fixed && mine ? ' (my choice)' : '';
    this.#drawNames($('.names', element), poll.names?.[at] ?? []);
    if (this.#fixed) return;
    element.ariaPressed = String(mine);
    element.ariaDisabled = String(isFull || poll.seq === null);
    element.ariaLabel = spoken(poll, at);
  }

  #drawNames(element, names) {
    const most = this.poll.closed ? Infinity : NAMES;
    const shown = names
      .slice(0, most)
      .flatMap((name) => [', ', make('bdi', {}, name)])
      .slice(1);
    element.title = names.join(', ');
    element.replaceChildren(...shown, names.length > most ? ` and ${names.length - most} more` : '');
  }

  #choose(at) {
    const { seq, max, mine } = this.poll;
    if (seq === null) return this.page.model.tell('hint', 'You can vote once the poll is sent.');
    const rest = mine.filter((one) => one !== at);
    if (max === 1 && rest.length === mine.length) this.#vote([at]);
    else if (max > 1 && rest.length < mine.length) this.#vote(rest);
    else if (max > 1 && mine.length < max) this.#vote([...mine, at]);
    else if (max > 1) this.page.model.tell('hint', `You can pick up to ${max}. Remove one first.`);
  }

  #vote(choices) {
    const { chat, model } = this.page;
    model.tell('hint', '');
    vote(chat, model.current, this.poll.seq, choices);
  }

  /* ---- the foot ---- */

  #footParts() {
    const { poll } = this;
    const { log, model } = this.page;
    const open = !poll.closed;
    if (poll.seq === null) return [this.#words('voters', 'Not sent yet')];
    return [
      !poll.lost && this.#words('voters', people(poll.voters, open)),
      open &&
        poll.max > 1 &&
        poll.mine.length > 0 &&
        this.#words('chosen', `${poll.mine.length} of ${poll.max} picked`),
      poll.sending && this.#words('sending', 'Sending your vote…'),
      open && poll.mine.length > 0 && this.#link('Remove my vote', () => this.#vote([])),
      open && poll.own && this.#link('End poll', () => log.ask(this.poll.seq, 'close')),
      poll.closed &&
        poll.digest &&
        poll.voters > 0 &&
        this.#link('Check the count', () =>
          this.page.open('recount', model.current, model.current.find(this.poll.seq)),
        ),
      open && poll.receipt && this.#receipt(poll.receipt),
    ].filter(Boolean);
  }

  #words(name, words) {
    this.#parts[name] ??= make('span');
    this.#parts[name].textContent = words;
    return this.#parts[name];
  }

  #link(words, act) {
    return (this.#parts[words] ??= button('link', act, words));
  }

  #receipt(receipt) {
    this.#parts.receipt ??= make('details', {}, make('summary', {}, 'My receipt'), make('code'));
    $('code', this.#parts.receipt).textContent = receipt;
    return this.#parts.receipt;
  }
}

function spoken({ options, counts, voters, mine, names }, at) {
  const score = counts ? `, ${counts[at]} of ${voters}` : '';
  const by = names?.[at].length ? `, ${names[at].join(', ')}` : '';
  return `${options[at]}${score}${mine.includes(at) ? ', my choice' : ''}${by}`;
}
