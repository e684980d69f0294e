// @azure/communication-chat in Node: every operation as it succeeds and as it typically fails.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { ChatClient } from '@azure/communication-chat';
import { AzureCommunicationTokenCredential, getIdentifierRawId } from '@azure/communication-common';
import { CommunicationIdentityClient } from '@azure/communication-identity';

import { refused, worked } from './coverage.mjs';
import { colleague, organizer, ready } from './house.mjs';
import { graphOf, member } from './member.mjs';

const CLIENT = 'js-chat';
const identities = new CommunicationIdentityClient(ready.connectionString);
const endpoint = /^endpoint=(.*?);/i.exec(ready.connectionString)[1];
const NOWHERE = '19:there-is-no-such-thread@thread.v2';

/** The client's own error, with the code that it knows. */
const refusal = (status, code) => (error) => {
  assert.equal(error.statusCode, status, error.message);
  assert.equal(error.code, code);
  assert.ok(error.message.length > 0);
  return true;
};
const forbidden = refusal(403, 'Forbidden');
const missing = refusal(404, 'NotFound');

function chatOf(token, options = {}) {
  return new ChatClient(endpoint, new AzureCommunicationTokenCredential(token), options);
}

/** A guest with a chat client. */
async function guest(scopes = ['chat'], options = {}) {
  const { user, token } = await identities.createUserAndToken(scopes);
  return { id: user, raw: user.communicationUserId, token, chat: chatOf(token, options) };
}

/** A member of the tenant with a chat client: the own token is exchanged for a communication token. */
async function memberGuest(account) {
  const { clientId, redeem } = await member(account, ['User.Read', 'Teams.ManageChats']);
  const { accessToken } = await redeem();
  const { token } = await identities.getTokenForTeamsUser({ teamsUserAadToken: accessToken, clientId, userObjectId: account.id });
  return { raw: `8:orgid:${account.id}`, chat: chatOf(token) };
}

async function collect(iterator) {
  const items = [];
  for await (const item of iterator) items.push(item);
  return items;
}

/** Sizes of the pages of a list. */
async function pageSizes(list) {
  const sizes = [];
  for await (const page of list.byPage()) sizes.push(page.length);
  return sizes;
}

/** Maria and Ben in a thread of Maria's. */
async function twoInAThread() {
  const [maria, ben] = await Promise.all([guest(), guest(['chat.join'])]);
  const { chatThread } = await maria.chat.createChatThread({ topic: 'Visit' }, { participants: [{ id: ben.id, displayName: 'Ben' }] });
  const of = (person) => person.chat.getChatThreadClient(chatThread.id);
  return { maria, ben, id: chatThread.id, ofMaria: of(maria), ofBen: of(ben), of };
}

const texts = (messages) => messages.filter(({ type }) => type === 'text' || type === 'html').map(({ content }) => content?.message);

test('a thread is created with topic, participants, metadata and retention, and read by another member', async () => {
  const [maria, ben] = await Promise.all([guest(), guest(['chat.join.limited'])]);
  const retentionPolicy = { kind: 'threadCreationDate', deleteThreadAfterDays: 40 };
  const before = Date.now();
  const { chatThread, invalidParticipants } = await maria.chat.createChatThread(
    { topic: 'Visit ü' },
    { participants: [{ id: ben.id, displayName: 'Ben' }], metadata: { case: '7' }, retentionPolicy },
  );
  assert.match(chatThread.id, /^19:[\w-]{43}@thread\.v2$/);
  assert.equal(invalidParticipants ?? undefined, undefined);
  assert.equal(chatThread.topic, 'Visit ü');
  assert.ok(Math.abs(chatThread.createdOn.getTime() - before) < 10_000);
  assert.equal(getIdentifierRawId(chatThread.createdBy), maria.raw);
  worked('chat.createThread', CLIENT);

  const properties = await ben.chat.getChatThreadClient(chatThread.id).getProperties();
  assert.deepEqual({ ...properties.metadata }, { case: '7' });
  assert.equal(properties.retentionPolicy.kind, 'threadCreationDate');
  assert.equal(properties.retentionPolicy.deleteThreadAfterDays, 40);
  worked('chat.getThread', CLIENT);

  const first = await collect(ben.chat.getChatThreadClient(chatThread.id).listMessages());
  assert.deepEqual(first.map(({ type, sequenceId }) => [type, sequenceId]), [['topicUpdated', '2'], ['participantAdded', '1']]);
  assert.equal(getIdentifierRawId(first[1].content.initiator), maria.raw);
  assert.deepEqual(first[1].content.participants.map(({ id }) => getIdentifierRawId(id)).sort(), [ben.raw, maria.raw].sort());
  assert.equal(first[0].content.topic, 'Visit ü');

  await assert.rejects(ben.chat.createChatThread({ topic: 'x' }), forbidden);
  await assert.rejects(maria.chat.createChatThread({ topic: ' ' }), refusal(400, 'BadRequest'));
  refused('chat.createThread', CLIENT);
});

