// @microsoft/microsoft-graph-client with the application's token: meetings from creation to deletion, and every refusal on the way.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';

import { colleague, graph, graphWith, organizer, ready } from './house.mjs';

const meetings = `/users/${organizer.id}/onlineMeetings`;
const refused = (statusCode, code) => (error) => {
  assert.equal(error.statusCode, statusCode, `${error.code}: ${error.message}`);
  assert.ok(error.code);
  assert.ok(error.message);
  assert.ok(error.requestId, 'the error names its request');
  if (code !== undefined) assert.equal(error.code, code);
  return true;
};
const schedule = (more = {}) =>
  graph.api(meetings).post({ subject: 'Knee check-up', startDateTime: '2026-12-01T09:00:00+01:00', endDateTime: '2026-12-01T10:00:00+01:00', ...more });

let meeting;
before(async () => {
  meeting = await schedule();
});

test('a created meeting has what an application hands on', () => {
  assert.equal(meeting.subject, 'Knee check-up');
  assert.equal(Date.parse(meeting.startDateTime), Date.parse('2026-12-01T08:00:00Z'));
  assert.match(meeting.startDateTime, /Z$/);
  assert.match(meeting.chatInfo.threadId, /^19:meeting_[A-Za-z0-9+/=]{48}@thread\.v2$/);
  assert.equal(meeting.participants.organizer.identity.user.id, organizer.id);
  assert.equal(Buffer.from(meeting.id, 'base64').toString('utf8'), `1*${organizer.id}*0**${meeting.chatInfo.threadId}`);
  assert.match(meeting.joinWebUrl, /\/l\/meetup-join\/19%3ameeting_.*%40thread\.v2\/0\?context=%7b%22Tid%22%3a%22/);
  assert.match(meeting.joinMeetingIdSettings.joinMeetingId, /^\d{10,13}$/);
  assert.ok(meeting.joinMeetingIdSettings.passcode);
  assert.ok(meeting.lobbyBypassSettings.scope);
});

test('a meeting is read by its id', async () => {
  const read = await graph.api(`${meetings}/${meeting.id}`).get();
  assert.equal(read.joinWebUrl, meeting.joinWebUrl);
});

test('a meeting is found by its join link, encoded as documented or passed as it is', async () => {
  for (const url of [encodeURIComponent(meeting.joinWebUrl), meeting.joinWebUrl]) {
    const found = await graph.api(meetings).filter(`JoinWebUrl eq '${url}'`).get();
    assert.deepEqual(found.value.map(({ id }) => id), [meeting.id]);
  }
});

test('a meeting is found by its meeting id', async () => {
  const { joinMeetingId } = meeting.joinMeetingIdSettings;
  const found = await graph.api(meetings).filter(`joinMeetingIdSettings/joinMeetingId eq '${joinMeetingId}'`).get();
  assert.deepEqual(found.value.map(({ id }) => id), [meeting.id]);
});

test('a meeting of somebody else is not found by its link', async () => {
  const found = await graph
    .api(`/users/${colleague.id}/onlineMeetings`)
    .filter(`JoinWebUrl eq '${encodeURIComponent(meeting.joinWebUrl)}'`)
    .get()
    .catch((error) => error);
  assert.ok(found.statusCode >= 400 || found.value.length === 0);
});

test('a change keeps what it does not name', async () => {
  const own = await schedule({ lobbyBypassSettings: { scope: 'organizer', isDialInBypassEnabled: true } });
  const changed = await graph.api(`${meetings}/${own.id}`).patch({ subject: 'Hip check-up', lobbyBypassSettings: { scope: 'everyone' } });
  assert.equal(changed.subject, 'Hip check-up');
  assert.deepEqual(changed.lobbyBypassSettings, { ...own.lobbyBypassSettings, scope: 'everyone', isDialInBypassEnabled: true });
  assert.equal(changed.joinWebUrl, own.joinWebUrl);
  assert.equal((await graph.api(`${meetings}/${own.id}`).get()).subject, 'Hip check-up');
});

test('times are changed together or not at all', async () => {
  const path = `${meetings}/${(await schedule()).id}`;
  await assert.rejects(graph.api(path).patch({ startDateTime: '2026-12-02T09:00:00Z' }), refused(400));
  const moved = await graph.api(path).patch({ startDateTime: '2026-12-02T09:00:00Z', endDateTime: '2026-12-02T10:00:00Z' });
  assert.equal(Date.parse(moved.startDateTime), Date.parse('2026-12-02T09:00:00Z'));
});

