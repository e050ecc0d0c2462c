/* What the browser stores: in two tabs, when it is full, for two users, from an older page. */

import assert from 'node:assert/strict';
import { eventually, REFUSED, scene } from './harness.mjs';

const field = (tab) => tab.page.locator('textarea');
const banner = (tab) => tab.page.locator('.banner');
const has = (tab, text) => eventually(async () => assert.equal(await field(tab).inputValue(), text));
const shows = (tab, ...texts) => eventually(async () => assert.deepEqual(await tab.texts(), texts));
const count = (tab, selector, number) =>
  eventually(async () => assert.equal(await tab.page.locator(selector).count(), number));
const stored = (tab) => tab.page.evaluate(() => ({ ...localStorage }));

async function twoTabs(stage, nick = 'ann') {
  const one = await stage.person(nick);
  const other = await one.tab();
  await other.ready();
  return [one, other];
}

async function signOut(tab) {
  await tab.page.bringToFront();
  await tab.you('Sign out');
  await tab.page.locator('.sign-out .danger').click();
  await tab.page.locator('.login').waitFor();
}

/* Leaves no room for a single character. */
const fill = ({ page }) =>
  page.evaluate(() => {
    for (let size = 4_000_000, made = 0; size >= 1;)
      try {
        localStorage.setItem(`filler ${(made += 1)}`, 'x'.repeat(size));
      } catch {
        size = Math.floor(size / 2);
      }
  });

const empty = ({ page }) =>
  page.evaluate(() => {
    for (const name of Object.keys(localStorage)) if (name.startsWith('filler')) localStorage.removeItem(name);
  });

/* ---- two tabs ---- */

scene('a draft is the same in two tabs, and is sent once', async (stage) => {
  const [one, other] = await twoTabs(stage);
  await field(one).fill('only once');
  await has(other, 'only once');
  await field(other).press('!');
  await has(one, 'only once!');
  await one.press('Enter');
  await one.sees('only once!');
  await has(other, '');
  await other.press('Enter');
  await other.say('the next one');
  await shows(one, 'only once!', 'the next one');
  await one.message('only once').hover();
  await one.message('only once').getByRole('button', { name: 'Reply' }).click();
  await other.page.locator('.mode').waitFor();
  await one.write('a reply');
  await other.page.locator('.mode').waitFor({ state: 'hidden' });
});

scene('a tab beside an edit writes a new message', async (stage) => {
  const one = await stage.person('ann');
  await one.say('the old words');
  await field(one).fill('a draft');
  await one.choose('the old words', 'Edit');
  await field(one).fill('better words');
  // a tab that has a copy of the first one's session, like a duplicated tab
  const [page] = await Promise.all([
    one.context.waitForEvent('page'),
    one.page.evaluate(() => void open(location.href)),
  ]);
  for (const other of [await one.tab(), { ...one, page }]) {
    await other.page.locator('.compose').waitFor();
    await has(other, 'a draft');
    assert.ok(await other.page.locator('.mode').isHidden());
  }
  await page.bringToFront();
  await page.locator('textarea').fill('something new');
  await page.keyboard.press('Enter');
  await shows(one, 'the old words', 'something new');
  await has(one, 'better words');
  assert.ok(await one.page.locator('.mode').isVisible());
});

scene('an edit survives a reload of its tab, and another room in between', async (stage) => {
  const one = await stage.person('ann');
  await one.say('the old words');
  await one.press('ArrowUp');
  await field(one).fill('better words');
  await one.page.reload();
  await one.ready();
  await has(one, 'better words');
  await one.open('Workshop');
  await has(one, '');
  await one.open('Lobby');
  await has(one, 'better words');
  await one.press('Enter');
  await shows(one, 'better words (edited)');
  await one.page.reload();
  await one.ready();
  await has(one, '');
});

scene('a post discarded or sent again in one tab is gone from the other', async (stage) => {
  const ann = await stage.person('ann');
  await ann.write(REFUSED);
  await ann.page.locator('.fail').waitFor();
  const other = await ann.tab();
  await other.page.locator('.fail').waitFor();
  await ann.page.getByRole('button', { name: 'Try again' }).click();
  await count(other, '.msg', 0);
  await ann.page.locator('.fail').waitFor();
  await ann.page.getByRole('button', { name: 'Discard' }).click();
  await has(other, REFUSED);
  await other.page.reload();
  await other.ready();
  await count(other, '.msg', 0);
});

