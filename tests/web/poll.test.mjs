/* Polls: started, voted in, counted, ended; by mouse, keyboard, typed commands, on a phone. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { eventually, scene } from './harness.mjs';

const verify = fileURLToPath(new URL('../../conf/verify-poll', import.meta.url));

const LUNCH = {
  type: 'poll',
  room: 'lobby',
  question: 'Lunch?',
  options: ['pizza', 'sushi', 'soup'],
  max: 1,
  secret: false,
  results: 'live',
};

const poll = (person, question = 'Lunch?') => person.page.locator('.poll', { hasText: question }).last();
const option = (person, name) => poll(person).locator('.choice', { hasText: name });
/* Waits for the server to have the poll: before, its options are disabled. */
const pick = (person, name) => poll(person).locator('button.choice', { hasText: name }).click();
const foot = async (person) => (await poll(person).locator('.foot').innerText()).replace(/\s+/g, ' ');
const scores = (person) => poll(person).locator('.score:not(:empty)').allInnerTexts();
const chosen = (person) => poll(person).locator('.choice.mine .option > bdi').allInnerTexts();
const says = (person, words) => eventually(async () => assert.match(await foot(person), words));

/* Fills in the poll form and sends it. */
async function ask(
  person,
  { question = 'Lunch?', options = ['pizza', 'sushi', 'soup'], max, secret, hidden, end, at } = {},
) {
  const { page } = person;
  await person.add('Poll');
  await page.locator('.poll-form input[name=question]').fill(question);
  for (const [i, words] of options.entries()) await page.getByLabel(`Option ${i + 1}`, { exact: true }).fill(words);
  if (max) await page.locator('.poll-form select[name=max]').selectOption(String(max));
  if (secret) await page.getByLabel('Secret votes').check();
  if (hidden) await page.getByLabel('Hide results').check();
  if (end) await page.locator('.poll-form select[name=end]').selectOption(end);
  if (at) await page.locator('.poll-form input[name=at]').fill(at);
  await page.locator('.poll-form .yes').click();
  await poll(person, question).waitFor();
}

