/* global chat, resource -- of the pages */
// Real-time chat events in Chromium: the unmodified @azure/communication-chat with its unmodified signaling package, on pages of another origin.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';

import { CommunicationIdentityClient } from '@azure/communication-identity';

import { Browser } from '../browser/browser.mjs';
import { refused, worked } from './coverage.mjs';
import { ready } from './house.mjs';

const CLIENT = 'js-chat-browser';
const EVENTS = [
  'chatThreadCreated',
  'chatMessageReceived',
  'chatMessageEdited',
  'typingIndicatorReceived',
  'readReceiptReceived',
  'chatMessageDeleted',
  'chatThreadPropertiesUpdated',
  'participantsAdded',
  'participantsRemoved',
  'chatThreadDeleted',
];
/**
 * Past the 60 s after which a client without heartbeats gives up: 180 s where the whole suite runs (CI, or ANTEROOM_SLOW), beside the other files;
 * 70 s for somebody who waits for it.
 */
const IDLE_MS = process.env.CI || process.env.ANTEROOM_SLOW ? 180_000 : 70_000;

const identities = new CommunicationIdentityClient(ready.connectionString);
let browser;
before(async () => { browser = await Browser.open(ready.origin); });
after(() => browser?.close());

/** Somebody with a page of their own. */
async function person(scopes = ['chat']) {
  const { user, token } = await identities.createUserAndToken(scopes);
  const page = await browser.page('chat.mjs');
  await page.evaluate(([endpoint, own]) => chat.open(endpoint, own), [ready.origin, token]);
  return {
    user,
    page,
    id: user.communicationUserId,
    renew: () => page.evaluate(([endpoint, own]) => chat.open(endpoint, own), [ready.origin, token]),
    listen: async () => {
      await page.evaluate(() => chat.listen());
    },
    stop: () => page.evaluate(() => chat.stop()),
    event: (name, nth = 0) => page.evaluate(([wanted, count]) => chat.event(wanted, count), [name, nth]),
    names: () => page.evaluate(() => chat.names()),
    client: (...args) => page.evaluate((given) => chat.client(...given), args),
    thread: (...args) => page.evaluate((given) => chat.thread(...given), args),
  };
}

/** Somebody who listens. */
async function listener() {
  const somebody = await person();
  await somebody.listen();
  await somebody.event('connected');
  return somebody;
}

async function threadOf(creator, ...others) {
  const participants = others.map(({ id }) => ({ id: { communicationUserId: id }, displayName: 'Ben 100 %' }));
  const made = await creator.client('createChatThread', { topic: 'Roof 50%25 "dry"' }, { participants });
  assert.ok(made.chatThread, JSON.stringify(made));
  return made.chatThread.id;
}

const idOf = (participant) => participant.id.communicationUserId;

