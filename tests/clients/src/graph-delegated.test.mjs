// @microsoft/microsoft-graph-client with a member's own token: everything under /me, and where a member's rights end.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';

import { administrator, colleague, organizer } from './house.mjs';
import { SCOPES, graphOf } from './member.mjs';

const meetings = '/me/onlineMeetings';
const refused = (...statusCodes) => (error) => {
  assert.ok(statusCodes.includes(error.statusCode), `${error.statusCode} ${error.code}: ${error.message}`);
  assert.ok(error.code);
  assert.ok(error.message);
  return true;
};
const schedule = (graph, more = {}) =>
  graph.api(meetings).post({ subject: 'Mine', startDateTime: '2026-12-01T10:00:00Z', endDateTime: '2026-12-01T11:00:00Z', ...more });

let mine;
let theirs;
before(async () => {
  [mine, theirs] = await Promise.all([graphOf(organizer), graphOf(colleague)]);
});

test('a member reads the own meeting by its id, and not the one of somebody else', async () => {
  const meeting = await schedule(mine);
  assert.equal((await mine.api(`${meetings}/${meeting.id}`).get()).joinWebUrl, meeting.joinWebUrl);
  await assert.rejects(theirs.api(`${meetings}/${meeting.id}`).get(), refused(403, 404));
  await assert.rejects(theirs.api(`/users/${organizer.id}/onlineMeetings/${meeting.id}`).get(), refused(403, 404));
});

test('the list comes page by page, whole, without doubles, and without the meetings of others', async () => {
  const graph = await graphOf(administrator);
  const made = await Promise.all([1, 2, 3, 4, 5].map((number) => schedule(graph, { subject: `Page ${number}` })));
  const other = await schedule(mine);
  const seen = [];
  let page = await graph.api(meetings).top(2).get();
  for (;;) {
    assert.ok(page.value.length <= 2);
    seen.push(...page.value.map(({ id }) => id));
    const next = page['@odata.nextLink'];
    if (next === undefined) break;
    page = await graph.api(next).get();
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(seen.toSorted(), made.map(({ id }) => id).toSorted());
  assert.ok(!seen.includes(other.id));
  await assert.rejects(graph.api(meetings).query({ $top: 'many' }).get(), refused(400));
});

test('the own meeting is changed, and a value that no meeting can have changes nothing', async () => {
  const meeting = await schedule(mine);
  const path = `${meetings}/${meeting.id}`;
  assert.equal((await mine.api(path).patch({ subject: 'Ours' })).subject, 'Ours');
  await assert.rejects(mine.api(path).patch({ subject: 'No', allowedPresenters: 'nobody' }), refused(400));
  assert.equal((await mine.api(path).get()).subject, 'Ours');
  await assert.rejects(theirs.api(path).patch({ subject: 'Theirs' }), refused(403, 404));
});

test('the own meeting is deleted once, and by nobody else', async () => {
  const path = `${meetings}/${(await schedule(mine)).id}`;
  await assert.rejects(theirs.api(path).delete(), refused(403, 404));
  assert.ok((await mine.api(path).get()).id);
  await mine.api(path).delete();
  await assert.rejects(mine.api(path).delete(), refused(404));
});

test('createOrGet gives the same meeting for the same external id, to each member an own one', async () => {
  const externalId = randomUUID();
  const ask = (graph) => graph.api(`${meetings}/createOrGet`).post({ externalId, subject: 'Follow-up' });
  const first = await ask(mine);
  assert.equal((await ask(mine)).id, first.id);
  assert.notEqual((await ask(theirs)).id, first.id);
  await assert.rejects(mine.api(`${meetings}/createOrGet`).post({ subject: 'No external id' }), refused(400));
});

test('a meeting is found by join link and by meeting id, by its organizer', async () => {
  const meeting = await schedule(mine);
  const filters = [
    `JoinWebUrl eq '${encodeURIComponent(meeting.joinWebUrl)}'`,
    `joinMeetingIdSettings/joinMeetingId eq '${meeting.joinMeetingIdSettings.joinMeetingId}'`,
  ];
  for (const filter of filters) {
    const found = await mine.api(meetings).filter(filter).get();
    assert.deepEqual(found.value.map(({ id }) => id), [meeting.id], filter);
    const elsewhere = await theirs.api(meetings).filter(filter).get().catch((error) => error);
    assert.ok(elsewhere.statusCode >= 400 || elsewhere.value.length === 0, filter);
  }
  await assert.rejects(mine.api(meetings).filter("subject eq 'Mine'").get(), refused(400));
});

test('a member reads the directory entry of a colleague with the permission for it, and without it none', async () => {
  const reader = await graphOf(organizer, [...SCOPES, 'User.ReadBasic.All']);
  const user = await reader.api(`/users/${colleague.id}`).get();
  assert.equal(user.displayName, colleague.displayName);
  await assert.rejects(reader.api(`/users/${randomUUID()}`).get(), refused(404));
  await assert.rejects(mine.api(`/users/${colleague.id}`).get(), refused(403));
});