/* Waits for the parts of the page that a poll needs: they are loaded after the room. */
const hasParts = ({ page }) =>
  eventually(() =>
    page.evaluate(() => {
      const loaded = performance.getEntriesByType('resource').map(({ name }) => name.replace(/.*\//, ''));
      return ['plus.js', 'poll-card.js', 'poll-form.js', 'dialog.css'].every((name) => loaded.includes(name));
    }),
  );

async function closeIt(person) {
  await poll(person).getByRole('button', { name: 'End poll' }).click();
  await person.shot('poll-closing');
  await person.page.getByRole('button', { name: 'End it' }).click();
}

scene('two users vote, change their votes, see the poll end and check the count', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ask(ann);
  await poll(bob).waitFor();
  assert.match(await poll(bob).locator('.small').first().innerText(), /^Pick one · names are shown$/);
  await pick(bob, 'sushi');
  await says(ann, /1 person voted/);
  await pick(ann, 'pizza');
  await says(bob, /2 people voted/);
  await eventually(async () => assert.deepEqual(await scores(ann), ['1', '1', '0']));
  assert.equal(await option(ann, 'sushi').locator('.names').innerText(), 'bob');
  await eventually(async () => assert.deepEqual(await chosen(bob), ['sushi']));

  await pick(bob, 'pizza');
  await eventually(async () => assert.deepEqual(await scores(ann), ['2', '0', '0']));
  await poll(bob).getByRole('button', { name: 'Remove my vote' }).click();
  await says(ann, /1 person voted/);
  await eventually(async () => assert.deepEqual(await chosen(bob), []));
  await pick(bob, 'pizza');
  await says(ann, /2 people voted/);
  await ann.shot('poll-open');

  await closeIt(ann);
  for (const person of [ann, bob]) {
    await person.page.locator('.end', { hasText: 'Poll “Lunch?” ended: pizza won with 2 of 2 votes.' }).waitFor();
    assert.match(await option(person, 'pizza').innerText(), /Winner/);
    assert.equal(await poll(person).locator('button.choice').count(), 0);
  }
  await bob.shot('poll-closed');
  await poll(bob).getByRole('button', { name: 'Check the count' }).click();
  const dialog = bob.page.locator('.recount');
  await dialog.locator('[role=status]', { hasText: 'The count is right.' }).waitFor();
  assert.match(await dialog.innerText(), /The digest is the one announced/);
  assert.match(await dialog.innerText(), /Your receipt [0-9a-f]{20} is in the list, for pizza\./);
  assert.equal(await dialog.locator('td code').count(), 2);
  await bob.shot('poll-recount');
  const [download] = await Promise.all([bob.page.waitForEvent('download'), dialog.getByText('Save the list').click()]);
  const list = await readFile(await download.path(), 'utf8');
  assert.match(list, /^([0-9a-f]{20} 0\n){2}$/);
  const ask2 = await stage.robot('carol');
  const [{ items }] = await ask2({ type: 'history', room: 'lobby', limit: 1 });
  assert.equal(createHash('sha256').update(list).digest('hex'), items[0].digest);
  const verified = execFileSync('sh', [verify, await download.path()], { encoding: 'utf8' });
  assert.equal(verified, `voters 2\noption 0: 2\ndigest ${items[0].digest}\n`);

  await bob.page.reload();
  await bob.ready();
  await bob.page.locator('.end').waitFor();
  await eventually(async () => assert.deepEqual(await scores(bob), ['2', '0', '0']));
});

scene('a secret poll with hidden results shows them at its end: a tie', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ask(ann, { secret: true, hidden: true });
  await pick(ann, 'pizza');
  await pick(bob, 'soup');
  await says(ann, /2 people voted/);
  assert.match(await poll(ann).innerText(), /secret · results at the end/);
  await eventually(async () => assert.deepEqual(await scores(ann), []));
  await eventually(async () => assert.deepEqual(await chosen(ann), ['pizza']));
  await ann.shot('poll-hidden');
  await ann.page.reload();
  await ann.ready();
  await eventually(async () => assert.deepEqual(await chosen(ann), ['pizza'], 'my vote is mine after a reload'));
  await closeIt(ann);
  await bob.page.locator('.end', { hasText: 'pizza and soup tied, 1 vote each (2 people voted)' }).waitFor();
  assert.equal(await poll(bob).getByText('Tie').count(), 2);
  assert.equal(await poll(bob).locator('.names:not(:empty)').count(), 0);
  await bob.page.reload();
  await bob.ready();
  await eventually(async () =>
    assert.deepEqual(await chosen(bob), ['soup'], 'this browser knows what it chose; the server does not any more'),
  );
});

scene('a receipt stays, whatever the order in which options are picked', async (stage) => {
  const ann = await stage.person('ann');
  await ask(ann, { max: 2 });
  await pick(ann, 'soup');
  await says(ann, /1 of 2 picked/);
  await pick(ann, 'pizza');
  await says(ann, /2 of 2 picked/);
  const code = () => poll(ann).locator('details code').textContent();
  await eventually(async () => assert.match(await code(), /^[0-9a-f]{20}$/));
  const before = await code();
  await ann.page.reload();
  await ann.ready();
  await says(ann, /2 of 2 picked/);
  await eventually(async () => assert.equal(await code(), before));
  const second = await ann.tab();
  await second.ready();
  await pick(second, 'soup');
  await says(ann, /1 of 2 picked/);
  await pick(second, 'soup');
  await says(ann, /2 of 2 picked/);
  await eventually(async () => {
    const now = await code();
    assert.match(now, /^[0-9a-f]{20}$/);
    assert.notEqual(now, before);
  });
  await closeIt(ann);
  await poll(ann).getByRole('button', { name: 'Check the count' }).click();
  await eventually(async () => assert.match(await ann.page.locator('.recount').innerText(), /The count is right/));
  assert.doesNotMatch(await ann.page.locator('.recount').innerText(), /has no receipt/);
});