scene('what a closed tab has not sent, another tab sends', async (stage) => {
  const [ann, other] = await twoTabs(stage);
  const bob = await stage.person('bob');
  await stage.daemon.stop('SIGKILL');
  await ann.write('left behind');
  await ann.page.locator('.msg.wait').waitFor();
  await ann.page.close();
  await stage.daemon.start();
  await shows(bob, 'left behind');
  await shows(other, 'left behind');
});

/* ---- a full storage, or none ---- */

scene('when storage is full, the page says so and keeps everything while it is open', async (stage) => {
  const ann = await stage.person('ann');
  const words = "This browser can't store what you write: its storage is full or off. Keep this page open.";
  const says = (what) => eventually(async () => assert.equal(await banner(ann).innerText(), what));
  await fill(ann);
  await field(ann).fill('for the lobby');
  await says(words);
  await ann.open('Workshop');
  await field(ann).fill('for the workshop');
  await ann.open('Lobby');
  await has(ann, 'for the lobby');
  await stage.daemon.stop('SIGKILL');
  await ann.press('Enter');
  await says(`Reconnecting… Keep writing: 1 message will be sent when we're back. ${words}`);
  await ann.shot('storage-full');

  // leaving the page asks; the answer is to stay
  const asked = new Promise((done) => {
    ann.leaving = (dialog) => done(dialog.dismiss());
  });
  await ann.page.evaluate(() => void location.reload());
  await asked;
  await stage.daemon.start();
  await ann.sees('for the lobby');
  await count(ann, '.msg.wait', 0);

  // there is room again, and the draft of the other room is stored with the next removal
  await empty(ann);
  await ann.say('more');
  await banner(ann).waitFor({ state: 'hidden' });
  await ann.page.reload();
  await ann.ready();
  await ann.open('Workshop');
  await has(ann, 'for the workshop');
});

scene('a browser that stores nothing says that the name is lost', async (stage) => {
  const ann = await stage.person();
  await ann.context.addInitScript(() =>
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('denied', 'SecurityError');
      },
    }),
  );
  await ann.page.reload();
  await ann.enter('ann');
  await eventually(async () => assert.match(await banner(ann).innerText(), /^This browser can't store your name: /));
  await ann.say('hello');
  await field(ann).fill('a draft');
  await ann.open('Workshop');
  await ann.open('Lobby');
  await has(ann, 'a draft');
  await field(ann).fill('');
});

/* ---- another user ---- */

scene('after signing out the next user finds nothing, in any tab', async (stage) => {
  const [ann, other] = await twoTabs(stage);
  const { page } = ann;
  await ann.open('Workshop');
  await ann.write(REFUSED);
  await page.locator('.fail').waitFor();
  await field(ann).fill('a secret draft');
  await ann.add('Poll');
  await page.locator('.poll-form [name=question]').fill('A secret question?');
  await ann.press('Escape');
  await ann.open('Lobby');
  await ann.write('/poll "Tea?" yes | no');
  await page.locator('button.choice', { hasText: 'yes' }).click();
  await page.locator('.poll summary').waitFor(); // the receipt
  await ann.message('Tea?').hover();
  await ann.message('Tea?').getByRole('button', { name: 'Reply' }).click();

  await ann.you('Sign out');
  await eventually(async () =>
    assert.equal(
      await page.locator('.sign-out .fault').innerText(),
      "What you haven't sent will be deleted: 3 in all.",
    ),
  );
  assert.equal(await ann.focused(), 'small-button', 'Stay has the focus');
  await ann.shot('sign-out');
  await ann.press('Escape');
  await page.locator('.sign-out').waitFor({ state: 'hidden' });
  await has(ann, '');
  assert.ok(await page.locator('.login').isHidden());

  await signOut(ann);
  await other.page.locator('.login').waitFor();
  assert.deepEqual(await stored(ann), {});
  assert.equal(await page.locator('.login input').inputValue(), '');

  await ann.enter('eve');
  await other.ready();
  for (const tab of [ann, other]) {
    await eventually(async () => assert.equal(await tab.page.locator('.self .nick').innerText(), 'eve'));
    await tab.open('Workshop');
    await has(tab, '');
    await count(tab, '.msg', 0);
    await tab.open('Lobby');
    await tab.sees('Tea?');
    assert.equal(await tab.page.locator('.mode').isHidden(), true);
    assert.equal(await tab.page.locator('.poll summary').count(), 0);
  }
  await ann.add('Poll');
  assert.equal(await page.locator('.poll-form [name=question]').inputValue(), '');
});

