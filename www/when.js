/* when.js - the server's milliseconds in the user's time zone and locale. */

let clock;
let whole;

/** hours: '12', '24', or nothing for what the language of the browser has. */
export function setClock(hours) {
  const hourCycle = { 12: 'h12', 24: 'h23' }[hours];
  const { hour12 } = new Intl.DateTimeFormat(undefined, { hour: 'numeric', hourCycle }).resolvedOptions();
  const hour = hour12 ? 'numeric' : '2-digit';
  clock = new Intl.DateTimeFormat(undefined, { hour, minute: '2-digit', hourCycle });
  whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium', hourCycle });
}
setClock();

const thisYear = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const otherYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' });

const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const WEEK_MS = 6 * 86_400_000;

export const time = (at) => clock.format(at);
export const fullDate = (at) => whole.format(at);

/** The time without "am" and "pm", for the narrow margin. */
export const shortTime = (at) =>
  clock
    .formatToParts(at)
    .map(({ type, value }) => (type === 'dayPeriod' ? '' : value))
    .join('')
    .trim();

/** Today the time, this week its day, else the date: for the end of a line. */
export function recent(at) {
  if (dayKey(at) === dayKey(Date.now())) return time(at);
  return (Date.now() - at < WEEK_MS ? weekday : date).format(at);
}

export function day(at) {
  const same = new Date(at).getFullYear() === new Date().getFullYear();
  return (same ? thisYear : otherYear).format(at);
}

export const dayKey = (at) => new Date(at).toDateString();