test('participants of every kind are taken or named as invalid', async () => {
  const [maria, ben] = await Promise.all([guest(), guest()]);
  const strangers = [
    { communicationUserId: `8:acs:${randomUUID()}_${randomUUID()}` },
    { communicationUserId: `8:acs:${ready.resourceId}_${randomUUID()}` },
    { microsoftTeamsUserId: randomUUID() },
    { microsoftTeamsUserId: randomUUID(), isAnonymous: true },
    { microsoftTeamsUserId: randomUUID(), cloud: 'dod' },
    { teamsAppId: randomUUID() },
    { phoneNumber: '+15551234' },
    { id: '28:something' },
  ];
  const known = [ben.id, { microsoftTeamsUserId: organizer.id }];
  const { chatThread, invalidParticipants } = await maria.chat.createChatThread(
    { topic: 'All kinds' },
    { participants: [...strangers, ...known].map((id) => ({ id })) },
  );
  assert.deepEqual(invalidParticipants.map(({ target }) => target), strangers.map(getIdentifierRawId));
  for (const { code, message } of invalidParticipants) assert.ok(code === 'IdentityNotFound' && message.length > 0);
  const listed = await collect(maria.chat.getChatThreadClient(chatThread.id).listParticipants());
  const kinds = Object.fromEntries(listed.map(({ id }) => [getIdentifierRawId(id), id.kind]));
  assert.deepEqual(kinds, { [maria.raw]: 'communicationUser', [ben.raw]: 'communicationUser', [`8:orgid:${organizer.id}`]: 'microsoftTeamsUser' });
  const anna = listed.find(({ id }) => id.kind === 'microsoftTeamsUser');
  assert.deepEqual([anna.displayName, anna.id.isAnonymous, anna.id.cloud], [organizer.displayName, false, 'public']);
});

test('a request that is repeated with its id makes one thread', async () => {
  let lost = true;
  const ids = new Set();
  const losesTheFirstAnswer = {
    name: 'losesTheFirstAnswer',
    async sendRequest(request, next) {
      const response = await next(request);
      if (request.method !== 'POST') return response;
      ids.add(request.headers.get('repeatability-request-id'));
      if (!lost) return response;
      lost = false;
      return { ...response, status: 503, bodyAsText: '' };
    },
  };
  const maria = await guest(['chat'], { additionalPolicies: [{ policy: losesTheFirstAnswer, position: 'perRetry' }] });
  const { chatThread } = await maria.chat.createChatThread({ topic: 'Once' });
  assert.equal(lost, false);
  assert.equal(ids.size, 1, 'the retry has the same id');
  assert.deepEqual((await collect(maria.chat.listChatThreads())).map(({ id }) => id), [chatThread.id]);
});

test('threads are listed in pages for their members only', async () => {
  const [maria, ben] = await Promise.all([guest(), guest()]);
  const made = [];
  for (let index = 0; index < 3; index += 1) {
    const { chatThread } = await maria.chat.createChatThread({ topic: `T${index}` }, { participants: index > 0 ? [{ id: ben.id }] : [] });
    made.push(chatThread.id);
  }
  assert.deepEqual((await collect(maria.chat.listChatThreads())).map(({ id }) => id), [...made].reverse());
  assert.deepEqual(await pageSizes(maria.chat.listChatThreads({ maxPageSize: 2 })), [2, 1]);
  await maria.chat.getChatThreadClient(made[1]).sendMessage({ content: 'x' });
  const ofBen = await collect(ben.chat.listChatThreads({ maxPageSize: 1, startTime: new Date(0) }));
  assert.deepEqual(ofBen.map(({ topic, lastMessageReceivedOn }) => [topic, lastMessageReceivedOn instanceof Date]), [['T2', false], ['T1', true]]);
  worked('chat.listThreads', CLIENT);
  const voice = await guest(['voip']);
  await assert.rejects(collect(voice.chat.listChatThreads()), forbidden);
  refused('chat.listThreads', CLIENT);
});

