/* script.js - names that mix alphabets whose letters look alike, such as "Вob" with a Cyrillic first letter, and the
 * sign beside them. Names in one alphabet, or with Chinese, Japanese, Korean, Arabic … letters beside it, have none. */

import { make } from './dom.js';

const WORDS = 'This name mixes alphabets';
const ALIKE = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Coptic', 'Lisu'];
const letters = ALIKE.map((script) => new RegExp(`(?=\\p{L})\\p{Script=${script}}`, 'u'));

export const isMixed = (name) => letters.filter((one) => one.test(name)).length > 1;

/** The sign for that name, or null. */
export const mixedSign = (name) =>
  isMixed(name) ? make('span.mixed', { role: 'img', title: WORDS, ariaLabel: WORDS }, 'Aя') : null;
