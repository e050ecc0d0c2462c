/* photo-preview.js - paints a ThumbHash, the few bytes that stand for a photo until it is there. Loaded with the first.
 * The format is Evan Wallace's, https://github.com/evanw/thumbhash (MIT): a mean and some cosines for lightness, two
 * colours and, if there is any, opacity. */

const SIDE = 32; // pixels; the page stretches them to the photo's shape
const SATURATION = 1.25; // makes up for what rounding took

/** Paints `hash` (base64url) on a canvas; leaves it empty if that is no hash. */
export function paint(canvas, hash) {
  const channels = decode(bytesOf(hash));
  if (!channels) return;
  Object.assign(canvas, { width: SIDE, height: SIDE });
  const context = canvas.getContext('2d');
  const image = context.createImageData(SIDE, SIDE);
  for (let y = 0, at = 0; y < SIDE; y += 1)
    for (let x = 0; x < SIDE; x += 1, at += 4) image.data.set(pixel(channels, x, y), at);
  context.putImageData(image, 0, 0);
}

function bytesOf(hash) {
  try {
    return Uint8Array.from(atob(hash.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/* Each channel is { mean, waves: [{ x, y, size }] }; null: it is too short. */
function decode(hash) {
  const head = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  const tail = hash[3] | (hash[4] << 8);
  const hasAlpha = head >> 23;
  const [long, short] = [hasAlpha ? 5 : 7, tail & 7];
  const [across, down] = (tail >> 15 ? [long, short] : [short, long]).map((count) => Math.max(3, count));
  let at = (hasAlpha ? 6 : 5) * 2; // half bytes
  const waves = (nx, ny, scale) => {
    const found = [];
    for (let y = 0; y < ny; y += 1)
      for (let x = y ? 0 : 1; x * ny < nx * (ny - y); x += 1, at += 1)
        found.push({ x, y, size: (((hash[at >> 1] >> ((at & 1) * 4)) & 15) / 7.5 - 1) * scale });
    return found;
  };
  const channels = {
    l: { mean: (head & 63) / 63, waves: waves(across, down, ((head >> 18) & 31) / 31) },
    p: { mean: ((head >> 6) & 63) / 31.5 - 1, waves: waves(3, 3, (((tail >> 3) & 63) / 63) * SATURATION) },
    q: { mean: ((head >> 12) & 63) / 31.5 - 1, waves: waves(3, 3, (((tail >> 9) & 63) / 63) * SATURATION) },
    a: { mean: hasAlpha ? (hash[5] & 15) / 15 : 1, waves: hasAlpha ? waves(5, 5, (hash[5] >> 4) / 15) : [] },
  };
  return at <= hash.length * 2 ? channels : null;
}

const cosine = (count, at) => Math.cos((Math.PI / SIDE) * (at + 0.5) * count);

function value({ mean, waves }, x, y) {
  return waves.reduce((sum, wave) => sum + 2 * wave.size * cosine(wave.x, x) * cosine(wave.y, y), mean);
}

function pixel({ l, p, q, a }, x, y) {
  const [light, yellow, red] = [l, p, q].map((channel) => value(channel, x, y));
  const blue = light - (2 / 3) * yellow;
  const r = (3 * light - blue + red) / 2;
  return [r, r - red, blue, value(a, x, y)].map((part) => 255 * Math.min(1, Math.max(0, part)));
}
