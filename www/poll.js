/* poll.js - polls: what this page knows of them, all in one place. votes.js does the work, poll-card.js draws. */

import { lazy } from './lazy.js';
import { silence } from './silence.js';
import { typed } from './slash.js';
import { isOpen, terms } from './tally.js';
import * as votes from './votes.js';

const TIME_LEFT_MS = 20_000; // how often open polls show it
const of = (command) => command.poll;

/* What the server refuses in a poll, by field. */
const WRONG = {
  question: 'The question is too long, or nothing in it can be seen.',
  options: 'An option is too long, or two of them look the same.',
  closes_at: 'The end of the poll is in the past, or more than a year away.',
};

const loadCard = () => lazy('poll-card.js', 'poll.css').then(({ PollCard }) => PollCard);
const loadForm = () => lazy('poll-form.js', 'dialog.css');
const loadCommands = () => lazy('poll-commands.js');

export const poll = {
  name: 'poll',
  icons: { poll: 'M5.5 19v-7.5M12 19V5M18.5 19v-4.5' },

  events: {
    poll: (chat, room, event) => chat.add(room, event),
    vote: votes.tally,
    poll_closed: votes.tally,
  },

  signals: {
    voted: (chat, { poll: seq }, room) => room?.find(seq) && votes.check(chat, room, seq),
  },

  posts: {
    poll: {
      silence,
      item: (command) => ({ ...command, text: command.question }),
      done: (_chat, room, item) => room.add({ ...item, type: 'poll', text: item.question }),
      takeBack: (command, page) => page.open('poll-form', command),
    },
    vote: {
      of,
      isQuiet: true,
      noun: 'vote',
      isFinal: true,
      done: (chat, room, item, { receipt }) => votes.voted(chat, room, item, receipt),
    },
    close_poll: {
      noun: 'thing',
      drop: (fault) => `The poll is still open. ${fault.message}`,
    },
  },

  refusals: {
    'vote closed': () => 'Your vote was not counted: the poll had ended.',
    'vote not_found': () => 'Your vote was not counted: the poll was deleted.',
    'poll full': (_fault, { limits }) => `This room has ${limits.polls} open polls. End one first.`,
    'poll bad_field': ({ field, message }) => WRONG[field] ?? message,
  },

  questions: {
    close: { words: 'End this poll now, for everyone?', yes: 'End it', no: 'Keep it open', answer: votes.close },
  },

  joined(chat, room) {
    for (const load of [loadCard, loadForm, loadCommands]) load().catch(() => {}); // a poll may be asked without a connection
    for (const item of room.items) if (item.type === 'poll' && !item.closed) votes.check(chat, room, item.seq);
  },
  after: votes.counted,
  added: (_room, item) => item.type === 'poll' && votes.begin(item),
  gap: votes.lose,
  forget: votes.forget,
  lines: votes.endLines,

  text: ({ question }) => question,
  loss: (item) => (isOpen(item) ? 'It ends the poll without a result.' : ''),
  part: (item, context) => (item.type === 'poll' && !item.deleted ? part(item, context) : null),
  loadCard,

  adds: [{ icon: 'poll', words: 'Poll', run: (page) => page.open('poll-form') }],

  mount(page) {
    const { model, log } = page;
    setInterval(() => model.current?.all.some((item) => isOpen(item) && item.closes_at) && log.draw(), TIME_LEFT_MS);
  },

  commands: ['poll', 'vote'].map((name) => typed(name, 'poll-commands.js')),
  help: [['/poll', '/vote'], '/poll "Lunch?" pizza | sushi, then /vote 2'],
};

/* What the card shows: see poll-card.js. My choice is shown before it is stored. */
function part(item, { room, outbox, me }) {
  const { seq, question, options, max, secret, closes_at: closes, closed = false, lost, digest } = item;
  const { voters = 0, counts = null, votes: cast } = item;
  const post = outbox.last('vote', room.name, seq);
  const sending = Boolean(post && !post.fault);
  const stored = votes.receipt(me, room, seq);
  const mine = (sending ? post.command.choices : null) ?? item.mine ?? stored?.choices ?? [];
  const names = cast
    ? options.map((_, at) => cast.filter(({ choices }) => choices.includes(at)).map(({ from }) => from))
    : null;
  const receipt = mine.length && String(stored?.choices) === String(mine) ? stored.receipt : null;
  const own = item.from === me || room.moderates;
  const known = { seq, question, options, max, secret, closes, closed, lost, digest, voters, counts };
  return { ...known, names, mine, receipt, own, sending, terms: terms(item) };
}