scene('several options can be picked, up to the maximum', async (stage) => {
  const ann = await stage.person('ann');
  await ask(ann, { max: 2 });
  await pick(ann, 'pizza');
  await pick(ann, 'soup');
  await says(ann, /1 person voted 2 of 2 picked/);
  await option(ann, 'sushi').click({ force: true });
  await eventually(async () => assert.match(await ann.page.locator('.space').innerText(), /pick up to 2/));
  await pick(ann, 'pizza');
  assert.equal(await ann.page.locator('.space').isVisible(), false, 'what was wrong is forgotten');
  await pick(ann, 'sushi');
  await eventually(async () => assert.deepEqual(await chosen(ann), ['sushi', 'soup']));
  await eventually(async () => assert.deepEqual(await scores(ann), ['0', '1', '1']));
  await ann.shot('poll-several');
});

scene('the form names mistakes, and adds, moves and removes options', async (stage) => {
  const ann = await stage.person('ann');
  const { page } = ann;
  const fault = page.locator('.poll-form .fault');
  const options = () => page.locator('.options input').evaluateAll((all) => all.map(({ value }) => value));
  await ann.add('Poll');
  await page.keyboard.press('Enter');
  assert.equal(await fault.innerText(), 'A poll needs a question.');
  assert.equal(await ann.focused(), 'question');
  await page.keyboard.type('Where to?');
  await page.locator('.poll-form .yes').click();
  assert.equal(await fault.innerText(), 'A poll needs at least two options.');
  assert.equal(await ann.focused(), 'Option 1');
  await page.keyboard.type('north');
  await ann.press('Enter');
  await page.keyboard.type('south');
  await eventually(async () => assert.deepEqual(await options(), ['north', 'south', '']));
  await ann.press('Enter');
  await page.keyboard.type('north');
  await page.locator('.poll-form .yes').click();
  assert.equal(await fault.innerText(), 'Two options are the same.');
  await page.locator('.options input').nth(2).fill('west');
  await page.locator('.options input').nth(2).focus();
  await ann.press('Alt+ArrowUp', 'Alt+ArrowUp');
  assert.deepEqual(await options(), ['west', 'north', 'south', '']);
  assert.equal(await ann.focused(), 'Option 1');
  await page.getByRole('button', { name: 'Remove option 2' }).click();
  assert.deepEqual(await options(), ['west', 'south', '']);
  await ann.shot('poll-form');
  await page.locator('.poll-form select[name=end]').selectOption('at');
  await page.locator('.poll-form input[name=at]').fill('2020-01-01T12:00');
  await page.locator('.poll-form .yes').click();
  assert.equal(await fault.innerText(), 'This time is in the past.');
  await ann.press('Escape');
  assert.equal(await page.locator('.poll-form').isVisible(), false);
  assert.equal(await ann.focused(), 'Add a photo or a poll', 'the focus is where it came from');
  await ann.press('Enter');
  await page.getByRole('menuitem', { name: 'Poll' }).waitFor();
  await ann.press('ArrowDown', 'Enter');
  await page.locator('.poll-form').waitFor();
  assert.deepEqual(await options(), ['west', 'south', ''], 'what was begun is still there');
  await page.locator('.poll-form .no').click();
  await ann.add('Poll');
  assert.deepEqual(await options(), ['', '']);
});

