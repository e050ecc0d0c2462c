/* poll-form.js - the form that makes a poll. Options are added while the user types, moved and removed with
 * buttons or with Alt and the arrow keys. An unfinished poll stays in the form until it is sent or cancelled.
 * Loaded once a room is there. */

import { $, button, dialog, icon, make } from './dom.js';
import { isComposing, isEnter } from './enter.js';
import { showDialog } from './overlay.js';
import { serverNow } from './server-time.js';
import { silence } from './silence.js';
import { byteLength } from './text.js';
import { ask, MOST_OPTIONS, OPTION_BYTES, QUESTION_BYTES } from './votes.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_MS = 365 * DAY_MS;
const END_WORDS = {
  never: 'when I end it',
  hour: 'in 1 hour',
  day: 'in 1 day',
  week: 'in 1 week',
  at: 'Pick a time…',
};
const ENDS = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS };

let one = null;

/** Shows the form as it was left, or filled in with `poll`. */
export function open(page, poll) {
  one ??= new PollForm(page);
  one.open(poll);
}

class PollForm {
  constructor(page) {
    this.page = page;
    this.#build();
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.form.oninput = ({ target }) => this.#changed(target);
    this.list.onkeydown = (event) => this.#key(event);
    page.model.watch('login', () => this.#fill());
    this.#fill();
  }

  #build() {
    this.list = make('ol.options');
    this.fault = make('p.fault', { id: 'poll-form-fault', role: 'alert' });
    const question = make('input', { name: 'question', maxLength: QUESTION_BYTES, autocomplete: 'off', dir: 'auto' });
    question.setAttribute('aria-describedby', this.fault.id);
    this.form = make(
      'form',
      { noValidate: true },
      make('label.field', {}, 'Question', question),
      make('fieldset', {}, make('legend', {}, 'Options'), this.list),
      ...this.#rules(),
      this.fault,
      make(
        'div.buttons',
        {},
        make('button.small-button.yes', {}, 'Start the poll'),
        button('small-button.no', () => this.#end(), 'Cancel'),
      ),
    );
    this.dialog = dialog('poll-form', 'Start a poll', this.form);
  }

  #rules() {
    const field = (words, name, ...options) => make('label.field', {}, words, make('select', { name }, ...options));
    const check = (name, ...words) =>
      make('label.check', {}, make('input', { type: 'checkbox', name }), make('span', {}, ...words));
    const ends = Object.entries(END_WORDS).map(([value, words]) => make('option', { value }, words));
    return [
      make('div.pair', {}, field('People can pick', 'max'), field('Ends', 'end', ...ends)),
      make('input', { name: 'at', type: 'datetime-local', ariaLabel: 'Ends at', hidden: true }),
      check('secret', 'Secret votes ', make('span.quiet', {}, 'Nobody sees who picked what')),
      check('hidden', 'Hide results until it ends'),
    ];
  }

  open(poll) {
    this.room = this.page.model.current;
    if (poll) this.#fill(poll);
    if (silence(this.room)) return; // the poll stays in the form until I can ask it
    this.#say('');
    if (!this.dialog.open) showDialog(this.dialog);
    this.form.elements.question.focus();
  }

