/* photo-upload.js - brings my photos to the server, one at a time, again if that breaks, until each has its answer or is
 * refused. Loaded with the first photo. Never touches the document. */

import { newId, pause } from './connection.js';
import { lazy } from './lazy.js';
import * as mine from './photo-mine.js';
import * as storage from './storage.js';

const WAIT_MAX_MS = 30_000;
const STALLED_MS = 30_000; // nothing moves
const TOO_MANY = 'That is all that fits into one message.';
const NOT_IN_EDIT = 'Photos go with a new message. Finish or cancel your edit first.';
const LOST = 'This browser no longer has the file of this photo. Add it again.';

const REFUSALS = {
  401: 'The server no longer knows you. Reload the page.',
  404: 'This server takes no photos.',
  405: 'This server takes no photos.',
  413: 'This photo is too big for the server.',
  415: 'The server takes JPEG, PNG, GIF and WebP, and this photo is damaged or none of them.',
  429: 'You have sent as many photos as a day allows.',
  507: 'The server has no space for photos right now.',
};

const ready = new Map(); // id → { original, promise of what goes up }
const queue = []; // ids
let running = null; // { id, original, request }
let isBusy = false;
let wake = () => {};

const shelf = () => lazy('photo-bytes.js');
const final = (words) => Object.assign(new Error(words), { isFinal: true });

/** Adds files to the draft of the open room, and uploads them. */
export async function add(page, files) {
  const { model, composer } = page;
  const { me, current: room, limits } = model;
  if (composer.isEditing) return model.tell('hint', NOT_IN_EDIT);
  const { prepare } = await lazy('photo-prepare.js');
  const { put } = await shelf();
  const faults = [];
  for (const file of files) {
    if (composer.photos.length >= limits.photos_per_message) faults.push(TOO_MANY);
    if (composer.photos.length >= limits.photos_per_message) break;
    const made = await prepare(file, false, limits).catch(({ message }) => faults.push(message) && null);
    if (room !== model.current || me !== model.me) return;
    if (!made) continue;
    const id = newId();
    mine.change(me, id, { name: file.name, bytes: file.size });
    ready.set(id, { original: false, promise: Promise.resolve(made) });
    learn(page, id, made);
    composer.addPhoto(id);
    put(mine.nameOf(me, id), file);
    enqueue(page, id);
  }
  if (faults.length) model.tell('hint', faults.join(' '));
}

/** Uploads what waits: what was refused only if it is one of `ids`. Gives up what is not wanted any more. */
export async function start(page, ids) {
  const { me } = page.model;
  for (const id of ids) if (mine.find(me, id)?.fault) mine.change(me, id, { fault: null });
  const wanted = named(me);
  for (const id of mine.ids(me))
    if (!wanted.has(id)) drop(me, id);
    else if (isWaiting(me, id)) enqueue(page, id);
  if (running && !isAsked(me, running)) running.request.abort();
  wake();
  const { sweep } = await shelf();
  await sweep((name) => storage.load(name));
}

/* The ids that drafts and posts have. */
function named(me) {
  const lists = [
    ...storage.loadAll(storage.own(me, 'draft:')).map((draft) => draft.photos),
    ...storage.loadAll(storage.own(me, 'out:')).map(({ command }) => command.photos),
  ];
  return new Set(lists.flatMap((photos = []) => photos.map(({ id }) => id)));
}

function drop(me, id) {
  ready.delete(id);
  mine.drop(me, id);
}

function isWaiting(me, id) {
  const photo = mine.find(me, id);
  return photo && !photo.answer && !photo.fault;
}

const isOriginal = (me, id) => Boolean(mine.find(me, id)?.original);
const isAsked = (me, { id, original }) => isWaiting(me, id) && isOriginal(me, id) === original;

function enqueue(page, id) {
  if (!queue.includes(id)) queue.push(id);
  go(page);
}

async function go(page) {
  if (isBusy) return;
  isBusy = true;
  for (; queue.length; queue.shift()) await alone(queue[0], () => upload(page, queue[0]));
  isBusy = false;
}

