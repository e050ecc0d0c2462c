/* overlay.js - the stack of open panels and questions: Escape closes the top one, and the focus returns. */

const open = [];

/** Registers an open overlay; hide() closes it. Returns a function that closes it and returns the focus to
 * `back`. */
export function overlay(hide, back = document.activeElement) {
  const entry = { hide, back };
  open.push(entry);
  return () => close(entry);
}

/** Closes the top one. False if nothing is open. */
export function closeTop() {
  if (!open.length) return false;
  close(open.at(-1));
  return true;
}

function close(entry) {
  const at = open.indexOf(entry);
  if (at < 0) return;
  open.splice(at, 1);
  entry.hide();
  if (entry.back?.isConnected) entry.back.focus();
}
