/* Roles, bans, mutes, removals and purges, as moderators, their targets and others see them. */

import assert from 'node:assert/strict';
import { eventually, scene } from './harness.mjs';

const notes = (person) =>
  person.page
    .locator('.end')
    .allInnerTexts()
    .then((all) => all.map((one) => one.replace(/[\u2068\u2069]/g, '')));
const told = (person, words) =>
  eventually(async () => assert.ok((await notes(person)).includes(words), `${words} is not in ${await notes(person)}`));
const badge = (person, nick) => person.page.locator('.person', { hasText: nick }).locator('.role').innerText();
const hint = (person) => person.page.locator('.space').innerText();
const can = async (person, text, name) => {
  const rows = await person.menu(text);
  await person.press('Escape');
  return rows.includes(name);
};

/* Ann is an admin, mia a moderator of the lobby, bob a member. */
async function cast(stage) {
  const [ann, mia, bob] = [await stage.person('ann'), await stage.person('mia'), await stage.person('bob')];
  stage.daemon.ctl('role', 'ann', 'admin');
  await told(ann, 'You are now an admin.');
  await ann.write('/role mia moderator');
  await told(mia, 'ann made you a moderator.');
  await eventually(async () => assert.equal(await badge(mia, 'mia'), 'Moderator'));
  await eventually(async () => assert.equal(await badge(ann, 'ann'), 'Admin'));
  return [ann, mia, bob];
}

scene("a moderator deletes others' messages and ends their polls", async (stage) => {
  const [ann, mia, bob] = await cast(stage);
  await eventually(async () => assert.equal(await badge(bob, 'mia'), 'Moderator'));
  assert.equal(await badge(bob, 'ann'), 'Admin');
  await bob.say('buy my things');
  await ann.say('the rules');
  await mia.sees('the rules');
  await eventually(async () => assert.ok(await can(mia, 'buy my things', 'Delete…')));
  assert.ok(!(await can(mia, 'the rules', 'Delete…')));
  assert.ok(!(await can(bob, 'the rules', 'Delete…')));
  assert.ok(!(await can(mia, 'buy my things', 'Edit')));
  await mia.choose('buy my things', 'Delete…');
  await mia.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await eventually(() =>
    bob.page
      .locator('.gone')
      .count()
      .then((count) => count === 1),
  );

  await bob.write('/poll "Lunch?" pizza | sushi');
  await mia.page.locator('.poll').getByRole('button', { name: 'End poll' }).click();
  await mia.page.getByRole('button', { name: 'End it' }).click();
  await eventually(async () =>
    assert.match(await bob.page.locator('.poll .small').first().innerText(), /^Ended .* by mia/),
  );
  await mia.shot('moderation-room');
});

scene('a user banned from the open room sees another one, and the reason', async (stage) => {
  const [, mia, bob] = await cast(stage);
  await bob.open('Workshop');
  await bob.open('Lobby');
  await mia.write('/ban bob 2h Too much spam');
  await told(mia, 'You banned bob for 2 hours: Too much spam.');
  await eventually(async () => assert.equal(await bob.page.locator('.head .title').innerText(), 'Workshop'));
  const why = bob.page.locator('.head-fault');
  await eventually(async () =>
    assert.match(await why.innerText(), /You are no longer in “Lobby”.*mia.* banned you for 2 hours: Too much spam/),
  );
  await bob.shot('moderation-banned');
  await (await bob.find('Lobby')).click();
  await eventually(async () =>
    assert.equal(
      await bob.page.locator('.rooms > .fault').innerText(),
      "Can't open “Lobby”. You are banned here for 2 hours.",
    ),
  );
  await eventually(async () => assert.equal(await bob.page.locator('.head .title').innerText(), 'Workshop'));
  await bob.shot('moderation-refused');
  await mia.write('/unban bob');
  await told(mia, 'You unbanned bob.');
  await bob.open('Lobby');
  await bob.say('thank you');
  await mia.sees('thank you');
});

scene('a user banned from the server sees the login page and keeps the name', async (stage) => {
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
  await ann.page.locator('.toast', { hasText: 'was unbanned from the server.' }).waitFor();
  await bob.page.reload();
  await bob.enter('bob');
  await bob.say('it is still me');
  await ann.sees('it is still me');
});