scene('typed commands start polls and vote', async (stage) => {
  const ann = await stage.person('ann');
  const space = ann.page.locator('.space');
  await ann.write('/vote 1');
  assert.equal(await space.innerText(), 'There is no open poll among the messages loaded here. Scroll up to find it.');
  await ann.write('/poll Lunch?');
  assert.equal(await space.innerText(), 'Write it like this: /poll "Lunch?" pizza | sushi');
  assert.equal(await ann.page.locator('textarea').inputValue(), '/poll Lunch?', 'what was typed is not lost');
  await ann.write('/poll "Lunch?" pizza | sushi');
  await poll(ann).waitFor();
  await ann.write('/vote 3');
  assert.equal(await space.innerText(), '“Lunch?” has 2 options.');
  await ann.write('/poll Lunch? pizza | pizza');
  assert.equal(await space.innerText(), 'Two options are the same.');
  await ann.write(`/poll "${'long '.repeat(61)}?" pizza | sushi`);
  assert.equal(await space.innerText(), 'This question is too long.');
  await ann.write(`/poll Lunch? pizza | ${'sushi '.repeat(40)}`);
  assert.equal(await space.innerText(), 'An option is too long.');
  await ann.write('/vote 2');
  assert.equal(await space.innerText(), 'My vote in “Lunch?”: sushi.');
  await eventually(async () => assert.deepEqual(await scores(ann), ['0', '1']));
  await ann.write('/vote none');
  await says(ann, /Nobody has voted yet/);
  await ann.write('/shrug is no command of ours');
  await eventually(async () =>
    assert.match(await ann.page.locator('.space').innerText(), /^There's no command \/shrug\./),
  );
  await ann.say(' /shrug is no command of ours');
  await ann.say('/usr/share is a place');
});

scene('a refused poll says which part of it is wrong', async (stage) => {
  const ann = await stage.person('ann');
  await ann.write('/poll Lunch? pizza | pizza\u200b'); // they look the same
  await poll(ann).waitFor();
  await ann.page.locator('.fail').waitFor();
  assert.match(await ann.page.locator('.fail').innerText(), /^Not sent\. An option is too long, or two of them look/);
});

scene('a poll ends at its time, and shows when', async (stage) => {
  const ann = await stage.person('ann');
  const ask2 = await stage.robot('robot');
  await ask(ann, { end: 'hour' });
  assert.match(await poll(ann).innerText(), /ends in (1 h|60 min|59 min)/);
  await ask2({ ...LUNCH, question: 'Quick?', closes_at: Date.now() + 3000 });
  await ann.page.locator('.end', { hasText: 'Poll “Quick?” ended: nobody voted.' }).waitFor();
});

scene('a poll ends in an hour, also for a browser whose clock is two hours off', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ann.page.addInitScript(() => {
    const { now } = Date;
    Date.now = () => now() - 7_200_000;
  });
  await ann.page.reload();
  await ask(ann, { end: 'hour' });
  for (const { page } of [ann, bob]) {
    await page.locator('.poll').waitFor();
    assert.match(await page.locator('.poll').innerText(), /ends in (1 h|60 min|59 min)/);
  }
});

scene('a poll works by keyboard; a screen reader hears numbers', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ask(ann);
  await poll(bob).waitFor();
  await bob.page.evaluate(() => {
    window.spoken = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) window.spoken.push(node.textContent);
    }).observe(document.querySelector('.announcer'), { childList: true });
  });
  const spoken = () => bob.page.evaluate(() => window.spoken);
  await bob.page.locator('textarea').focus();
  await bob.press('Shift+F6', 'Tab');
  assert.equal(await bob.focused(), 'pizza, 0 of 0');
  await bob.press('Tab', 'Enter');
  await says(bob, /1 person voted/);
  assert.equal(await bob.focused(), 'sushi, 1 of 1, my choice, bob', 'the focus stays through the redraw');
  await eventually(async () =>
    assert.deepEqual(await spoken(), ['My vote: sushi. pizza: 0, sushi: 1, soup: 0. 1 person voted.']),
  );
  await bob.press('Tab', 'Tab');
  assert.equal(await bob.focused(), 'link');
  await bob.press('Enter');
  await says(bob, /Nobody has voted yet/);
  assert.match(await bob.focused(), /^ann, .*Lunch/, 'the focus stays at the poll');
  await pick(ann, 'soup');
  await says(bob, /1 person voted/);
  await closeIt(ann);
  await eventually(async () =>
    assert.equal((await spoken()).at(-1), 'The poll “Lunch?” has ended. pizza: 0, sushi: 0, soup: 1. 1 person voted.'),
  );
});