test('topic and properties are changed by whoever may, and the change is a message of the system', async () => {
  const { maria, ofMaria, ofBen } = await twoInAThread();
  await ofMaria.updateTopic('Other');
  assert.equal((await ofBen.getProperties()).topic, 'Other');
  worked('chat.updateTopic', CLIENT);
  await assert.rejects(ofBen.updateTopic('No'), forbidden);
  refused('chat.updateTopic', CLIENT);

  await ofMaria.updateProperties({ topic: 'Third', metadata: { a: '1' }, retentionPolicy: { kind: 'threadCreationDate', deleteThreadAfterDays: 30 } });
  const changed = await ofBen.getProperties();
  assert.deepEqual([changed.topic, { ...changed.metadata }, changed.retentionPolicy.deleteThreadAfterDays], ['Third', { a: '1' }, 30]);
  await ofMaria.updateProperties({ retentionPolicy: { kind: 'none' } });
  assert.equal((await ofBen.getProperties()).retentionPolicy.kind, 'none');
  worked('chat.updateProperties', CLIENT);
  const tooShort = { retentionPolicy: { kind: 'threadCreationDate', deleteThreadAfterDays: 29 } };
  await assert.rejects(ofMaria.updateProperties(tooShort), refusal(400, 'BadRequest'));
  refused('chat.updateProperties', CLIENT);

  const [message] = await collect(ofBen.listMessages());
  assert.deepEqual([message.type, message.content.topic, getIdentifierRawId(message.content.initiator)], ['topicUpdated', 'Third', maria.raw]);
});

test('messages of both kinds are sent and come back in order and in pages', async () => {
  const { maria, ofMaria, ofBen } = await twoInAThread();
  const one = await ofMaria.sendMessage({ content: 'one' }, { senderDisplayName: 'Maria', metadata: { k: 'v' } });
  const two = await ofBen.sendMessage({ content: '<b>two &amp; ü</b>' }, { type: 'html' });
  assert.match(one.id, /^\d{13}$/);
  assert.ok(BigInt(two.id) > BigInt(one.id));
  worked('chat.sendMessage', CLIENT);
  const message = await ofBen.getMessage(one.id);
  assert.deepEqual(
    [message.id, message.version, message.sequenceId, message.type, message.content.message, message.senderDisplayName, { ...message.metadata }],
    [one.id, one.id, '3', 'text', 'one', 'Maria', { k: 'v' }],
  );
  assert.equal(getIdentifierRawId(message.sender), maria.raw);
  assert.ok(message.createdOn instanceof Date);
  worked('chat.getMessage', CLIENT);
  const all = await collect(ofBen.listMessages());
  assert.deepEqual(all.map(({ sequenceId }) => sequenceId), ['4', '3', '2', '1']);
  assert.equal(all[0].content.message, '<b>two &amp; ü</b>');
  assert.deepEqual(await pageSizes(ofBen.listMessages({ maxPageSize: 3 })), [3, 1]);
  const since = await collect(ofBen.listMessages({ maxPageSize: 1, startTime: new Date(Number(two.id)) }));
  assert.deepEqual(since.map(({ id }) => id), [two.id]);
  worked('chat.listMessages', CLIENT);

  await assert.rejects(ofMaria.sendMessage({ content: 'x'.repeat(28 * 1024 + 1) }), refusal(400, 'BadRequest'));
  await ofMaria.sendMessage({ content: 'x'.repeat(28 * 1024) });
  await assert.rejects(ofMaria.getMessage('1'), missing);
  refused('chat.getMessage', CLIENT);
});

test('a message is edited and deleted by its sender only', async () => {
  const { ofMaria, ofBen } = await twoInAThread();
  const { id } = await ofMaria.sendMessage({ content: 'before' });
  await assert.rejects(ofBen.updateMessage(id, { content: 'forged' }), forbidden);
  refused('chat.updateMessage', CLIENT);
  await ofMaria.updateMessage(id, { content: 'after', metadata: { edited: 'yes' } });
  const edited = await ofBen.getMessage(id);
  assert.deepEqual([edited.content.message, { ...edited.metadata }, edited.editedOn instanceof Date], ['after', { edited: 'yes' }, true]);
  assert.ok(BigInt(edited.version) > BigInt(id));
  worked('chat.updateMessage', CLIENT);

  await assert.rejects(ofBen.deleteMessage(id), forbidden);
  refused('chat.deleteMessage', CLIENT);
  await ofMaria.deleteMessage(id);
  const gone = (await collect(ofBen.listMessages())).find((message) => message.id === id);
  assert.ok(gone.deletedOn instanceof Date);
  assert.equal(gone.content?.message, undefined);
  worked('chat.deleteMessage', CLIENT);
});

