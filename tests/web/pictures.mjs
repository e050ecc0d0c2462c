/* pictures.mjs - small pictures for tests, as files that Playwright's setInputFiles() takes. */

import { crc32, deflateSync } from 'node:zlib';

const u16 = (n, little = true) => (little ? [n & 255, n >> 8] : [n >> 8, n & 255]);

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc(body), body.length + 4);
  return whole;
}

/* Node has crc32 since 20.15. */
function crc(bytes) {
  if (crc32) return crc32(bytes);
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let i = 0; i < 8; i += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** A PNG with a gradient of that colour. */
export function png(name, width, height, [red, green, blue] = [200, 120, 60]) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const lines = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1)
    for (let x = 0, at = y * (1 + width * 3) + 1; x < width; x += 1, at += 3) {
      const light = 0.5 + (0.5 * (x + y)) / (width + height);
      lines.set([red * light, green * light, blue * light], at);
    }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
  const parts = [chunk('IHDR', head), chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))];
  return { name, mimeType: 'image/png', buffer: Buffer.concat([signature, ...parts]) };
}

/** A GIF that blinks between two colours, without end. */
export function gif(name, width, height) {
  const screen = [...u16(width), ...u16(height), 0xf6, 0, 0];
  const colours = Array.from({ length: 128 }, (_, i) => (i ? [30, 140, 110] : [230, 200, 90])).flat();
  const loop = [0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0'), 3, 1, 0, 0, 0];
  const frames = [0, 1].flatMap((colour) => [
    ...[0x21, 0xf9, 4, 0, ...u16(10), 0, 0],
    ...[0x2c, 0, 0, 0, 0, ...u16(width), ...u16(height), 0, 7],
    ...blocks(pixels(width * height, colour)),
  ]);
  return {
    name,
    mimeType: 'image/gif',
    buffer: Buffer.from([...Buffer.from('GIF89a'), ...screen, ...colours, ...loop, ...frames, 0x3b]),
  };
}

/* Codes of 8 bits, each a pixel: the table is cleared before the codes grow. */
function pixels(count, colour) {
  const codes = [];
  for (let i = 0; i < count; i += 1) {
    if (i % 100 === 0) codes.push(128);
    codes.push(colour);
  }
  return [...codes, 129];
}

function blocks(codes) {
  const found = [];
  for (let at = 0; at < codes.length; at += 255) {
    const part = codes.slice(at, at + 255);
    found.push(part.length, ...part);
  }
  return [...found, 0];
}

/** A JPEG that the page's browser makes; located: it says where it was taken. */
export async function jpeg(page, name, width, height, { located = false, noise = false } = {}) {
  const text = await page.evaluate(paint, { width, height, noise });
  const made = Buffer.from(text, 'base64');
  const buffer = located ? Buffer.concat([made.subarray(0, 2), place(), made.subarray(2)]) : made;
  return { name, mimeType: 'image/jpeg', buffer };
}

/* Runs in a page. */
async function paint({ width, height, noise }) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  const bands = ['#8fc0dc', '#3f7fa6', '#2d6a90', '#c9b486', '#d8c79c'];
  bands.forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect(0, (height * i) / bands.length, width, height);
  });
  context.fillStyle = '#fff';
  context.beginPath();
  context.moveTo(width * 0.62, height * 0.2);
  context.lineTo(width * 0.75, height * 0.55);
  context.lineTo(width * 0.5, height * 0.55);
  context.fill();
  if (noise) {
    const image = context.getImageData(0, 0, width, height / 2);
    for (let i = 0; i < image.data.length; i += 1) image.data[i] ^= (i * 2654435761) >>> 28;
    context.putImageData(image, 0, 0);
  }
  const url = canvas.toDataURL('image/jpeg', 0.95);
  return url.slice(url.indexOf(',') + 1);
}

/* EXIF with one entry: 55° N. */
function place() {
  const tiff = Buffer.alloc(64);
  tiff.write('MM\0*');
  tiff.writeUInt32BE(8, 4);
  tiff.set([0, 1, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0], 8);
  tiff.set([0, 1, 0, 1, 0, 2, 0, 0, 0, 2, 0x4e, 0, 0, 0, 0, 0, 0, 0], 26);
  const body = Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
  return Buffer.concat([Buffer.from([0xff, 0xe1, ...u16(body.length + 2, false)]), body]);
}