/* Only one of my tabs uploads a photo. */
const alone = (id, use) => (navigator.locks ? navigator.locks.request(`chatd photo ${id}`, use) : use());

async function upload(page, id) {
  const { model, chat } = page;
  const { me } = model;
  for (let tries = 0; isWaiting(me, id) && me === model.me; tries += 1) {
    const asked = { id, original: isOriginal(me, id) };
    try {
      const made = await prepared(page, asked);
      const answer = await post(page, asked, made.blob);
      if (isAsked(me, asked)) mine.change(me, id, { answer, located: made.located || answer.located });
    } catch (fault) {
      if (fault.isFinal) refuse(page, id, fault);
      else if (isAsked(me, asked)) await rest(fault.waitMs ?? Math.min(WAIT_MAX_MS, 1000 * 2 ** tries));
    }
  }
  running = null;
  model.tell('photo', id);
  chat.posting.go();
}

/* Shorter if the connection comes back, or something is to be uploaded. */
function rest(ms) {
  return Promise.race([
    pause(ms),
    new Promise((done) => {
      wake = done;
    }),
  ]);
}
addEventListener('online', () => wake());

function refuse({ model, chat }, id, { message, code }) {
  if (!mine.find(model.me, id)) return;
  mine.change(model.me, id, { fault: message });
  chat.outbox.refusePhoto(id, message, code === 'muted');
}

async function prepared(page, { id, original }) {
  if (ready.get(id)?.original !== original) ready.set(id, { original, promise: prepareStored(page, id, original) });
  const { promise } = ready.get(id);
  promise.catch(() => ready.delete(id));
  return promise;
}

async function prepareStored(page, id, original) {
  const { me, limits } = page.model;
  const { prepare } = await lazy('photo-prepare.js');
  const { get } = await shelf();
  const blob = await get(mine.nameOf(me, id));
  if (!blob) throw final(LOST);
  const { name } = mine.find(me, id) ?? {};
  const file = new File([blob], name, { type: blob.type });
  const made = await prepare(file, original, limits).catch(({ message }) => Promise.reject(final(message)));
  learn(page, id, made);
  return made;
}

function learn({ model }, id, { blob, width, height, scaled, located }) {
  if (!mine.find(model.me, id)) return;
  mine.change(model.me, id, { width, height, scaled, located });
  mine.changeLive(id, { url: URL.createObjectURL(blob) });
  model.tell('photo', id);
}

function post({ model, chat }, { id, original }, blob) {
  const request = new XMLHttpRequest(); // fetch does not tell how far an upload is
  running = { id, original, request };
  return new Promise((done, fail) => {
    let stalled = 0;
    const moved = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED_MS);
    };
    request.upload.onprogress = ({ loaded, total }) => {
      moved();
      mine.changeLive(id, { progress: Math.floor((100 * loaded) / total) });
      model.tell('photo', id);
    };
    request.onloadend = () => {
      clearTimeout(stalled);
      const answer = bodyOf(request);
      if (request.status === 201 && answer.photo) done(answer);
      else fail(faultOf(request));
    };
    request.open('POST', '/photos');
    request.setRequestHeader('Authorization', `Bearer ${chat.identity?.token}`);
    moved();
    request.send(blob);
  });
}

/* The server's texts are for any client. A fault without `isFinal` is one of the moment. */
function faultOf(request) {
  const { status } = request;
  const { code, text } = bodyOf(request);
  const again = Number(request.getResponseHeader('Retry-After') ?? 0) * 1000;
  if (status === 403) return Object.assign(final(text ?? 'You cannot send photos now.'), { code });
  if (REFUSALS[status] && code !== 'rate') return final(REFUSALS[status]);
  return Object.assign(new Error('broken'), again && { waitMs: again });
}

function bodyOf({ responseText }) {
  try {
    return JSON.parse(responseText) ?? {};
  } catch {
    return {};
  }
}