test('participants are added and removed, and who was removed is out', async () => {
  const { ofMaria, ofBen, ben, of } = await twoInAThread();
  const carla = await guest(['chat.join.limited']);
  await ofMaria.sendMessage({ content: 'before' });
  const shareHistoryTime = new Date(Date.now() + 1);
  const added = await ofBen.addParticipants({ participants: [{ id: carla.id, displayName: 'Carla', shareHistoryTime }] });
  assert.equal(added.invalidParticipants ?? undefined, undefined);
  await ofBen.addParticipants({ participants: [{ id: carla.id, displayName: 'Another' }] });
  const stranger = await ofBen.addParticipants({ participants: [{ id: { phoneNumber: '+15551234' } }] });
  assert.deepEqual(stranger.invalidParticipants.map(({ target }) => target), ['4:+15551234']);
  worked('chat.addParticipants', CLIENT);
  const list = await collect(ofMaria.listParticipants());
  const found = list.find((participant) => getIdentifierRawId(participant.id) === carla.raw);
  assert.deepEqual([list.length, found.displayName], [3, 'Carla']);
  assert.deepEqual(await pageSizes(ofMaria.listParticipants({ maxPageSize: 2 })), [2, 1]);
  assert.equal((await collect(ofMaria.listParticipants({ skip: 2 }))).length, 1);
  worked('chat.listParticipants', CLIENT);

  const sent = await ofMaria.sendMessage({ content: 'for Carla' });
  assert.deepEqual(texts(await collect(of(carla).listMessages())), ['for Carla'], 'no history from before');
  await assert.rejects(of(carla).removeParticipant(ben.id), forbidden);
  refused('chat.removeParticipant', CLIENT);
  await assert.rejects(of(carla).addParticipants({ participants: [{ id: ben.id }] }), forbidden);
  refused('chat.addParticipants', CLIENT);
  await ofBen.removeParticipant(carla.id);
  worked('chat.removeParticipant', CLIENT);
  await ofMaria.sendMessage({ content: 'without Carla' });
  assert.deepEqual(texts(await collect(of(carla).listMessages())), ['for Carla'], 'old history stays');
  await assert.rejects(of(carla).sendMessage({ content: 'x' }), forbidden);
  refused('chat.sendMessage', CLIENT);
  await assert.rejects(of(carla).sendReadReceipt({ chatMessageId: sent.id }), forbidden);
  await assert.rejects(collect(of(carla).listParticipants()), forbidden);
  refused('chat.listParticipants', CLIENT);
  await ofBen.removeParticipant(ben.id);
  await assert.rejects(ofBen.getProperties(), forbidden);
});

test('typing and read receipts reach a thread, and not somebody else’s', async () => {
  const { ben, ofMaria, ofBen, id } = await twoInAThread();
  assert.equal(await ofBen.sendTypingNotification({ senderDisplayName: 'Ben' }), true);
  worked('chat.sendTyping', CLIENT);
  const sent = await ofMaria.sendMessage({ content: 'read me' });
  await ofBen.sendReadReceipt({ chatMessageId: sent.id });
  worked('chat.sendReadReceipt', CLIENT);
  await ofMaria.sendReadReceipt({ chatMessageId: sent.id });
  const receipts = await collect(ofMaria.listReadReceipts({ maxPageSize: 1 }));
  assert.equal(receipts.length, 2);
  const receipt = receipts.find(({ sender }) => getIdentifierRawId(sender) === ben.raw);
  assert.deepEqual([receipt.chatMessageId, receipt.readOn instanceof Date], [sent.id, true]);
  worked('chat.listReadReceipts', CLIENT);

  const other = (await guest()).chat.getChatThreadClient(id);
  await assert.rejects(other.sendTypingNotification(), forbidden);
  refused('chat.sendTyping', CLIENT);
  await assert.rejects(other.sendReadReceipt({ chatMessageId: sent.id }), forbidden);
  await assert.rejects(ofBen.sendReadReceipt({ chatMessageId: '1' }), missing);
  refused('chat.sendReadReceipt', CLIENT);
  await assert.rejects(collect(other.listReadReceipts()), forbidden);
  refused('chat.listReadReceipts', CLIENT);
});