scene('a vote waits for the connection, and a late one says so', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ask(ann);
  await poll(bob).waitFor();
  await stage.daemon.stop('SIGKILL');
  await pick(bob, 'pizza');
  await eventually(async () => assert.deepEqual(await chosen(bob), ['pizza']));
  await says(bob, /Sending your vote/);
  await pick(bob, 'soup');
  await stage.daemon.start();
  await eventually(async () => assert.doesNotMatch(await foot(bob), /Sending your vote/), 40_000);
  await eventually(async () => assert.deepEqual(await scores(bob), ['0', '0', '1'], 'the last one, once'));

  await eventually(async () => assert.equal(await ann.page.locator('.dot.off').count(), 0), 40_000);
  await stage.daemon.stop('SIGKILL');
  await pick(bob, 'sushi');
  await bob.page.evaluate(() => {
    window.WebSocket = class extends EventTarget {
      close() {}
    };
  }); // bob is away for longer
  await stage.daemon.start();
  await eventually(async () => assert.equal(await ann.page.locator('.dot.off').count(), 0), 40_000);
  await closeIt(ann);
  await ann.page.locator('.end').waitFor();
  await bob.page.reload();
  await bob.page.locator('.msg.failed').waitFor();
  assert.match(await bob.page.locator('.fail').innerText(), /^Your vote was not counted: the poll had ended\./);
  await bob.page.getByRole('button', { name: 'OK' }).click();
  await eventually(async () => assert.equal(await bob.page.locator('.msg.failed').count(), 0));
  await eventually(async () => assert.deepEqual(await chosen(bob), ['soup']));
});

scene('nobody can vote in a poll that is not sent yet', async (stage) => {
  const ann = await stage.person('ann');
  await hasParts(ann);
  await stage.daemon.stop('SIGKILL');
  await ask(ann);
  await eventually(async () => assert.equal(await foot(ann), 'Not sent yet'));
  assert.equal(await poll(ann).locator('button[aria-disabled=true]').count(), 3);
  await option(ann, 'pizza').click({ force: true });
  await eventually(async () =>
    assert.equal(await ann.page.locator('.space').innerText(), 'You can vote once the poll is sent.'),
  );
  await ann.shot('poll-waits');
  await stage.daemon.start();
  await eventually(
    async () => assert.equal(await poll(ann).locator('button.choice[aria-disabled=false]').count(), 3),
    40_000,
  );
  await says(ann, /Nobody has voted yet/);
  await pick(ann, 'soup');
  await says(ann, /1 person voted/);
});

scene("after a vote the mouse still finds other messages' buttons", async (stage) => {
  const ann = await stage.person('ann');
  await ann.say('an earlier message');
  await ask(ann);
  await pick(ann, 'pizza');
  await says(ann, /1 person voted/);
  await ann.message('an earlier message').hover();
  await ann.message('an earlier message').getByRole('button', { name: 'Reply' }).click();
  assert.equal(await ann.page.locator('.mode span').innerText(), 'Replying to ann');
});

scene('options stay under the pointer while others vote', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ask(ann);
  await poll(bob).waitFor();
  const places = () =>
    poll(ann)
      .locator('.choice')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().y));
  const before = await places();
  await pick(bob, 'sushi');
  await says(ann, /1 person voted/);
  assert.deepEqual(await places(), before);
  await pick(ann, 'soup');
  await says(ann, /2 people voted/);
  assert.deepEqual(await places(), before);
});

