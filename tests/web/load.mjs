/* load.mjs - how long the first visit takes on a slow line: prints when the login appears, when its scripts and styles
 * have arrived, and when it can be used (the first module has run). On a busy machine the last two differ, because the
 * browser waits for a processor. No test depends on it. `node load.mjs [KBIT_PER_SECOND LATENCY_MS]`, environment as in
 * harness.mjs; ROUNDS: the number of visits, of which it prints the median. */

import { chromium } from 'playwright-core';
import { Daemon } from './harness.mjs';

const [kbit = 700, latency = 300] = process.argv.slice(2).map(Number);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const WANTED_MS = { login: 1200, fetched: 2500, usable: 2500 };

/* Runs in the page before its own scripts. */
function watch() {
  window.seen = {};
  const look = () => {
    const box = document.querySelector('.login input')?.getBoundingClientRect();
    if (box?.width) window.seen.login = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  const onLoad = ({ target }) => {
    if (target.matches?.('script[type=module]')) window.seen.usable = performance.now();
  };
  document.addEventListener('load', onLoad, true);
}

async function visit(browser, url) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.addInitScript(watch);
  const wire = await context.newCDPSession(page);
  const sums = { requests: 0, bytes: 0 };
  await wire.send('Network.enable');
  wire.on('Network.loadingFinished', ({ encodedDataLength }) => {
    sums.requests += 1;
    sums.bytes += encodedDataLength;
  });
  await wire.send('Network.emulateNetworkConditions', {
    offline: false,
    latency,
    downloadThroughput: (kbit * 1000) / 8,
    uploadThroughput: (kbit * 1000) / 8,
  });
  await page.goto(url);
  await page.waitForFunction(() => window.seen.login && window.seen.usable);
  const seen = await page.evaluate(() => {
    const ends = performance.getEntriesByType('resource').filter(({ name }) => /\.(js|css)$/.test(name));
    return { ...window.seen, fetched: Math.max(...ends.map(({ responseEnd }) => responseEnd)) };
  });
  await context.close();
  return { ...seen, ...sums };
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

const daemon = await Daemon.create('');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
  args: ['--no-sandbox', '--disable-gpu'],
});
const visits = [];
for (let i = 0; i < ROUNDS; i += 1) visits.push(await visit(browser, daemon.url));
await browser.close();
await daemon.destroy();

console.log(`${kbit} kbit/s, ${latency} ms, median of ${ROUNDS}`);
for (const [what, wanted] of Object.entries(WANTED_MS)) {
  const ms = Math.round(median(visits.map((one) => one[what])));
  console.log(`${what}: ${ms} ms (at most ${wanted}: ${ms <= wanted ? 'yes' : 'no'})`);
}
console.log(`requests: ${median(visits.map((one) => one.requests))}, bytes: ${median(visits.map((one) => one.bytes))}`);
