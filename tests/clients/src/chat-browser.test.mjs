/* global chat -- of the pages */
// @azure/communication-chat in Chromium, from another origin: every operation as it succeeds and as it typically fails.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CommunicationIdentityClient } from '@azure/communication-identity';

import { Browser } from '../browser/browser.mjs';
import { refused, worked } from './coverage.mjs';
import { ready } from './house.mjs';

const CLIENT = 'js-chat-browser';
const identities = new CommunicationIdentityClient(ready.connectionString);

let browser;
before(async () => {
  browser = await Browser.open(ready.origin);
});
after(() => browser?.close());

/** Somebody with a page of their own. */
async function person(scopes = ['chat']) {
  const { user, token } = await identities.createUserAndToken(scopes);
  const page = await browser.page('chat.mjs');
  await page.evaluate(([endpoint, own]) => chat.open(endpoint, own), [ready.origin, token]);
  const answered = async (call) => {
    const answer = await call;
    if (answer?.refused) throw Object.assign(new Error(answer.refused.message), answer.refused);
    return answer;
  };
  return {
    user,
    id: user.communicationUserId,
    client: (...args) => answered(page.evaluate((given) => chat.client(...given), args)),
    thread: (id) => (...args) => answered(page.evaluate((given) => chat.thread(...given), [id, ...args])),
  };
}

/** The operation is refused with the error that the client knows, as the page could read it. */
async function refuses(operation, call, statusCode, code) {
  await assert.rejects(call, (error) => {
    assert.deepEqual([error.statusCode, error.code], [statusCode, code], error.message);
    assert.ok(error.message.length > 0);
    return true;
  });
  refused(`chat.${operation}`, CLIENT);
}

/** Maria and Ben in a thread of Maria's, and somebody who is not in it. */
async function three() {
  const [maria, ben, stranger] = await Promise.all([person(), person(['chat.join']), person()]);
  const participants = [{ id: ben.user, displayName: 'Ben' }];
  const { chatThread } = await maria.client('createChatThread', { topic: 'Visit ü' }, { participants, metadata: { case: '7' } });
  const of = (one) => one.thread(chatThread.id);
  return { maria, ben, stranger, chatThread, ofMaria: of(maria), ofBen: of(ben), ofStranger: of(stranger) };
}

test('a thread is created, listed, read, changed and deleted', async () => {
  const { maria, ben, stranger, chatThread, ofMaria, ofBen, ofStranger } = await three();
  assert.equal(chatThread.topic, 'Visit ü');
  assert.equal(chatThread.createdBy.communicationUserId, maria.id);
  worked('chat.createThread', CLIENT);
  await refuses('createThread', ben.client('createChatThread', { topic: 'x' }), 403, 'Forbidden');

  assert.deepEqual((await ben.client('listChatThreads')).map(({ id }) => id), [chatThread.id]);
  assert.deepEqual(await stranger.client('listChatThreads'), []);
  worked('chat.listThreads', CLIENT);
  await refuses('listThreads', (await person(['voip'])).client('listChatThreads'), 403, 'Forbidden');

  const properties = await ofBen('getProperties');
  assert.deepEqual([properties.topic, { ...properties.metadata }], ['Visit ü', { case: '7' }]);
  assert.ok(properties.createdOn instanceof Date);
  worked('chat.getThread', CLIENT);
  await refuses('getThread', ofStranger('getProperties'), 403, 'Forbidden');

  await ofMaria('updateTopic', 'Other');
  assert.equal((await ofBen('getProperties')).topic, 'Other');
  worked('chat.updateTopic', CLIENT);
  await refuses('updateTopic', ofBen('updateTopic', 'No'), 403, 'Forbidden');

  const retentionPolicy = { kind: 'threadCreationDate', deleteThreadAfterDays: 30 };
  await ofMaria('updateProperties', { topic: 'Third', metadata: { a: '1' }, retentionPolicy });
  const changed = await ofBen('getProperties');
  assert.deepEqual([changed.topic, { ...changed.metadata }, changed.retentionPolicy.deleteThreadAfterDays], ['Third', { case: '7', a: '1' }, 30]);
  worked('chat.updateProperties', CLIENT);
  await refuses('updateProperties', ofMaria('updateProperties', { retentionPolicy: { ...retentionPolicy, deleteThreadAfterDays: 29 } }), 400, 'BadRequest');

  await refuses('deleteThread', ben.client('deleteChatThread', chatThread.id), 403, 'Forbidden');
  assert.equal((await ofBen('getProperties')).topic, 'Third', 'a refused deletion deletes nothing');
  await maria.client('deleteChatThread', chatThread.id);
  await assert.rejects(ofBen('getProperties'), { statusCode: 403 });
  worked('chat.deleteThread', CLIENT);
});