scene('a user signs out without a connection, and this browser forgets them at once', async (stage) => {
  const ann = await stage.person('ann');
  const bob = await stage.person('bob');
  const { page } = ann;
  await ann.context.setOffline(true);
  await stage.daemon.stop('SIGKILL');
  await page.locator('.dot.off').waitFor();
  await ann.write('unsent');
  await ann.you('Sign out');
  await eventually(async () => assert.match(await page.locator('.sign-out .offline').innerText(), /^You are offline/));
  await ann.shot('sign-out-offline');
  await page.locator('.sign-out .danger').click();
  await page.locator('.login').waitFor();
  assert.deepEqual(await stored(ann), {});
  await stage.daemon.start();
  await ann.context.setOffline(false);
  await ann.enter('eve');
  await ann.say('hello');
  await bob.sees('hello');
  assert.deepEqual(await bob.texts(), ['hello']);
});

scene('drafts and posts belong to their nick', async (stage) => {
  const ann = await stage.person('ann');
  await field(ann).fill('by ann');
  await ann.open('Workshop');
  await ann.write(REFUSED);
  await ann.page.locator('.fail').waitFor();
  const me = await ann.page.evaluate(() => localStorage.getItem('chatd:me'));
  await ann.page.evaluate(() => localStorage.removeItem('chatd:me'));
  await ann.page.reload();
  await ann.enter('ann:x'); // a name that begins like the other
  await count(ann, '.msg', 0);
  await ann.open('Lobby');
  await has(ann, '');
  await ann.say('by another');
  await signOut(ann);
  await ann.page.evaluate((value) => localStorage.setItem('chatd:me', value), me);
  await ann.page.reload();
  await ann.ready();
  await ann.open('Lobby');
  await has(ann, 'by ann');
  await ann.open('Workshop');
  await ann.page.locator('.fail').waitFor();
});

scene('two tabs at the login page log in as one user', async (stage) => {
  const ann = await stage.person();
  const other = await ann.tab();
  await other.page.locator('.login').waitFor();
  await ann.enter('ann');
  await other.ready();
  assert.equal(await other.page.locator('.self .nick').innerText(), 'ann');
});

scene('what an older page stored finds its owner', async (stage) => {
  const ann = await stage.person('ann');
  await ann.say('the old words');
  await ann.page.evaluate(() => {
    const old = {
      'draft:lobby': { text: '', reply: null, edit: { seq: 1, text: 'better words' } },
      'draft:workshop': { text: 'a draft', reply: null, edit: null },
      'out:k1': { command: { id: 'k1', type: 'say', room: 'lobby', text: 'mine' }, at: 1, owner: 'ann', fault: null },
      'out:k2': { command: { id: 'k2', type: 'say', room: 'lobby', text: "bob's" }, at: 2, owner: 'bob', fault: null },
      'vote:a:b:5f:12': { receipt: 'r', choices: [0] },
    };
    for (const [name, value] of Object.entries(old)) localStorage.setItem(`chatd:${name}`, JSON.stringify(value));
  });
  await ann.page.reload();
  await ann.ready();
  await shows(ann, 'the old words', 'mine');
  await has(ann, 'better words');
  assert.ok(await ann.page.locator('.mode').isHidden());
  await ann.open('Workshop');
  await has(ann, 'a draft');
  const { 'chatd:me': _, ...rest } = await stored(ann);
  assert.deepEqual(Object.keys(rest).sort(), [
    'chatd:"a:b":vote:5f:12',
    'chatd:"ann":draft:lobby',
    'chatd:"ann":draft:workshop',
    'chatd:"bob":out:k2',
  ]);
});
