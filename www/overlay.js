/* overlay.js - what is open on top of the page, so that Escape closes the uppermost
 * and focus returns to where it came from. For: views that open something, keys. */

const open = [];

/** Something was opened; hide() is called to close it. Returns a function that closes it and gives
 * the focus back; back: where to, if not to what has the focus now. */
export function overlay(hide, back = document.activeElement) {
  const entry = { hide, back };
  open.push(entry);
  return () => close(entry);
}

/** Closes the uppermost. False if nothing is open. */
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