test('messages are sent, read, listed, edited and deleted', async () => {
  const { maria, ofMaria, ofBen, ofStranger } = await three();
  const one = await ofMaria('sendMessage', { content: 'one' }, { senderDisplayName: 'Maria', metadata: { k: 'v' } });
  const two = await ofBen('sendMessage', { content: '<b>two &amp; ü</b>' }, { type: 'html' });
  worked('chat.sendMessage', CLIENT);
  await refuses('sendMessage', ofStranger('sendMessage', { content: 'x' }), 403, 'Forbidden');

  const message = await ofBen('getMessage', one.id);
  assert.deepEqual([message.id, message.type, message.content.message, message.senderDisplayName], [one.id, 'text', 'one', 'Maria']);
  assert.equal(message.sender.communicationUserId, maria.id);
  worked('chat.getMessage', CLIENT);
  await refuses('getMessage', ofMaria('getMessage', '1'), 404, 'NotFound');

  const listed = await ofMaria('listMessages', { maxPageSize: 1 });
  assert.deepEqual(listed.map(({ sequenceId }) => sequenceId), ['4', '3', '2', '1'], 'page after page');
  assert.equal(listed[0].content.message, '<b>two &amp; ü</b>');
  worked('chat.listMessages', CLIENT);
  await refuses('listMessages', ofStranger('listMessages'), 403, 'Forbidden');

  await refuses('updateMessage', ofBen('updateMessage', one.id, { content: 'forged' }), 403, 'Forbidden');
  await ofMaria('updateMessage', one.id, { content: 'after' });
  const edited = await ofBen('getMessage', one.id);
  assert.deepEqual([edited.content.message, edited.editedOn instanceof Date], ['after', true]);
  worked('chat.updateMessage', CLIENT);

  await refuses('deleteMessage', ofMaria('deleteMessage', two.id), 403, 'Forbidden');
  await ofBen('deleteMessage', two.id);
  const gone = (await ofMaria('listMessages')).find(({ id }) => id === two.id);
  assert.ok(gone.deletedOn instanceof Date);
  assert.equal(gone.content?.message, undefined);
  worked('chat.deleteMessage', CLIENT);
});

test('participants are added, listed and removed', async () => {
  const { ben, ofMaria, ofBen, ofStranger } = await three();
  const carla = await identities.createUser();
  const participants = [{ id: carla, displayName: 'Carla' }, { id: { phoneNumber: '+15551234' } }];
  const { invalidParticipants } = await ofMaria('addParticipants', { participants });
  assert.deepEqual(invalidParticipants.map(({ target }) => target), ['4:+15551234']);
  const names = async () => (await ofBen('listParticipants', { maxPageSize: 1 })).map(({ displayName }) => displayName ?? '').sort();
  assert.deepEqual(await names(), ['', 'Ben', 'Carla']);
  worked('chat.addParticipants', CLIENT);
  worked('chat.listParticipants', CLIENT);
  await refuses('addParticipants', ofStranger('addParticipants', { participants: [{ id: ben.user }] }), 403, 'Forbidden');
  await refuses('listParticipants', ofStranger('listParticipants'), 403, 'Forbidden');

  await refuses('removeParticipant', ofStranger('removeParticipant', ben.user), 403, 'Forbidden');
  await ofMaria('removeParticipant', carla);
  assert.deepEqual(await names(), ['', 'Ben']);
  worked('chat.removeParticipant', CLIENT);
});

test('typing and read receipts reach a thread, and not somebody else’s', async () => {
  const { ben, ofMaria, ofBen, ofStranger } = await three();
  assert.equal(await ofBen('sendTypingNotification', { senderDisplayName: 'Ben' }), true);
  worked('chat.sendTyping', CLIENT);
  await refuses('sendTyping', ofStranger('sendTypingNotification'), 403, 'Forbidden');

  const { id: chatMessageId } = await ofMaria('sendMessage', { content: 'read me' });
  await ofBen('sendReadReceipt', { chatMessageId });
  worked('chat.sendReadReceipt', CLIENT);
  await refuses('sendReadReceipt', ofBen('sendReadReceipt', { chatMessageId: '1' }), 404, 'NotFound');
  const [receipt, ...more] = await ofMaria('listReadReceipts');
  assert.deepEqual([receipt.sender.communicationUserId, receipt.chatMessageId, more], [ben.id, chatMessageId, []]);
  worked('chat.listReadReceipts', CLIENT);
  await refuses('listReadReceipts', ofStranger('listReadReceipts'), 403, 'Forbidden');
});
