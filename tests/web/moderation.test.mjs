/* Order: roles, bans and purges, as those see it who keep it, who are kept in it, and who only look on. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const notes = (person) =>
  person.page
    .locator('.end')
    .allInnerTexts()
    .then((all) => all.map((one) => one.replace(/[\u2068\u2069]/g, '')));
const told = (person, words) =>
  eventually(async () => assert.ok((await notes(person)).includes(words), `${words} is not in ${await notes(person)}`));
const badge = (person, nick) => person.page.locator('.person', { hasText: nick }).locator('.badge').innerText();
const hint = (person) => person.page.locator('.space').innerText();
const can = async (person, text, name) => {
  await person.message(text).hover();
  return person
    .message(text)
    .getByRole('button', { name })
    .count()
    .then((count) => count > 0);
};

/* Ann is an admin, mia a moderator of the lobby, bob a member. */
async function cast(stage) {
  const [ann, mia, bob] = [await stage.person('ann'), await stage.person('mia'), await stage.person('bob')];
  stage.daemon.ctl('role', 'ann', 'admin');
  await told(ann, 'You are an admin now.');
  await ann.write('/role mia moderator');
  await told(mia, 'ann made you a moderator.');
  return [ann, mia, bob];
}

scene('a moderator deletes what others wrote, and closes their polls', async (stage) => {
  const [ann, mia, bob] = await cast(stage);
  await eventually(async () => assert.equal(await badge(bob, 'mia'), 'moderator'));
  assert.equal(await badge(bob, 'ann'), 'admin');
  await bob.say('buy my things');
  await ann.say('the rules');
  await mia.sees('the rules');
  await eventually(async () => assert.ok(await can(mia, 'buy my things', 'Delete')));
  assert.ok(!(await can(mia, 'the rules', 'Delete')));
  assert.ok(!(await can(bob, 'the rules', 'Delete')));
  assert.ok(!(await can(mia, 'buy my things', 'Edit')));
  await mia.message('buy my things').hover();
  await mia.message('buy my things').getByRole('button', { name: 'Delete' }).click();
  await mia.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await eventually(() =>
    bob.page
      .locator('.gone')
      .count()
      .then((count) => count === 1),
  );

  await bob.write('/poll "Lunch?" pizza | sushi');
  await mia.page.locator('.poll').getByRole('button', { name: 'Close the poll' }).click();
  await mia.page.getByRole('button', { name: 'Close it' }).click();
  await eventually(async () =>
    assert.match(await bob.page.locator('.poll .small').first().innerText(), /^Closed .* by mia/),
  );
  await mia.shot('moderation-room');
});

scene('who is banned from the open room is shown another one, and why', async (stage) => {
  const [, mia, bob] = await cast(stage);
  await bob.open('Workshop');
  await bob.open('Lobby');
  await mia.write('/ban bob 2h Too much spam');
  await told(mia, 'You banned bob for 2 hours: Too much spam.');
  await eventually(async () => assert.equal(await bob.page.locator('.head .title').innerText(), 'Workshop'));
  const why = bob.page.locator('.head-fault');
  await eventually(async () =>
    assert.match(await why.innerText(), /You are not in “Lobby” any more.*mia.* banned you for 2 hours: Too much spam/),
  );
  await bob.shot('moderation-banned');
  await bob.page.locator('.room', { hasText: 'Lobby' }).click();
  await eventually(async () =>
    assert.equal(
      await bob.page.locator('.rooms > .fault').innerText(),
      '“Lobby” could not be opened. You are banned here for 2 hours.',
    ),
  );
  await eventually(async () => assert.equal(await bob.page.locator('.head .title').innerText(), 'Workshop'));
  await bob.shot('moderation-refused');
  await mia.write('/unban bob');
  await told(mia, 'You lifted the ban of bob.');
  await bob.open('Lobby');
  await bob.say('thank you');
  await mia.sees('thank you');
});

scene('who is banned from the server is at the door, and keeps the name', async (stage) => {
  const [ann, , bob] = await cast(stage);
  await ann.write('/ban bob everywhere 7d Enough is enough');
  await bob.page.locator('.login:not([hidden])').waitFor();
  const why = async (words) =>
    eventually(async () =>
      assert.equal((await bob.page.locator('.login .fault').innerText()).replace(/[\u2068\u2069]/g, ''), words),
    );
  await why('ann banned you from the server for 7 days: Enough is enough. You are banned here for 7 days.');
  await bob.shot('moderation-login');
  await told(ann, 'You banned bob from the server for 7 days: Enough is enough.');
  await bob.page.reload();
  await why('You are banned here for 7 days.');
  await bob.enter('robert');
  await bob.page.evaluate(() => localStorage.removeItem('chatd:me'));
  await ann.write('/unban bob everywhere');
  await eventually(async () => assert.equal(await hint(ann), 'Done.'));
  await bob.page.reload();
  await bob.enter('bob');
  await bob.say('it is still me');
  await ann.sees('it is still me');
});

