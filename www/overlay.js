/* overlay.js - the stack of open overlays: panels, dialogs, questions. Escape and Back close the top one, and the focus
 * returns. */

const open = [];
const dialogs = new WeakMap(); // dialog → what closes it
let changed = () => {};

/** How many are open. */
export const overlays = () => open.length;

/** hear(): one was opened or closed. */
export function watchOverlays(hear) {
  changed = hear;
}

/** Registers an open overlay; hide() closes it, and returns false if it was closed already. Returns a function that closes it and returns the focus to
 * `back`, unless that is null. */
export function overlay(hide, back = document.activeElement) {
  const entry = { hide, back };
  open.push(entry);
  changed();
  return () => close(entry);
}

/** Opens a dialog, whose Escape and focus are the browser's. Returns a function that closes it. */
export function showDialog(dialog) {
  dialogs.get(dialog)?.(); // "close" comes late: the dialog may be opened again before it
  const end = overlay(() => dialog.open && dialog.close(), null);
  if (!dialogs.has(dialog)) dialog.addEventListener('close', () => dialog.open || dialogs.get(dialog)());
  dialogs.set(dialog, end);
  dialog.showModal();
  return end;
}

/** Closes the top one. False if nothing is open. */
export function closeTop() {
  while (open.length) if (close(open.at(-1)) !== false) return true;
  return false;
}

function close(entry) {
  const at = open.indexOf(entry);
  if (at < 0) return false;
  open.splice(at, 1);
  const hidden = entry.hide();
  changed();
  if (entry.back?.isConnected) entry.back.focus();
  return hidden;
}
