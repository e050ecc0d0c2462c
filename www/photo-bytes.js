/* photo-bytes.js - the files of photos that wait to be sent: in IndexedDB, so that they survive a reload, and here, for
 * browsers that store nothing. By the names of storage.js. Never fails. */

const held = new Map(); // name → Blob
let opened = null;

function database() {
  opened ??= new Promise((done, fail) => {
    const request = indexedDB.open('chatd', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('photos');
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  return opened;
}

/* Resolves with the result of use(store), or null. */
async function reach(mode, use) {
  try {
    const transaction = (await database()).transaction('photos', mode);
    const request = use(transaction.objectStore('photos'));
    return await new Promise((done, fail) => {
      transaction.oncomplete = () => done(request.result ?? null);
      transaction.onerror = transaction.onabort = () => fail(transaction.error);
    });
  } catch (fault) {
    console.warn(fault);
    return null;
  }
}

export function put(name, blob) {
  held.set(name, blob);
  return reach('readwrite', (store) => store.put(blob, name));
}

/** The file, or null. */
export async function get(name) {
  return held.get(name) ?? reach('readonly', (store) => store.get(name));
}

/** Deletes those for which isWanted(name) is false. */
export async function sweep(isWanted) {
  const names = (await reach('readonly', (store) => store.getAllKeys())) ?? [];
  for (const name of new Set([...names, ...held.keys()]))
    if (!isWanted(name)) {
      held.delete(name);
      await reach('readwrite', (store) => store.delete(name));
    }
}
