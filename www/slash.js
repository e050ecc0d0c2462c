/* slash.js - typed commands: /poll "Lunch?" pizza | sushi. Features register them; this finds and runs one.
 *
 * A command is { name: '/poll', run(words, page, isSure) }. run() returns a promise of words about what happened out
 * of sight, or of nothing if the log shows it. It fails as wrong() does, and then the text returns to the field. */

import { lazy } from './lazy.js';

const SPACE = /\s/;

/** Runs the command in `text`: a promise, see above; null: it is no command. */
export function run(text, page, isSure) {
  const name = text.split(SPACE, 1)[0].toLowerCase();
  const command = page.commands.find((one) => one.name === name);
  if (command) return command.run(text.slice(name.length), page, isSure);
  return /^\/[a-z]+$/.test(name) ? Promise.reject(unknown(name)) : null;
}

const unknown = (name) =>
  wrong(
    `There's no command ${name}. Press ? outside this field for a list, or put a space before it to send it as text.`,
  );

/** A command whose work is run(chat, room, { name, words, isSure }) of the module `file`. */
export const typed = (name, file) => ({
  name: `/${name}`,
  run(words, { chat, model }, isSure) {
    const room = model.current; // another one may be open when the module is there
    return lazy(file).then((module) => module.run(chat, room, { name, words, isSure }));
  },
});

/** Why not. isSure: the words ask whether to go on; the same text entered again runs with `isSure` true. */
export const wrong = (message, isSure = false) => Object.assign(new Error(message), { isSure });

const NAME = /^\s*(?:["“](?<quoted>[^"”]+)["”]|(?<plain>\S+))\s*/su;

/** Splits a name, quoted if it has spaces, from the words after it: { name, rest }. */
export function takeName(words) {
  const [taken = '', quoted, plain] = NAME.exec(words) ?? [];
  return { name: quoted ?? plain, rest: words.slice(taken.length) };
}
