/* eslint.config.mjs - what prettier cannot see. Run from the top: the paths below start there. */

import js from '@eslint/js';
import globals from 'globals';

/* Modules that hold state or words; views draw what these say. */
const PURE = ['connection', 'storage', 'outbox', 'model', 'room', 'rows', 'chat', 'tally', 'when'];

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