scene('a click and the focus survive the votes of others', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ask(ann);
  await poll(bob).waitFor();
  await option(ann, 'soup').hover();
  await ann.page.mouse.down();
  await pick(bob, 'pizza');
  await says(ann, /1 person voted/);
  await ann.page.mouse.up();
  await says(bob, /2 people voted/);
  await eventually(async () => assert.deepEqual(await chosen(ann), ['soup']));
  await poll(ann).getByRole('button', { name: 'End poll' }).focus();
  await pick(bob, 'sushi');
  await eventually(async () => assert.deepEqual(await scores(ann), ['0', '1', '1']));
  assert.equal(await ann.page.evaluate(() => document.activeElement.textContent), 'End poll');
});

scene("users who share a browser do not see each other's secret votes", async (stage) => {
  const ann = await stage.person('ann');
  await ask(ann, { secret: true });
  await pick(ann, 'sushi');
  await says(ann, /1 person voted/);
  await closeIt(ann);
  await ann.page.locator('.end').waitFor();
  await eventually(async () => assert.deepEqual(await chosen(ann), ['sushi']));
  await ann.page.evaluate(() => localStorage.removeItem('chatd:me'));
  await ann.page.reload();
  await ann.enter('eve');
  await poll(ann).waitFor();
  await eventually(async () => assert.deepEqual(await chosen(ann), []));
});

scene('a vote on another device shows here', async (stage) => {
  const ann = await stage.person('ann');
  await ask(ann, { max: 3, secret: true });
  await pick(ann, 'pizza');
  await says(ann, /1 person voted/);
  const tab = await ann.tab();
  await tab.ready();
  await pick(tab, 'sushi');
  await eventually(async () => assert.deepEqual(await chosen(ann), ['pizza', 'sushi']));
  await pick(ann, 'soup');
  await eventually(async () => assert.deepEqual(await scores(tab), ['1', '1', '1']));
  await eventually(async () => assert.deepEqual(await chosen(tab), ['pizza', 'sushi', 'soup']));
});

scene('a poll from before the loaded messages shows its end', async (stage) => {
  const ann = await stage.person('ann');
  const robot = await stage.robot('robot');
  const [{ seq }] = await robot(LUNCH);
  await robot(...Array.from({ length: 700 }, (_, i) => ({ type: 'say', room: 'lobby', text: `line ${i}` })));
  await ann.page.reload();
  await ann.ready();
  await robot({ type: 'close_poll', room: 'lobby', poll: seq });
  await ann.page.locator('.end', { hasText: 'Poll “Lunch?” ended: nobody voted.' }).waitFor();
});

scene('a deleted poll disappears', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  await ask(ann);
  await poll(bob).waitFor();
  await closeIt(ann);
  await ann.page.locator('.end').waitFor();
  await ask(ann, { question: 'Dinner?' });
  await poll(ann, 'Dinner?').hover();
  await ann.page.locator('.acts:visible').getByRole('button', { name: 'More…' }).click();
  await ann.page.getByRole('menuitem', { name: 'Delete…' }).click();
  assert.match(await ann.page.locator('.question').innerText(), /It ends the poll without a result\./);
  await ann.page.locator('.question .danger').click();
  await bob.sees('Message deleted');
  assert.equal(await bob.page.locator('.poll').count(), 1);
  await poll(ann).hover();
  await ann.page.locator('.acts:visible').getByRole('button', { name: 'More…' }).click();
  await ann.page.getByRole('menuitem', { name: 'Delete…' }).click();
  await ann.page.locator('.question .danger').click();
  await eventually(async () =>
    assert.equal(await bob.page.locator('.poll, .end').count(), 0, 'nor is its result told any more'),
  );
});