test('somebody else’s thread looks like one that does not exist', async () => {
  const { id, ofMaria } = await twoInAThread();
  const { id: messageId } = await ofMaria.sendMessage({ content: 'private' });
  const other = await guest();
  const said = async (act) => {
    const error = await act.then(() => assert.fail('was not refused'), (error_) => error_);
    return [error.statusCode, error.code, error.message];
  };
  for (const act of [
    (thread) => thread.getProperties(),
    (thread) => thread.getMessage(messageId),
    (thread) => thread.sendMessage({ content: 'x' }),
    (thread) => collect(thread.listMessages()),
    (thread) => thread.updateMessage(messageId, { content: 'x' }),
  ]) {
    const [theirs, nowhere] = [await said(act(other.chat.getChatThreadClient(id))), await said(act(other.chat.getChatThreadClient(NOWHERE)))];
    assert.deepEqual(theirs, nowhere);
    assert.deepEqual(theirs.slice(0, 2), [403, 'Forbidden']);
  }
  refused('chat.getThread', CLIENT);
  refused('chat.listMessages', CLIENT);
});

test('a thread is deleted by whoever may, and then it is out of reach for everybody', async () => {
  const { id, maria, ben, ofMaria, ofBen } = await twoInAThread();
  await assert.rejects(ben.chat.deleteChatThread(id), forbidden);
  refused('chat.deleteThread', CLIENT);
  await maria.chat.deleteChatThread(id);
  for (const thread of [ofMaria, ofBen]) await assert.rejects(thread.getProperties(), forbidden);
  assert.deepEqual(await collect(maria.chat.listChatThreads()), []);
  worked('chat.deleteThread', CLIENT);
});

test('a revoked, foreign or invented token opens nothing', async () => {
  const maria = await guest();
  const { chatThread } = await maria.chat.createChatThread({ topic: 'x' });
  await identities.revokeTokens(maria.id);
  const unauthorized = refusal(401, 'Unauthorized');
  await assert.rejects(maria.chat.getChatThreadClient(chatThread.id).getProperties(), unauthorized);
  const again = await identities.getToken(maria.id, ['chat']);
  await chatOf(again.token).getChatThreadClient(chatThread.id).getProperties();
  await identities.deleteUser(maria.id);
  await assert.rejects(chatOf(again.token).getChatThreadClient(chatThread.id).getProperties(), unauthorized);
  const [header, payload] = again.token.split('.');
  const forged = `${header}.${payload}.${Buffer.alloc(256).toString('base64url')}`;
  await assert.rejects(collect(chatOf(forged).listChatThreads()), unauthorized);
});

test('the chat of a meeting is there for its organizer and its invited members, and for nobody else', async () => {
  const graph = await graphOf(organizer);
  const upn = colleague.userPrincipalName;
  const meeting = await graph.api('/me/onlineMeetings').post({ subject: 'Consultation', participants: { attendees: [{ upn, role: 'attendee' }] } });
  const threadId = meeting.chatInfo.threadId;
  const [anna, ben, maria] = await Promise.all([memberGuest(organizer), memberGuest(colleague), guest()]);
  const ofBen = ben.chat.getChatThreadClient(threadId);
  assert.equal((await ofBen.getProperties()).topic, 'Consultation');
  assert.ok((await collect(ben.chat.listChatThreads())).some(({ id }) => id === threadId));
  const { id } = await anna.chat.getChatThreadClient(threadId).sendMessage({ content: 'soon' }, { senderDisplayName: 'Somebody else' });
  const message = await ofBen.getMessage(id);
  assert.equal(message.senderDisplayName, organizer.displayName, 'the name of the directory');
  assert.deepEqual([message.sender.kind, message.sender.microsoftTeamsUserId, message.sender.isAnonymous], ['microsoftTeamsUser', organizer.id, false]);
  const ofMaria = maria.chat.getChatThreadClient(threadId);
  await assert.rejects(ofMaria.getProperties(), forbidden);
  await assert.rejects(ofMaria.sendMessage({ content: 'x' }), forbidden);
  await assert.rejects(ofBen.addParticipants({ participants: [{ id: maria.id }] }), forbidden);
});