  #fill(poll = { question: '', options: [], max: 1, secret: false, results: 'live' }) {
    const { question, max, secret, hidden, end } = this.form.elements;
    question.value = poll.question;
    this.list.replaceChildren();
    for (const option of [...poll.options, '', ''].slice(0, Math.max(2, poll.options.length + 1))) this.#add(option);
    secret.checked = poll.secret;
    hidden.checked = poll.results === 'closed';
    end.value = poll.closes_at ? 'at' : 'never';
    this.form.elements.at.value = poll.closes_at ? local(poll.closes_at) : '';
    this.#showMax();
    max.value = String(poll.max);
    this.#showAt();
  }

  get #inputs() {
    return [...this.list.querySelectorAll('input')];
  }

  #add(value) {
    const input = make('input', { value, maxLength: OPTION_BYTES, autocomplete: 'off', dir: 'auto' });
    const row = make(
      'li',
      {},
      input,
      this.#tool('up', 'Move up', () => this.#move(row, -1)),
      this.#tool('down', 'Move down', () => this.#move(row, 1)),
      this.#tool('close', 'Remove', () => this.#remove(row)),
    );
    this.list.append(row);
    this.#number();
  }

  #tool(name, label, act) {
    const element = button(`tool.${name}`, act, icon(name));
    element.label = label;
    return element;
  }

  #number() {
    [...this.list.children].forEach((row, at) => {
      const input = $('input', row);
      input.ariaLabel = input.placeholder = `Option ${at + 1}`;
      for (const tool of row.querySelectorAll('button')) tool.title = tool.ariaLabel = `${tool.label} option ${at + 1}`;
      $('.up', row).disabled = at === 0;
      $('.down', row).disabled = at === this.list.children.length - 1;
      $('.close', row).disabled = this.list.children.length <= 2;
    });
  }

  #move(row, step, keep = document.activeElement) {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    this.#number();
    (keep.disabled ? $('input', row) : keep).focus();
  }

  #remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.#number();
    this.#showMax();
    $('input', next).focus();
  }

  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const row = event.target.closest('li');
    if (event.altKey && step && !isComposing(event)) {
      event.preventDefault();
      this.#move(row, step);
    } else if (isEnter(event) && event.target.matches('input') && row.nextElementSibling) {
      event.preventDefault();
      $('input', row.nextElementSibling).focus();
    }
  }

  #changed(target) {
    this.#say('');
    if (target === this.form.elements.end) this.#showAt();
    if (!this.list.contains(target)) return;
    if (target === this.#inputs.at(-1) && target.value && this.#inputs.length < MOST_OPTIONS) this.#add('');
    this.#showMax();
  }

  get #options() {
    return this.#inputs.map((input) => input.value.trim()).filter(Boolean);
  }

  #showMax() {
    const { max } = this.form.elements;
    const { value } = max;
    const count = Math.max(2, this.#options.length);
    max.replaceChildren(
      ...Array.from({ length: count }, (_, at) =>
        make('option', { value: String(at + 1) }, at ? `up to ${at + 1}` : 'one'),
      ),
    );
    max.value = String(Math.min(Number(value) || 1, count));
  }

  #showAt() {
    const { end, at } = this.form.elements;
    at.hidden = end.value !== 'at';
    if (!at.hidden && !at.value) at.value = local(Date.now() + DAY_MS);
  }

  #say(words, field) {
    this.fault.textContent = words;
    for (const input of this.form.querySelectorAll('[aria-invalid]')) input.ariaInvalid = null;
    if (!field) return;
    field.ariaInvalid = 'true';
    field.focus();
  }

  #submit() {
    const { question, max, secret, hidden, end, at } = this.form.elements;
    const [words, field] = this.#mistake() ?? [];
    if (words) return this.#say(words, field);
    ask(this.page.chat, this.room, {
      question: question.value.trim(),
      options: this.#options,
      max: Number(max.value),
      secret: secret.checked,
      results: hidden.checked ? 'closed' : 'live',
      ...(end.value !== 'never' && { closes_at: endTime(end.value, at.value) }),
    });
    this.#end();
    this.page.log.toEnd();
    this.page.composer.focus();
  }

  /* [words, field to correct], or null. */
  #mistake() {
    const { question } = this.form.elements;
    const text = question.value.trim();
    if (!text) return ['A poll needs a question.', question];
    if (byteLength(text) > QUESTION_BYTES) return ['This question is too long.', question];
    return this.#optionMistake() ?? this.#timeMistake();
  }

  #optionMistake() {
    const options = this.#options;
    if (options.length < 2) return ['A poll needs at least two options.', this.#inputs[options.length]];
    const long = this.#inputs.find((input) => byteLength(input.value.trim()) > OPTION_BYTES);
    if (long) return ['This option is too long.', long];
    const twice = options.find((option, i) => options.indexOf(option) < i);
    if (!twice) return null;
    return ['Two options are the same.', this.#inputs.findLast((input) => input.value.trim() === twice)];
  }

  #timeMistake() {
    const { end, at } = this.form.elements;
    if (end.value === 'never') return null;
    if (end.value === 'at' && !at.value) return ['Pick a time.', at];
    const closes = endTime(end.value, at.value);
    if (!(closes > serverNow())) return ['This time is in the past.', at];
    return closes > serverNow() + LONGEST_MS ? ['This is more than a year away.', at] : null;
  }

  #end() {
    this.dialog.close();
    this.#fill();
  }
}

/* The user picks a time by the browser's clock. */
const endTime = (end, at) => serverNow() + (end === 'at' ? new Date(at).getTime() - Date.now() : ENDS[end]);

/* As a datetime-local field has it. */
function local(ms) {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}