scene('a user muted while a message is on its way sees why, and keeps the text to send it later', async (stage) => {
  const [ann, mia, bob] = await cast(stage);
  const held = [];
  const say = await bob.tap((frame) => (frame.type === 'mute' ? held.push(frame) && null : frame));
  await mia.write('/mute bob 2h Later');
  await eventually(() => held.length > 0);
  await bob.write('may I?');
  await eventually(async () =>
    assert.match(await bob.page.locator('.fail span').innerText(), /^Not sent\. You are muted until (.*, )?\d\d:\d\d$/),
  );
  for (const frame of held) say(frame);
  await told(bob, 'mia muted you for 2 hours: Later.');
  await eventually(async () => assert.match(await bob.page.locator('.fail span').innerText(), / · Later$/));
  await bob.shot('moderation-muted');
  await mia.write('/unmute bob');
  await told(bob, 'mia unmuted you.');
  await bob.page.getByRole('button', { name: 'Try again' }).click();
  await ann.sees('may I?');
  await mia.write('/kick bob Go for a walk');
  await told(ann, 'mia removed bob: Go for a walk.');
  await eventually(async () =>
    assert.match(
      await bob.page.locator('.rooms > .fault').innerText(),
      /You are no longer in “Lobby”.*removed you: Go for a walk/,
    ),
  );
  await (await bob.find('Lobby')).click();
  await bob.ready();
  await bob.say('I am back');
});

scene("a purge deletes all of a user's messages on every page", async (stage) => {
  const [ann, mia, bob] = await cast(stage);
  for (const text of ['one', 'two', 'three']) await bob.say(text);
  await ann.say('mine stays');
  await mia.sees('mine stays');
  await mia.write('/purge bob');
  await eventually(async () => assert.match(await hint(mia), /^This deletes everything written here under that name/));
  await mia.press('Enter');
  await told(mia, 'You deleted all messages by bob.');
  await told(ann, 'mia deleted all messages by bob.');
  await told(bob, 'mia deleted all your messages.');
  for (const person of [ann, mia, bob]) {
    await eventually(async () =>
      assert.deepEqual(await person.texts(), ['Message deleted', 'Message deleted', 'Message deleted', 'mine stays']),
    );
  }
  await mia.shot('moderation-purge');
  await ann.page.reload();
  await ann.ready();
  await eventually(async () => assert.equal((await ann.texts()).at(-1), 'mine stays'));
});

