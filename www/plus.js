/* plus.js - the menu of "+": what features can add to a room. Loaded once a room is there. */

import { $ } from './dom.js';
import { openMenu } from './menu.js';

/** Opens the menu, or closes it. */
export function open(page) {
  const rows = page.features
    .flatMap((feature) => feature.adds ?? [])
    .filter(({ isThere }) => isThere?.(page.model) ?? true)
    .map((add) => ({ ...add, run: () => add.run(page) }));
  openMenu($('.plus'), 'Add', rows, 'above');
}