scene('long texts, many options and other scripts fit, on a phone and in the dark', async (stage) => {
  const phone = await stage.person('Theodora-with-a-rather-long-nick', {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  const dark = await stage.person('bob', { colorScheme: 'dark' });
  const ask2 = await stage.robot('robot');
  await ask2({
    ...LUNCH,
    question:
      'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen, and what else shall we put on the list of things to be voted on?',
    options: ['x'.repeat(120), 'שלום עולם', '日本語の選択肢', ...Array.from({ length: 5 }, (_, i) => `option ${i}`)],
    max: 3,
    secret: true,
    closes_at: Date.now() + 26 * 3_600_000,
  });
  for (const person of [phone, dark]) {
    const box = person.page.locator('.poll');
    await box.waitFor();
    await box.locator('button.choice').nth(1).click();
    await box.locator('button.choice').nth(2).click();
    await eventually(async () => assert.match(await box.locator('.foot').innerText(), /2 of 3 picked/));
    assert.ok(
      await person.page.locator('.log').evaluate((log) => log.scrollWidth <= log.clientWidth),
      'nothing sticks out',
    );
    const low = await box.locator('.choice').evaluateAll((all) => Math.min(...all.map((one) => one.clientHeight)));
    assert.ok(low >= 38, `${low} px`);
  }
  await phone.shot('poll-phone');
  await dark.shot('poll-dark');
  await phone.add('Poll');
  await phone.shot('poll-form-phone');
  assert.ok(await phone.page.locator('.poll-form').evaluate((form) => form.scrollWidth <= form.clientWidth));
});

scene('texts of polls never become markup', async (stage) => {
  const ann = await stage.person('ann');
  const evil = '<img src=x onerror=alert(1)>';
  await ask(ann, { question: `${evil}?`, options: [evil, '<b>bold</b>', '"><script>alert(2)</script>'] });
  await poll(ann, evil).locator('button.choice').first().click();
  await eventually(async () => assert.match(await poll(ann, evil).locator('.foot').innerText(), /1 person/));
  assert.equal(await ann.page.locator('.poll img, .poll b, .poll script').count(), 0);
  assert.equal(await poll(ann, evil).locator('h3').innerText(), `${evil}?`);
});

scene('a poll whose votes are missing on this server says so and shows no result', async (stage) => {
  const ann = await stage.person('ann');
  await ask(ann);
  await pick(ann, 'sushi');
  await says(ann, /1 person voted/);
  let last = null;
  const say = await ann.tap((frame) => {
    if (frame.type === 'joined') last = frame;
    return frame;
  });
  await poll(ann).waitFor();
  say({ type: 'gap', room: 'lobby', seq: last.last + 100, at: Date.now(), after: last.last });
  await eventually(async () =>
    assert.match(await poll(ann).locator('.small').first().innerText(), /^Votes are missing on this server/),
  );
  assert.equal(await poll(ann).locator('button').count(), 0);
  assert.deepEqual(await scores(ann), []);
  assert.equal(await poll(ann).locator('.foot').innerText(), '');
  assert.equal(await ann.page.locator('.end').count(), 0);
  await ann.page.getByText('Some messages are missing here.').waitFor();
  await ann.shot('poll-lost');
});

scene('changes to items that are being fetched are not lost', async (stage) => {
  const robot = await stage.robot('robot');
  const [{ seq: said }, { seq: asked }] = await robot({ type: 'say', room: 'lobby', text: 'delete me' }, LUNCH);
  await robot(...Array.from({ length: 70 }, (_, i) => ({ type: 'say', room: 'lobby', text: `line ${i}` })));
  const ann = await stage.person();
  await ann.enter('ann');
  const held = [];
  const say = await ann.tap((frame) =>
    frame.type === 'history' && frame.items.length > 1 ? held.push(frame) && null : frame,
  );
  await eventually(() => held.length > 0);
  await robot(
    { type: 'delete', room: 'lobby', of: said },
    { type: 'vote', room: 'lobby', poll: asked, choices: [1] },
    { type: 'say', room: 'lobby', text: 'now' },
  );
  await ann.sees('now');
  for (const frame of held) say(frame);
  await eventually(async () => assert.deepEqual(await scores(ann), ['0', '1', '0']));
  await ann.sees('Message deleted');
  assert.equal(await ann.page.locator('.msg', { hasText: 'delete me' }).count(), 0);
});
