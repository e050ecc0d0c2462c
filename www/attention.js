/* attention.js - what calls a user who is not looking: a notification, a soft tone, a mark on the page's icon and on the
 * app's; and the line that offers it. Loaded when something is there to be told. */

import { $, button, make } from './dom.js';
import { isLooking, watchLooking } from './looking.js';
import { allMentions, levelOf } from './mention.js';
import { load, own, save } from './storage.js';
import { graphemes } from './text.js';

const QUIET_MS = 30_000; // another device was looked at; between two tones
const WORDS = 120; // characters in a notification

let page = null;
let toned = 0; // when
let missed = null; // who named me while nobody looked, and was not told of

/** Of this browser: { on (undefined: never asked), sound }. */
export const wishes = () => load(own(page.model.me, 'told')) ?? {};

export const wish = (news) => save(own(page.model.me, 'told'), { ...wishes(), ...news });

export const canTell = () => 'Notification' in window;

/** Asks the browser; resolves to whether it shows notifications. */
export async function turnOn() {
  const isGiven = canTell() && (await Notification.requestPermission()) === 'granted';
  wish({ on: isGiven });
  return isGiven;
}

export function begin(of) {
  if (page) return;
  page = of;
  page.model.watch('rooms told', draw);
  watchLooking((is) => is && offer());
}

/* ---- something for me ---- */

/** An item that I want to be told of. */
export function arrived(of, room, item) {
  begin(of);
  draw();
  if (isLooking() || isPaused() || levelOf(room) === 'none') return;
  if (!wishes().on || !canTell() || Notification.permission !== 'granted') missed ??= item.from;
  else if (!isElsewhere()) notify(room, item);
  if (wishes().sound && !isElsewhere()) tone();
}

const isPaused = () => (page.chat.kept.pause ?? 0) > Date.now();

function isElsewhere() {
  const { on, at = 0 } = page.chat.kept.active ?? {};
  return on || Date.now() - at < QUIET_MS;
}

function notify(room, { from, text, seq }) {
  const body = graphemes(text, WORDS).join('');
  try {
    const shown = new Notification(`${from} in ${room.title}`, {
      body,
      tag: room.name,
      icon: $('link[rel=icon]').href,
    });
    shown.onclick = () => {
      window.focus();
      shown.close();
      page.chat.open(room, seq).catch(console.warn);
    };
  } catch (fault) {
    console.warn(fault); // some browsers want a service worker
  }
}

function tone() {
  if (Date.now() - toned < QUIET_MS) return;
  toned = Date.now();
  const sound = new AudioContext();
  const wave = new OscillatorNode(sound, { frequency: 660 });
  const soft = new GainNode(sound, { gain: 0 });
  const now = sound.currentTime;
  soft.gain.linearRampToValueAtTime(0.08, now + 0.02);
  soft.gain.exponentialRampToValueAtTime(0.0001, now + 0.6);
  wave.connect(soft).connect(sound.destination);
  wave.start();
  wave.stop(now + 0.6);
  wave.onended = () => sound.close();
}

/* ---- the mark ---- */

function draw() {
  const count = allMentions(page.model);
  const icon = $('link[rel=icon]');
  const plain = icon.dataset.plain ?? icon.href;
  icon.dataset.plain = plain;
  const href = count ? plain.replace('icon.svg', 'icon-mark.svg') : plain;
  if (icon.href !== href) icon.href = href;
  if (count) navigator.setAppBadge?.(count).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

/* ---- the line over the field ---- */

/* Asked for once, when it would have helped. */
function offer() {
  if (!missed || !canTell() || wishes().on !== undefined || Notification.permission === 'denied') return;
  const who = missed;
  missed = null;
  const end = (act) => () => {
    line.remove();
    page.composer.focus();
    act();
  };
  const line = make(
    'p.banner.offer',
    { role: 'status' },
    make('span', {}, make('bdi', {}, who), ' mentioned you while you were away. Be told next time?'),
    button('small-button', end(turnOn), 'Turn on'),
    button(
      'link',
      end(() => wish({ on: false })),
      'Not now',
    ),
  );
  $('.offer')?.remove();
  $('.compose').before(line);
}