test('a deleted meeting is gone', async () => {
  const path = `${meetings}/${(await schedule()).id}`;
  assert.ok((await graph.api(path).get()).id);
  await graph.api(path).delete();
  await assert.rejects(graph.api(path).get(), refused(404));
  await assert.rejects(graph.api(path).delete(), refused(404));
});

test('createOrGet gives the same meeting for the same external id, and another for another', async () => {
  const externalId = randomUUID();
  const ask = (id) => graph.api(`${meetings}/createOrGet`).post({ externalId: id, subject: 'Follow-up' });
  const [first, second, other] = [await ask(externalId), await ask(externalId), await ask(randomUUID())];
  assert.equal(second.id, first.id);
  assert.notEqual(other.id, first.id);
  await assert.rejects(graph.api(`${meetings}/createOrGet`).post({ subject: 'No external id' }), refused(400));
});

test('only what is selected is answered', async () => {
  const read = await graph.api(`${meetings}/${meeting.id}`).select('id,subject').get();
  assert.equal(read.subject, meeting.subject);
  assert.equal(read.joinWebUrl, undefined);
});

test('a directory entry is read by object id and by principal name', async () => {
  for (const name of [organizer.id, organizer.userPrincipalName]) {
    const user = await graph.api(`/users/${name}`).get();
    assert.equal(user.id, organizer.id);
    assert.equal(user.displayName, organizer.displayName);
  }
});

test('an application is nobody: /me is refused', async () => {
  await assert.rejects(graph.api('/me').get(), (error) => {
    assert.ok([400, 403].includes(error.statusCode), String(error.statusCode));
    return true;
  });
});

test('what does not exist is not found', async () => {
  const unknown = Buffer.from(`1*${organizer.id}*0**19:meeting_${Buffer.from(randomUUID()).toString('base64')}@thread.v2`).toString('base64');
  await assert.rejects(graph.api(`${meetings}/${unknown}`).get(), refused(404));
  await assert.rejects(graph.api(`${meetings}/nonsense`).get(), (error) => {
    assert.ok([400, 404].includes(error.statusCode), String(error.statusCode));
    return true;
  });
  await assert.rejects(graph.api(`/users/${randomUUID()}`).get(), refused(404));
  await assert.rejects(graph.api('/nothing/here').get(), (error) => {
    assert.ok(error.statusCode >= 400 && error.statusCode < 500);
    return true;
  });
});

test('values that no meeting can have are refused and change nothing', async () => {
  const path = `${meetings}/${meeting.id}`;
  for (const body of [
    { lobbyBypassSettings: { scope: 'nobody' } },
    { allowedPresenters: 'unknownFutureValue' },
    { startDateTime: 'soon', endDateTime: 'later' },
    { startDateTime: '2026-12-02T10:00:00Z', endDateTime: '2026-12-02T09:00:00Z' },
  ]) {
    await assert.rejects(graph.api(path).patch(body), refused(400), JSON.stringify(body));
  }
  assert.deepEqual((await graph.api(path).get()).lobbyBypassSettings, meeting.lobbyBypassSettings);
});

test('a token that is none is refused as such, with a header that says how to sign in', async () => {
  await assert.rejects(graphWith(async () => 'e30.e30.e30').api(meetings).get(), refused(401, 'InvalidAuthenticationToken'));
  const bare = await fetch(`${ready.graphBaseUrl.replace(/\/(v1\.0\/?)?$/, '')}/v1.0/me`);
  assert.equal(bare.status, 401);
  assert.match(bare.headers.get('www-authenticate') ?? '', /Bearer/);
  assert.match(bare.headers.get('content-type'), /application\/json/);
});

test('a body that is no JSON and one that is too large are refused in JSON', async () => {
  const { accessToken } = await (await import('./house.mjs')).applicationToken();
  const post = (body) =>
    fetch(`${ready.graphBaseUrl.replace(/\/(v1\.0\/?)?$/, '')}/v1.0${meetings}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body,
    });
  for (const [body, status] of [
    ['{"subject":', 400],
    ['x'.repeat(1024 * 1024 + 1), 413],
  ]) {
    const response = await post(body);
    assert.equal(response.status, status);
    assert.ok((await response.json()).error.code);
  }
});
