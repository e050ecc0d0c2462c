/* pure.mjs - modules of www/ without a browser. Node takes a .js file for a module only beside a package.json that says
 * so. */

import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Imports the first of these modules; the others are those that it imports. */
export async function pure(...names) {
  const folder = await mkdtemp(join(tmpdir(), 'chatd-pure-'));
  try {
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    for (const name of names)
      await copyFile(fileURLToPath(new URL(`../../www/${name}.js`, import.meta.url)), join(folder, `${name}.js`));
    return await import(join(folder, `${names[0]}.js`));
  } finally {
    await rm(folder, { recursive: true });
  }
}
