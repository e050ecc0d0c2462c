/* slash.js - typed commands: /poll "Lunch?" pizza | sushi. Features register them; this finds and runs one.
 *
 * A command is { name: '/poll', run(words, page, isSure) }. What run() returns:
 *   { wrong }          words: why not; the text stays in the field
 *   { wrong, isSure }  words that ask whether to go on; the same text entered again runs with `isSure` true
 *   { later }          a promise of words; if it fails, as wrong() does, the text returns to the field
 *   { done }           words: what happened out of sight
 *   {}                 the log shows what happened */

const SPACE = /\s/;

/** Runs the command in `text`; null: it is no command. */
export function run(text, page, isSure) {
  const name = text.split(SPACE, 1)[0].toLowerCase();
  const command = page.commands.find((one) => one.name === name);
  if (command) return command.run(text.slice(name.length), page, isSure) ?? {};
  if (!/^\/[a-z]+$/.test(name)) return null;
  return {
    wrong: `There's no command ${name}. Press ? outside this field for a list, or put a space before it to send it as text.`,
  };
}

/** What a promise of words fails with. isSure: the words ask whether to go on, see above. */
export const wrong = (message, isSure = false) => Object.assign(new Error(message), { isSure });

const NAME = /^\s*(?:["“](?<quoted>[^"”]+)["”]|(?<plain>\S+))\s*/su;

/** Splits a name, quoted if it has spaces, from the words after it: { name, rest }. */
export function takeName(words) {
  const [taken = '', quoted, plain] = NAME.exec(words) ?? [];
  return { name: quoted ?? plain, rest: words.slice(taken.length) };
}