describe('real-time events', { concurrency: 3, timeout: IDLE_MS + 120_000 }, () => {
  test(`a connection on which nothing happens lives for ${IDLE_MS / 1000} s and then tells the next event`, async () => {
    const [ann, ben] = await Promise.all([person(), listener()]);
    let heartbeats = 0;
    let frames = 0;
    const other = await browser.page('chat.mjs');
    other.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        frames += 1;
        if (payload === '2::') heartbeats += 1;
      });
    });
    const { token } = await identities.getToken(ben.user, ['chat']);
    await other.evaluate(([endpoint, own]) => chat.open(endpoint, own), [ready.origin, token]);
    await other.evaluate(() => chat.listen());
    await other.evaluate(() => chat.event('connected'));
    // The time itself is what is tried here: there is no event to wait for.
    await pause(IDLE_MS);
    assert.deepEqual(await ben.names(), ['connected']);
    assert.ok(heartbeats >= Math.floor(IDLE_MS / 1000 / 25), `${heartbeats} heartbeats`);
    assert.ok(frames < heartbeats * 4 + 20, `${frames} frames: an echo is answered`);
    await threadOf(ann, ben);
    await ben.event('chatThreadCreated');
    await other.evaluate(() => chat.event('chatThreadCreated'));
  });

  test('a second person sees all ten events, and a stranger none', async () => {
    const [ann, ben, stranger] = await Promise.all([person(), listener(), listener()]);
    worked('realtime.start', CLIENT);
    const thread = await threadOf(ann, ben);

    const { event: created } = await ben.event('chatThreadCreated');
    assert.equal(created.threadId, thread);
    assert.equal(created.properties.topic, 'Roof 50%25 "dry"');
    assert.equal(idOf(created.createdBy), ann.id);
    assert.deepEqual(created.participants.map(idOf).sort(), [ann.id, ben.id].sort());
    assert.equal(created.participants.find((one) => idOf(one) === ben.id).displayName, 'Ben 100 %');

    const text = 'Grüße \u{1f600} 100%41 <b>"a"</b>\n\\';
    const sent = await ann.thread(thread, 'sendMessage', { content: text }, { senderDisplayName: 'Ann', metadata: { k: 'v%41' } });
    const { event: message } = await ben.event('chatMessageReceived');
    assert.deepEqual(
      [message.threadId, message.id, message.message, message.type, message.senderDisplayName, message.metadata],
      [thread, sent.id, text, 'Text', 'Ann', { k: 'v%41' }],
    );
    assert.equal(message.sender.communicationUserId, ann.id);
    assert.equal(message.recipient.communicationUserId, ben.id);
    assert.ok(Math.abs(Date.parse(message.createdOn) - Date.now()) < 60_000);

    await ann.thread(thread, 'updateMessage', sent.id, { content: 'edited' });
    const { event: edited } = await ben.event('chatMessageEdited');
    assert.deepEqual([edited.id, edited.message], [sent.id, 'edited']);
    assert.ok(Date.parse(edited.editedOn) >= Date.parse(message.createdOn));

    await ann.thread(thread, 'sendTypingNotification', { senderDisplayName: 'Ann' });
    const { event: typing } = await ben.event('typingIndicatorReceived');
    assert.deepEqual([typing.threadId, typing.sender.communicationUserId, typing.senderDisplayName], [thread, ann.id, 'Ann']);

    await ann.thread(thread, 'sendReadReceipt', { chatMessageId: sent.id });
    const { event: read } = await ben.event('readReceiptReceived');
    assert.deepEqual([read.chatMessageId, read.sender.communicationUserId], [sent.id, ann.id]);
    assert.ok(Math.abs(Date.parse(read.readOn) - Date.now()) < 60_000);

    await ann.thread(thread, 'deleteMessage', sent.id);
    const { event: deleted } = await ben.event('chatMessageDeleted');
    assert.equal(deleted.id, sent.id);
    assert.ok(Date.parse(deleted.deletedOn) > 0);
    assert.ok(!JSON.stringify(deleted).includes('edited'), 'a deleted message says its text');

    await ann.thread(thread, 'updateTopic', 'Cellar %u0041');
    const { event: updated } = await ben.event('chatThreadPropertiesUpdated');
    assert.deepEqual([updated.properties.topic, idOf(updated.updatedBy)], ['Cellar %u0041', ann.id]);

    const dora = (await identities.createUser()).communicationUserId;
    const added = { id: { communicationUserId: dora }, displayName: 'Dora' };
    await ann.thread(thread, 'addParticipants', { participants: [added] });
    const { event: came } = await ben.event('participantsAdded');
    assert.deepEqual(came.participantsAdded.map((one) => [idOf(one), one.displayName]), [[dora, 'Dora']]);
    assert.equal(idOf(came.addedBy), ann.id);

    await ann.thread(thread, 'removeParticipant', { communicationUserId: dora });
    const { event: went } = await ben.event('participantsRemoved');
    assert.deepEqual(went.participantsRemoved.map(idOf), [dora]);
    assert.equal(idOf(went.removedBy), ann.id);

    await ann.client('deleteChatThread', thread);
    const { event: gone } = await ben.event('chatThreadDeleted');
    assert.deepEqual([gone.threadId, gone.reason, idOf(gone.deletedBy)], [thread, 'deletedByUser', ann.id]);

    assert.deepEqual(await ben.names(), ['connected', ...EVENTS], 'each once, in the order in which things happened');
    for (const name of EVENTS) worked(`realtime.${name}`, CLIENT);
    worked('browser.chat', CLIENT);
    // The stranger is well connected, as the own thread shows, which came after everything.
    await threadOf(stranger);
    await stranger.event('chatThreadCreated');
    assert.deepEqual(await stranger.names(), ['connected', 'chatThreadCreated']);
    const foreign = await stranger.thread(thread, 'sendMessage', { content: 'hello' });
    assert.equal(foreign.refused.statusCode, 403);
    refused('browser.chat', CLIENT);
    assert.deepEqual([...ann.page.errors, ...ben.page.errors], []);
  });

  test('who was removed from a thread is told so, and then nothing more of it', async () => {
    const [ann, ben, carl] = await Promise.all([person(), listener(), listener()]);
    const thread = await threadOf(ann, ben, carl);
    await ben.event('chatThreadCreated');
    await ann.thread(thread, 'removeParticipant', { communicationUserId: ben.id });
    await ben.event('participantsRemoved');
    await ann.thread(thread, 'sendMessage', { content: 'among us' });
    await carl.event('chatMessageReceived');
    await threadOf(ben);
    await ben.event('chatThreadCreated', 1);
    assert.deepEqual(await ben.names(), ['connected', 'chatThreadCreated', 'participantsRemoved', 'chatThreadCreated']);
  });

  test('a client whose connection was ended connects again by itself, and is told what happens then', async () => {
    const [ann, ben] = await Promise.all([person(), listener()]);
    const thread = await threadOf(ann, ben);
    await ben.event('chatThreadCreated');
    // So many connections of one person end the oldest.
    const { token } = await identities.getToken(ben.user, ['chat']);
    const headers = { 'x-skypetoken': token };
    const endpoint = await (await fetch(`${ready.origin}/v4/a`, { method: 'POST', headers })).json();
    const parameters = new URLSearchParams(endpoint.connectparams);
    for (let count = 0; count < 16; count += 1) {
      const handshake = await fetch(`${endpoint.socketio}socket.io/1/?${parameters}`, { headers });
      assert.match(await handshake.text(), /^[\w-]{43}:25:60:websocket$/);
    }
    await ben.event('disconnected');
    await ben.event('connected', 1);
    await ann.thread(thread, 'sendMessage', { content: 'heard' });
    const { event } = await ben.event('chatMessageReceived');
    assert.equal(event.message, 'heard');
  });

  // A client that was stopped connects no more, whatever the server does; an application makes a new one.
  test('who stopped is told nothing, and who starts again with a new client is', async () => {
    const [ann, ben, carl] = await Promise.all([person(), listener(), listener()]);
    const thread = await threadOf(ann, ben, carl);
    await ben.event('chatThreadCreated');
    await ben.stop();
    await ann.thread(thread, 'sendMessage', { content: 'missed' });
    await carl.event('chatMessageReceived');
    worked('realtime.stop', CLIENT);
    await ben.renew();
    await ben.listen();
    await ben.event('connected', 1);
    await ann.thread(thread, 'sendMessage', { content: 'heard' });
    const { event } = await ben.event('chatMessageReceived');
    assert.equal(event.message, 'heard');
  });

  test('a revoked token is told nothing from then on, within a second, and starts nothing', async () => {
    const [ann, ben, carl] = await Promise.all([person(), listener(), listener()]);
    const thread = await threadOf(ann, ben, carl);
    await ben.event('chatThreadCreated');
    await identities.revokeTokens(ben.user);
    const revoked = Date.now();
    const { at } = await ben.event('disconnected');
    assert.ok(at - revoked < 1_000, `${at - revoked} ms`);
    await ann.thread(thread, 'sendMessage', { content: 'among us' });
    await carl.event('chatMessageReceived');
    assert.deepEqual(await ben.names(), ['connected', 'chatThreadCreated', 'disconnected']);
    await ben.renew();
    const { refused: reason } = await ben.client('startRealtimeNotifications');
    assert.match(reason.message, /401/);
    refused('realtime.start', CLIENT);
  });

  test('a token without a scope for chat starts nothing', async () => {
    const voice = await person(['voip']);
    const { refused: reason } = await voice.client('startRealtimeNotifications');
    assert.match(reason.message, /403/);
  });

  test('the clients of a backend work from a page of another origin, and their refusals can be read there', async () => {
    const page = await browser.page('resource.mjs');
    const wrong = ready.connectionString.replace(/accesskey=.*/, `accesskey=${Buffer.from('not the key').toString('base64')}`);
    const identity = (connection, ...args) => page.evaluate((given) => resource.identity(...given), [connection, ...args]);
    const rooms = (connection, ...args) => page.evaluate((given) => resource.rooms(...given), [connection, ...args]);
    const { user } = await identity(ready.connectionString, 'createUserAndToken', ['chat']);
    assert.match(user.communicationUserId, /^8:acs:/);
    worked('browser.identity', 'js-identity-browser');
    assert.deepEqual((await identity(wrong, 'createUser')).refused, { statusCode: 401, code: 'Unauthorized' });
    refused('browser.identity', 'js-identity-browser');
    const room = await rooms(ready.connectionString, 'createRoom', { participants: [{ id: user, role: 'Presenter' }] });
    assert.ok(room.id, JSON.stringify(room));
    worked('browser.rooms', 'js-rooms-browser');
    assert.equal((await rooms(wrong, 'getRoom', room.id)).refused.statusCode, 401);
    assert.equal((await rooms(ready.connectionString, 'getRoom', '99199690362660524')).refused.statusCode, 404);
    refused('browser.rooms', 'js-rooms-browser');
  });
});
