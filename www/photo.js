/* photo.js - photos in messages: photo-card.js draws them in the log, photo-viewer.js over everything. photo-add.js takes
 * new ones, photo-tray.js shows those of the draft, photo-upload.js uploads them, photo-mine.js has what these know. */

import { lazy } from './lazy.js';
import * as mine from './photo-mine.js';

const NAME = /^[\w-]{16,64}$/;

/** The addresses of a photo; null if it has no proper name. */
export function addresses({ photo: name }) {
  if (!NAME.test(name)) return null;
  return { whole: `/photos/${name}`, small: `/photos/${name}/thumb` };
}

export const isCalm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

const loadCard = () => lazy('photo-card.js', 'photo.css').then(({ PhotoCard }) => PhotoCard);

export const photo = {
  name: 'photo',

  adds: [
    {
      icon: 'photo',
      words: 'Photo',
      isThere: ({ limits }) => limits.photo_bytes > 0 && limits.photos_per_message > 0,
      run: (page) => lazy('photo-add.js', 'photo.css').then(({ pick }) => pick(page), told(page)),
    },
  ],

  icons: { photo: 'M4.5 5.5h15v13h-15zM4.5 15.5l4.5-4.5 4.5 4.5 2.5-2.5 3.5 3.5M14.5 9.5h.01' },

  refusals: {
    'say not_found': () => 'A photo waited too long, or is already in a message.',
  },

  welcomed: (chat) => goOn(chat), // with what waited when the page was left
  joined: () => loadCard().catch(() => {}), // a photo may be sent without a connection

  text: ({ text, photos, deleted }) => (!text && photos?.length && !deleted ? words(photos) : ''),
  part: ({ photos, deleted }, { me }) =>
    photos?.length && !deleted ? { photos: photos.map((one) => mine.shown(me, one)) } : null,
  loadCard,

  mount(page) {
    const { model } = page;
    page.viewPhoto = (name) =>
      lazy('photo-viewer.js', 'photo-viewer.css').then(({ open }) => open(page, name), told(page));
    model.watch('upload', (ids) => lazy('photo-upload.js').then(({ start }) => start(page, ids), told(page)));
    model.watch('photo', () => page.log.draw());
    model.watch('login', () => goOn(page)); // what somebody signed out had, goes
    let isMounted = false;
    model.watch('draft', () => {
      if (isMounted || !model.current) return;
      isMounted = true;
      const failed = () => {
        isMounted = false;
      };
      lazy('photo-add.js', 'photo.css').then(({ mount }) => mount(page), failed);
    });
  },
};

const words = (photos) => (photos.length > 1 ? `${photos.length} photos` : 'Photo');
const goOn = ({ model }) => mine.ids(model.me).length && model.tell('upload', []);
const told =
  ({ model }) =>
  (fault) =>
    model.tell('fault', fault);
