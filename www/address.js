/* address.js - where web addresses are in a text: where the URL parser finds http or https. Pure. */

/* Chinese, Arabic and Indian punctuation ends an address, for it stands close to it. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"“”„«»‹›،؛؟۔।、。〈-】〔-〟！（），．：；？［］｛｝｟-､]+/giu;
const TRAILING = /[.,;:!?…'’*_~`]/u;
const PAIRS = { ')': '(', ']': '[', '}': '{' };

/** A list of { at, address }, in order. */
export function webAddresses(text) {
  const found = [...text.matchAll(ADDRESS)].map(({ 0: match, index: at }) => ({ at, address: trimmed(match) }));
  return found.filter(({ address }) => isWeb(address));
}

/* "(see http://a.b/c)." ends before the bracket, "http://a.b/c_(d)" does not. */
function trimmed(address) {
  const open = {};
  for (const letter of address) open[letter] = (open[letter] ?? 0) + 1;
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1];
    const isLone = last in PAIRS && (open[PAIRS[last]] ?? 0) < open[last];
    if (!isLone && !TRAILING.test(last)) break;
    open[last] -= 1;
  }
  return address.slice(0, end);
}

function isWeb(address) {
  try {
    return /^https?:$/.test(new URL(address).protocol);
  } catch {
    return false;
  }
}
