/* photo-prepare.js - what is uploaded of a file: the file, or a smaller picture that the browser makes of it. Loaded with
 * the first photo. Throws words for the user. */

const SIDE = 2048; // pixels
const QUALITY = 0.85;
const HEAD_BYTES = 128 * 1024; // where the file says what it is, and where it was taken
const GPS = 0x8825;

/* By a file's first bytes: those that the server takes, and one that many browsers cannot read. */
const KINDS = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n/],
  ['gif', /^GIF8/],
  ['webp', /^RIFF....WEBP/s],
  ['heic', /^....ftyp(?:heic|heix|hevc|heim|heis|mif1|msf1)/s],
];

/* A character for each byte. */
async function headOf(file) {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** What goes up of `file`: { blob, width, height, scaled: it is bigger than that, or would be, located: it says where it
 * was taken }. original: as it is, if the server takes that. limits: the server's. */
export async function prepare(file, original, limits) {
  const head = await headOf(file);
  const kind = KINDS.find(([, pattern]) => pattern.test(head))?.[0];
  const picture = await read(file, kind);
  const isForeign = kind === undefined || kind === 'heic';
  const scaled = Math.max(picture.width, picture.height) > SIDE && !moves(kind, head);
  const located = hasPlace(head);
  const { width, height } = picture;
  if (isForeign || (scaled && !original)) {
    const made = await draw(picture, kind === 'png' || kind === 'webp' ? 'webp' : 'jpeg');
    if (isForeign || made.blob.size < file.size) return { ...made, scaled: scaled && !isForeign, located };
  }
  check(file, picture, limits);
  return { blob: file, width, height, scaled, located };
}

function moves(kind, head) {
  if (kind === 'webp') return head.slice(12, 16) === 'VP8X' && (head.charCodeAt(20) & 2) !== 0;
  return kind === 'gif' || (kind === 'png' && head.slice(0, 1024).includes('acTL'));
}

async function read(file, kind) {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    if (kind === 'heic')
      throw new Error(`This browser can't read “${file.name}”, a HEIC photo. Save it as JPEG first.`);
    if (kind) throw new Error(`“${file.name}” can't be read. The file is damaged.`);
    throw new Error(`“${file.name}” is not a photo. You can send JPEG, PNG, GIF and WebP.`);
  }
}

function check({ name, size }, { width, height }, { photo_bytes: bytes, photo_pixels: pixels = Infinity }) {
  if (size > bytes) throw new Error(`“${name}” is too big: ${megabytes(size)}. Up to ${megabytes(bytes)} can be sent.`);
  if (width * height > pixels) throw new Error(`“${name}” is too big: ${width} × ${height} pixels.`);
}

async function draw(picture, type) {
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  picture.close();
  const blob = await new Promise((done) => {
    canvas.toBlob(done, `image/${type}`, QUALITY);
  });
  if (!blob) throw new Error('This browser has no memory for a photo of this size.');
  return { blob, width, height };
}

/* Whether its EXIF has a place: the server says so only of what goes up. */
function hasPlace(head) {
  const found = /(?:Exif\0\0|eXIf|EXIF....)(?=II\*\0|MM\0\*)/s.exec(head);
  if (!found) return false;
  const start = found.index + found[0].length;
  const isLittle = head[start] === 'I';
  const number = (at, bytes) => {
    const all = Array.from({ length: bytes }, (_, i) => head.charCodeAt(start + at + i) || 0);
    return (isLittle ? all.reverse() : all).reduce((sum, byte) => sum * 256 + byte, 0);
  };
  const first = number(4, 4);
  return Array.from({ length: number(first, 2) }, (_, i) => number(first + 2 + 12 * i, 2)).includes(GPS);
}