scene('who is muted is told so, and what was written stays to be sent later', async (stage) => {
  const [ann, mia, bob] = await cast(stage);
  await mia.write('/mute bob 2h Later');
  await told(bob, 'mia muted you for 2 hours: Later.');
  await bob.write('may I?');
  await eventually(async () =>
    assert.equal(await bob.page.locator('.fail span').innerText(), 'Not sent. You are muted here for 2 hours.'),
  );
  await bob.shot('moderation-muted');
  await mia.write('/unmute bob');
  await told(bob, 'mia unmuted you.');
  await bob.page.getByRole('button', { name: 'Try again' }).click();
  await ann.sees('may I?');
  await mia.write('/kick bob Go for a walk');
  await told(ann, 'mia put bob out: Go for a walk.');
  await eventually(async () =>
    assert.match(
      await bob.page.locator('.head-fault').innerText(),
      /You are not in “Lobby” any more.*put you out: Go for a walk/,
    ),
  );
  await bob.page.locator('.room', { hasText: 'Lobby' }).click();
  await bob.ready();
  await bob.say('I am back');
});

scene('a purge takes all that one has written from every page', async (stage) => {
  const [ann, mia, bob] = await cast(stage);
  for (const text of ['one', 'two', 'three']) await bob.say(text);
  await ann.say('mine stays');
  await mia.sees('mine stays');
  await mia.write('/purge bob');
  await eventually(async () =>
    assert.match(await hint(mia), /^This deletes all that was written here under that name, polls/),
  );
  await mia.press('Enter');
  await told(mia, 'You deleted all that bob had written.');
  await told(ann, 'mia deleted all that bob had written.');
  await told(bob, 'mia deleted all that you had written.');
  for (const person of [ann, mia, bob]) {
    await eventually(async () =>
      assert.deepEqual(await person.texts(), [
        'This message was deleted',
        'This message was deleted',
        'This message was deleted',
        'mine stays',
      ]),
    );
  }
  await mia.shot('moderation-purge');
  await ann.page.reload();
  await ann.ready();
  await eventually(async () => assert.equal((await ann.texts()).at(-1), 'mine stays'));
});

scene('what cannot be done is said, and what was typed stays', async (stage) => {
  const [ann, mia, bob] = await cast(stage);
  const says = async (person, typed, words) => {
    await person.write(typed);
    await eventually(async () => assert.match(await hint(person), words));
    assert.equal(await person.page.locator('textarea').inputValue(), typed);
    await person.page.locator('textarea').fill('');
  };
  await says(bob, '/role bob admin', /^Only admins/);
  await says(bob, '/ban ann 2h', /^Only moderators of this room/);
  await says(mia, '/ban ann 2h', /^Only moderators of this room do this, and only to people below them/);
  await says(mia, '/unban bob', /^Nobody of that name is banned from this room/);
  await says(mia, '/Kicks bob', /^There is no command \/kicks/);
  await says(ann, '/ban bob 2', /^Write it like this/);
  await says(ann, '/kick bob everywhere', /^Write it like this/);
  await says(ann, `/ban bob 2h ${'x'.repeat(401)}`, /too long/);
  await says(mia, '/ban bob everywhere 2h', /^Only moderators of all rooms/);
  await says(ann, '/ban nobody 2h', /^Nobody is called that/);
  await says(ann, '/ban bob', /^Write it like this/);
  await says(ann, '/ban bob soon', /^Write it like this/);
  await says(ann, '/role bob king', /^Write it like this/);
  await says(ann, '/purge bob now', /^Write it like this/);
  await says(ann, '/purge', /^Write it like this/);
  await says(ann, '/ban bob 0m', /^Write it like this/);
  await says(ann, '/ban bob 2h everywhere', /^Write it like this/);
  await says(ann, '/purge bob', /^This deletes all/);
  await ann.open('Workshop');
  await says(ann, '/purge bob', /^This deletes all/);
  await ann.open('Lobby');
  assert.deepEqual(await ann.texts(), []);
});

scene('a name of two words, markup in a name and in a reason', async (stage) => {
  const [ann] = await cast(stage);
  const bob = await stage.person('<b>B</b> ob');
  await ann.page.locator('.person', { hasText: '<b>B</b> ob' }).waitFor();
  await ann.write('/ban "<b>B</b> ob" 90m <img src=x onerror=alert(1)>');
  await told(ann, 'You banned <b>B</b> ob for 90 minutes: <img src=x onerror=alert(1)>.');
  await eventually(async () => assert.match(await bob.page.locator('.head-fault').innerText(), /any more/));
  assert.equal(await bob.page.locator('.head-fault img, .head-fault b').count(), 0);
  await ann.shot('moderation-names');
});

scene('a new role is felt at once: a button comes, and goes', async (stage) => {
  const [ann, , bob] = await cast(stage);
  await ann.say('hello');
  await ann.write('/poll "Tea?" yes | no');
  const close = bob.page.locator('.poll').getByRole('button', { name: 'Close the poll' });
  await bob.page.locator('.poll').waitFor();
  assert.equal(await close.count(), 0);
  await ann.write('/role bob moderator');
  await close.waitFor();
  await ann.write('/role bob member');
  await close.waitFor({ state: 'detached' });
  await told(bob, 'ann made you a plain member of this room.');
});