scene('a refused command says why, and its text stays', async (stage) => {
  const [ann, mia, bob] = await cast(stage);
  const says = async (person, typed, words) => {
    await person.write(typed);
    await eventually(async () => assert.match(await hint(person), words));
    assert.equal(await person.page.locator('textarea').inputValue(), typed);
    await person.page.locator('textarea').fill('');
  };
  await says(bob, '/role bob admin', /^Only admins/);
  await says(bob, '/ban ann 2h', /^Only moderators can do that/);
  await says(mia, '/ban ann 2h', /^You can't do that to an admin/);
  await says(mia, '/unban bob', /^No one with that name is banned from this room/);
  await says(mia, '/Kicks bob', /^There's no command \/kicks/);
  await says(ann, '/ban bob 2', /^Write it like this/);
  await says(ann, '/kick bob everywhere', /^Write it like this/);
  await says(ann, `/ban bob 2h ${'x'.repeat(401)}`, /too long/);
  await says(mia, '/ban bob everywhere 2h', /^Only moderators of all rooms/);
  await says(ann, '/ban nobody 2h', /^No one has that name/);
  await says(ann, '/ban bob', /^Write it like this/);
  await says(ann, '/ban bob soon', /^Write it like this/);
  await says(ann, '/role bob king', /^Write it like this/);
  await says(ann, '/purge bob now', /^Write it like this/);
  await says(ann, '/purge', /^Write it like this/);
  await says(ann, '/ban bob 0m', /^Write it like this/);
  await says(ann, '/ban bob 2h everywhere', /^Write it like this/);
  await says(ann, '/purge bob', /^This deletes everything/);
  await ann.open('Workshop');
  await says(ann, '/purge bob', /^This deletes everything/);
  await ann.open('Lobby');
  assert.deepEqual(await ann.texts(), []);
});

scene('names with spaces work, and markup in names and reasons stays text', async (stage) => {
  const [ann] = await cast(stage);
  const bob = await stage.person('<b>B</b> ob');
  await ann.page.locator('.person', { hasText: '<b>B</b> ob' }).waitFor();
  await ann.write('/ban "<b>B</b> ob" 90m <img src=x onerror=alert(1)>');
  await told(ann, 'You banned <b>B</b> ob for 90 minutes: <img src=x onerror=alert(1)>.');
  await eventually(async () => assert.match(await bob.page.locator('.rooms > .fault').innerText(), /no longer/));
  assert.equal(await bob.page.locator('.fault img, .fault b').count(), 0);
  assert.equal(await bob.page.locator('.head-fault').innerText(), '', 'said once');
  await ann.shot('moderation-names');
});

scene('a new role shows at once: a button appears and disappears', async (stage) => {
  const [ann, , bob] = await cast(stage);
  await ann.say('hello');
  await ann.write('/poll "Tea?" yes | no');
  const close = bob.page.locator('.poll').getByRole('button', { name: 'End poll' });
  await bob.page.locator('.poll').waitFor();
  assert.equal(await close.count(), 0);
  await ann.write('/role bob moderator');
  await close.waitFor();
  await ann.write('/role bob member');
  await close.waitFor({ state: 'detached' });
  await told(bob, 'ann made you a plain member of this room.');
});

scene('a long ban fits on a phone', async (stage) => {
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

scene('a purge reaches messages that are being fetched', async (stage) => {
  const robot = await stage.robot('robot');
  await robot(...Array.from({ length: 70 }, (_, i) => ({ type: 'say', room: 'lobby', text: `line ${i}.` })));
  const ann = await stage.person('ann');
  const held = [];
  const say = await ann.tap((frame) =>
    frame.type === 'history' && frame.items.length > 1 ? held.push(frame) && null : frame,
  );
  await eventually(() => held.length > 0);
  stage.daemon.ctl('--room', 'lobby', 'purge', 'robot');
  await told(ann, 'All messages by robot were deleted.');
  for (const frame of held) say(frame);
  await eventually(async () => assert.equal(await ann.page.locator('.msg .gone').count(), 70));
});

scene('a user banned while away sees so, and waiting posts stay', async (stage) => {
  const [, mia, bob] = await cast(stage);
  await bob.open('Workshop');
  await bob.open('Lobby');
  await bob.context.setOffline(true);
  await stage.daemon.stop('SIGKILL');
  await bob.write('while you were away');
  await bob.page.locator('.msg.wait').waitFor();
  await stage.daemon.start();
  await mia.page.locator('.dot:not(.off)').waitFor({ state: 'attached' });
  await eventually(async () => assert.equal(await mia.page.locator('.banner').isVisible(), false));
  stage.daemon.ctl('--room', 'lobby', 'ban', 'bob', '2h');
  await bob.context.setOffline(false);
  await eventually(async () => assert.equal(await bob.page.locator('.head .title').innerText(), 'Workshop'));
  await eventually(async () =>
    assert.match(await bob.page.locator('.head-fault').innerText(), /You are no longer in “Lobby”/),
  );
  stage.daemon.ctl('--room', 'lobby', 'unban', 'bob');
  await bob.open('Lobby');
  await bob.page.locator('.fail').waitFor();
  assert.deepEqual(await mia.texts(), []);
  await bob.page.getByRole('button', { name: 'Try again' }).click();
  await mia.sees('while you were away');
});

scene('an old removal in the log removes nobody', async (stage) => {
  const [, mia, bob] = await cast(stage);
  await bob.tap((frame) => frame);
  const cat = await stage.person('cat');
  await mia.write('/kick bob');
  await (await bob.find('Lobby')).click(); // once he is out
  await bob.ready();
  await bob.say('here again');
  await bob.page.reload();
  await bob.ready();
  await bob.say('and again');
  await cat.sees('and again');
});

scene('a user removed from a room that is not open sees so', async (stage) => {
  const [, mia, bob] = await cast(stage);
  await bob.open('Workshop');
  await mia.write('/kick bob');
  await eventually(async () =>
    assert.match(await bob.page.locator('.head-fault').innerText(), /You are no longer in “Lobby”.*removed you/),
  );
  assert.equal(await bob.page.locator('.head .title').innerText(), 'Workshop');
});

scene('a late refusal appears beside the text being written', async (stage) => {
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
    assert.match(await ann.page.locator('.head-fault').innerText(), /^\/ban nobody 2h: No one has that name/),
  );
  assert.equal(await ann.page.locator('textarea').inputValue(), 'something else');
});

scene('without an open room a phone shows the list of rooms', async (stage) => {
  const [, mia] = await cast(stage);
  const cat = await stage.person('cat', { viewport: { width: 360, height: 740 } });
  await mia.write('/kick cat Go for a walk');
  await eventually(async () =>
    assert.match(await cat.page.locator('.rooms > .fault').innerText(), /no longer in “Lobby”.*Go for a walk/),
  );
  await cat.shot('moderation-phone-kicked');
  await (await cat.find('Workshop')).click();
  await cat.ready();
  assert.equal(await cat.page.locator('.head .title').innerText(), 'Workshop');
  await cat.roomMenu('Leave room');
  await (await cat.find('Lobby')).waitFor();
  await cat.shot('moderation-phone-rooms');
});

scene('Delete is not offered on a message of an admin who has left', async (stage) => {
  const [ann, mia, bob] = await cast(stage);
  await ann.say('the rules');
  await bob.say('my things');
  await mia.sees('my things');
  await ann.page.close();
  await eventually(async () => assert.equal(await mia.page.locator('.person', { hasText: 'ann' }).count(), 0));
  assert.ok(await can(mia, 'my things', 'Delete…'));
  assert.ok(!(await can(mia, 'the rules', 'Delete…')));
});

const LOST = 'The message you were editing was deleted. What you wrote stays here, as a new message.';

scene('an edit of a message that is deleted meanwhile becomes a new message', async (stage) => {
  const [, mia, bob] = await cast(stage);
  const { page } = bob;
  const area = page.locator('textarea');
  const edit = async (text, words) => {
    await bob.say(text);
    await area.fill('next');
    await bob.choose(text, 'Edit');
    await page.locator('.mode').waitFor();
    await area.fill(words);
  };
  const remove = async (person, text) => {
    await person.choose(text, 'Delete…');
    await person.message(text).locator('.danger').click();
  };
  await edit('one', 'one, better');
  await area.evaluate((field) => field.setSelectionRange(3, 3));
  await remove(mia, 'one');
  await eventually(async () => assert.equal(await hint(bob), LOST));
  assert.ok(await page.locator('.mode').isHidden());
  assert.equal(await area.inputValue(), 'one, better\nnext');
  await page.bringToFront();
  await bob.shot('edit-deleted');
  await area.fill('');
  assert.ok(await page.locator('.space').isHidden());

  await edit('two', 'two, better');
  await area.fill('two, better');
  const tab = await bob.tab();
  await tab.ready();
  await remove(tab, 'two');
  await eventually(async () => assert.equal(await hint(bob), LOST));
  assert.equal(await area.inputValue(), 'two, better\nnext');
  await page.bringToFront();
  await area.focus();
  await bob.press('Enter');
  await mia.sees('two, better');
  assert.deepEqual((await mia.texts()).slice(-3), ['Message deleted', 'Message deleted', 'two, better\nnext']);

  await edit('three', 'three, better');
  await bob.open('Workshop');
  await remove(mia, 'three');
  await bob.open('Lobby');
  await eventually(async () => assert.equal(await hint(bob), LOST));
  assert.equal(await area.inputValue(), 'three, better\nnext');
});

scene('roles of users who were never here decide who is offered Delete; a refusal says why', async (stage) => {
  const [ann, mia, bob] = await cast(stage);
  const eve = await stage.person('eve');
  await ann.write('/role eve moderator');
  await eventually(async () => assert.equal(await badge(mia, 'eve'), 'Moderator'));
  for (const [person, text] of [
    [ann, 'of an admin'],
    [eve, 'of a moderator'],
    [bob, 'of a member'],
  ]) {
    await person.say(text);
    await mia.sees(text);
    await person.page.close();
  }
  await eventually(async () => assert.equal(await mia.page.locator('.person').count(), 1));
  await mia.page.reload();
  await mia.ready();
  await eventually(async () => assert.ok(!(await can(mia, 'of a moderator', 'Delete…'))));
  assert.ok(await can(mia, 'of a member', 'Delete…'));

  const failure = mia.message('of an admin').locator('.fail');
  await mia.choose('of an admin', 'Delete…');
  await mia.message('of an admin').locator('.danger').click();
  await failure.waitFor();
  assert.equal(await failure.innerText(), "You can't delete messages of someone with your role or a higher one.\nOK");
  await mia.shot('moderation-refused');
  await failure.getByRole('button').click();
  await failure.waitFor({ state: 'detached' });
  await mia.sees('of an admin');

  stage.daemon.ctl('role', 'mia', 'moderator'); // of all rooms: may see the roles that hold everywhere
  await told(mia, 'You are now a moderator of all rooms.');
  await mia.page.reload();
  await mia.ready();
  await eventually(async () => assert.ok(!(await can(mia, 'of an admin', 'Delete…'))));
});
