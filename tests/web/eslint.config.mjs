/* eslint.config.mjs - rules beyond format. Run eslint from the top: paths start there. */

import js from '@eslint/js';
import globals from 'globals';

/* Modules without the document: state and words. */
const PURE = [
  ...[
    'alive',
    'connection',
    'storage',
    'outbox',
    'posting',
    'reading',
    'presence',
    'chat',
    'model',
    'room',
    'role',
    'rows',
  ],
  ...['votes', 'tally', 'moderation', 'moderation-words', 'moderation-commands', 'poll-commands', 'slash', 'when'],
  ...['photo-mine', 'photo-upload', 'photo-bytes', 'address', 'format', 'emoji'],
];

const markup = ['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({
  property,
  message: 'User text becomes text nodes only.',
}));

export default [
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
      'no-shadow': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'prefer-template': 'error',
    },
  },
  {
    files: ['www/**/*.js'],
    languageOptions: { globals: globals.browser },
    rules: {
      'max-lines': ['error', 450],
      'max-lines-per-function': ['error', { max: 40, skipComments: true, skipBlankLines: true }],
      'no-restricted-properties': ['error', ...markup],
    },
  },
  {
    files: PURE.map((name) => `www/${name}.js`),
    rules: { 'no-restricted-globals': ['error', 'document', 'window'] },
  },
  {
    files: ['tests/web/**/*.mjs'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
];
