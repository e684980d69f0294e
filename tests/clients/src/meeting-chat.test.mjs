/* global meeting, meetingChat -- of the pages */
// The chat of a meeting from end to end: people join with the calling SDK in Chromium, and talk with the unmodified @azure/communication-chat.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CommunicationIdentityClient } from '@azure/communication-identity';

import { Browser } from '../browser/browser.mjs';
import { graph, organizer, ready } from './house.mjs';
import { SCOPES, member } from './member.mjs';

const identities = new CommunicationIdentityClient(ready.connectionString);
let browser;
before(async () => { browser = await Browser.open(ready.origin); });
after(() => browser?.close());

/** A communication token of the organizer, as a member of the organisation gets it. */
async function organizerToken() {
  const { redeem, clientId } = await member(organizer, [...SCOPES, 'Teams.ManageChats']);
  const { accessToken } = await redeem();
  const exchanged = await identities.getTokenForTeamsUser({ teamsUserAadToken: accessToken, clientId, userObjectId: organizer.id });
  return exchanged.token;
}

/** A page of somebody who joins, or only knows the thread. */
async function seat(token) {
  const page = await browser.page('meeting.mjs');
  const own = (name) => (...args) => page.evaluate(([method, given]) => meeting[method](...given), [name, args]);
  const chat = (name) => (...args) => page.evaluate(([method, given]) => meetingChat[method](...given), [name, args]);
  return {
    page,
    join: (link, name, isMember = false) => own('join')(token, link, name, isMember),
    state: own('state'),
    admit: own('admit'),
    remove: own('remove'),
    gone: own('gone'),
    hangUp: own('hangUp'),
    openChat: (thread) => chat('open')(ready.origin, token, thread),
    send: chat('send'),
    read: chat('read'),
    topic: chat('topic'),
  };
}

test('a guest in the lobby has no chat, an admitted one has it from then on, a removed one no more', { timeout: 180_000 }, async () => {
  const scheduled = await graph.api(`/users/${organizer.id}/onlineMeetings`).post({
    subject: 'Visit',
    startDateTime: new Date().toISOString(),
    endDateTime: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const { threadId } = scheduled.chatInfo;
  const { user, token } = await identities.createUserAndToken(['voip', 'chat']);
  const [anna, maria] = await Promise.all([organizerToken().then(seat), seat(token)]);

  await anna.join(scheduled.joinWebUrl, undefined, true);
  assert.equal((await anna.state('Connected')).threadId, threadId, 'the thread is known when the state is');
  await anna.openChat(threadId);
  assert.equal(await anna.topic(), 'Visit');
  assert.equal(typeof (await anna.send('before')).id, 'string');

  // Whoever has an invitation knows the thread: its id opens nothing.
  await maria.openChat(threadId);
  await maria.join(scheduled.joinWebUrl, 'Maria');
  assert.equal((await maria.state('InLobby')).threadId, undefined, 'who waits is not told the thread');
  for (const attempt of [maria.topic(), maria.read(), maria.send('may I')]) assert.equal(await attempt, 403);

  await anna.admit();
  const { threadId: told } = await maria.state('Connected');
  assert.equal(told, threadId, 'the thread is known when the state is');
  assert.equal(typeof (await maria.send('hello')).id, 'string', 'and its member is who is connected');
  await anna.send('welcome');
  assert.deepEqual(await maria.read(), ['hello', 'welcome']);
  assert.deepEqual(await anna.read(), ['before', 'hello', 'welcome']);

  await anna.remove(user.communicationUserId);
  await maria.state('Disconnected');
  assert.equal(await maria.send('again'), 403);
  await anna.send('among us');
  assert.equal(await maria.read(), 403, 'who was removed reads nothing of the meeting any more');
  assert.deepEqual(await anna.read(), ['before', 'hello', 'welcome', 'among us']);
});

test('who leaves loses the chat, and so does everybody from outside when the meeting ends', { timeout: 180_000 }, async () => {
  const scheduled = await graph.api(`/users/${organizer.id}/onlineMeetings`).post({
    subject: 'Round',
    startDateTime: new Date().toISOString(),
    endDateTime: new Date(Date.now() + 3_600_000).toISOString(),
    lobbyBypassSettings: { scope: 'everyone' },
  });
  const { threadId } = scheduled.chatInfo;
  const [one, other] = await Promise.all([identities.createUserAndToken(['voip', 'chat']), identities.createUserAndToken(['voip', 'chat'])]);
  const [anna, maria, nils] = await Promise.all([organizerToken().then(seat), seat(one.token), seat(other.token)]);
  await anna.join(scheduled.joinWebUrl, undefined, true);
  await anna.state('Connected');
  await Promise.all([maria.join(scheduled.joinWebUrl, 'Maria'), nils.join(scheduled.joinWebUrl, 'Nils')]);
  for (const guest of [maria, nils]) {
    await guest.state('Connected');
    await guest.openChat(threadId);
    assert.equal(typeof (await guest.send('hello')).id, 'string');
  }
  await anna.openChat(threadId);
  await maria.hangUp(false);
  await anna.gone(one.user.communicationUserId);
  assert.equal(await maria.send('from outside'), 403, 'the chat knows before the others hear of it');
  assert.equal(typeof (await nils.send('still in')).id, 'string');
  await anna.hangUp(true);
  await nils.state('Disconnected');
  assert.equal(await nils.send('after the end'), 403);
  assert.equal(typeof (await anna.send('minutes follow')).id, 'string', 'the organizer keeps the chat');
});