scene('on a phone', async (stage) => {
  const [, mia] = await cast(stage);
  const cat = await stage.person('a very long nickname, 32 letters', {
    viewport: { width: 360, height: 640 },
    colorScheme: 'dark',
  });
  await cat.say('hello there');
  await mia.write('/ban bob 1d for writing the same thing over and over again, in every room that there is');
  await told(
    cat,
    'mia banned bob for 1 day: for writing the same thing over and over again, in every room that there is.',
  );
  await cat.shot('moderation-phone');
});

scene('a purge reaches what is being fetched', async (stage) => {
  const robot = await stage.robot('robot');
  await robot(...Array.from({ length: 70 }, (_, i) => ({ type: 'say', room: 'lobby', text: `line ${i}.` })));
  const ann = await stage.person('ann');
  const held = [];
  const say = await ann.tap((frame) =>
    frame.type === 'history' && frame.items.length > 1 ? held.push(frame) && null : frame,
  );
  await eventually(() => held.length > 0);
  stage.daemon.ctl('--room', 'lobby', 'purge', 'robot');
  await told(ann, 'All that robot had written was deleted.');
  for (const frame of held) say(frame);
  await eventually(async () => assert.equal(await ann.page.locator('.msg .gone').count(), 70));
});

scene('who is banned while away is told so, and what was written does not go out by itself', async (stage) => {
  const [, mia, bob] = await cast(stage);
  await bob.open('Workshop');
  await bob.open('Lobby');
  await bob.context.setOffline(true);
  await stage.daemon.stop('SIGKILL');
  await bob.write('while you were away');
  await bob.page.locator('.msg.wait').waitFor();
  await stage.daemon.start();
  await mia.page.locator('.dot:not(.off)').waitFor();
  await eventually(async () => assert.equal(await mia.page.locator('.banner').isVisible(), false));
  stage.daemon.ctl('--room', 'lobby', 'ban', 'bob', '2h');
  await bob.context.setOffline(false);
  await eventually(async () => assert.equal(await bob.page.locator('.head .title').innerText(), 'Workshop'));
  await eventually(async () =>
    assert.match(await bob.page.locator('.head-fault').innerText(), /You are not in “Lobby” any more/),
  );
  stage.daemon.ctl('--room', 'lobby', 'unban', 'bob');
  await bob.open('Lobby');
  await bob.page.locator('.fail').waitFor();
  assert.deepEqual(await mia.texts(), []);
  await bob.page.getByRole('button', { name: 'Try again' }).click();
  await mia.sees('while you were away');
});

scene('an old ban in the log puts nobody out', async (stage) => {
  const [, mia, bob] = await cast(stage);
  await bob.tap((frame) => frame);
  const cat = await stage.person('cat');
  await mia.write('/kick bob');
  await bob.page.locator('.room', { hasText: 'Lobby' }).click();
  await bob.ready();
  await bob.say('here again');
  await bob.page.reload();
  await bob.ready();
  await bob.say('and again');
  await cat.sees('and again');
});

scene('who is put out of a room that is not open is told so', async (stage) => {
  const [, mia, bob] = await cast(stage);
  await bob.open('Workshop');
  await mia.write('/kick bob');
  await eventually(async () =>
    assert.match(await bob.page.locator('.head-fault').innerText(), /You are not in “Lobby” any more.*put you out/),
  );
  assert.equal(await bob.page.locator('.head .title').innerText(), 'Workshop');
});

scene('a refusal that comes late is told without taking the place of what is written', async (stage) => {
  const [ann] = await cast(stage);
  let held = null;
  const say = await ann.tap((frame) => {
    if (frame.code !== 'not_found') return frame;
    held = frame;
    return null;
  });
  await ann.write('/ban nobody 2h');
  await eventually(() => held !== null);
  await ann.page.locator('textarea').fill('something else');
  say(held);
  await eventually(async () =>
    assert.match(await ann.page.locator('.head-fault').innerText(), /^\/ban nobody 2h: Nobody is called that/),
  );
  assert.equal(await ann.page.locator('textarea').inputValue(), 'something else');
});

scene('without a room a phone shows the list of rooms', async (stage) => {
  const [, mia] = await cast(stage);
  const cat = await stage.person('cat', { viewport: { width: 360, height: 740 } });
  await mia.write('/kick cat Go for a walk');
  await eventually(async () =>
    assert.match(await cat.page.locator('.rooms > .fault').innerText(), /not in “Lobby” any more.*Go for a walk/),
  );
  await cat.shot('moderation-phone-kicked');
  await cat.page.locator('.room', { hasText: 'Workshop' }).click();
  await cat.ready();
  assert.equal(await cat.page.locator('.head .title').innerText(), 'Workshop');
  await cat.page.locator('.leave').click();
  await cat.page.locator('.room', { hasText: 'Lobby' }).waitFor();
  await cat.shot('moderation-phone-rooms');
});
